-- Who was called to look after which date: once for each leg ('' is the dossier's own date) and level, however many copies
-- of the program watch.
CREATE TABLE escalations (
  dossier_id BIGINT NOT NULL REFERENCES dossiers (id),
  leg TEXT NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('officer', 'leader', 'leader_above')),
  agency_id BIGINT NOT NULL REFERENCES agencies (id),
  marked_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (dossier_id, leg, level)
);
CREATE INDEX legs_judged ON legs (judged_due_at, id) WHERE state = 'open';
CREATE INDEX dossiers_waiting ON dossiers (accept_due_at, id) WHERE status = 'submitted';
