CREATE TABLE agencies (
  id INTEGER NOT NULL PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  official INTEGER NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('province', 'district', 'commune', 'department', 'post_office', 'external')),
  function TEXT,
  parent_id INTEGER REFERENCES agencies (id),
  valid_from TEXT,
  valid_to TEXT,
  hotline TEXT,
  email TEXT,
  address TEXT,
  gso_code TEXT,
  latitude REAL,
  longitude REAL,
  after_cutoff_counts_next_day INTEGER NOT NULL,
  version INTEGER NOT NULL,
  CHECK (valid_to IS NULL OR valid_from IS NULL OR valid_from < valid_to)
) STRICT;
CREATE INDEX agencies_parent ON agencies (parent_id);

-- Every agency with itself and with all above it: a subtree is one index range.
CREATE TABLE agency_closure (
  ancestor_id INTEGER NOT NULL REFERENCES agencies (id),
  descendant_id INTEGER NOT NULL REFERENCES agencies (id),
  PRIMARY KEY (ancestor_id, descendant_id)
) STRICT;
CREATE INDEX agency_closure_descendant ON agency_closure (descendant_id, ancestor_id);

-- Opening periods of a week as JSON, from a day on; an agency without rows has its parent's.
CREATE TABLE working_hours (
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  effective_from TEXT NOT NULL,
  hours TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (agency_id, effective_from)
) STRICT;
