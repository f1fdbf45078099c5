-- What sources (an article, an older report) state about an agency's year, kept beside the counted figures for comparison.
CREATE TABLE stated_figures (
  id INTEGER NOT NULL PRIMARY KEY,
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  year INTEGER NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('province', 'district', 'commune')),
  figure TEXT NOT NULL,
  value INTEGER NOT NULL,
  qualifier TEXT NOT NULL CHECK (qualifier IN ('exactly', 'more_than')),
  basis TEXT NOT NULL CHECK (basis IN ('published', 'derived', 'assumed')),
  source TEXT NOT NULL,
  UNIQUE (agency_id, year, level, figure)
) STRICT;
