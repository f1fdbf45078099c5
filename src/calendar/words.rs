//! The words of an explanation, in Vietnamese and in English. What a day off is called stays as it was entered.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc, Weekday};

use super::rules::{Certainty, DayKind, DayLine, Part, TIME_ZONE};
use crate::http::{Language, Text};

/// What a day is, what it does in the count, and on the last day when the result is due.
pub(super) fn why(line: &DayLine, language: Language) -> String {
    let (name, part) = (name(line, language), part(line.part, language));
    match line.due_at {
        None => format!("{name}: {part}"),
        Some(due_at) => {
            let due = Text { vi: "hẹn trả lúc", en: "due at" }.in_language(language);
            format!("{name}: {part}; {due} {}", time_of(due_at))
        }
    }
}

/// The day of the week, and what is special about the day.
fn name(line: &DayLine, language: Language) -> String {
    let weekday = weekday(line.on, language);
    let say = |vi, en| Text { vi, en }.in_language(language);
    match &line.kind {
        DayKind::Working => weekday,
        DayKind::Weekend => format!("{weekday}, {}", say("ngày nghỉ hằng tuần", "weekly day of rest")),
        DayKind::NoHours => format!("{weekday}, {}", say("cơ quan không mở cửa", "the agency is not open")),
        DayKind::Makeup { replaces, certainty } => {
            let makeup = say("làm bù cho ngày", "worked in place of");
            format!("{weekday}, {makeup} {}{}", date(*replaces, language), doubt(*certainty, language))
        }
        DayKind::DayOff { name, certainty, swapped_with } => {
            let (swap, doubt) = (swap(*swapped_with, language), doubt(*certainty, language));
            format!("{weekday}, {}: {name}{swap}{doubt}", say("nghỉ", "day off"))
        }
        DayKind::Closed { name, certainty, swapped_with } => {
            let (swap, doubt) = (swap(*swapped_with, language), doubt(*certainty, language));
            format!("{weekday}, {}: {name}{swap}{doubt}", say("cơ quan nghỉ", "the agency is closed"))
        }
    }
}

fn swap(with: Option<NaiveDate>, language: Language) -> String {
    let swapped = Text { vi: "hoán đổi với ngày", en: "swapped with" }.in_language(language);
    with.map(|worked| format!(", {swapped} {}", date(worked, language))).unwrap_or_default()
}

fn doubt(certainty: Certainty, language: Language) -> &'static str {
    match certainty {
        Certainty::Certain => "",
        Certainty::Likely => {
            Text { vi: " (dự kiến, nhiều khả năng)", en: " (likely, not yet in force)" }.in_language(language)
        }
        Certainty::Estimate => Text {
            vi: " (ước tính, chưa có thông báo chính thức)",
            en: " (estimate, not yet announced)",
        }
        .in_language(language),
    }
}

fn part(part: Part, language: Language) -> String {
    let is_english = language == Language::English;
    let text = match part {
        Part::Day { used, of } => {
            let (used, of) = (halves(used, language), halves(of, language));
            return if is_english { format!("counts, {used}/{of}") } else { format!("tính {used}/{of}") };
        }
        Part::Minutes { here, used, of } => {
            let [here, used, of] = [here, used, of].map(|minutes| hours(minutes, language));
            return if is_english {
                format!("counts {here}, together {used} of {of}")
            } else {
                format!("tính {here}, cộng {used}/{of}")
            };
        }
        Part::MovedEnd { nominal_on } => {
            let nominal = date(nominal_on, language);
            return if is_english {
                format!("the end on {nominal} moves to this, the next working day")
            } else {
                format!("hạn {nominal} chuyển sang ngày làm việc kế tiếp này")
            };
        }
        Part::DayZero => Text {
            vi: "ngày 0 (ngày tiếp nhận), không tính",
            en: "day 0 (the reception), not counted",
        },
        Part::SameDay => Text {
            vi: "tiếp nhận trước hoặc lúc 15 giờ, giải quyết trong ngày",
            en: "received at or before 15:00, due on the same day",
        },
        Part::TooLateForSameDay => Text {
            vi: "tiếp nhận sau 15 giờ hoặc vào ngày không làm việc, trả vào ngày làm việc kế tiếp",
            en: "received after 15:00 or on no working day, due on the next working day",
        },
        Part::AfterCutOff => Text {
            vi: "tiếp nhận sau 15 giờ hoặc vào ngày không làm việc, coi như tiếp nhận vào ngày làm việc kế tiếp",
            en: "received after 15:00 or on no working day, taken as received on the next working day",
        },
        Part::Skipped => Text { vi: "không tính", en: "not counted" },
        Part::OutsideHours => Text {
            vi: "không có giờ mở cửa nào được tính",
            en: "no opening time that would count",
        },
        Part::Paused => Text { vi: "tạm dừng, không tính", en: "in a pause, not counted" },
        Part::Restarted => Text {
            vi: "hết tạm dừng, thời hạn tính lại từ đầu; ngày này là ngày 0, không tính",
            en: "the pause ends and the limit starts again from zero; this is day 0, not counted",
        },
        Part::Resumed => Text {
            vi: "hết tạm dừng, tính tiếp phần còn lại; ngày này là ngày 0, không tính",
            en: "the pause ends and what was left is counted on; this is day 0, not counted",
        },
        Part::ResumedAtTheEnd => Text {
            vi: "hết tạm dừng, không còn ngày nào; hạn là cuối ngày này hoặc ngày làm việc kế tiếp",
            en: "the pause ends and no day is left; the end is this day's closing time or the next working day's",
        },
        Part::Discarded => Text {
            vi: "không tính, vì thời hạn được tính lại từ đầu",
            en: "not counted, since the limit started again from zero",
        },
    };
    text.in_language(language).to_owned()
}

/// Halves of a day as a number: `1,5` in Vietnamese, `1.5` in English.
fn halves(count: u32, language: Language) -> String {
    match (count.is_multiple_of(2), language) {
        (true, _) => (count / 2).to_string(),
        (false, Language::Vietnamese) => format!("{},5", count / 2),
        (false, Language::English) => format!("{}.5", count / 2),
    }
}

fn hours(minutes: u32, language: Language) -> String {
    let (hours, minutes) = (minutes / 60, minutes % 60);
    match (hours, minutes, language) {
        (0, minutes, Language::Vietnamese) => format!("{minutes} phút"),
        (hours, 0, Language::Vietnamese) => format!("{hours} giờ"),
        (hours, minutes, Language::Vietnamese) => format!("{hours} giờ {minutes} phút"),
        (0, minutes, Language::English) => format!("{minutes} min"),
        (hours, 0, Language::English) => format!("{hours} h"),
        (hours, minutes, Language::English) => format!("{hours} h {minutes} min"),
    }
}

fn weekday(day: NaiveDate, language: Language) -> String {
    if language == Language::English {
        return day.format("%A").to_string();
    }
    let name = match day.weekday() {
        Weekday::Mon => "Thứ Hai",
        Weekday::Tue => "Thứ Ba",
        Weekday::Wed => "Thứ Tư",
        Weekday::Thu => "Thứ Năm",
        Weekday::Fri => "Thứ Sáu",
        Weekday::Sat => "Thứ Bảy",
        Weekday::Sun => "Chủ nhật",
    };
    name.to_owned()
}

fn date(day: NaiveDate, language: Language) -> String {
    match language {
        Language::Vietnamese => day.format("%d/%m/%Y").to_string(),
        Language::English => day.format("%-d %B %Y").to_string(),
    }
}

fn time_of(instant: DateTime<Utc>) -> String {
    let local = instant.with_timezone(&TIME_ZONE);
    format!("{:02}:{:02}", local.hour(), local.minute())
}
