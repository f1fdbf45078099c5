"""Reads a spreadsheet with openpyxl and prints what a reader of it sees, as JSON: for the tests, which wrote it otherwise."""
import json
import sys

from openpyxl import load_workbook

sheet = load_workbook(sys.argv[1]).active
print(json.dumps({
    "name": sheet.title,
    "cells": [[cell.value for cell in row] for row in sheet.iter_rows()],
    "formats": [[cell.number_format for cell in row] for row in sheet.iter_rows()],
    "merged": sorted(str(area) for area in sheet.merged_cells.ranges),
    "orientation": sheet.page_setup.orientation,
    "paper": sheet.page_setup.paperSize,
    "width": sheet.page_setup.fitToWidth,
    "repeated": sheet.print_title_rows,
    "area": sheet.print_area,
}, ensure_ascii=False))
