//! A form as a spreadsheet (Office Open XML), ready to be printed and signed: merged heads, number formats, one page wide on A4
//! across, headings on each page, Vietnamese titles, signatures. Pure: the same form gives the same bytes.

use chrono::Datelike;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::layout::{self, Form};
use super::views::{ReportColumn, ReportRow, ReportValue, ReportView};
use crate::http::Language;

const A4: u8 = 9;
const FONT: &str = "Times New Roman";
/// So many rows stand above the column headings.
const HEAD: u32 = 6;

/// The workbook's bytes.
pub(super) fn write(form: &Form, report: &ReportView, language: Language) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(
        u16::try_from(report.to.year()).unwrap_or(2000),
        u8::try_from(report.to.month()).unwrap_or(1),
        u8::try_from(report.to.day()).unwrap_or(1),
    )?;
    workbook.set_properties(
        &DocProperties::new()
            .set_title(report.title.as_str())
            .set_author(report.agency.name.as_str())
            .set_creation_datetime(&created),
    );
    let mut page = Page { sheet: Worksheet::new(), form, report, language };
    page.write()?;
    workbook.push_worksheet(page.sheet);
    workbook.save_to_buffer()
}

struct Page<'a> {
    sheet: Worksheet,
    form: &'a Form,
    report: &'a ReportView,
    language: Language,
}

fn plain() -> Format {
    Format::new().set_font_name(FONT).set_font_size(11)
}

fn bordered() -> Format {
    plain().set_border(FormatBorder::Thin).set_align(FormatAlign::VerticalCenter)
}

fn centred(format: Format) -> Format {
    format.set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter).set_text_wrap()
}

impl Page<'_> {
    fn write(&mut self) -> Result<(), XlsxError> {
        self.set_up()?;
        self.above()?;
        let first = self.headings()?;
        let after = self.body(first)?;
        let last = self.below(after + 1)?;
        self.sheet.set_print_area(0, 0, last, self.last_column())?;
        Ok(())
    }

    fn words(&self, vi: &'static str, en: &'static str) -> &'static str {
        match self.language {
            Language::Vietnamese => vi,
            Language::English => en,
        }
    }

    fn last_column(&self) -> u16 {
        u16::try_from(self.form.leaves.len()).unwrap_or(u16::MAX).saturating_sub(1)
    }

    /// The column that divides the sheet into a left and a right half.
    fn middle(&self) -> u16 {
        let whole: f64 = self.form.leaves.iter().map(|leaf| leaf.width).sum();
        let mut left = 0.0;
        for (at, leaf) in (0_u16..).zip(&self.form.leaves) {
            left += leaf.width;
            if left * 2.0 >= whole {
                return at.min(self.last_column().saturating_sub(1));
            }
        }
        0
    }

    fn depth(&self) -> u32 {
        u32::try_from(self.form.depth()).unwrap_or(1)
    }

    fn set_up(&mut self) -> Result<(), XlsxError> {
        for (at, leaf) in (0_u16..).zip(&self.form.leaves) {
            self.sheet.set_column_width(at, leaf.width)?;
        }
        let numbers = HEAD + self.depth();
        self.sheet.set_name(&self.report.form)?;
        self.sheet
            .set_landscape()
            .set_paper_size(A4)
            .set_print_fit_to_pages(1, 0)
            .set_print_center_horizontally(true)
            .set_margins(0.5, 0.5, 0.6, 0.6, 0.3, 0.3)
            .set_footer("&C&9&P/&N");
        self.sheet.set_repeat_rows(HEAD, numbers)?;
        self.sheet.set_freeze_panes(numbers + 1, 2)?;
        Ok(())
    }

    /// Text over several cells; over a single one where there is no other.
    fn over(
        &mut self,
        rows: (u32, u32),
        columns: (u16, u16),
        text: &str,
        format: &Format,
    ) -> Result<(), XlsxError> {
        if rows.0 == rows.1 && columns.0 == columns.1 {
            self.sheet.write_string_with_format(rows.0, columns.0, text, format)?;
        } else {
            self.sheet.merge_range(rows.0, columns.0, rows.1, columns.1, text, format)?;
        }
        Ok(())
    }

    /// Number and basis on the left, who reports to whom on the right, title and period over the whole.
    fn above(&mut self) -> Result<(), XlsxError> {
        let (middle, last) = (self.middle(), self.last_column());
        let report = self.report;
        let left = plain().set_align(FormatAlign::Left).set_align(FormatAlign::Top).set_text_wrap();
        let (from_label, to_label) =
            (self.words("Đơn vị báo cáo", "Reported by"), self.words("Đơn vị nhận báo cáo", "Reported to"));
        self.over((0, 0), (0, middle), &report.number, &left.clone().set_bold())?;
        self.over((1, 1), (0, middle), &report.basis, &left.clone().set_italic())?;
        self.sheet.set_row_height(1, 30)?;
        self.over(
            (0, 0),
            (middle + 1, last),
            &format!("{from_label}: {}", report.agency.name),
            &left.clone().set_bold(),
        )?;
        let recipient = report.recipient.as_ref().map_or("", |agency| agency.name.as_str());
        self.over((1, 1), (middle + 1, last), &format!("{to_label}: {recipient}"), &left)?;
        let title = centred(plain().set_bold().set_font_size(14));
        self.over((2, 2), (0, last), &report.title.to_uppercase(), &title)?;
        self.sheet.set_row_height(2, 40)?;
        let last_day = report.to.pred_opt().unwrap_or(report.to);
        let days = format!(
            "{}: {} ({} {} {} {})",
            self.words("Kỳ báo cáo", "Period"),
            report.period_name,
            self.words("từ ngày", "from"),
            report.from.format("%d/%m/%Y"),
            self.words("đến ngày", "to"),
            last_day.format("%d/%m/%Y"),
        );
        self.over((3, 3), (0, last), &days, &centred(plain().set_italic()))?;
        let unit = plain().set_italic().set_align(FormatAlign::Right);
        self.over((HEAD - 1, HEAD - 1), (0, last), &report.unit, &unit)
    }

    /// The tree of headings: what has nothing beside it below goes down to the numbers. Gives the first row of the body.
    fn headings(&mut self) -> Result<u32, XlsxError> {
        let depth = self.form.depth();
        let format = centred(bordered().set_bold());
        let leaves = &self.form.leaves;
        let mut merges = Vec::new();
        for level in 0..depth {
            let mut at = 0;
            while let Some(leaf) = leaves.get(at) {
                let Some((place, heading)) = leaf.headings.get(level) else {
                    at += 1;
                    continue;
                };
                let is_same =
                    |other: &&layout::Leaf| other.headings.get(level).is_some_and(|(it, _)| it == place);
                let width = leaves.iter().skip(at).take_while(is_same).count();
                let is_own = leaf.headings.len() == level + 1;
                let bottom = if is_own { depth - 1 } else { level };
                merges.push((
                    level,
                    bottom,
                    at,
                    at + width - 1,
                    heading.in_language(self.language).to_owned(),
                ));
                at += width;
            }
        }
        let (row, column) =
            (|row: usize| HEAD + u32::try_from(row).unwrap_or(0), |at: usize| u16::try_from(at).unwrap_or(0));
        for (top, bottom, left, right, text) in merges {
            self.over((row(top), row(bottom)), (column(left), column(right)), &text, &format)?;
        }
        let numbers = HEAD + self.depth();
        for level in HEAD..numbers {
            self.sheet.set_row_height(level, 34)?;
        }
        let italic = centred(bordered().set_italic().set_font_size(9));
        for (at, leaf) in (0_u16..).zip(leaves) {
            self.sheet.write_string_with_format(numbers, at, &leaf.number, &italic)?;
        }
        Ok(numbers + 1)
    }

    fn body(&mut self, first: u32) -> Result<u32, XlsxError> {
        let report = self.report;
        // Made once: a form may have thousands of rows.
        let (usual, bold) = (styles(&report.columns, false), styles(&report.columns, true));
        let mut row = first;
        for line in &report.rows {
            self.line(row, line, if line.is_section { &bold } else { &usual })?;
            row += 1;
        }
        if let Some(total) = &report.total {
            self.line(row, total, &bold)?;
            row += 1;
        }
        Ok(row)
    }

    fn line(&mut self, row: u32, line: &ReportRow, styles: &[Format]) -> Result<(), XlsxError> {
        let report = self.report;
        for (at, (column, style)) in (0_u16..).zip(report.columns.iter().zip(styles)) {
            let value = line.values.get(&column.name).copied().flatten();
            match (column.format, value) {
                (layout::Format::Text, _) => {
                    self.sheet.write_string_with_format(row, at, line.text(column), style)?;
                }
                (_, Some(value)) => {
                    self.sheet.write_number_with_format(row, at, as_number(value), style)?;
                }
                (_, None) => {
                    self.sheet.write_blank(row, at, style)?;
                }
            }
        }
        Ok(())
    }

    /// Notes, what the figures are worth, and the signatures. Gives the last row.
    fn below(&mut self, first: u32) -> Result<u32, XlsxError> {
        let (report, last) = (self.report, self.last_column());
        let note = plain().set_italic().set_font_size(9).set_text_wrap().set_align(FormatAlign::Top);
        let mut row = first;
        let mut notes = report.notes.clone();
        notes.push(match &report.closing {
            None => format!(
                "{} {}.",
                self.words("Số liệu chưa chốt, tính đến", "Not closed; figures as of"),
                report.as_of.in_words()
            ),
            Some(closing) => format!(
                "{} {} {} {}. {}: {}",
                self.words("Số liệu đã chốt, ký bởi", "Closed and signed by"),
                closing.signed_by,
                self.words("lúc", "at"),
                closing.closed_at,
                self.words("Mã xác thực", "Seal"),
                closing.seal
            ),
        });
        for text in notes {
            self.over((row, row), (0, last), &text, &note)?;
            self.sheet.set_row_height(row, 26)?;
            row += 1;
        }
        row += 1;
        let middle = self.middle();
        let dated = self.words("…………, ngày …… tháng …… năm ……", "…………, …… / …… / ……");
        self.over((row, row), (middle + 1, last), dated, &centred(plain().set_italic()))?;
        let (title, hint) = (centred(plain().set_bold()), centred(plain().set_italic()));
        let hint_text = self.words("(Ký, ghi rõ họ tên)", "(Signature, full name)");
        let halves = [(0, middle), (middle + 1, last)];
        for (text, columns) in report.signatures.iter().zip(halves) {
            self.over((row + 1, row + 1), columns, text, &title)?;
            self.over((row + 2, row + 2), columns, hint_text, &hint)?;
        }
        Ok(row + 7)
    }
}

/// How the cells of each column look.
fn styles(columns: &[ReportColumn], is_bold: bool) -> Vec<Format> {
    let base = || if is_bold { bordered().set_bold() } else { bordered() };
    let style = |column: &ReportColumn| match column.format {
        layout::Format::Text if column.name == "no" => centred(base()),
        layout::Format::Text => base().set_text_wrap(),
        number => base().set_num_format(number_format(number)).set_align(FormatAlign::Right).set_indent(1),
    };
    columns.iter().map(style).collect()
}

fn number_format(format: layout::Format) -> &'static str {
    match format {
        layout::Format::Text => "@",
        layout::Format::Count => "#,##0",
        layout::Format::Ratio => "0.00%",
        layout::Format::Score => "0.00",
    }
}

fn as_number(value: ReportValue) -> f64 {
    match value {
        // Counts of dossiers are far below 2^31.
        ReportValue::Count(count) => i32::try_from(count).map_or(f64::NAN, f64::from),
        ReportValue::Number(number) => number,
    }
}
