//! What charts are made of: text, bars and lines on an SVG, and how wide a text is.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Drawable, PathElement, PointCollection, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, FontTransform, IntoFont, RGBColor, TextStyle, WHITE};

use crate::http::Problem;

/// Text and axes.
pub(super) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// Lines of the grid.
pub(super) const PALE: RGBColor = RGBColor(0xdd, 0xdd, 0xdd);
/// The height of ordinary text, in pixels.
pub(super) const TEXT: i32 = 13;
/// That of the title.
pub(super) const TITLE: i32 = 18;

/// Where a text lies from its point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Left,
    Middle,
    Right,
    /// Upwards, its middle at the point.
    Upward,
}

/// An area to draw on.
pub(super) struct Canvas<'s> {
    area: DrawingArea<SVGBackend<'s>, Shift>,
}

impl<'s> Canvas<'s> {
    /// A white one, whose text is written to `svg`.
    pub(super) fn new(svg: &'s mut String, (width, height): (i32, i32)) -> Result<Self, Problem> {
        let side = |length: i32| u32::try_from(length).map_err(Problem::internal);
        let area = SVGBackend::with_string(svg, (side(width)?, side(height)?)).into_drawing_area();
        area.fill(&WHITE).map_err(Problem::internal)?;
        Ok(Self { area })
    }

    pub(super) fn text(&self, text: &str, at: (i32, i32), anchor: Anchor, size: i32) -> Result<(), Problem> {
        // The backend writes four fifths of the size that it is given.
        let mut font = ("sans-serif", f64::from(size) * 1.24).into_font();
        if size == TITLE {
            font = font.style(FontStyle::Bold);
        }
        let (across, font) = match anchor {
            Anchor::Left => (HPos::Left, font),
            Anchor::Middle => (HPos::Center, font),
            Anchor::Right => (HPos::Right, font),
            Anchor::Upward => (HPos::Center, font.transform(FontTransform::Rotate270)),
        };
        let style = TextStyle::from(font).color(&INK).pos(Pos::new(across, VPos::Center));
        self.draw(&Text::new(text, at, style))
    }

    pub(super) fn bar(&self, from: (i32, i32), to: (i32, i32), colour: RGBColor) -> Result<(), Problem> {
        self.draw(&Rectangle::new([from, to], colour.filled()))
    }

    pub(super) fn line(&self, from: (i32, i32), to: (i32, i32), colour: RGBColor) -> Result<(), Problem> {
        self.draw(&PathElement::new(vec![from, to], colour.stroke_width(1)))
    }

    fn draw<'a, E>(&self, element: &'a E) -> Result<(), Problem>
    where
        &'a E: PointCollection<'a, (i32, i32)>,
        E: Drawable<SVGBackend<'s>>,
    {
        self.area.draw(element).map_err(|error| Problem::internal(error.to_string()))
    }

    /// Ends the drawing.
    pub(super) fn finish(self) -> Result<(), Problem> {
        self.area.present().map_err(|error| Problem::internal(error.to_string()))
    }
}

/// How wide a text may become, in pixels: on the safe side, since nobody knows the reader's fonts.
pub(super) fn width(text: &str, size: i32) -> i32 {
    let letters = i32::try_from(text.chars().count()).unwrap_or(i32::MAX);
    letters.saturating_mul(size).saturating_mul(if size == TITLE { 70 } else { 62 }) / 100
}
