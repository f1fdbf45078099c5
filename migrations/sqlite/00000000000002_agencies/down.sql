DROP TABLE working_hours;
DROP TABLE agency_closure;
DROP TABLE agencies;
