DROP TABLE handoff_lines;
DROP TABLE handoffs;
DROP TABLE shipment_events;
DROP TABLE shipments;
DROP TABLE delegations;
