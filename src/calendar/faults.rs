//! What the working-time rules refuse, as problems of the API: their codes in the one table, their words in English too.

use super::rules::{Fault, LimitRefusal, Missing};
use crate::http::{Code, Faults, Problem};

/// `calendar_missing`, naming the year.
#[must_use]
pub fn missing(missing: Missing) -> Problem {
    let year = missing.year;
    Problem::new(Code::CalendarMissing)
        .detail((format!("Chưa có lịch nghỉ của năm {year}"), format!("No calendar is loaded for {year}")))
        .member("year", year)
}

/// Notes faults of the rules below a pointer.
pub fn to_faults(at: &str, found: &[Fault], faults: &mut Faults) {
    for fault in found {
        let (code, english) = code_of(fault.code);
        faults.add(format!("{at}{}", fault.pointer), code, (fault.detail, english));
    }
}

/// The published code and the English words of a rule's code.
fn code_of(rule: &str) -> (Code, &'static str) {
    match rule {
        "duplicate" => (Code::Duplicate, "This stands there already"),
        "too_many" => (Code::TooManyItems, "Too many of them"),
        "invalid_length" => (Code::TooLong, "1 to 200 characters"),
        "out_of_range" => (Code::OutOfRange, "From 1976 to 2199"),
        "outside_year" => (Code::OutOfRange, "The day does not belong to this year"),
        "overlapping" => (Code::InvalidValue, "It overlaps another entry"),
        "already_working_day" => (Code::InvalidValue, "This is a working day already"),
        "not_a_weekday" => (Code::InvalidValue, "Only a day from Monday to Friday can be replaced"),
        "reversed" => (Code::InvalidValue, "The end must not come before the beginning"),
        "before_reception" => (Code::InvalidValue, "It begins before the reception"),
        "after_due" => (Code::InvalidValue, "It begins after the due date"),
        "out_of_order" => (Code::InvalidValue, "It does not fit the order of the others"),
        "unknown_step" => (Code::InvalidRoute, "It must name an earlier step"),
        "unit_differs" => (Code::InvalidRoute, "The unit must be that of the whole time limit"),
        "route_too_long" => (
            Code::InvalidRoute,
            "The longest path must leave half a working day of the time limit to the desk",
        ),
        // A new rule shows its Vietnamese words and this until it is entered above.
        _ => (Code::InvalidValue, "The value cannot be accepted"),
    }
}

/// The code and words for a number that is no time limit.
pub(super) fn of_limit(refusal: LimitRefusal) -> (Code, (&'static str, &'static str)) {
    match refusal {
        LimitRefusal::OutOfRange => (Code::OutOfRange, ("Từ 0,5 đến 3.660", "From 0.5 to 3,660")),
        LimitRefusal::NotHalves => (Code::InvalidValue, ("Phải là bội số của 0,5", "A multiple of 0.5")),
        LimitRefusal::NotForUnit => (
            Code::InvalidValue,
            (
                "Ngày theo lịch phải là số nguyên, giải quyết trong ngày phải là 1",
                "Whole for calendar_days, 1 for same_day",
            ),
        ),
    }
}

impl From<Missing> for Problem {
    fn from(year: Missing) -> Problem {
        missing(year)
    }
}
