-- The ledger of the figures: what each dossier added to which cell on which local day, and from which moment of that day it
-- counts (when it was recorded; a date still to be missed, when it will have been). Counters are its sums, each column kept
-- for itself; control is the weighted sum of the others, so that a changed cell shows in any sum over it.
CREATE TABLE bookings (
  id INTEGER NOT NULL PRIMARY KEY,
  dossier_id INTEGER NOT NULL REFERENCES dossiers (id),
  day TEXT NOT NULL,
  counts_from INTEGER NOT NULL,
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  procedure_id INTEGER NOT NULL REFERENCES procedures (id),
  channel TEXT NOT NULL,
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
  control INTEGER NOT NULL
) STRICT;
CREATE INDEX bookings_dossier ON bookings (dossier_id);
CREATE INDEX bookings_agency ON bookings (agency_id, day);

CREATE TABLE counter_days (
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  procedure_id INTEGER NOT NULL REFERENCES procedures (id),
  channel TEXT NOT NULL,
  day TEXT NOT NULL,
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
  PRIMARY KEY (agency_id, day, procedure_id, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE counter_months (
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  procedure_id INTEGER NOT NULL REFERENCES procedures (id),
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
  PRIMARY KEY (agency_id, month, procedure_id, channel)
) STRICT, WITHOUT ROWID;
