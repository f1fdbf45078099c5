-- A year's days off and make-up days as JSON, of the whole country (no agency) or of an agency and all below it.
CREATE TABLE calendars (
  id INTEGER NOT NULL PRIMARY KEY,
  agency_id INTEGER REFERENCES agencies (id),
  year INTEGER NOT NULL,
  days TEXT NOT NULL,
  version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX calendars_national ON calendars (year) WHERE agency_id IS NULL;
CREATE UNIQUE INDEX calendars_agency ON calendars (agency_id, year) WHERE agency_id IS NOT NULL;
