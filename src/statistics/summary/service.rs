//! The year's figures beside those of the year before and those that sources state.

use super::figure::{LevelYear, SummaryFigure};
use super::stated::{self, Basis, Qualifier, StatedFigure};
use super::views::{LevelRate, StatedView, SummaryItem, SummaryQuery, SummaryView};
use super::words;
use crate::World;
use crate::access::Identity;
use crate::agencies::{Agency, Kind};
use crate::db::Conn;
use crate::dossiers::{Period, Units, agency_name};
use crate::http::{Code, Language, Problem};
use crate::statistics::cube::GroupBy;
use crate::statistics::facts::{self, Fact};
use crate::statistics::links::Links;
use crate::statistics::periods::{PeriodCode, PeriodKind};
use crate::statistics::reports::table::rounded;
use crate::statistics::{asked, names};

/// The levels in the order in which they are spoken of.
const LEVELS: [Kind; 3] = [Kind::Province, Kind::District, Kind::Commune];

/// The summary of a year.
///
/// # Errors
/// 422 `invalid_query`, 403 `agency_out_of_reach`, 500 `figures_inconsistent`.
pub(super) fn summary(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    query: &SummaryQuery,
    language: Language,
) -> Result<SummaryView, Problem> {
    let agency = asked::agency(world, caller, query.agency.as_deref())?;
    let year = Year::read(conn, world, agency, query.year)?;
    let before = match query.year.checked_sub(1).filter(|before| PeriodCode::year(*before).is_some()) {
        Some(before) => Some(Year::read(conn, world, agency, before)?),
        None => None,
    };
    let mut items = Vec::new();
    let mut rates = Vec::new();
    for level in LEVELS {
        let figures = LevelYear::of(&year.facts, level);
        if figures.is_empty() {
            continue;
        }
        let then = before
            .as_ref()
            .filter(|before| before.is_known())
            .map(|before| LevelYear::of(&before.facts, level));
        let rate = |figures: &LevelYear| figures.on_time_rate().map(|rate| rounded(rate, 10_000.0));
        rates.push(LevelRate {
            level,
            name: names::name(&world.catalogue, GroupBy::Level, level.as_str(), language),
            on_time_rate: rate(&figures),
            previous: then.as_ref().and_then(rate),
        });
        for figure in SummaryFigure::ALL {
            let stated_before = before.as_ref().and_then(|before| before.stated(level, *figure));
            let previous = then.map(|then| then.get(*figure)).or_else(|| exact(stated_before));
            let value = figures.get(*figure);
            let stated = year.stated(level, *figure);
            items.push(SummaryItem {
                key: format!("{level}.{figure}"),
                level,
                figure: *figure,
                name: figure.name().in_language(language).to_owned(),
                value,
                previous,
                change: previous.map(|previous| value - previous),
                is_made_up: stated.is_some_and(|stated| stated.basis == Basis::Assumed),
                link: year.link(agency, level, *figure),
                stated: stated.map(|stated| compare(value, stated)),
            });
        }
    }
    let name = agency_name(world, agency.id)?;
    Ok(SummaryView {
        title: format!(
            "Kết quả tiếp nhận và giải quyết thủ tục hành chính năm {} – {}",
            query.year, name.name
        ),
        agency: name,
        year: query.year,
        as_of: year.period.stands(),
        paragraphs: words::paragraphs(query.year, &items, &rates),
        rates,
        items,
    })
}

/// A published figure that stands for a year that was not counted here.
fn exact(stated: Option<&StatedFigure>) -> Option<i64> {
    let is_known =
        |stated: &&StatedFigure| stated.qualifier == Qualifier::Exactly && stated.basis != Basis::Assumed;
    stated.filter(is_known).map(|stated| stated.value)
}

fn compare(value: i64, stated: &StatedFigure) -> StatedView {
    StatedView {
        value: stated.value,
        qualifier: stated.qualifier,
        basis: stated.basis,
        source: stated.source.clone(),
        agrees: match stated.qualifier {
            Qualifier::Exactly => value == stated.value,
            Qualifier::MoreThan => value > stated.value,
        },
    }
}

/// A year as it was counted, and as sources state it.
struct Year {
    period: Period,
    facts: Vec<Fact>,
    stated: Vec<StatedFigure>,
}

impl Year {
    fn read(conn: &mut Conn, world: &World, agency: &Agency, year: i32) -> Result<Self, Problem> {
        let code = PeriodCode::year(year).ok_or_else(|| {
            Problem::new(Code::InvalidQuery).error("/query/year", Code::OutOfRange, Code::OutOfRange.title())
        })?;
        let (from, to) = code.span(PeriodKind::Calendar);
        let period = Period::new(from, to, None, world.now);
        let facts = facts::read(conn, world, agency, false, period)?;
        Ok(Self { period, facts, stated: stated::load(conn, agency.id, year)? })
    }

    /// Whether anything was counted by its end. A year before the first dossier is not one with zero dossiers.
    fn is_known(&self) -> bool {
        !self.facts.is_empty()
    }

    fn stated(&self, level: Kind, figure: SummaryFigure) -> Option<&StatedFigure> {
        self.stated.iter().find(|stated| stated.level == level && stated.figure == figure)
    }

    fn link(&self, agency: &Agency, level: Kind, figure: SummaryFigure) -> String {
        let (figure, channel) = figure.listed();
        let span = (self.period.from, self.period.end);
        let mut links = Links::new(span, self.period.moment, Units::Then)
            .with("agency", &agency.code)
            .with("level", level.as_str());
        if let Some(channel) = channel {
            links = links.with("channel", channel.as_str());
        }
        links.figure(figure)
    }
}
