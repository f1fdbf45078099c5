-- Which event set the date that the agency is judged by, and to what (RFC 3339, in Vietnam's time): by it a past day knows what
-- was due when.
CREATE VIEW judged_dates AS
SELECT dossier_id, seq, recorded_at, json_extract(data, '$.set.judged_due_at') AS judged_due_at
FROM events WHERE json_type(data, '$.set.judged_due_at') IS NOT NULL;
