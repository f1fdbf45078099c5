//! How long the loaded calendars last: after their end nothing can be taken in (`calendar_missing`), so somebody must be
//! told in time. Pure.

use chrono::NaiveDate;

use super::rules::YearCalendar;

/// So many days before the end of the loaded calendars it is warned.
pub const WARN_BEFORE_DAYS: i64 = 90;

/// How long the country's calendars last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The last day of the unbroken run of loaded years that today lies in; `None` when today's year has none.
    pub last_on: Option<NaiveDate>,
    /// Days from today to that day; 0 when today's year has none.
    pub days_left: i64,
}

impl Outlook {
    /// The outlook of a day over the country's calendars by rising year.
    pub(super) fn on(today: NaiveDate, years: &[YearCalendar]) -> Outlook {
        let mut last_on: Option<NaiveDate> = None;
        for year in years {
            let (first, last) =
                (NaiveDate::from_ymd_opt(year.year, 1, 1), NaiveDate::from_ymd_opt(year.year, 12, 31));
            let holds_today = first <= Some(today) && Some(today) <= last;
            if holds_today || (last_on.is_some() && last_on.and_then(|day| day.succ_opt()) == first) {
                last_on = last;
            }
        }
        Outlook { last_on, days_left: last_on.map_or(0, |last| (last - today).num_days()) }
    }

    /// Whether it is time to load the next year.
    #[must_use]
    pub fn is_short(self) -> bool {
        self.days_left <= WARN_BEFORE_DAYS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_of_years_around_today_counts() {
        let year = |year| YearCalendar { year, days_off: Vec::new(), makeup_workdays: Vec::new() };
        let years = [year(2018), year(2019), year(2020), year(2022)];
        let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
        for (today, last_on, days_left, is_short) in [
            ("2019-03-04", Some("2020-12-31"), 668, false),
            ("2020-10-01", Some("2020-12-31"), 91, false),
            ("2020-10-02", Some("2020-12-31"), 90, true),
            ("2020-12-31", Some("2020-12-31"), 0, true),
            ("2021-01-01", None, 0, true),
            ("2022-01-01", Some("2022-12-31"), 364, false),
            ("2017-12-31", None, 0, true),
        ] {
            let found = Outlook::on(day(today), &years);
            assert_eq!(found, Outlook { last_on: last_on.map(day), days_left }, "{today}");
            assert_eq!(found.is_short(), is_short, "{today}");
        }
    }
}
