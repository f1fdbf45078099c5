-- One line a day over the heads of all histories that went on since the line before; each holds the one before it.
CREATE TABLE anchors (
  day DATE NOT NULL PRIMARY KEY,
  made_at TIMESTAMPTZ NOT NULL,
  -- where the histories of the next ones begin
  last_event_id BIGINT NOT NULL,
  heads BIGINT NOT NULL,
  heads_digest BYTEA NOT NULL,
  hash BYTEA NOT NULL
);

CREATE TABLE anchor_heads (
  dossier_id BIGINT NOT NULL REFERENCES dossiers (id),
  seq BIGINT NOT NULL,
  day DATE NOT NULL REFERENCES anchors (day),
  hash BYTEA NOT NULL,
  PRIMARY KEY (dossier_id, seq)
);
CREATE INDEX anchor_heads_day ON anchor_heads (day, dossier_id);
