ALTER TABLE refresh_tokens DROP COLUMN by_provider;
