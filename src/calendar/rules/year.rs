//! One calendar year of days off and make-up days, as the Prime Minister's yearly notice gives it.
//!
//! Holds and checks the data; what a day then is, `prepared` says. Labour Code 45/2019 art. 111–112.

use super::Fault;
use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The fixed offset of `local_time` holds from 1976 on; the upper end only keeps typing errors out.
const YEARS: std::ops::RangeInclusive<i32> = 1976..=2199;
const LONGEST_TEXT: usize = 200;
const MOST_DAYS: usize = 366;

/// How sure a date is. `likely` and `estimate` count like `certain`, and are named in the explanation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    #[default]
    Certain,
    Likely,
    Estimate,
}

/// A day on which offices are closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayOff {
    pub date: NaiveDate,
    pub name: String,
    #[serde(default)]
    pub certainty: Certainty,
}

/// A weekend day worked in place of a weekday, with that weekday's hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MakeupDay {
    pub date: NaiveDate,
    pub replaces: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(default)]
    pub certainty: Certainty,
}

/// The days off and make-up days whose dates lie in one year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearCalendar {
    pub year: i32,
    #[serde(default)]
    pub days_off: Vec<DayOff>,
    #[serde(default)]
    pub makeup_workdays: Vec<MakeupDay>,
}

impl YearCalendar {
    /// Every fault with its pointer; an empty list is a calendar that may be stored.
    pub fn validate(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |pointer: String, code, detail| faults.push(Fault::new(pointer, code, detail));
        if !YEARS.contains(&self.year) {
            fault("/year".to_owned(), "out_of_range", "Năm phải từ 1976 đến 2199");
        }
        for (member, length) in
            [("days_off", self.days_off.len()), ("makeup_workdays", self.makeup_workdays.len())]
        {
            if length > MOST_DAYS {
                fault(format!("/{member}"), "too_many", "Không quá 366 ngày");
            }
        }
        let mut off = BTreeSet::new();
        for (index, day) in self.days_off.iter().enumerate() {
            let pointer = |member| format!("/days_off/{index}/{member}");
            if day.date.year() != self.year {
                fault(pointer("date"), "outside_year", "Ngày không thuộc năm của lịch");
            }
            if !off.insert(day.date) {
                fault(pointer("date"), "duplicate", "Ngày nghỉ này đã có trong danh sách");
            }
            if day.name.trim().is_empty() || day.name.chars().count() > LONGEST_TEXT {
                fault(pointer("name"), "invalid_length", "Tên ngày nghỉ phải có từ 1 đến 200 ký tự");
            }
        }
        let mut worked = BTreeSet::new();
        let mut replaced = BTreeSet::new();
        for (index, day) in self.makeup_workdays.iter().enumerate() {
            let pointer = |member| format!("/makeup_workdays/{index}/{member}");
            if day.date.year() != self.year {
                fault(pointer("date"), "outside_year", "Ngày không thuộc năm của lịch");
            }
            if !worked.insert(day.date) {
                fault(pointer("date"), "duplicate", "Ngày làm bù này đã có trong danh sách");
            }
            if off.contains(&day.date) {
                fault(pointer("date"), "overlapping", "Một ngày không thể vừa nghỉ vừa làm bù");
            } else if !is_weekend(day.date) {
                fault(pointer("date"), "already_working_day", "Ngày làm bù vốn đã là ngày làm việc");
            }
            // The swapped day may lie over New Year: 2019-01-05 was worked for 2018-12-31.
            if self.year.abs_diff(day.replaces.year()) > 1 {
                fault(
                    pointer("replaces"),
                    "outside_year",
                    "Ngày được hoán đổi phải thuộc năm này hoặc năm liền kề",
                );
            }
            if is_weekend(day.replaces) {
                fault(pointer("replaces"), "not_a_weekday", "Ngày được hoán đổi phải từ thứ Hai đến thứ Sáu");
            }
            if !replaced.insert(day.replaces) {
                fault(pointer("replaces"), "duplicate", "Ngày này đã được hoán đổi với ngày khác");
            }
            if day.note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_TEXT) {
                fault(pointer("note"), "invalid_length", "Ghi chú không quá 200 ký tự");
            }
        }
        faults
    }
}

pub(super) fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}
