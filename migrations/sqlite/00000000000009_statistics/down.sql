DROP TABLE counter_months;
DROP TABLE counter_days;
DROP TABLE bookings;
