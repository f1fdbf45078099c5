-- The month counters of an agency over all its procedures: most reports don't ask for procedures, of which there may be
-- thousands.
CREATE TABLE counter_agency_months (
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  channel TEXT NOT NULL,
  month TEXT NOT NULL,
  received INTEGER NOT NULL,
  early INTEGER NOT NULL,
  on_time INTEGER NOT NULL,
  late INTEGER NOT NULL,
  withdrawn INTEGER NOT NULL,
  stopped INTEGER NOT NULL,
  moved INTEGER NOT NULL,
  open INTEGER NOT NULL,
  overdue INTEGER NOT NULL,
  paused INTEGER NOT NULL,
  submitted INTEGER NOT NULL,
  declined INTEGER NOT NULL,
  waiting INTEGER NOT NULL,
  waiting_late INTEGER NOT NULL,
  control INTEGER NOT NULL,
  PRIMARY KEY (agency_id, month, channel)
) STRICT, WITHOUT ROWID;

INSERT INTO counter_agency_months
SELECT agency_id, channel, month, SUM(received), SUM(early), SUM(on_time), SUM(late), SUM(withdrawn), SUM(stopped), SUM(moved),
  SUM(open), SUM(overdue), SUM(paused), SUM(submitted), SUM(declined), SUM(waiting), SUM(waiting_late), SUM(control)
FROM counter_months
GROUP BY agency_id, channel, month;
