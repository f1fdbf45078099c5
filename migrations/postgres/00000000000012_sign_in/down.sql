DROP TABLE sign_in_attempts;
DROP INDEX refresh_tokens_account;
ALTER TABLE refresh_tokens DROP COLUMN generation;
ALTER TABLE clients DROP COLUMN generation;
ALTER TABLE accounts DROP COLUMN generation;
