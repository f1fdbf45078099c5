-- A name for the content of slow-changing tables, see src/db/revision.rs.
CREATE TABLE revisions (
    name TEXT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL
);
