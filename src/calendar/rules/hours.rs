//! Opening hours: periods of a day, of a week, and how they change from a date on.
//!
//! Says when the doors are open, not which days are working days: a one-stop that opens on Saturday morning
//! doesn't make Saturday a working day.

use super::Fault;
use chrono::{NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A day is open less than this many minutes; 00:00–23:59 is a day without closing as well.
const ROUND_THE_CLOCK: u16 = 1439;
/// Nobody opens more often on one day.
const MOST_PERIODS: usize = 12;

/// One opening period of a day: from minute `from` up to minute `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First open minute of the day.
    pub from: u16,
    /// Minute of the day at which it closes; never 24:00, which would belong to the next local day.
    pub to: u16,
}

impl Period {
    pub(super) fn minutes(self) -> u32 {
        u32::from(self.to.saturating_sub(self.from))
    }
}

/// The opening periods of a week as they stand in JSON: `{"monday":[{"from":"07:00","to":"11:30"}],…}`.
/// A weekday left out is closed. [`WeekInput::check`] makes [`WeeklyHours`] of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WeekInput {
    pub monday: Vec<PeriodInput>,
    pub tuesday: Vec<PeriodInput>,
    pub wednesday: Vec<PeriodInput>,
    pub thursday: Vec<PeriodInput>,
    pub friday: Vec<PeriodInput>,
    pub saturday: Vec<PeriodInput>,
    pub sunday: Vec<PeriodInput>,
}

/// A period as it stands in JSON, local times `HH:MM`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodInput {
    pub from: String,
    pub to: String,
}

impl WeekInput {
    /// The checked week, or every fault with its pointer (`/monday/0/from`).
    pub fn check(&self) -> Result<WeeklyHours, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut day = |name, input| check_day(name, input, &mut faults);
        let week = WeeklyHours {
            monday: day("monday", &self.monday),
            tuesday: day("tuesday", &self.tuesday),
            wednesday: day("wednesday", &self.wednesday),
            thursday: day("thursday", &self.thursday),
            friday: day("friday", &self.friday),
            saturday: day("saturday", &self.saturday),
            sunday: day("sunday", &self.sunday),
        };
        let workdays = [&week.monday, &week.tuesday, &week.wednesday, &week.thursday, &week.friday];
        if faults.is_empty() && workdays.iter().all(|periods| periods.is_empty()) {
            faults.push(Fault::new(
                String::new(),
                "never_open",
                "Phải mở cửa ít nhất một ngày từ thứ Hai đến thứ Sáu",
            ));
        }
        if faults.is_empty() { Ok(week) } else { Err(faults) }
    }
}

fn check_day(name: &str, input: &[PeriodInput], faults: &mut Vec<Fault>) -> Vec<Period> {
    let before = faults.len();
    if input.len() > MOST_PERIODS {
        faults.push(Fault::new(format!("/{name}"), "too_many", "Quá nhiều khoảng giờ trong một ngày"));
        return Vec::new();
    }
    let mut periods: Vec<Period> = Vec::new();
    for (index, period) in input.iter().enumerate() {
        let from = parse_time(&period.from);
        let to = parse_time(&period.to);
        for (member, time) in [("from", from), ("to", to)] {
            if time.is_none() {
                let pointer = format!("/{name}/{index}/{member}");
                faults.push(Fault::new(
                    pointer,
                    "invalid_time",
                    "Giờ phải có dạng HH:MM, từ 00:00 đến 23:59",
                ));
            }
        }
        let (Some(from), Some(to)) = (from, to) else { continue };
        if from >= to {
            faults.push(Fault::new(
                format!("/{name}/{index}/to"),
                "reversed",
                "Giờ đóng cửa phải sau giờ mở cửa",
            ));
        } else if periods.last().is_some_and(|last| from <= last.to) {
            // Touching periods would be one period in two rows, and half a day would end in the middle.
            let detail = "Khoảng giờ phải theo thứ tự, không chồng và không chạm nhau";
            faults.push(Fault::new(format!("/{name}/{index}/from"), "overlapping", detail));
        } else {
            periods.push(Period { from, to });
        }
    }
    let open: u32 = periods.iter().map(|period| period.minutes()).sum();
    if faults.len() == before && open >= u32::from(ROUND_THE_CLOCK) {
        faults.push(Fault::new(format!("/{name}"), "never_closed", "Một ngày phải có giờ đóng cửa"));
    }
    periods
}

/// `HH:MM` as minute of the day. 24:00 is refused: that closing time would fall on the next local day.
fn parse_time(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str, limit: u16| {
        let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u16>().ok().filter(|value| plain && *value < limit)
    };
    Some(number(hours, 24)? * 60 + number(minutes, 60)?)
}

pub(super) fn format_time(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Checked opening hours of a week: each day's periods are ordered and don't touch, and at least one of Monday
/// to Friday is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WeekInput", into = "WeekInput")]
pub struct WeeklyHours {
    monday: Vec<Period>,
    tuesday: Vec<Period>,
    wednesday: Vec<Period>,
    thursday: Vec<Period>,
    friday: Vec<Period>,
    saturday: Vec<Period>,
    sunday: Vec<Period>,
}

impl WeeklyHours {
    /// The opening periods of a weekday, in order.
    pub fn on(&self, weekday: Weekday) -> &[Period] {
        match weekday {
            Weekday::Mon => &self.monday,
            Weekday::Tue => &self.tuesday,
            Weekday::Wed => &self.wednesday,
            Weekday::Thu => &self.thursday,
            Weekday::Fri => &self.friday,
            Weekday::Sat => &self.saturday,
            Weekday::Sun => &self.sunday,
        }
    }
}

/// 07:00–11:30 and 13:30–17:00, Monday to Friday.
impl Default for WeeklyHours {
    fn default() -> Self {
        let day = vec![Period { from: 7 * 60, to: 11 * 60 + 30 }, Period { from: 13 * 60 + 30, to: 17 * 60 }];
        Self {
            monday: day.clone(),
            tuesday: day.clone(),
            wednesday: day.clone(),
            thursday: day.clone(),
            friday: day,
            saturday: Vec::new(),
            sunday: Vec::new(),
        }
    }
}

impl TryFrom<WeekInput> for WeeklyHours {
    type Error = String;

    fn try_from(input: WeekInput) -> Result<Self, String> {
        input.check().map_err(|faults| {
            let told: Vec<String> =
                faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect();
            told.join(", ")
        })
    }
}

impl From<WeeklyHours> for WeekInput {
    fn from(week: WeeklyHours) -> Self {
        let day = |periods: &[Period]| {
            let times =
                |period: &Period| PeriodInput { from: format_time(period.from), to: format_time(period.to) };
            periods.iter().map(times).collect()
        };
        Self {
            monday: day(&week.monday),
            tuesday: day(&week.tuesday),
            wednesday: day(&week.wednesday),
            thursday: day(&week.thursday),
            friday: day(&week.friday),
            saturday: day(&week.saturday),
            sunday: day(&week.sunday),
        }
    }
}

/// The hours of one agency through time: what it inherited, and what changed on which day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HoursHistory {
    before: WeeklyHours,
    from: BTreeMap<NaiveDate, WeeklyHours>,
}

impl HoursHistory {
    /// Hours that hold from a day on, over the default hours until the first of these days.
    pub fn new(changes: impl IntoIterator<Item = (NaiveDate, WeeklyHours)>) -> Self {
        Self::default().overridden_by(changes)
    }

    /// The hours of an agency below: they are inherited until its own first change, and its own from there.
    /// Walking the tree from the top with this gives an agency's effective hours.
    #[must_use]
    pub fn overridden_by(mut self, changes: impl IntoIterator<Item = (NaiveDate, WeeklyHours)>) -> Self {
        let own: BTreeMap<_, _> = changes.into_iter().collect();
        if let Some(first) = own.keys().next() {
            self.from.retain(|day, _| day < first);
            self.from.extend(own);
        }
        self
    }

    /// The week in force on a day.
    pub fn on(&self, day: NaiveDate) -> &WeeklyHours {
        self.from.range(..=day).next_back().map_or(&self.before, |(_, week)| week)
    }
}
