-- Opening balances: what an agency carried over into a year, so that a report on it need not sum all years before. An agency's
-- year is opened by the first booking in it; the balance then holds what came of everything booked before: the stocks as they
-- are, and under moved what makes them (received + moved, less all that ended). Of what is settled there is no row.
CREATE TABLE openings (
  agency_id BIGINT NOT NULL REFERENCES agencies (id),
  year DATE NOT NULL,
  PRIMARY KEY (agency_id, year)
);

CREATE TABLE opening_years (
  agency_id BIGINT NOT NULL,
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
  PRIMARY KEY (agency_id, year, procedure_id, channel),
  FOREIGN KEY (agency_id, year) REFERENCES openings (agency_id, year)
);

CREATE TABLE opening_agency_years (
  agency_id BIGINT NOT NULL,
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
  PRIMARY KEY (agency_id, year, channel),
  FOREIGN KEY (agency_id, year) REFERENCES openings (agency_id, year)
);

INSERT INTO openings SELECT DISTINCT agency_id, year FROM counter_years;

-- Control changes by what the columns do, times their weights: a cell that was wrong does not become right.
INSERT INTO opening_years
SELECT openings.agency_id, procedure_id, channel, openings.year, 0, 0, 0, 0, 0, 0,
  SUM(received + moved - early - on_time - late - withdrawn - stopped), SUM(open), SUM(overdue), SUM(paused), 0, 0, SUM(waiting), SUM(waiting_late),
  SUM(control + 30 * received - 234 * early - 238 * on_time - 240 * late - 244 * withdrawn - 258 * stopped - 151 * submitted - 157 * declined)
FROM openings JOIN counter_years AS earlier ON earlier.agency_id = openings.agency_id AND earlier.year < openings.year
GROUP BY 1, 2, 3, 4
HAVING SUM(received + moved - early - on_time - late - withdrawn - stopped) <> 0
  OR SUM(open) <> 0 OR SUM(overdue) <> 0 OR SUM(paused) <> 0 OR SUM(waiting) <> 0 OR SUM(waiting_late) <> 0;

INSERT INTO opening_agency_years
SELECT openings.agency_id, channel, openings.year, 0, 0, 0, 0, 0, 0,
  SUM(received + moved - early - on_time - late - withdrawn - stopped), SUM(open), SUM(overdue), SUM(paused), 0, 0, SUM(waiting), SUM(waiting_late),
  SUM(control + 30 * received - 234 * early - 238 * on_time - 240 * late - 244 * withdrawn - 258 * stopped - 151 * submitted - 157 * declined)
FROM openings JOIN counter_agency_years AS earlier ON earlier.agency_id = openings.agency_id AND earlier.year < openings.year
GROUP BY 1, 2, 3
HAVING SUM(received + moved - early - on_time - late - withdrawn - stopped) <> 0
  OR SUM(open) <> 0 OR SUM(overdue) <> 0 OR SUM(paused) <> 0 OR SUM(waiting) <> 0 OR SUM(waiting_late) <> 0;
