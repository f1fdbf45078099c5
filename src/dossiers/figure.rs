//! The dossiers behind a statistics figure, as booked: what the `links` of a report list.
//!
//! The question goes to the ledger of the figures, not to what a dossier is today: one that was received under a wrong
//! procedure and corrected later stays behind the figure that counted it. Here is also what a period means, for lists and
//! reports alike. The ledger is written by `statistics`.

use std::fmt;
use std::str::FromStr;

use chrono::{Days, NaiveDate};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::{Serialize, Serializer};

use super::Channel;
use crate::access::Visible;
use crate::agencies::AgencyId;
use crate::db::schema::{agency_closure, bookings, dossiers, fields, procedures};
use crate::db::{Instant, InstantSql, text_enum};
use crate::procedures::ProcedureId;

text_enum! {
    /// A figure of a statistics row, by its path.
    pub enum Figure {
        CarriedOver = "carried_over",
        Received = "received.total",
        ReceivedAtCounter = "received.counter",
        ReceivedOnline = "received.online",
        ReceivedByPost = "received.postal",
        ReceivedAtPostOffice = "received.post_office",
        ReceivedAtHome = "received.at_home",
        Resolved = "resolved.total",
        /// Early and on time: no figure of a row, but what a summary speaks of.
        ResolvedTimely = "resolved.timely",
        ResolvedEarly = "resolved.early",
        ResolvedOnTime = "resolved.on_time",
        ResolvedLate = "resolved.late",
        Withdrawn = "withdrawn",
        Stopped = "stopped",
        Pending = "pending.total",
        PendingInTime = "pending.in_time",
        PendingOverdue = "pending.overdue",
        PendingPaused = "pending.paused",
        Submissions = "submissions.total",
        SubmissionsDeclined = "submissions.declined",
        SubmissionsWaiting = "submissions.waiting",
        SubmissionsWaitingLate = "submissions.waiting_late",
    }
}

/// Which days' bookings make a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Span {
    /// All before the period: a stock at its beginning.
    Before,
    /// Those of the period: what happened in it.
    During,
    /// All up to the period's end: a stock at its end.
    Until,
}

impl Figure {
    /// What of a dossier's bookings is summed.
    fn counted(self) -> &'static str {
        match self {
            Self::CarriedOver | Self::Pending => "bookings.open",
            Self::Received
            | Self::ReceivedAtCounter
            | Self::ReceivedOnline
            | Self::ReceivedByPost
            | Self::ReceivedAtPostOffice
            | Self::ReceivedAtHome => "bookings.received",
            Self::Resolved => "(bookings.early + bookings.on_time + bookings.late)",
            Self::ResolvedTimely => "(bookings.early + bookings.on_time)",
            Self::ResolvedEarly => "bookings.early",
            Self::ResolvedOnTime => "bookings.on_time",
            Self::ResolvedLate => "bookings.late",
            Self::Withdrawn => "bookings.withdrawn",
            Self::Stopped => "bookings.stopped",
            Self::PendingInTime => "(bookings.open - bookings.overdue)",
            Self::PendingOverdue => "bookings.overdue",
            Self::PendingPaused => "bookings.paused",
            Self::Submissions => "bookings.submitted",
            Self::SubmissionsDeclined => "bookings.declined",
            Self::SubmissionsWaiting => "bookings.waiting",
            Self::SubmissionsWaitingLate => "bookings.waiting_late",
        }
    }

    fn channel(self) -> Option<Channel> {
        match self {
            Self::ReceivedAtCounter => Some(Channel::Counter),
            Self::ReceivedOnline => Some(Channel::Online),
            Self::ReceivedByPost => Some(Channel::Postal),
            Self::ReceivedAtPostOffice => Some(Channel::PostOffice),
            Self::ReceivedAtHome => Some(Channel::AtHome),
            _ => None,
        }
    }

    fn span(self) -> Span {
        match self {
            Self::CarriedOver => Span::Before,
            Self::Received
            | Self::ReceivedAtCounter
            | Self::ReceivedOnline
            | Self::ReceivedByPost
            | Self::ReceivedAtPostOffice
            | Self::ReceivedAtHome
            | Self::Resolved
            | Self::ResolvedTimely
            | Self::ResolvedEarly
            | Self::ResolvedOnTime
            | Self::ResolvedLate
            | Self::Withdrawn
            | Self::Stopped
            | Self::Submissions
            | Self::SubmissionsDeclined => Span::During,
            Self::Pending
            | Self::PendingInTime
            | Self::PendingOverdue
            | Self::PendingPaused
            | Self::SubmissionsWaiting
            | Self::SubmissionsWaitingLate => Span::Until,
        }
    }
}

text_enum! {
    /// Whose figures those of a merged or divided agency are: `then` its own, as booked; `today` its heir's. As long as no
    /// agency has an heir, both are the same.
    #[derive(Default)]
    pub enum Units {
        #[default]
        Then = "then",
        Today = "today",
    }
}

/// A state of knowledge: a day stands for its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// The end of this local day.
    Day(NaiveDate),
    /// This moment.
    Moment(Instant),
}

impl AsOf {
    /// As people in Việt Nam write it.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Day(day) => day.format("%d/%m/%Y").to_string(),
            Self::Moment(moment) => moment.to_local().format("%H:%M ngày %d/%m/%Y").to_string(),
        }
    }
}

impl fmt::Display for AsOf {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(out),
            Self::Moment(moment) => moment.fmt(out),
        }
    }
}

impl FromStr for AsOf {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(day) = text.parse() {
            return Ok(Self::Day(day));
        }
        text.parse()
            .map(Self::Moment)
            .map_err(|_| "a local day (2019-06-30) or a moment (2019-06-30T17:00:00+07:00)")
    }
}

impl Serialize for AsOf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A period of local days, as far as it has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its first day; never after `end`.
    pub from: NaiveDate,
    /// The day after its last one, or after the last one that has begun.
    pub end: NaiveDate,
    /// When the last day has not passed in full: the moment up to which it counts.
    pub moment: Option<Instant>,
}

impl Period {
    /// `[from, to)`, ended by `as_of` and by now, whichever comes first.
    #[must_use]
    pub fn new(from: NaiveDate, to: NaiveDate, as_of: Option<AsOf>, now: Instant) -> Self {
        let at = |moment: Instant| (day_after(moment.local_day()), Some(moment));
        let known = match as_of {
            None => at(now),
            Some(AsOf::Day(day)) => (day_after(day), None),
            Some(AsOf::Moment(moment)) => at(moment),
        };
        let ends = [(to, None), known, at(now)];
        // A whole day ends after each of its moments.
        let first = ends.into_iter().min_by_key(|(day, moment)| (*day, moment.unwrap_or(Instant::MAX)));
        let (end, moment) = first.unwrap_or((to, None));
        Self { from: from.min(end), end, moment }
    }

    /// Where its figures stand.
    #[must_use]
    pub fn stands(&self) -> AsOf {
        match self.moment {
            Some(moment) => AsOf::Moment(moment),
            None => AsOf::Day(self.end.pred_opt().unwrap_or(self.end)),
        }
    }
}

fn day_after(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

/// Which cells' bookings are asked for; nothing: all.
#[derive(Debug, Clone, Default)]
pub struct Cells {
    /// Receiving agency, with all below it.
    pub agency: Option<AgencyId>,
    /// Without those below it.
    pub own: bool,
    pub procedure: Option<ProcedureId>,
    /// Code of the field.
    pub field: Option<String>,
    pub channel: Option<Channel>,
    /// The agencies of a level.
    pub level: Option<Vec<AgencyId>>,
}

/// A figure of a period.
#[derive(Debug, Clone, Copy)]
pub struct Booked {
    figure: Figure,
    period: Period,
}

impl Booked {
    /// The figure of `[from, to)` as it stood at `as_of`; None when the period is none.
    #[must_use]
    pub fn of(
        figure: Figure,
        from: NaiveDate,
        to: NaiveDate,
        as_of: Option<Instant>,
        _units: Units,
        now: Instant,
    ) -> Option<Self> {
        let period = Period::new(from, to, as_of.map(AsOf::Moment), now);
        (from <= to).then_some(Self { figure, period })
    }

    /// That a dossier is one of those counted in these cells.
    ///
    /// One shape for all questions, with flags for what is not asked: the union of both engines takes no boxed subquery.
    #[must_use]
    pub fn condition(&self, cells: &Cells) -> Visible {
        let Self { figure, period } = *self;
        let counted = figure.counted();
        let (since, until) = match figure.span() {
            Span::Before => (FIRST_DAY, period.from),
            Span::During => (period.from, period.end),
            Span::Until => (FIRST_DAY, period.end),
        };
        let agency = cells.agency.unwrap_or_default();
        let agencies = agency_closure::table
            .filter(flag(cells.agency.is_none()).or(agency_closure::ancestor_id.eq(agency)))
            .filter(flag(cells.agency.is_none() || !cells.own).or(agency_closure::descendant_id.eq(agency)))
            .select(agency_closure::descendant_id);
        let of_field = procedures::table
            .inner_join(fields::table.on(fields::id.eq(procedures::field_id)))
            .filter(fields::code.eq(cells.field.clone().unwrap_or_default()))
            .select(procedures::id);
        let wanted = |channel: &Channel| {
            cells.channel.is_none_or(|wanted| wanted == *channel)
                && figure.channel().is_none_or(|wanted| wanted == *channel)
        };
        let channels: Vec<Channel> = Channel::ALL.iter().copied().filter(wanted).collect();
        let booked = bookings::table
            .filter(sql::<Bool>(&format!("{counted} <> 0")))
            .filter(bookings::day.ge(since))
            .filter(bookings::day.lt(until))
            .filter(bookings::counts_from.le(period.moment.unwrap_or(Instant::MAX)))
            .filter(bookings::agency_id.eq_any(agencies))
            .filter(
                flag(cells.level.is_none())
                    .or(bookings::agency_id.eq_any(cells.level.clone().unwrap_or_default())),
            )
            .filter(
                flag(cells.procedure.is_none())
                    .or(bookings::procedure_id.eq(cells.procedure.unwrap_or_default())),
            )
            .filter(flag(cells.field.is_none()).or(bookings::procedure_id.eq_any(of_field)))
            .filter(bookings::channel.eq_any(channels))
            .group_by(bookings::dossier_id)
            // A dossier that came into a figure and left it again is not behind it.
            .having(sql::<Bool>(&format!("SUM({counted}) > 0")))
            .select(bookings::dossier_id);
        Box::new(dossiers::id.eq_any(booked))
    }
}

/// That a dossier was in a stock (a column of the ledger) at a moment, as booked: the +1 of a date to be missed counts from
/// right after it. Asked row by row, by the dossier's few bookings: the other conditions of a list have left few rows by then.
#[must_use]
pub(super) fn stood(stock: &'static str, at: Instant) -> Visible {
    let booked = sql::<Bool>(&format!(
        "(SELECT COALESCE(SUM(booked.{stock}), 0) > 0 FROM bookings AS booked
          WHERE booked.dossier_id = dossiers.id AND booked.counts_from <= "
    ))
    .bind::<InstantSql, _>(at)
    .sql(")");
    Box::new(booked)
}

/// Before everything.
const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => panic!("there was such a day"),
};

fn flag(value: bool) -> diesel::dsl::AsExprOf<bool, Bool> {
    value.into_sql::<Bool>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_ends_at_the_first_of_three() {
        let now: Instant = "2019-07-10T09:00:00+07:00".parse().unwrap();
        for (to, as_of, end, moment) in [
            ("2019-07-01", None, "2019-07-01", None),
            ("2019-07-11", None, "2019-07-11", Some("2019-07-10T09:00:00+07:00")),
            ("2020-01-01", None, "2019-07-11", Some("2019-07-10T09:00:00+07:00")),
            ("2020-01-01", Some("2019-06-30"), "2019-07-01", None),
            ("2020-01-01", Some("2019-07-10"), "2019-07-11", Some("2019-07-10T09:00:00+07:00")),
            (
                "2020-01-01",
                Some("2019-07-10T08:00:00+07:00"),
                "2019-07-11",
                Some("2019-07-10T08:00:00+07:00"),
            ),
            ("2020-01-01", Some("2019-06-30T18:00:00Z"), "2019-07-02", Some("2019-07-01T01:00:00+07:00")),
            ("2019-06-01", Some("2019-06-30"), "2019-06-01", None),
        ] {
            let as_of = as_of.map(|text| text.parse::<AsOf>().unwrap());
            let period = Period::new(day("2019-01-01"), day(to), as_of, now);
            let moment = moment.map(|text| text.parse::<Instant>().unwrap());
            assert_eq!((period.end, period.moment), (day(end), moment), "{to} {as_of:?}");
        }
    }

    #[test]
    fn a_period_that_has_not_begun_is_empty() {
        let now: Instant = "2019-07-10T09:00:00+07:00".parse().unwrap();
        let period = Period::new(day("2019-08-01"), day("2019-09-01"), None, now);
        assert_eq!((period.from, period.end), (day("2019-07-11"), day("2019-07-11")));
        assert_eq!(period.stands().to_string(), "2019-07-10T09:00:00+07:00");
        let past = Period::new(day("2019-01-01"), day("2019-02-01"), None, now);
        assert_eq!(past.stands().to_string(), "2019-01-31");
    }

    #[test]
    fn as_of_takes_days_and_moments_only() {
        for text in ["2019", "2019-02-30", "2019-02-03T10:00", "now", ""] {
            assert!(text.parse::<AsOf>().is_err(), "{text}");
        }
    }
}
