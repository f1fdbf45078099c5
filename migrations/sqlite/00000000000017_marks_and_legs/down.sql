DROP INDEX bookings_late;
DROP INDEX dossiers_open;
DROP INDEX legs_done;
ALTER TABLE legs DROP COLUMN balance_minutes;
ALTER TABLE legs DROP COLUMN share_minutes;
DROP TABLE dossier_marks;
