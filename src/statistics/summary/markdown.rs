//! The summary to be read: paragraphs whose numbers are links, and the figures in a table (`CommonMark`, tables of GFM). Pure.

use std::fmt::Write as _;

use super::stated::{Basis, Qualifier};
use super::views::{Piece, SummaryItem, SummaryView};
use super::words::{grouped, percent};

/// The whole text. In Vietnamese, like the paragraphs.
pub(super) fn write(summary: &SummaryView) -> String {
    let mut text = format!("# {}\n\n", escaped(&summary.title));
    for paragraph in &summary.paragraphs {
        for piece in &paragraph.pieces {
            text.push_str(&linked(summary, piece));
        }
        text.push_str("\n\n");
    }
    table(&mut text, summary);
    notes(&mut text, summary);
    text
}

fn linked(summary: &SummaryView, piece: &Piece) -> String {
    let words = escaped(&piece.text);
    let item = piece.figure.as_deref().and_then(|key| summary.item(key));
    match item {
        Some(item) => format!("[{words}]({})", item.link),
        None => words,
    }
}

fn table(text: &mut String, summary: &SummaryView) {
    let (year, before) = (summary.year, summary.year - 1);
    // Writing into a String does not fail.
    let _ = writeln!(
        text,
        "| Chỉ tiêu | Năm {year} | Năm {before} | Tăng, giảm | Nguồn |\n| --- | ---: | ---: | ---: | --- |"
    );
    for rate in &summary.rates {
        let number = |rate: Option<f64>| rate.map_or_else(|| "–".to_owned(), percent);
        let (now, then) = (number(rate.on_time_rate), number(rate.previous));
        let _ =
            writeln!(text, "| **{}** – tỷ lệ trước và đúng hạn | {now} | {then} | | |", escaped(&rate.name));
        for item in summary.items.iter().filter(|item| item.level == rate.level) {
            let mark = if item.is_made_up { "\\*" } else { "" };
            let known = |number: Option<i64>| number.map_or_else(|| "–".to_owned(), grouped);
            let _ = writeln!(
                text,
                "| {} | [{}{mark}]({}) | {} | {} | {} |",
                escaped(&item.name),
                grouped(item.value),
                item.link,
                known(item.previous),
                known(item.change),
                escaped(&source(item)),
            );
        }
    }
}

/// What the source says, in words.
fn source(item: &SummaryItem) -> String {
    let Some(stated) = &item.stated else { return String::new() };
    let value = match stated.qualifier {
        Qualifier::Exactly => grouped(stated.value),
        Qualifier::MoreThan => format!("trên {}", grouped(stated.value)),
    };
    let verdict = if stated.agrees { "khớp" } else { "không khớp" };
    match stated.basis {
        Basis::Published => format!("đã công bố: {value}, {verdict}"),
        Basis::Derived => format!("suy ra từ số liệu đã công bố: {value}, {verdict}"),
        Basis::Assumed => "giả định".to_owned(),
    }
}

fn notes(text: &mut String, summary: &SummaryView) {
    let _ = writeln!(text, "\nSố liệu tính đến {}.", summary.as_of.in_words());
    if summary.items.iter().any(|item| item.is_made_up) {
        text.push_str("\n\\* Số liệu giả định để minh họa, chưa từng được công bố.\n");
    }
    let mut sources: Vec<&str> = summary
        .items
        .iter()
        .filter_map(|item| item.stated.as_ref())
        .map(|stated| stated.source.as_str())
        .collect();
    sources.sort_unstable();
    sources.dedup();
    for source in sources {
        let _ = writeln!(text, "\nNguồn: {}", escaped(source));
    }
}

/// Text in which Markdown sees nothing of its own.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn names_are_only_names() {
        assert_eq!(escaped("Xã *A* [b](c) | d"), "Xã \\*A\\* \\[b\\](c) \\| d");
    }
}
