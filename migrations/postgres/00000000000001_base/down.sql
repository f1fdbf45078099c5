DROP TABLE idempotency;
DROP TABLE revisions;
