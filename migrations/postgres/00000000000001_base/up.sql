-- Slow-changing tables bump a number here, so that copies of the server know when to read them again.
CREATE TABLE revisions (
  name TEXT NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL
);

-- First answers of POSTs with an Idempotency-Key, encrypted, kept for a day.
CREATE TABLE idempotency (
  key_hash TEXT NOT NULL PRIMARY KEY,
  request_hash TEXT NOT NULL,
  status INTEGER CHECK (status BETWEEN 200 AND 299),
  answer BYTEA,
  created_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL,
  CHECK ((status IS NULL) = (answer IS NULL))
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);
