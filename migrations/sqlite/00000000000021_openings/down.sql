DROP TABLE opening_agency_years;
DROP TABLE opening_years;
DROP TABLE openings;
