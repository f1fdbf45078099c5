DROP VIEW judged_dates;
