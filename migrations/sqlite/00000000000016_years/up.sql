-- Year counters beside those of days and months: a report on whole years reads one cell where it read twelve.
CREATE TABLE counter_years (
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  procedure_id INTEGER NOT NULL REFERENCES procedures (id),
  channel TEXT NOT NULL,
  year TEXT NOT NULL,
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
  PRIMARY KEY (agency_id, year, procedure_id, channel)
) STRICT, WITHOUT ROWID;

INSERT INTO counter_years
SELECT agency_id, procedure_id, channel, substr(month, 1, 4) || '-01-01', SUM(received), SUM(early), SUM(on_time), SUM(late), SUM(withdrawn), SUM(stopped), SUM(moved), SUM(open), SUM(overdue), SUM(paused), SUM(submitted), SUM(declined), SUM(waiting), SUM(waiting_late), SUM(control)
FROM counter_months
GROUP BY agency_id, procedure_id, channel, substr(month, 1, 4) || '-01-01';

CREATE TABLE counter_agency_years (
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  channel TEXT NOT NULL,
  year TEXT NOT NULL,
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
  PRIMARY KEY (agency_id, year, channel)
) STRICT, WITHOUT ROWID;

INSERT INTO counter_agency_years
SELECT agency_id, channel, substr(month, 1, 4) || '-01-01', SUM(received), SUM(early), SUM(on_time), SUM(late), SUM(withdrawn), SUM(stopped), SUM(moved), SUM(open), SUM(overdue), SUM(paused), SUM(submitted), SUM(declined), SUM(waiting), SUM(waiting_late), SUM(control)
FROM counter_agency_months
GROUP BY agency_id, channel, substr(month, 1, 4) || '-01-01';
