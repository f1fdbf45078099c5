//! Reporting periods and the course of a closed one. Pure.
//!
//! A period is a year, a half of it, its first nine months, a quarter or a month: by the calendar, or from the 15th to the
//! 14th as Decree 09/2019/NĐ-CP art. 12 has it for reports between agencies (the year from 15 December to 14 December).

use std::fmt;
use std::str::FromStr;

use chrono::{Days, Months, NaiveDate};

use crate::db::text_enum;

text_enum! {
    /// Where periods begin and end.
    #[derive(Default)]
    pub enum PeriodKind {
        /// With the calendar's months.
        #[default]
        Calendar = "calendar",
        /// On the 15th of the month before, up to the 14th.
        Admin = "admin_15_14",
    }
}

text_enum! {
    /// What is done with the closed figures of a period.
    pub enum ClosingAction {
        /// Freezes them.
        Close = "close",
        /// Hands them to the agency above.
        Submit = "submit",
        /// The agency above takes them.
        Accept = "accept",
        /// The agency above gives them back for correction, with a reason.
        Return = "return",
    }
}

text_enum! {
    /// Where the closed figures of a period stand.
    pub enum ClosingState {
        /// Frozen and signed.
        Closed = "closed",
        /// Before the agency above.
        Submitted = "submitted",
        /// Taken by the agency above.
        Accepted = "accepted",
        /// Given back for correction: they can be closed anew.
        Returned = "returned",
    }
}

/// Where an action leads from a state (None: the period was never closed); None when it is not possible there.
pub fn next(state: Option<ClosingState>, action: ClosingAction) -> Option<ClosingState> {
    use ClosingAction::{Accept, Close, Return, Submit};
    use ClosingState::{Accepted, Closed, Returned, Submitted};
    match (state, action) {
        (None | Some(Returned), Close) => Some(Closed),
        (Some(Closed), Submit) => Some(Submitted),
        (Some(Submitted), Accept) => Some(Accepted),
        (Some(Submitted), Return) => Some(Returned),
        (None | Some(Returned), Submit | Accept | Return)
        | (Some(Closed), Close | Accept | Return)
        | (Some(Submitted), Close | Submit)
        | (Some(Accepted), Close | Submit | Accept | Return) => None,
    }
}

/// A piece of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Year,
    /// 1 or 2.
    Half(u32),
    NineMonths,
    /// 1 to 4.
    Quarter(u32),
    /// 1 to 12.
    Month(u32),
}

/// The name of a period, whatever its kind: `2019`, `2019-H1`, `2019-9M`, `2019-Q3`, `2019-07`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeriodCode {
    year: i32,
    part: Part,
}

/// How a code looks, for whoever wrote another one.
pub const PERIOD_FORM: &str = "2019, 2019-H1, 2019-9M, 2019-Q3 or 2019-07";

/// Years for which codes are understood.
const YEARS: std::ops::RangeInclusive<i32> = 1945..=2999;

impl PeriodCode {
    /// A whole year, when it is one of those understood.
    pub fn year(year: i32) -> Option<Self> {
        YEARS.contains(&year).then_some(Self { year, part: Part::Year })
    }

    /// Whether it is a whole year.
    pub fn is_year(self) -> bool {
        self.part == Part::Year
    }

    /// The first of its months, and how many they are.
    fn months(self) -> (u32, u32) {
        match self.part {
            Part::Year => (1, 12),
            Part::Half(half) => (6 * half - 5, 6),
            Part::NineMonths => (1, 9),
            Part::Quarter(quarter) => (3 * quarter - 2, 3),
            Part::Month(month) => (month, 1),
        }
    }

    /// Its first day, and the day after its last one.
    pub fn span(self, kind: PeriodKind) -> (NaiveDate, NaiveDate) {
        let (first, count) = self.months();
        // Years and months are those that the parser lets through: every one of these days exists.
        let from = NaiveDate::from_ymd_opt(self.year, first, 1).unwrap_or_default();
        let to = from + Months::new(count);
        match kind {
            PeriodKind::Calendar => (from, to),
            PeriodKind::Admin => (fifteenth_before(from), fifteenth_before(to)),
        }
    }

    /// As people call it, without its days.
    pub fn name_vi(self) -> String {
        let year = self.year;
        match self.part {
            Part::Year => format!("Năm {year}"),
            Part::Half(1) => format!("6 tháng đầu năm {year}"),
            Part::Half(_) => format!("6 tháng cuối năm {year}"),
            Part::NineMonths => format!("9 tháng năm {year}"),
            Part::Quarter(quarter) => {
                let numeral = ["I", "II", "III", "IV"];
                let at = usize::try_from(quarter).unwrap_or(1).saturating_sub(1);
                format!("Quý {} năm {year}", numeral.get(at).copied().unwrap_or_default())
            }
            Part::Month(month) => format!("Tháng {month} năm {year}"),
        }
    }

    /// The same in English.
    pub fn name_en(self) -> String {
        let year = self.year;
        match self.part {
            Part::Year => format!("Year {year}"),
            Part::Half(1) => format!("First half of {year}"),
            Part::Half(_) => format!("Second half of {year}"),
            Part::NineMonths => format!("First nine months of {year}"),
            Part::Quarter(quarter) => format!("Quarter {quarter} of {year}"),
            Part::Month(_) => self.span(PeriodKind::Calendar).0.format("%B %Y").to_string(),
        }
    }
}

/// The 15th of the month before the month that begins on `first`.
fn fifteenth_before(first: NaiveDate) -> NaiveDate {
    first - Months::new(1) + Days::new(14)
}

impl FromStr for PeriodCode {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (year, part) = text.split_once('-').map_or((text, None), |(year, part)| (year, Some(part)));
            let digits = |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
            let year = Some(year).filter(|year| digits(year, 4))?.parse().ok()?;
            let one_of = |text: &str, most: u32| {
                let number: u32 = Some(text).filter(|text| digits(text, 1))?.parse().ok()?;
                (1..=most).contains(&number).then_some(number)
            };
            let part = match part {
                None => Part::Year,
                Some("9M") => Part::NineMonths,
                Some(part) => match (part.strip_prefix('H'), part.strip_prefix('Q')) {
                    (Some(half), _) => Part::Half(one_of(half, 2)?),
                    (_, Some(quarter)) => Part::Quarter(one_of(quarter, 4)?),
                    (None, None) => {
                        let month: u32 = Some(part).filter(|part| digits(part, 2))?.parse().ok()?;
                        Part::Month((1..=12).contains(&month).then_some(month)?)
                    }
                },
            };
            YEARS.contains(&year).then_some(Self { year, part })
        };
        parse().ok_or(PERIOD_FORM)
    }
}

impl fmt::Display for PeriodCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let year = self.year;
        match self.part {
            Part::Year => write!(out, "{year}"),
            Part::Half(half) => write!(out, "{year}-H{half}"),
            Part::NineMonths => write!(out, "{year}-9M"),
            Part::Quarter(quarter) => write!(out, "{year}-Q{quarter}"),
            Part::Month(month) => write!(out, "{year}-{month:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(code: &str, kind: PeriodKind) -> (String, String) {
        let (from, to) = code.parse::<PeriodCode>().unwrap().span(kind);
        (from.to_string(), to.to_string())
    }

    #[test]
    fn periods_have_the_days_of_the_decree() {
        for (code, calendar, admin) in [
            ("2019", ("2019-01-01", "2020-01-01"), ("2018-12-15", "2019-12-15")),
            ("2019-H1", ("2019-01-01", "2019-07-01"), ("2018-12-15", "2019-06-15")),
            ("2019-H2", ("2019-07-01", "2020-01-01"), ("2019-06-15", "2019-12-15")),
            ("2019-9M", ("2019-01-01", "2019-10-01"), ("2018-12-15", "2019-09-15")),
            ("2019-Q1", ("2019-01-01", "2019-04-01"), ("2018-12-15", "2019-03-15")),
            ("2019-Q4", ("2019-10-01", "2020-01-01"), ("2019-09-15", "2019-12-15")),
            ("2019-03", ("2019-03-01", "2019-04-01"), ("2019-02-15", "2019-03-15")),
            ("2020-02", ("2020-02-01", "2020-03-01"), ("2020-01-15", "2020-02-15")),
        ] {
            let pair = |(from, to): (&str, &str)| (from.to_owned(), to.to_owned());
            assert_eq!(span(code, PeriodKind::Calendar), pair(calendar), "{code}");
            assert_eq!(span(code, PeriodKind::Admin), pair(admin), "{code}");
            assert_eq!(code.parse::<PeriodCode>().unwrap().to_string(), code);
        }
    }

    /// Months join to quarters, quarters to years, without a gap or an overlap.
    #[test]
    fn periods_join() {
        for kind in PeriodKind::ALL {
            let of = |code: String| code.parse::<PeriodCode>().unwrap().span(*kind);
            let mut end = of("2019-01".to_owned()).0;
            for month in 1..=12 {
                let (from, to) = of(format!("2019-{month:02}"));
                assert_eq!(from, end);
                end = to;
            }
            assert_eq!(end, of("2019".to_owned()).1);
            assert_eq!(of("2019-Q2".to_owned()).1, of("2019-H1".to_owned()).1);
            assert_eq!(of("2019-Q3".to_owned()).1, of("2019-9M".to_owned()).1);
            assert_eq!(of("2020-01".to_owned()).0, end);
        }
    }

    #[test]
    fn other_names_are_none() {
        for code in [
            "",
            "19",
            "2019-",
            "2019-00",
            "2019-13",
            "2019-1",
            "2019-Q0",
            "2019-Q5",
            "2019-H3",
            "2019-q1",
            "2019-12-01",
            "+019",
            "1000",
            "3000",
            "2019-Q",
            "2019-9m",
            " 2019",
            "２０１９",
        ] {
            assert!(code.parse::<PeriodCode>().is_err(), "{code}");
        }
    }

    #[test]
    fn a_closing_goes_one_way_and_back_for_correction() {
        use ClosingAction::{Accept, Close, Return, Submit};
        let mut state = None;
        for action in [Close, Submit, Return, Close, Submit, Accept] {
            state = next(state, action);
            assert!(state.is_some(), "{action}");
        }
        assert_eq!(state, Some(ClosingState::Accepted));
        assert!(ClosingAction::ALL.iter().all(|action| next(state, *action).is_none()));
        assert_eq!(next(Some(ClosingState::Closed), Close), None);
        assert_eq!(next(None, Submit), None);
    }
}
