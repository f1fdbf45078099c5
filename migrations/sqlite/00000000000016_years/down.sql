DROP TABLE counter_agency_years;
DROP TABLE counter_years;
