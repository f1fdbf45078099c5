DROP INDEX dossiers_waiting;
DROP INDEX legs_judged;
DROP TABLE escalations;
