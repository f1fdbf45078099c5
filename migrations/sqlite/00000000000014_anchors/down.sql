DROP TABLE anchor_heads;
DROP TABLE anchors;
