//! A chart of bars, upright or lying, each of several parts: title, axes with their units, legend, and every label whole. The
//! picture grows with what stands on it.

use plotters::coord::ranged1d::{BoldPoints, Ranged};
use plotters::coord::types::RangedCoordi64;
use plotters::style::RGBColor;

use super::canvas::{Anchor, Canvas, INK, PALE, TEXT, TITLE, width};
use crate::http::{Language, Problem};

/// One bar.
#[derive(Debug, Clone)]
pub(super) struct Bar {
    pub(super) label: String,
    /// One for each series.
    pub(super) parts: Vec<i64>,
    /// What stands at its end.
    pub(super) note: String,
}

/// Which way bars go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bars {
    Upright,
    Lying,
}

/// What is drawn.
#[derive(Debug, Clone)]
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) subtitle: String,
    /// What the bars are.
    pub(super) categories: String,
    /// What they measure, with its unit.
    pub(super) values: String,
    /// So many of the values' units make one on the axis.
    pub(super) divisor: i64,
    pub(super) series: Vec<(String, RGBColor)>,
    pub(super) bars: Vec<Bar>,
    pub(super) way: Bars,
    pub(super) language: Language,
}

/// Around everything.
const MARGIN: i32 = 24;
/// From line to line.
const LINE: i32 = 24;
/// The length of the axis of values.
const LENGTH: i32 = 460;
/// The tallest the upright bars become.
const HEIGHT: i32 = 300;
const SQUARE: i32 = 12;
/// Where the plot begins, below title and legend.
const TOP: i32 = MARGIN + 4 * LINE;

impl Chart {
    /// The chart as SVG.
    ///
    /// # Errors
    /// 500 when it cannot be drawn.
    pub(super) fn draw(&self) -> Result<String, Problem> {
        let mut svg = String::new();
        let size = self.size();
        let canvas = Canvas::new(&mut svg, size)?;
        canvas.text(&self.title, (MARGIN, MARGIN), Anchor::Left, TITLE)?;
        canvas.text(&self.subtitle, (MARGIN, MARGIN + LINE), Anchor::Left, TEXT)?;
        self.draw_legend(&canvas, MARGIN + 2 * LINE)?;
        match self.way {
            Bars::Upright => self.draw_upright(&canvas)?,
            Bars::Lying => self.draw_lying(&canvas)?,
        }
        canvas.finish()?;
        Ok(with_title(&svg, &self.title))
    }

    fn size(&self) -> (i32, i32) {
        let legend: i32 = self.series.iter().map(|(name, _)| legend_width(name)).sum();
        let widest = width(&self.title, TITLE).max(width(&self.subtitle, TEXT)).max(legend) + 2 * MARGIN;
        match self.way {
            Bars::Upright => {
                let plot = self.left() + self.step() * self.count() + MARGIN;
                (plot.max(widest), TOP + HEIGHT + 3 * LINE + MARGIN)
            }
            Bars::Lying => {
                let notes = self.bars.iter().map(|bar| width(&bar.note, TEXT)).max().unwrap_or(0);
                let plot = self.left() + LENGTH.max(width(&self.values, TEXT)) + notes + 2 * MARGIN;
                (plot.max(widest), TOP + LINE * self.count() + 3 * LINE + MARGIN)
            }
        }
    }

    /// Where it begins from the left: behind the labels.
    fn left(&self) -> i32 {
        match self.way {
            Bars::Upright => MARGIN + LINE + width(&self.number(self.longest()), TEXT) + 8,
            Bars::Lying => {
                let labels = self.bars.iter().map(|bar| width(&bar.label, TEXT));
                MARGIN + labels.max().unwrap_or(0).max(width(&self.categories, TEXT)) + 8
            }
        }
    }

    /// From one upright bar to the next: no label touches its neighbour.
    fn step(&self) -> i32 {
        let labels = self.bars.iter().flat_map(|bar| [width(&bar.label, TEXT), width(&bar.note, TEXT)]);
        labels.max().unwrap_or(0).max(48) + 12
    }

    fn count(&self) -> i32 {
        i32::try_from(self.bars.len()).unwrap_or(i32::MAX / 1000).max(1)
    }

    /// Where the axis of values ends, in its units.
    fn longest(&self) -> i64 {
        let longest = self.bars.iter().map(|bar| bar.parts.iter().sum::<i64>()).max().unwrap_or(0);
        (longest + self.divisor - 1).div_euclid(self.divisor).max(1)
    }

    /// So many pixels of the axis of values stand for a value.
    fn pixels(&self, value: i64, length: i32) -> i32 {
        let scaled = value.saturating_mul(length.into()) / (self.longest() * self.divisor);
        i32::try_from(scaled).unwrap_or(length)
    }

    fn ticks(&self) -> Vec<i64> {
        RangedCoordi64::from(0..self.longest()).key_points(BoldPoints(6))
    }

    fn draw_legend(&self, canvas: &Canvas<'_>, y: i32) -> Result<(), Problem> {
        let mut x = MARGIN;
        for (name, colour) in &self.series {
            canvas.bar((x, y - SQUARE / 2), (x + SQUARE, y + SQUARE / 2), *colour)?;
            canvas.text(name, (x + SQUARE + 6, y), Anchor::Left, TEXT)?;
            x += legend_width(name);
        }
        Ok(())
    }

    fn draw_upright(&self, canvas: &Canvas<'_>) -> Result<(), Problem> {
        let (left, top) = (self.left(), TOP);
        let (bottom, right) = (top + HEIGHT, left + self.step() * self.count());
        for tick in self.ticks() {
            let y = bottom - self.pixels(tick * self.divisor, HEIGHT);
            canvas.line((left, y), (right, y), PALE)?;
            canvas.text(&self.number(tick), (left - 6, y), Anchor::Right, TEXT)?;
        }
        let mut middle = left + self.step() / 2;
        for bar in &self.bars {
            let half = (self.step() / 3).min(32);
            let mut y = bottom;
            for (part, (_, colour)) in bar.parts.iter().zip(&self.series) {
                let end = y - self.pixels(*part, HEIGHT);
                canvas.bar((middle - half, end), (middle + half, y), *colour)?;
                y = end;
            }
            canvas.text(&bar.note, (middle, y - 10), Anchor::Middle, TEXT)?;
            canvas.text(&bar.label, (middle, bottom + 14), Anchor::Middle, TEXT)?;
            middle += self.step();
        }
        canvas.line((left, bottom), (right, bottom), INK)?;
        canvas.text(
            &self.categories,
            (i32::midpoint(left, right), bottom + 14 + LINE),
            Anchor::Middle,
            TEXT,
        )?;
        canvas.text(&self.values, (MARGIN, i32::midpoint(top, bottom)), Anchor::Upward, TEXT)
    }

    fn draw_lying(&self, canvas: &Canvas<'_>) -> Result<(), Problem> {
        let (left, top) = (self.left(), TOP);
        let bottom = top + LINE * self.count();
        canvas.text(&self.categories, (left - 8, top - LINE / 2), Anchor::Right, TEXT)?;
        for tick in self.ticks() {
            let x = left + self.pixels(tick * self.divisor, LENGTH);
            canvas.line((x, top), (x, bottom), PALE)?;
            canvas.text(&self.number(tick), (x, bottom + 14), Anchor::Middle, TEXT)?;
        }
        let mut middle = top + LINE / 2;
        for bar in &self.bars {
            let mut x = left;
            for (part, (_, colour)) in bar.parts.iter().zip(&self.series) {
                let end = x + self.pixels(*part, LENGTH);
                canvas.bar((x, middle - 8), (end, middle + 8), *colour)?;
                x = end;
            }
            canvas.text(&bar.label, (left - 8, middle), Anchor::Right, TEXT)?;
            canvas.text(&bar.note, (x + 6, middle), Anchor::Left, TEXT)?;
            middle += LINE;
        }
        canvas.line((left, top), (left, bottom), INK)?;
        canvas.text(&self.values, (left + LENGTH / 2, bottom + 14 + LINE), Anchor::Middle, TEXT)
    }

    fn number(&self, number: i64) -> String {
        grouped(number, self.language)
    }
}

fn legend_width(name: &str) -> i32 {
    SQUARE + 6 + width(name, TEXT) + 18
}

/// `12.633` in Vietnamese, `12,633` in English.
pub(super) fn grouped(number: i64, language: Language) -> String {
    let separator = match language {
        Language::Vietnamese => '.',
        Language::English => ',',
    };
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        let is_edge = at > 0 && (digits.len() - at).is_multiple_of(3);
        text.extend((is_edge && !text.ends_with('-')).then_some(separator));
        text.push(digit);
    }
    text
}

/// Lets screen readers say what the picture is.
fn with_title(svg: &str, title: &str) -> String {
    let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    match svg.split_once('>') {
        Some((head, rest)) => format!("{head} role=\"img\">\n<title>{title}</title>{rest}"),
        None => svg.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(way: Bars) -> Chart {
        let bar = |label: &str, parts: &[i64]| Bar {
            label: label.to_owned(),
            parts: parts.to_vec(),
            note: "100 %".to_owned(),
        };
        Chart {
            title: "Hồ sơ <tồn> & quá hạn".to_owned(),
            subtitle: "UBND huyện Thanh Bình".to_owned(),
            categories: "Đơn vị".to_owned(),
            values: "Số hồ sơ".to_owned(),
            divisor: 1,
            series: vec![("Trước hạn".to_owned(), INK), ("Quá hạn".to_owned(), PALE)],
            bars: vec![
                bar(
                    "Phòng Tài nguyên và Môi trường · Thẩm định hồ sơ chuyển mục đích sử dụng đất",
                    &[1200, 34],
                ),
                bar("Xã Tân Long", &[0, 0]),
            ],
            way,
            language: Language::Vietnamese,
        }
    }

    /// Every text begins and ends on the picture.
    #[test]
    fn nothing_is_cut() {
        for way in [Bars::Upright, Bars::Lying] {
            let chart = chart(way);
            let (wide, high) = chart.size();
            let svg = chart.draw().unwrap();
            let attribute = |tag: &str, name: &str| -> Option<i32> {
                let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
                rest.split_once('"')?.0.parse().ok()
            };
            let mut texts = 0;
            for tag in svg.split("<text").skip(1) {
                let (head, rest) = tag.split_once('>').unwrap();
                let text = rest.split_once('\n').unwrap().0;
                let (x, y) = (attribute(head, "x").unwrap(), attribute(head, "y").unwrap());
                let long = width(text, if head.contains("bold") { TITLE } else { TEXT });
                let (from, to) = match head {
                    _ if head.contains("rotate") => (x, x),
                    _ if head.contains("\"end\"") => (x - long, x),
                    _ if head.contains("\"middle\"") => (x - long / 2, x + long / 2),
                    _ => (x, x + long),
                };
                assert!(
                    from >= 0 && to <= wide && (0..=high).contains(&y),
                    "{text}: {from}–{to} of {wide}, {y} of {high}"
                );
                texts += 1;
            }
            assert!(texts > 10);
            assert!(
                svg.contains("<title>Hồ sơ &lt;tồn&gt; &amp; quá hạn</title>")
                    && svg.trim_end().ends_with("</svg>")
            );
        }
    }

    #[test]
    fn an_empty_chart_is_still_one() {
        let chart = Chart { bars: Vec::new(), ..chart(Bars::Lying) };
        assert!(chart.draw().unwrap().contains("Số hồ sơ"));
    }

    #[test]
    fn numbers_are_grouped_as_people_write_them() {
        for (number, vi, en) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (87_971, "87.971", "87,971"),
            (-1_234_567, "-1.234.567", "-1,234,567"),
        ] {
            assert_eq!(grouped(number, Language::Vietnamese), vi);
            assert_eq!(grouped(number, Language::English), en);
        }
    }
}
