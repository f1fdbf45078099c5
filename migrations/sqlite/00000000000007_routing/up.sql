CREATE TABLE legs (
  id INTEGER NOT NULL PRIMARY KEY,
  dossier_id INTEGER NOT NULL REFERENCES dossiers (id),
  seq INTEGER NOT NULL,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  role TEXT NOT NULL,
  parallel_with TEXT,
  is_lead INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'open', 'done')),
  officer_id INTEGER REFERENCES accounts (id),
  share TEXT,
  clock TEXT,
  started_at INTEGER,
  due_at INTEGER,
  judged_due_at INTEGER,
  finished_at INTEGER,
  used_minutes INTEGER,
  UNIQUE (dossier_id, seq)
) STRICT;
CREATE INDEX legs_agency ON legs (agency_id, dossier_id);

-- Slips (phiếu bàn giao): what one agency hands over to another.
CREATE TABLE transfers (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  number TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('forward', 'send_back', 'home')),
  from_id INTEGER NOT NULL REFERENCES agencies (id),
  to_id INTEGER NOT NULL REFERENCES agencies (id),
  state TEXT NOT NULL CHECK (state IN ('sent', 'acknowledged', 'recalled')),
  note TEXT,
  sent_by INTEGER REFERENCES accounts (id),
  sent_at INTEGER NOT NULL,
  due_at INTEGER,
  acknowledged_by INTEGER REFERENCES accounts (id),
  acknowledged_at INTEGER,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX transfers_from ON transfers (from_id, id);
CREATE INDEX transfers_to ON transfers (to_id, id);

CREATE TABLE transfer_lines (
  id INTEGER NOT NULL PRIMARY KEY,
  transfer_id INTEGER NOT NULL REFERENCES transfers (id),
  line INTEGER NOT NULL,
  dossier_id INTEGER NOT NULL REFERENCES dossiers (id),
  state TEXT NOT NULL CHECK (state IN ('sent', 'received', 'missing', 'refused', 'recalled')),
  papers TEXT NOT NULL,
  missing TEXT NOT NULL,
  reason TEXT,
  UNIQUE (transfer_id, line)
) STRICT;
CREATE INDEX transfer_lines_dossier ON transfer_lines (dossier_id);

-- Where the papers were: at every moment one party has each of them. papers NULL: all that have no line of their own.
CREATE TABLE custody (
  id INTEGER NOT NULL PRIMARY KEY,
  dossier_id INTEGER NOT NULL REFERENCES dossiers (id),
  papers TEXT,
  party TEXT NOT NULL CHECK (party IN ('agency', 'post_office', 'citizen')),
  agency_id INTEGER REFERENCES agencies (id),
  from_at INTEGER NOT NULL,
  until_at INTEGER,
  slip TEXT,
  CHECK ((party = 'citizen') = (agency_id IS NULL))
) STRICT;
CREATE INDEX custody_dossier ON custody (dossier_id, id);
CREATE UNIQUE INDEX custody_one_holder ON custody (dossier_id) WHERE until_at IS NULL AND papers IS NULL;
