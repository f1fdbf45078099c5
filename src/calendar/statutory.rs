//! Which days off the law wants, held against a year's national calendar. Pure.
//!
//! Only warnings come of it: the Prime Minister's notice decides, and what is entered may be right where this is not.
//! Labour Code 45/2019/QH14 art. 112 (before 2021: one day for National Day) and art. 111 (a holiday on a weekly day of
//! rest moves to the next working day). The lunar days were computed once by the astronomical rules of the Vietnamese
//! calendar (new moons at +07:00) and agree with the published calendars of 2019–2027.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::http::Text;

/// A statutory holiday that the calendar seems to lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingHoliday {
    /// What it is called.
    pub name: Text<'static>,
    /// The day on which offices should be closed; for holidays of several days, the main day.
    pub on: NaiveDate,
}

const NEW_YEAR: Text<'static> = Text { vi: "Tết Dương lịch", en: "New Year's Day" };
const TET: Text<'static> =
    Text { vi: "Tết Nguyên đán (5 ngày)", en: "Tết, the Lunar New Year (5 days)" };
const HUNG_KINGS: Text<'static> =
    Text { vi: "Giỗ Tổ Hùng Vương", en: "Hùng Kings' Commemoration Day" };
const VICTORY_DAY: Text<'static> = Text { vi: "Ngày Chiến thắng", en: "Victory Day" };
const LABOUR_DAY: Text<'static> = Text { vi: "Quốc tế lao động", en: "Labour Day" };
const NATIONAL_DAY: Text<'static> = Text { vi: "Quốc khánh", en: "National Day" };
const NATIONAL_DAYS: Text<'static> = Text { vi: "Quốc khánh (2 ngày)", en: "National Day (2 days)" };

/// How many working days Tết takes.
const TET_DAYS: usize = 5;

/// The holidays that a year's days off seem to lack, by rising day.
#[must_use]
pub fn missing(year: i32, days_off: &BTreeSet<NaiveDate>) -> Vec<MissingHoliday> {
    let mut missing = single_days(year, days_off);
    let lunar = lunar_days(year);
    if let Some((tet, _)) = lunar
        && days_off_within(days_off, tet, 3, 7) < TET_DAYS
    {
        missing.push(MissingHoliday { name: TET, on: tet });
    }
    // One day more beside it since 2021: before or after, as the Prime Minister says.
    if let Some(national_day) = NaiveDate::from_ymd_opt(year, 9, 2)
        && year >= 2021
        && days_off_within(days_off, national_day, 1, 3) < 2
    {
        missing.push(MissingHoliday { name: NATIONAL_DAYS, on: national_day });
    }
    missing.sort_by_key(|holiday| holiday.on);
    missing
}

/// The holidays of one day: each needs a day off of its own, itself or, on a weekend, a working day after it.
fn single_days(year: i32, days_off: &BTreeSet<NaiveDate>) -> Vec<MissingHoliday> {
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day);
    let mut holidays = vec![(NEW_YEAR, day(1, 1)), (VICTORY_DAY, day(4, 30)), (LABOUR_DAY, day(5, 1))];
    holidays.push((HUNG_KINGS, lunar_days(year).map(|(_, kings)| kings)));
    if year < 2021 {
        holidays.push((NATIONAL_DAY, day(9, 2)));
    }
    let mut holidays: Vec<_> = holidays.into_iter().filter_map(|(name, on)| Some((name, on?))).collect();
    // Those on a weekday keep their day; the others then move to what is left.
    holidays.sort_by_key(|(_, on)| (is_weekend(*on), *on));
    let mut taken = BTreeSet::new();
    let mut missing = Vec::new();
    for (name, holiday) in holidays {
        let mut on = holiday;
        while is_weekend(on) || taken.contains(&on) {
            on = on + Days::new(1);
        }
        taken.insert(on);
        if !days_off.contains(&on) {
            missing.push(MissingHoliday { name, on });
        }
    }
    missing
}

fn days_off_within(days_off: &BTreeSet<NaiveDate>, day: NaiveDate, before: u64, after: u64) -> usize {
    let span = day - Days::new(before)..=day + Days::new(after);
    days_off.range(span).filter(|day| !is_weekend(**day)).count()
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The first day of Tết and the tenth of the third lunar month, where the table knows the year.
fn lunar_days(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    let place = usize::try_from(year.checked_sub(FIRST_LUNAR_YEAR)?).ok()?;
    let &((tet_month, tet_day), (kings_month, kings_day)) = LUNAR_DAYS.get(place)?;
    Some((
        NaiveDate::from_ymd_opt(year, tet_month, tet_day)?,
        NaiveDate::from_ymd_opt(year, kings_month, kings_day)?,
    ))
}

const FIRST_LUNAR_YEAR: i32 = 2015;

/// (month, day) of the first of the first and of the tenth of the third lunar month, from [`FIRST_LUNAR_YEAR`] on.
const LUNAR_DAYS: [((u32, u32), (u32, u32)); 36] = [
    ((2, 19), (4, 28)),
    ((2, 8), (4, 16)),
    ((1, 28), (4, 6)),
    ((2, 16), (4, 25)),
    ((2, 5), (4, 14)),
    ((1, 25), (4, 2)),
    ((2, 12), (4, 21)),
    ((2, 1), (4, 10)),
    ((1, 22), (4, 29)),
    ((2, 10), (4, 18)),
    ((1, 29), (4, 7)),
    ((2, 17), (4, 26)),
    ((2, 6), (4, 16)),
    ((1, 26), (4, 4)),
    ((2, 13), (4, 23)),
    ((2, 2), (4, 12)),
    ((1, 23), (4, 1)),
    ((2, 11), (4, 19)),
    ((1, 31), (4, 9)),
    ((2, 19), (4, 28)),
    ((2, 8), (4, 17)),
    ((1, 28), (4, 6)),
    ((2, 15), (4, 24)),
    ((2, 4), (4, 13)),
    ((1, 24), (4, 3)),
    ((2, 12), (4, 20)),
    ((2, 1), (4, 10)),
    ((1, 22), (4, 29)),
    ((2, 10), (4, 19)),
    ((1, 30), (4, 7)),
    ((2, 17), (4, 26)),
    ((2, 6), (4, 15)),
    ((1, 26), (4, 4)),
    ((2, 14), (4, 22)),
    ((2, 2), (4, 11)),
    ((1, 23), (4, 1)),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn days(texts: &[&str]) -> BTreeSet<NaiveDate> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    const YEAR_2019: &[&str] = &[
        "2019-01-01",
        "2019-02-04",
        "2019-02-05",
        "2019-02-06",
        "2019-02-07",
        "2019-02-08",
        "2019-04-15",
        "2019-04-29",
        "2019-04-30",
        "2019-05-01",
        "2019-09-02",
    ];

    /// Giỗ Tổ on Saturday 29 April and Victory Day on Sunday 30 April move behind 1 May.
    const YEAR_2023: &[&str] = &[
        "2023-01-02",
        "2023-01-20",
        "2023-01-23",
        "2023-01-24",
        "2023-01-25",
        "2023-01-26",
        "2023-05-01",
        "2023-05-02",
        "2023-05-03",
        "2023-09-01",
        "2023-09-04",
    ];

    #[test]
    fn real_years_lack_nothing() {
        assert_eq!(missing(2019, &days(YEAR_2019)), []);
        assert_eq!(missing(2023, &days(YEAR_2023)), []);
    }

    #[test]
    fn the_announced_years_lack_nothing() {
        let file: serde_json::Value = serde_json::from_str(include_str!("../demo/holidays-vn.json")).unwrap();
        let dates: Vec<&str> =
            file["days_off"].as_array().unwrap().iter().map(|day| day["date"].as_str().unwrap()).collect();
        for year in 2019..=2027 {
            let of_year: Vec<&str> =
                dates.iter().copied().filter(|date| date.starts_with(&year.to_string())).collect();
            assert!(of_year.len() > 9, "{year}");
            assert_eq!(missing(year, &days(&of_year)), [], "{year}");
        }
    }

    #[test]
    fn each_holiday_is_missed() {
        for dropped in YEAR_2019.iter().filter(|day| **day != "2019-04-29") {
            let left: BTreeSet<_> = days(YEAR_2019).difference(&days(&[*dropped])).copied().collect();
            assert_eq!(missing(2019, &left).len(), 1, "without {dropped}");
        }
        for dropped in YEAR_2023 {
            let left: BTreeSet<_> = days(YEAR_2023).difference(&days(&[*dropped])).copied().collect();
            assert_eq!(missing(2023, &left).len(), 1, "without {dropped}");
        }
        assert_eq!(missing(2019, &BTreeSet::new()).len(), 6);
        assert_eq!(missing(2023, &BTreeSet::new()).len(), 6);
    }

    #[test]
    fn a_year_outside_the_table_is_checked_as_far_as_it_can_be() {
        let names: Vec<_> = missing(2060, &BTreeSet::new()).iter().map(|holiday| holiday.name.vi).collect();
        assert_eq!(names, ["Tết Dương lịch", "Ngày Chiến thắng", "Quốc tế lao động", "Quốc khánh (2 ngày)"]);
    }
}
