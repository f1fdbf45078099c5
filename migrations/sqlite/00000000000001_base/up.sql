-- Slow-changing tables bump a number here, so that copies of the server know when to read them again.
CREATE TABLE revisions (
  name TEXT NOT NULL PRIMARY KEY,
  revision INTEGER NOT NULL
) STRICT;

-- First answers of POSTs with an Idempotency-Key, encrypted, kept for a day.
CREATE TABLE idempotency (
  key_hash TEXT NOT NULL PRIMARY KEY,
  request_hash TEXT NOT NULL,
  status INTEGER CHECK (status BETWEEN 200 AND 299),
  answer BLOB,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  CHECK ((status IS NULL) = (answer IS NULL))
) STRICT;
CREATE INDEX idempotency_expiry ON idempotency (expires_at);
