CREATE TABLE accounts (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  username TEXT NOT NULL UNIQUE,
  full_name TEXT,
  password_hash TEXT NOT NULL,
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  roles TEXT NOT NULL,
  is_active INTEGER NOT NULL,
  must_change_password INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX accounts_agency ON accounts (agency_id);

CREATE TABLE clients (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  client_id TEXT NOT NULL UNIQUE,
  secret_hash TEXT NOT NULL,
  agency_id INTEGER NOT NULL REFERENCES agencies (id),
  scopes TEXT NOT NULL,
  is_active INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- A family is one sign-in; each refresh marks its token used and adds the next.
CREATE TABLE refresh_tokens (
  token_hash TEXT NOT NULL PRIMARY KEY,
  family TEXT NOT NULL,
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT;
CREATE INDEX refresh_tokens_family ON refresh_tokens (family);

-- Families and single tokens that must not be accepted any more, until they would have expired anyway.
CREATE TABLE revoked_tokens (
  subject TEXT NOT NULL PRIMARY KEY,
  revoked_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
