-- Closed periods: the figures of an agency and all below it, frozen as they stood when a leader signed them. A revision never
-- changes; a period that was given back for correction is closed anew as the next one.
CREATE TABLE period_closings (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  kind TEXT NOT NULL CHECK (kind IN ('calendar', 'admin_15_14')),
  period TEXT NOT NULL,
  from_on TEXT NOT NULL,
  to_on TEXT NOT NULL,
  revision INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('closed', 'submitted', 'accepted', 'returned')),
  facts TEXT NOT NULL,
  version INTEGER NOT NULL,
  CHECK (from_on < to_on),
  UNIQUE (agency_id, kind, period, revision)
) STRICT;

-- What was done with them, each step sealed over the one before.
CREATE TABLE period_steps (
  closing_id INTEGER NOT NULL REFERENCES period_closings (id),
  seq INTEGER NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('close', 'submit', 'accept', 'return')),
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  at INTEGER NOT NULL,
  reason TEXT,
  seal TEXT NOT NULL,
  CHECK (action <> 'return' OR reason IS NOT NULL),
  PRIMARY KEY (closing_id, seq)
) STRICT;

-- What was withdrawn or stopped too late: statutory forms count it apart.
CREATE INDEX bookings_ended_late ON bookings (agency_id, day) WHERE withdrawn + stopped > 0 AND overdue < 0;
