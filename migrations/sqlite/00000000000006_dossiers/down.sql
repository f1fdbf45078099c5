DROP TABLE event_private;
DROP TABLE events;
DROP TABLE dossiers;
DROP TABLE numbers;
