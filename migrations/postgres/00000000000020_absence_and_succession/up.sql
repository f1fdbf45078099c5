-- While somebody is away, his deputy has his roles beside his own.
CREATE TABLE absences (
  account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id),
  deputy_id BIGINT NOT NULL REFERENCES accounts (id),
  from_at TIMESTAMPTZ NOT NULL,
  until_at TIMESTAMPTZ NOT NULL,
  CHECK (deputy_id <> account_id),
  CHECK (from_at < until_at)
);
CREATE INDEX absences_deputy ON absences (deputy_id);

-- The agency that its people belong to from its end on.
ALTER TABLE agencies ADD COLUMN successor_id BIGINT REFERENCES agencies (id)
  CHECK (successor_id IS NULL OR (valid_to IS NOT NULL AND successor_id <> id));
