DROP TABLE counter_agency_months;
