DROP TABLE stated_figures;
