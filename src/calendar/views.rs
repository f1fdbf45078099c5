//! What the calendar's endpoints take and give.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::{
    WouldMove,
    faults::of_limit,
    rules::{Amount, Certainty, DayLine, DayOff, MakeupDay, RuleSet, Then, TimeLimit, Unit, YearCalendar},
    words,
};
use crate::{
    db::{Instant, types::text_enum},
    http::{Code, Faults, Language},
};

text_enum! {
    /// What a time limit counts.
    pub enum LimitUnit {
        /// Working days after the day of reception.
        WorkingDays = "working_days",
        /// Opening hours on working days, to the minute.
        WorkingHours = "working_hours",
        /// Days of the calendar; an end on a day off moves to the next working day.
        CalendarDays = "calendar_days",
        /// The day of reception, or the next working day after 15:00.
        SameDay = "same_day",
    }
}

impl From<LimitUnit> for Unit {
    fn from(unit: LimitUnit) -> Unit {
        match unit {
            LimitUnit::WorkingDays => Unit::WorkingDays,
            LimitUnit::WorkingHours => Unit::WorkingHours,
            LimitUnit::CalendarDays => Unit::CalendarDays,
            LimitUnit::SameDay => Unit::SameDay,
        }
    }
}

impl From<Unit> for LimitUnit {
    fn from(unit: Unit) -> LimitUnit {
        match unit {
            Unit::WorkingDays => LimitUnit::WorkingDays,
            Unit::WorkingHours => LimitUnit::WorkingHours,
            Unit::CalendarDays => LimitUnit::CalendarDays,
            Unit::SameDay => LimitUnit::SameDay,
        }
    }
}

/// How long something may take.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": 10, "unit": "working_days"}))]
pub struct SubmitTimeLimit {
    /// How many: whole, or halves of working days for a step; 1 for `same_day`.
    #[schema(minimum = 0.5, maximum = 3660, multiple_of = 0.5)]
    #[serde(serialize_with = "super::rules::whole_when_it_is")]
    pub amount: f64,
    /// What is counted.
    pub unit: LimitUnit,
}

impl SubmitTimeLimit {
    /// The time limit, or a fault noted below the pointer.
    pub fn check(self, at: &str, faults: &mut Faults) -> Option<TimeLimit> {
        let limit = Amount::try_from(self.amount).and_then(|amount| TimeLimit::new(amount, self.unit.into()));
        let limit = faults.take(format!("{at}/amount"), limit.map_err(of_limit))?;
        if limit.amount().is_whole() || self.unit == LimitUnit::WorkingDays {
            return Some(limit);
        }
        let detail = ("Chỉ ngày làm việc mới được tính nửa ngày", "Only working days have halves");
        faults.add(format!("{at}/amount"), Code::InvalidValue, detail);
        None
    }
}

/// A time limit is published in the form in which it is entered.
impl PartialSchema for TimeLimit {
    fn schema() -> RefOr<Schema> {
        SubmitTimeLimit::schema()
    }
}

impl ToSchema for TimeLimit {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        SubmitTimeLimit::schemas(schemas);
    }
}

impl From<TimeLimit> for SubmitTimeLimit {
    fn from(limit: TimeLimit) -> Self {
        SubmitTimeLimit { amount: limit.amount().into(), unit: limit.unit().into() }
    }
}

text_enum! {
    /// How sure a date is. All count alike; the explanation of a due date names what is not certain.
    pub enum DateCertainty {
        /// Announced or fixed by law.
        Certain = "certain",
        /// Expected, not yet in force.
        Likely = "likely",
        /// Reckoned from other years.
        Estimate = "estimate",
    }
}

impl From<DateCertainty> for Certainty {
    fn from(certainty: DateCertainty) -> Certainty {
        match certainty {
            DateCertainty::Certain => Certainty::Certain,
            DateCertainty::Likely => Certainty::Likely,
            DateCertainty::Estimate => Certainty::Estimate,
        }
    }
}

impl From<Certainty> for DateCertainty {
    fn from(certainty: Certainty) -> DateCertainty {
        match certainty {
            Certainty::Certain => DateCertainty::Certain,
            Certainty::Likely => DateCertainty::Likely,
            Certainty::Estimate => DateCertainty::Estimate,
        }
    }
}

fn certain() -> DateCertainty {
    DateCertainty::Certain
}

/// A day on which offices are closed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"date": "2019-04-15", "name": "Giỗ Tổ (nghỉ bù, 14/4 CN)", "certainty": "certain"}))]
pub struct DayOffView {
    /// The day.
    pub date: NaiveDate,
    /// Why.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// How sure it is; `certain` when left out.
    #[serde(default = "certain")]
    #[schema(default = "certain")]
    pub certainty: DateCertainty,
}

/// A day of a weekend that is worked in place of a weekday, with that weekday's opening hours.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"date": "2019-05-04", "replaces": "2019-04-29", "certainty": "certain", "note": null}))]
pub struct MakeupDayView {
    /// The day that is worked.
    pub date: NaiveDate,
    /// The weekday that is not worked for it.
    pub replaces: NaiveDate,
    /// How sure it is; `certain` when left out.
    #[serde(default = "certain")]
    #[schema(default = "certain")]
    pub certainty: DateCertainty,
    /// Anything to be said about it.
    #[schema(max_length = 200)]
    pub note: Option<String>,
}

/// Days off and make-up days of a year.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "days_off": [
        {"date": "2019-04-29", "name": "hoán đổi (làm bù 04/5)", "certainty": "certain"},
        {"date": "2019-04-30", "name": "30/4", "certainty": "certain"}
    ],
    "makeup_workdays": [{"date": "2019-05-04", "replaces": "2019-04-29", "certainty": "certain"}]
}))]
pub struct SubmitHolidays {
    /// All days off of the year; days of a weekend need not be named.
    #[schema(max_items = 366)]
    pub days_off: Vec<DayOffView>,
    /// All days of a weekend that are worked.
    #[serde(default)]
    #[schema(max_items = 60)]
    pub makeup_workdays: Vec<MakeupDayView>,
}

impl SubmitHolidays {
    pub(super) fn into_year(self, year: i32) -> YearCalendar {
        let off =
            |day: DayOffView| DayOff { date: day.date, name: day.name, certainty: day.certainty.into() };
        let worked = |day: MakeupDayView| MakeupDay {
            date: day.date,
            replaces: day.replaces,
            note: day.note,
            certainty: day.certainty.into(),
        };
        YearCalendar {
            year,
            days_off: self.days_off.into_iter().map(off).collect(),
            makeup_workdays: self.makeup_workdays.into_iter().map(worked).collect(),
        }
    }
}

/// Something about a calendar that should be looked at; it holds all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "statutory_day_missing", "date": "2019-09-02",
    "detail": "Thiếu ngày nghỉ theo Bộ luật Lao động: Quốc khánh"
}))]
pub struct CalendarWarning {
    /// `statutory_day_missing`, or `no_effect`: a day off that is no working day anyway.
    pub code: &'static str,
    /// Which day.
    pub date: NaiveDate,
    /// The same for people, in the language of the answer.
    pub detail: String,
}

/// Days off and make-up days of a year, of the whole country or of an agency and all below it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "year": 2019, "agency": null,
    "days_off": [{"date": "2019-04-30", "name": "30/4", "certainty": "certain"}],
    "makeup_workdays": [{"date": "2019-05-04", "replaces": "2019-04-29", "certainty": "certain", "note": null}],
    "warnings": [], "open_deadlines": null, "version": 1
}))]
pub struct HolidaysView {
    /// The year.
    pub year: i32,
    /// The agency's code; `null`: the whole country.
    pub agency: Option<String>,
    /// The days off.
    pub days_off: Vec<DayOffView>,
    /// The days of a weekend that are worked.
    pub makeup_workdays: Vec<MakeupDayView>,
    /// What should be looked at.
    pub warnings: Vec<CalendarWarning>,
    /// After a change: which open deadlines it would move, if they were recomputed; otherwise null.
    pub open_deadlines: Option<WouldMove>,
    /// Raised at each change; the number in the `ETag`. 0: nothing was entered.
    pub version: i64,
}

impl HolidaysView {
    pub(super) fn of(
        year: YearCalendar,
        agency: Option<String>,
        warnings: Vec<CalendarWarning>,
        version: i64,
    ) -> HolidaysView {
        let off =
            |day: DayOff| DayOffView { date: day.date, name: day.name, certainty: day.certainty.into() };
        let worked = |day: MakeupDay| MakeupDayView {
            date: day.date,
            replaces: day.replaces,
            certainty: day.certainty.into(),
            note: day.note,
        };
        HolidaysView {
            year: year.year,
            agency,
            days_off: year.days_off.into_iter().map(off).collect(),
            makeup_workdays: year.makeup_workdays.into_iter().map(worked).collect(),
            warnings,
            open_deadlines: None,
            version,
        }
    }
}

/// Whose calendar is meant.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WhoseHolidays {
    /// An agency's code: what it and all below it have beside the country's; left out: the whole country's.
    #[param(min_length = 1, max_length = 35)]
    pub(super) agency: Option<String>,
}

text_enum! {
    /// What the end of a pause does.
    pub enum AfterPause {
        /// The limit starts again from zero.
        Restart = "restart",
        /// What was left goes on.
        Resume = "resume",
    }
}

impl From<AfterPause> for Then {
    fn from(after: AfterPause) -> Then {
        match after {
            AfterPause::Restart => Then::Restart,
            AfterPause::Resume => Then::Resume,
        }
    }
}

/// A pause of the clock.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "from": "2019-04-24T09:00:00+07:00", "to": "2019-04-26T10:00:00+07:00", "then": "restart"
}))]
pub struct SubmitPause {
    /// When it begins.
    pub from: Instant,
    /// When it ends.
    pub to: Instant,
    /// What its end does.
    pub then: AfterPause,
}

/// A due date to be computed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "agency": "000.21.31.H20", "received_at": "2019-04-26T08:30:00+07:00",
    "time_limit": {"amount": 3, "unit": "working_days"}
}))]
pub struct SubmitPreview {
    /// The agency whose calendar and hours are meant; it may be closed.
    #[schema(min_length = 1, max_length = 35)]
    pub agency: String,
    /// When the dossier is received.
    pub received_at: Instant,
    /// The limit.
    pub time_limit: SubmitTimeLimit,
    /// Pauses in their order, none overlapping another.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub pauses: Vec<SubmitPause>,
}

/// One day on the way to the due date.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"on": "2019-04-29", "counts": false, "rule": "day_off", "why": "Thứ Hai, nghỉ: hoán đổi (làm bù 04/5), hoán đổi với ngày 04/05/2019: không tính"}))]
pub struct ExplainedDay {
    /// The day.
    pub on: NaiveDate,
    /// Whether it uses up some of the limit.
    pub counts: bool,
    /// The rule that decided, for programs: `day_zero`, `after_cutoff`, `same_day`, `counted`, `weekend`, `day_off`,
    /// `agency_closed`, `no_opening_hours`, `outside_hours`, `paused`, `resumed`, `restarted`, `discarded`, `moved`.
    pub rule: &'static str,
    /// The same for people, in the language of the answer; what a day off is called stays as it was entered.
    pub why: String,
}

impl ExplainedDay {
    pub(super) fn of(line: &DayLine, language: Language) -> Self {
        ExplainedDay {
            on: line.on,
            counts: line.counts(),
            rule: line.rule(),
            why: words::why(line, language),
        }
    }
}

/// A due date and how it comes about.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "due_at": "2019-05-04T17:00:00+07:00", "rule_set": "nd61",
    "explanation": [
        {"on": "2019-04-26", "counts": false, "rule": "day_zero", "why": "Thứ Sáu: ngày 0 (ngày tiếp nhận), không tính"},
        {"on": "2019-04-29", "counts": false, "rule": "day_off", "why": "Thứ Hai, nghỉ: hoán đổi (làm bù 04/5), hoán đổi với ngày 04/05/2019: không tính"}
    ]
}))]
pub struct PreviewView {
    /// When the result is due.
    pub due_at: Instant,
    /// The decree that counts for this day of reception.
    pub rule_set: RuleSet,
    /// Every day from the reception to the due day.
    pub explanation: Vec<ExplainedDay>,
}
