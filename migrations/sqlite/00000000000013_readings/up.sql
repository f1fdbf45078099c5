-- Who read which dossier in full: one line for each dossier of an answer.
CREATE TABLE readings (
  id INTEGER NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL,
  dossier_id INTEGER NOT NULL REFERENCES dossiers (id),
  caller_kind TEXT NOT NULL CHECK (caller_kind IN ('account', 'client')),
  caller_id INTEGER NOT NULL,
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  operation TEXT NOT NULL,
  -- sealed: it may name somebody
  reason TEXT
) STRICT;
CREATE INDEX readings_dossier ON readings (dossier_id, id);
CREATE INDEX readings_caller ON readings (caller_kind, caller_id, id);
