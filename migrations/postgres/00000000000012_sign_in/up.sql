-- The generation is raised when whatever was given out to an account or a client must end: tokens carry the number that they
-- were given out under.
ALTER TABLE accounts ADD COLUMN generation BIGINT NOT NULL DEFAULT 1;
ALTER TABLE clients ADD COLUMN generation BIGINT NOT NULL DEFAULT 1;
ALTER TABLE refresh_tokens ADD COLUMN generation BIGINT NOT NULL DEFAULT 1;
CREATE INDEX refresh_tokens_account ON refresh_tokens (account_id);

-- Tries to sign in that have not succeeded, by keyed hash of a name or an address; nobody may try before open_at.
CREATE TABLE sign_in_attempts (
  subject TEXT NOT NULL PRIMARY KEY,
  failures INTEGER NOT NULL,
  last_at TIMESTAMPTZ NOT NULL,
  open_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sign_in_attempts_last ON sign_in_attempts (last_at);
