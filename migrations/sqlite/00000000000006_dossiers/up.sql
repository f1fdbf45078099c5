-- The last number given per agency, local day and series: codes without gaps or doubles.
CREATE TABLE numbers (
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  day TEXT NOT NULL,
  series TEXT NOT NULL CHECK (series IN ('dossier', 'submission', 'slip', 'manifest')),
  last INTEGER NOT NULL,
  PRIMARY KEY (agency_id, day, series)
) STRICT;

CREATE TABLE dossiers (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  code TEXT UNIQUE,
  reference TEXT UNIQUE,
  status TEXT NOT NULL CHECK (status IN ('submitted', 'received', 'declined', 'in_transfer', 'processing',
    'awaiting_supplement', 'awaiting_payment', 'withdrawal_requested', 'withdrawn', 'stopped', 'resolved', 'returned')),
  -- where recall, supplement and confirm_payment lead back to; what keep restores
  status_before TEXT,
  status_kept TEXT,
  procedure_id INTEGER NOT NULL REFERENCES procedures (id),
  procedure_version_id INTEGER NOT NULL REFERENCES procedure_versions (id),
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  competent_id INTEGER NOT NULL REFERENCES agencies (id),
  holder_id INTEGER NOT NULL REFERENCES agencies (id),
  previous_holder_id INTEGER REFERENCES agencies (id),
  post_office_id INTEGER REFERENCES agencies (id),
  assignee_id INTEGER REFERENCES accounts (id),
  slip_id INTEGER,
  channel TEXT NOT NULL CHECK (channel IN ('counter', 'online', 'postal', 'post_office', 'at_home')),
  search_name TEXT NOT NULL,
  -- keyed hashes for exact search of numbers that are never searched in clear
  identity_hash TEXT,
  phone_hash TEXT,
  content TEXT NOT NULL,
  lookup_hash TEXT NOT NULL,
  submitted_at INTEGER,
  accept_due_at INTEGER,
  received_at INTEGER,
  due_at INTEGER,
  judged_due_at INTEGER,
  first_due_at INTEGER,
  expected_due_at INTEGER,
  finished_at INTEGER,
  returned_at INTEGER,
  last_event_at INTEGER NOT NULL,
  clock TEXT,
  is_paused INTEGER NOT NULL,
  paused_in_time INTEGER NOT NULL,
  -- the local day on which the overdue counter has its +1 for this dossier, and the same for a submission left waiting
  overdue_on TEXT,
  waiting_late_on TEXT,
  result TEXT CHECK (result IN ('granted', 'refused')),
  outcome TEXT CHECK (outcome IN ('early', 'on_time', 'late')),
  rule_set TEXT CHECK (rule_set IN ('nd61', 'nd118')),
  marks TEXT NOT NULL,
  proposal TEXT,
  supplements INTEGER NOT NULL,
  event_count INTEGER NOT NULL,
  head_hash BLOB NOT NULL,
  version INTEGER NOT NULL,
  CHECK (code IS NOT NULL OR reference IS NOT NULL),
  CHECK ((outcome IS NULL) = (result IS NULL))
) STRICT;
CREATE INDEX dossiers_agency ON dossiers (agency_id, id);
CREATE INDEX dossiers_holder ON dossiers (holder_id, status, id);
CREATE INDEX dossiers_competent ON dossiers (competent_id, id);
CREATE INDEX dossiers_post_office ON dossiers (post_office_id, id) WHERE post_office_id IS NOT NULL;
CREATE INDEX dossiers_identity ON dossiers (identity_hash) WHERE identity_hash IS NOT NULL;
CREATE INDEX dossiers_phone ON dossiers (phone_hash) WHERE phone_hash IS NOT NULL;
CREATE INDEX dossiers_slip ON dossiers (slip_id) WHERE slip_id IS NOT NULL;
CREATE INDEX dossiers_received ON dossiers (received_at, id);
CREATE INDEX dossiers_judged ON dossiers (judged_due_at, id) WHERE finished_at IS NULL;

-- One line for every change; hash is an HMAC over the line and the hash before it.
CREATE TABLE events (
  id INTEGER NOT NULL PRIMARY KEY,
  dossier_id INTEGER NOT NULL REFERENCES dossiers (id),
  seq INTEGER NOT NULL,
  action TEXT NOT NULL,
  from_status TEXT,
  to_status TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL CHECK (actor_kind IN ('account', 'client', 'applicant', 'system')),
  actor_id INTEGER,
  actor_agency_id INTEGER REFERENCES agencies (id),
  data TEXT NOT NULL,
  private_digest BLOB,
  hash BLOB NOT NULL,
  UNIQUE (dossier_id, seq)
) STRICT;

-- The personal part of an event and the salt of its digest: can be deleted without breaking the chain.
CREATE TABLE event_private (
  event_id INTEGER NOT NULL PRIMARY KEY REFERENCES events (id),
  salt BLOB NOT NULL,
  data TEXT NOT NULL
) STRICT;
