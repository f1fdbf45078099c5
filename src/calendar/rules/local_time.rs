//! The one time zone of the program: `Asia/Ho_Chi_Minh` as a fixed +07:00.
//!
//! Việt Nam has kept +07:00 without summer time since 1975-06-13, so a fixed offset is right for every year a
//! calendar may be loaded for (1976 on), and the machine's own zone never matters.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};

const OFFSET_SECONDS: i32 = 7 * 3600;

/// +07:00, the whole year.
pub const TIME_ZONE: FixedOffset = match FixedOffset::east_opt(OFFSET_SECONDS) {
    Some(zone) => zone,
    None => panic!("checked when compiling: seven hours are a valid offset"),
};

/// 15:00 as minute of the day: the cut-off for same-day procedures and for handing over.
pub(super) const CUT_OFF: u16 = 15 * 60;

/// Last minute of a day; a closing time never lies later.
pub(super) const LAST_MINUTE: u16 = 1439;

/// The local day of an instant.
pub fn local_day(instant: DateTime<Utc>) -> NaiveDate {
    instant.with_timezone(&TIME_ZONE).date_naive()
}

/// The instant at which `minute_of_day` (0–1439) begins on a local day.
pub fn at(day: NaiveDate, minute_of_day: u16) -> DateTime<Utc> {
    let local = day.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(minute_of_day));
    (local - TimeDelta::seconds(i64::from(OFFSET_SECONDS))).and_utc()
}

/// Local day and minute of the day, seconds cut off.
pub(super) fn day_and_minute(instant: DateTime<Utc>) -> (NaiveDate, u32) {
    let local = instant.with_timezone(&TIME_ZONE);
    (local.date_naive(), local.hour() * 60 + local.minute())
}
