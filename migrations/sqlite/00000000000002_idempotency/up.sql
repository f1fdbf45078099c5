-- Answers to requests with an Idempotency-Key, see src/http/idempotency/. Hashes and answers need the server's key.
CREATE TABLE idempotency (
    key_hash TEXT NOT NULL PRIMARY KEY,
    request_hash TEXT NOT NULL,
    status INTEGER CONSTRAINT idempotency_status_range CHECK (status BETWEEN 200 AND 299),
    answer BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    CONSTRAINT idempotency_answer_whole CHECK ((status IS NULL) = (answer IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_expires_at ON idempotency (expires_at);
