ALTER TABLE agencies DROP COLUMN successor_id;
DROP TABLE absences;
