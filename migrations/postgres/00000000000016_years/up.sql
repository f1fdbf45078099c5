-- Year counters beside those of days and months: a report on whole years reads one cell where it read twelve.
CREATE TABLE counter_years (
  agency_id BIGINT NOT NULL REFERENCES agencies (id),
  procedure_id BIGINT NOT NULL REFERENCES procedures (id),
  channel TEXT NOT NULL,
  year DATE NOT NULL,
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
  control BIGINT NOT NULL,
  PRIMARY KEY (agency_id, year, procedure_id, channel)
);

INSERT INTO counter_years
SELECT agency_id, procedure_id, channel, date_trunc('year', month)::date, SUM(received), SUM(early), SUM(on_time), SUM(late), SUM(withdrawn), SUM(stopped), SUM(moved), SUM(open), SUM(overdue), SUM(paused), SUM(submitted), SUM(declined), SUM(waiting), SUM(waiting_late), SUM(control)
FROM counter_months
GROUP BY agency_id, procedure_id, channel, date_trunc('year', month)::date;

CREATE TABLE counter_agency_years (
  agency_id BIGINT NOT NULL REFERENCES agencies (id),
  channel TEXT NOT NULL,
  year DATE NOT NULL,
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
  control BIGINT NOT NULL,
  PRIMARY KEY (agency_id, year, channel)
);

INSERT INTO counter_agency_years
SELECT agency_id, channel, date_trunc('year', month)::date, SUM(received), SUM(early), SUM(on_time), SUM(late), SUM(withdrawn), SUM(stopped), SUM(moved), SUM(open), SUM(overdue), SUM(paused), SUM(submitted), SUM(declined), SUM(waiting), SUM(waiting_late), SUM(control)
FROM counter_agency_months
GROUP BY agency_id, channel, date_trunc('year', month)::date;
