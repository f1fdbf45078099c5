-- Which office may receive which procedures for which agency; procedures NULL: all that the post may take.
CREATE TABLE delegations (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  office_id INTEGER NOT NULL REFERENCES agencies (id),
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  procedures TEXT,
  valid_from TEXT NOT NULL,
  valid_to TEXT,
  version INTEGER NOT NULL,
  CHECK (valid_to IS NULL OR valid_from < valid_to)
) STRICT;
CREATE INDEX delegations_office ON delegations (office_id, agency_id);

CREATE TABLE shipments (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  tracking_code TEXT NOT NULL UNIQUE,
  dossier_id INTEGER NOT NULL REFERENCES dossiers (id),
  direction TEXT NOT NULL CHECK (direction IN ('to_post', 'from_post')),
  office_id INTEGER NOT NULL REFERENCES agencies (id),
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  state TEXT NOT NULL CHECK (state IN ('booked', 'manifested', 'accepted', 'in_transit', 'out_for_delivery', 'delivered',
    'attempt_failed', 'held_at_office', 'returning', 'returned', 'lost', 'damaged', 'cancelled')),
  cod_amount INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX shipments_dossier ON shipments (dossier_id);
CREATE INDEX shipments_office ON shipments (office_id, id);
CREATE INDEX shipments_agency ON shipments (agency_id, id);

CREATE TABLE shipment_events (
  id INTEGER NOT NULL PRIMARY KEY,
  shipment_id INTEGER NOT NULL REFERENCES shipments (id),
  state TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  office_id INTEGER REFERENCES agencies (id),
  note TEXT
) STRICT;
CREATE INDEX shipment_events_shipment ON shipment_events (shipment_id, id);

-- Manifests (bảng kê, biên bản giao nhận) between an agency and a post office.
CREATE TABLE handoffs (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  number TEXT NOT NULL UNIQUE,
  direction TEXT NOT NULL CHECK (direction IN ('to_post', 'from_post')),
  office_id INTEGER NOT NULL REFERENCES agencies (id),
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  state TEXT NOT NULL CHECK (state IN ('draft', 'dispatched', 'accepted', 'cancelled')),
  created_by INTEGER REFERENCES accounts (id),
  created_at INTEGER NOT NULL,
  dispatched_by INTEGER REFERENCES accounts (id),
  dispatched_at INTEGER,
  accepted_by INTEGER REFERENCES accounts (id),
  accepted_at INTEGER,
  cancelled_at INTEGER,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX handoffs_office ON handoffs (office_id, id);
CREATE INDEX handoffs_agency ON handoffs (agency_id, id);

CREATE TABLE handoff_lines (
  id INTEGER NOT NULL PRIMARY KEY,
  handoff_id INTEGER NOT NULL REFERENCES handoffs (id),
  line INTEGER NOT NULL,
  dossier_id INTEGER NOT NULL REFERENCES dossiers (id),
  shipment_id INTEGER REFERENCES shipments (id),
  recipient TEXT,
  cod_amount INTEGER NOT NULL,
  fees INTEGER NOT NULL,
  papers TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('listed', 'accepted', 'missing', 'damaged', 'cancelled')),
  reason TEXT,
  UNIQUE (handoff_id, line)
) STRICT;
CREATE INDEX handoff_lines_dossier ON handoff_lines (dossier_id);
CREATE INDEX handoff_lines_shipment ON handoff_lines (shipment_id);
