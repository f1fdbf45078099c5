CREATE TABLE fields (
  id INTEGER NOT NULL PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL
) STRICT;

CREATE TABLE procedures (
  id INTEGER NOT NULL PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  field_id INTEGER NOT NULL REFERENCES fields (id)
) STRICT;

-- What a version says stands as JSON in content; a published one never changes.
CREATE TABLE procedure_versions (
  id INTEGER NOT NULL PRIMARY KEY,
  procedure_id INTEGER NOT NULL REFERENCES procedures (id),
  version INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('draft', 'published')),
  content TEXT NOT NULL,
  effective_from TEXT NOT NULL,
  effective_to TEXT,
  published_at INTEGER,
  row_version INTEGER NOT NULL,
  UNIQUE (procedure_id, version),
  CHECK (effective_to IS NULL OR effective_from <= effective_to)
) STRICT;
