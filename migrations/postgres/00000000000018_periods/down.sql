DROP INDEX bookings_ended_late;
DROP TABLE period_steps;
DROP TABLE period_closings;
