-- The ledger of marks: which dossier got which mark when, at which agency. What the row of a dossier lists, so that whoever asks
-- for a period reads as many rows as there are marks in it.
CREATE TABLE dossier_marks (
  dossier_id INTEGER NOT NULL REFERENCES dossiers (id),
  mark TEXT NOT NULL,
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  marked_at INTEGER NOT NULL,
  PRIMARY KEY (dossier_id, mark)
) STRICT, WITHOUT ROWID;
CREATE INDEX dossier_marks_agency ON dossier_marks (agency_id, marked_at, mark);

-- When the marks so far were made is known only to lie before the last event.
INSERT INTO dossier_marks (dossier_id, mark, agency_id, marked_at)
SELECT dossiers.id, made.value, dossiers.agency_id, dossiers.last_event_at FROM dossiers, json_each(dossiers.marks) AS made;

-- What a leg came to when it ended, in opening minutes: its share of the time, and what of it was left (negative: what it overran).
ALTER TABLE legs ADD COLUMN share_minutes INTEGER;
ALTER TABLE legs ADD COLUMN balance_minutes INTEGER;
CREATE INDEX legs_done ON legs (agency_id, finished_at) WHERE state = 'done';

-- What is open, and what was late: few of many.
CREATE INDEX dossiers_open ON dossiers (agency_id, received_at) WHERE finished_at IS NULL AND received_at IS NOT NULL;
CREATE INDEX bookings_late ON bookings (agency_id, day) WHERE late <> 0;
