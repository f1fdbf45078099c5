-- Whether the sign-in that a refresh token belongs to was proven by a provider: then no password was used, and none that
-- somebody else knows stands in the way.
ALTER TABLE refresh_tokens ADD COLUMN by_provider BOOLEAN NOT NULL DEFAULT FALSE;
