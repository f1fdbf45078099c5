DROP TABLE custody;
DROP TABLE transfer_lines;
DROP TABLE transfers;
DROP TABLE legs;
