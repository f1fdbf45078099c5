//! The words of an explanation, in Vietnamese, and the machine key of what a day is.

use crate::calendar::rules::hours::format_time;
use crate::calendar::rules::local_time::{LAST_MINUTE, day_and_minute};
use crate::calendar::rules::prepared::DayKind;
use crate::calendar::rules::year::Certainty;
use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};

pub(super) fn rule_of(kind: &DayKind) -> &'static str {
    match kind {
        DayKind::Working | DayKind::Makeup { .. } => "counted",
        DayKind::Weekend => "weekend",
        DayKind::DayOff { .. } => "day_off",
        DayKind::Closed { .. } => "agency_closed",
        DayKind::NoHours => "no_opening_hours",
    }
}

pub(super) fn name_of(on: NaiveDate, kind: &DayKind) -> String {
    let weekday = weekday(on);
    match kind {
        DayKind::Working => weekday.to_owned(),
        DayKind::Weekend => format!("{weekday}, ngày nghỉ hằng tuần"),
        DayKind::NoHours => format!("{weekday}, cơ quan không mở cửa"),
        DayKind::Makeup { replaces, certainty } => {
            format!("{weekday}, làm bù cho ngày {}{}", date(*replaces), doubt(*certainty))
        }
        DayKind::DayOff { name, certainty, swapped_with: None } => {
            format!("{weekday}, nghỉ: {name}{}", doubt(*certainty))
        }
        DayKind::DayOff { name, certainty, swapped_with: Some(worked) } => {
            format!("{weekday}, nghỉ: {name}, hoán đổi với ngày {}{}", date(*worked), doubt(*certainty))
        }
        DayKind::Closed { name, certainty } => {
            format!("{weekday}, cơ quan nghỉ: {name}{}", doubt(*certainty))
        }
    }
}

fn doubt(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Certain => "",
        Certainty::Likely => " (dự kiến, nhiều khả năng)",
        Certainty::Estimate => " (ước tính, chưa có thông báo chính thức)",
    }
}

fn weekday(day: NaiveDate) -> &'static str {
    match day.weekday() {
        Weekday::Mon => "Thứ Hai",
        Weekday::Tue => "Thứ Ba",
        Weekday::Wed => "Thứ Tư",
        Weekday::Thu => "Thứ Năm",
        Weekday::Fri => "Thứ Sáu",
        Weekday::Sat => "Thứ Bảy",
        Weekday::Sun => "Chủ nhật",
    }
}

pub(super) fn date(day: NaiveDate) -> String {
    format!("{:02}/{:02}/{}", day.day(), day.month(), day.year())
}

pub(super) fn time_of(instant: DateTime<Utc>) -> String {
    let (_, minute) = day_and_minute(instant);
    // A minute of the day is at most 1439.
    format_time(u16::try_from(minute).unwrap_or(LAST_MINUTE))
}

pub(super) fn hours(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} phút"),
        (hours, 0) => format!("{hours} giờ"),
        (hours, minutes) => format!("{hours} giờ {minutes} phút"),
    }
}
