//! A form as CSV (RFC 4180), for spreadsheets: one heading line, a UTF-8 byte order mark, no cell that a spreadsheet would
//! run as a formula. Pure.

use super::views::ReportView;

/// What a spreadsheet needs to read UTF-8 as such.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The form's rows.
pub(super) fn write(report: &ReportView) -> String {
    let mut text = BYTE_ORDER_MARK.to_owned();
    line(&mut text, report.columns.iter().map(|column| column.headings.join(" – ")));
    for row in report.rows.iter().chain(&report.total) {
        line(&mut text, report.columns.iter().map(|column| row.text(column)));
    }
    text
}

fn line(text: &mut String, cells: impl Iterator<Item = String>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&quoted(&cell));
    }
    text.push_str("\r\n");
}

fn quoted(cell: &str) -> String {
    // A number may begin with a minus; words that look like a formula get an apostrophe, which spreadsheets don't show.
    let is_number = cell.parse::<f64>().is_ok();
    let looks_like_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let cell = if looks_like_formula && !is_number { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn cells() {
        for (cell, expected) in [
            ("Hộ tịch", "Hộ tịch"),
            ("a,b", "\"a,b\""),
            ("say \"so\"", "\"say \"\"so\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("@cmd", "'@cmd"),
            ("-cmd", "'-cmd"),
            ("+84, x", "\"'+84, x\""),
            ("-3", "-3"),
            ("0.9986", "0.9986"),
            ("", ""),
        ] {
            assert_eq!(quoted(cell), expected);
        }
    }
}
