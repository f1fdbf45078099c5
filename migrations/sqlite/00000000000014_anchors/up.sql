-- One line a day over the heads of all histories that went on since the line before; each holds the one before it.
CREATE TABLE anchors (
  day TEXT NOT NULL PRIMARY KEY,
  made_at INTEGER NOT NULL,
  -- where the histories of the next ones begin
  last_event_id INTEGER NOT NULL,
  heads INTEGER NOT NULL,
  heads_digest BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;

CREATE TABLE anchor_heads (
  dossier_id INTEGER NOT NULL REFERENCES dossiers (id),
  seq INTEGER NOT NULL,
  day TEXT NOT NULL REFERENCES anchors (day),
  hash BLOB NOT NULL,
  PRIMARY KEY (dossier_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX anchor_heads_day ON anchor_heads (day, dossier_id);
