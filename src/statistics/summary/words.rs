//! The paragraphs of a summary, in the words of a summing-up conference. Vietnamese only: it is read out there. Pure.

use std::fmt::Write as _;

use super::figure::SummaryFigure as F;
use super::views::{LevelRate, Paragraph, Piece, SummaryItem};
use crate::agencies::Kind;

/// What is said of each level, and how the year compares with the one before.
pub(super) fn paragraphs(year: i32, items: &[SummaryItem], rates: &[LevelRate]) -> Vec<Paragraph> {
    let mut all: Vec<Paragraph> = rates.iter().map(|rate| of_level(year, items, rate)).collect();
    all.push(comparison(year, items, rates));
    all
}

/// A paragraph that is being written.
struct Writing<'i> {
    items: &'i [SummaryItem],
    level: Kind,
    pieces: Vec<Piece>,
}

impl Writing<'_> {
    fn words(&mut self, text: impl Into<String>) -> &mut Self {
        self.pieces.push(Piece { text: text.into(), figure: None });
        self
    }

    fn item(&self, figure: F) -> Option<&SummaryItem> {
        self.items.iter().find(|item| item.level == self.level && item.figure == figure)
    }

    fn value(&self, figure: F) -> i64 {
        self.item(figure).map_or(0, |item| item.value)
    }

    /// The figure, with an asterisk where it is made up.
    fn number(&mut self, figure: F) -> &mut Self {
        if let Some(item) = self.item(figure) {
            let mark = if item.is_made_up { "*" } else { "" };
            let piece =
                Piece { text: format!("{}{mark}", grouped(item.value)), figure: Some(item.key.clone()) };
            self.pieces.push(piece);
        }
        self
    }

    fn done(self) -> Paragraph {
        Paragraph { text: self.pieces.iter().map(|piece| piece.text.as_str()).collect(), pieces: self.pieces }
    }
}

/// Who took the dossiers in.
fn subject(level: Kind) -> &'static str {
    match level {
        Kind::Province => "Bộ phận Tiếp nhận và Trả kết quả cấp tỉnh",
        Kind::Commune => "Bộ phận Tiếp nhận và Trả kết quả cấp xã",
        Kind::District | Kind::Department | Kind::PostOffice | Kind::External => {
            "Bộ phận Tiếp nhận và Trả kết quả cấp huyện"
        }
    }
}

fn of_level(year: i32, items: &[SummaryItem], rate: &LevelRate) -> Paragraph {
    let mut p = Writing { items, level: rate.level, pieces: Vec::new() };
    p.words(format!("Trong năm {year}, {} đã tiếp nhận ", subject(rate.level)))
        .number(F::Received)
        .words(" hồ sơ");
    if p.value(F::CarriedOver) > 0 {
        p.words(" (ngoài ra ").number(F::CarriedOver).words(" hồ sơ từ năm trước chuyển qua)");
    }
    p.words("; đã giải quyết ").number(F::Resolved).words(" hồ sơ");
    if p.value(F::Resolved) > 0 {
        p.words(", trong đó trước và đúng hạn ").number(F::ResolvedTimely).words(" hồ sơ (trước hạn ");
        p.number(F::ResolvedEarly).words(" hồ sơ, đúng hạn ").number(F::ResolvedOnTime).words(" hồ sơ");
        if let Some(rate) = rate.on_time_rate {
            p.words(format!(", đạt {}", percent(rate)));
        }
        p.words("), quá hạn ").number(F::ResolvedLate).words(" hồ sơ");
    }
    if p.value(F::Withdrawn) + p.value(F::Stopped) > 0 {
        p.words("; công dân rút ").number(F::Withdrawn).words(" hồ sơ, dừng giải quyết ").number(F::Stopped);
        p.words(" hồ sơ");
    }
    p.words("; đang giải quyết ").number(F::Pending).words(" hồ sơ");
    if p.value(F::PendingPaused) > 0 {
        p.words(", trong đó ").number(F::PendingPaused).words(" hồ sơ tạm dừng chờ công dân");
    }
    if p.value(F::PendingOverdue) > 0 {
        p.words(", ").number(F::PendingOverdue).words(" hồ sơ đã quá hạn");
    }
    p.words(".");
    channels(&mut p);
    p.done()
}

fn channels(p: &mut Writing<'_>) {
    if p.value(F::ReceivedOnline) > 0 {
        p.words(" Tiếp nhận trực tuyến ").number(F::ReceivedOnline).words(" hồ sơ, đã giải quyết ");
        p.number(F::ResolvedOnline).words(" hồ sơ.");
    }
    if p.value(F::ReceivedByPost) > 0 {
        p.words(" Gửi qua dịch vụ bưu chính công ích ").number(F::ReceivedByPost).words(" hồ sơ.");
    }
    if p.value(F::ReceivedAtPostOffice) > 0 {
        p.words(" Tiếp nhận tại bưu cục ").number(F::ReceivedAtPostOffice).words(" hồ sơ.");
    }
    if p.value(F::ReceivedAtHome) > 0 {
        p.words(" Hẹn giờ tiếp nhận tại nhà theo yêu cầu ").number(F::ReceivedAtHome).words(" hồ sơ.");
    }
}

fn comparison(year: i32, items: &[SummaryItem], rates: &[LevelRate]) -> Paragraph {
    let before = year - 1;
    let mut text = String::new();
    for rate in rates {
        let received = items.iter().find(|item| item.level == rate.level && item.figure == F::Received);
        let Some((received, change)) = received.and_then(|item| Some((item, item.change?))) else { continue };
        let direction = match change {
            1.. => format!("tăng {} hồ sơ", grouped(change)),
            0 => "không thay đổi".to_owned(),
            _ => format!("giảm {} hồ sơ", grouped(-change)),
        };
        let previous = received.previous.map_or_else(String::new, grouped);
        let level = rate.name.to_lowercase();
        // Writing into a String does not fail.
        let _ = write!(
            text,
            "So với năm {before} ({previous} hồ sơ), số hồ sơ tiếp nhận của {level} {direction}"
        );
        if let (Some(now), Some(then)) = (rate.on_time_rate, rate.previous) {
            let (now, then) = (percent(now), percent(then));
            let _ = write!(text, "; tỷ lệ trước và đúng hạn {now} (năm {before}: {then})");
        }
        text.push_str(". ");
    }
    if text.is_empty() {
        text = format!("Chưa có số liệu năm {before} để so sánh.");
    }
    let text = text.trim_end().to_owned();
    Paragraph { pieces: vec![Piece { text: text.clone(), figure: None }], text }
}

/// `87971` as `87.971`.
pub(super) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

/// `0.9986` as `99,86%`.
pub(super) fn percent(rate: f64) -> String {
    format!("{:.2}%", rate * 100.0).replace('.', ",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_vietnam_writes_them() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1.000"),
            (87_971, "87.971"),
            (1_234_567, "1.234.567"),
            (-1500, "-1.500"),
        ] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(percent(0.9986), "99,86%");
        assert_eq!(percent(1.0), "100,00%");
    }
}
