//! Opening hours: the periods of a week, from which day they hold, and where an agency without its own takes them from.
//! Pure. What a due date makes of them is the business of `calendar`.
//!
//! They are an agency's ordinary hours. A desk that also opens on Saturday morning (Decision 14/2010/QĐ-TTg) may say so
//! here; Saturday does not become a working day by it.

use chrono::{NaiveDate, NaiveTime, Weekday};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many opening periods a day can have.
pub const PERIODS_MAX: usize = 4;

/// A day is open for fewer minutes than this; 00:00–23:59 never closes either.
const ROUND_THE_CLOCK: i64 = 24 * 60 - 1;

/// The names of the days, as JSON members and in JSON pointers, Monday first.
pub const DAYS: [(Weekday, &str); 7] = [
    (Weekday::Mon, "monday"),
    (Weekday::Tue, "tuesday"),
    (Weekday::Wed, "wednesday"),
    (Weekday::Thu, "thursday"),
    (Weekday::Fri, "friday"),
    (Weekday::Sat, "saturday"),
    (Weekday::Sun, "sunday"),
];

/// From when to when an agency is open without a break: local time, whole minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"from": "07:00", "to": "11:30"}))]
pub struct Period {
    /// The minute of opening, `HH:MM`.
    #[serde(with = "minutes")]
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "07:00")]
    pub from: NaiveTime,
    /// The minute of closing, `HH:MM`, later on the same day.
    #[serde(with = "minutes")]
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "11:30")]
    pub to: NaiveTime,
}

impl Period {
    /// Minutes from opening to closing; none when it is reversed.
    fn minutes(self) -> i64 {
        (self.to - self.from).num_minutes().max(0)
    }
}

/// The opening periods of a week. A day that is left out is closed; Monday to Friday must be open, since each of them
/// can be the last day of a time limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "monday": [{"from": "07:00", "to": "11:30"}, {"from": "13:30", "to": "17:00"}],
    "tuesday": [{"from": "07:00", "to": "11:30"}, {"from": "13:30", "to": "17:00"}],
    "wednesday": [{"from": "07:00", "to": "11:30"}, {"from": "13:30", "to": "17:00"}],
    "thursday": [{"from": "07:00", "to": "11:30"}, {"from": "13:30", "to": "17:00"}],
    "friday": [{"from": "07:00", "to": "11:30"}, {"from": "13:30", "to": "17:00"}],
    "saturday": [],
    "sunday": []
}))]
pub struct Week {
    /// Monday.
    #[serde(default)]
    #[schema(max_items = 4)]
    pub monday: Vec<Period>,
    /// Tuesday.
    #[serde(default)]
    #[schema(max_items = 4)]
    pub tuesday: Vec<Period>,
    /// Wednesday.
    #[serde(default)]
    #[schema(max_items = 4)]
    pub wednesday: Vec<Period>,
    /// Thursday.
    #[serde(default)]
    #[schema(max_items = 4)]
    pub thursday: Vec<Period>,
    /// Friday.
    #[serde(default)]
    #[schema(max_items = 4)]
    pub friday: Vec<Period>,
    /// Saturday.
    #[serde(default)]
    #[schema(max_items = 4)]
    pub saturday: Vec<Period>,
    /// Sunday.
    #[serde(default)]
    #[schema(max_items = 4)]
    pub sunday: Vec<Period>,
}

impl Week {
    /// The hours of whoever sets none: 07:00–11:30 and 13:30–17:00 from Monday to Friday.
    #[must_use]
    pub fn usual() -> Week {
        let at = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or(NaiveTime::MIN);
        let day = vec![Period { from: at(7, 0), to: at(11, 30) }, Period { from: at(13, 30), to: at(17, 0) }];
        Week {
            monday: day.clone(),
            tuesday: day.clone(),
            wednesday: day.clone(),
            thursday: day.clone(),
            friday: day,
            saturday: Vec::new(),
            sunday: Vec::new(),
        }
    }

    /// The periods of a day of the week.
    #[must_use]
    pub fn on(&self, day: Weekday) -> &[Period] {
        match day {
            Weekday::Mon => &self.monday,
            Weekday::Tue => &self.tuesday,
            Weekday::Wed => &self.wednesday,
            Weekday::Thu => &self.thursday,
            Weekday::Fri => &self.friday,
            Weekday::Sat => &self.saturday,
            Weekday::Sun => &self.sunday,
        }
    }

    /// All that is wrong with the week, each with its JSON pointer below `at`.
    #[must_use]
    pub fn check(&self, at: &str) -> Vec<(String, WeekRefusal)> {
        let mut faults = Vec::new();
        for (day, name) in DAYS {
            let periods = self.on(day);
            if periods.is_empty() && !matches!(day, Weekday::Sat | Weekday::Sun) {
                faults.push((format!("{at}/{name}"), WeekRefusal::NeverOpen));
            }
            if periods.len() > PERIODS_MAX {
                faults.push((format!("{at}/{name}"), WeekRefusal::TooManyPeriods));
            }
            let mut open_until = None;
            for (index, period) in periods.iter().enumerate() {
                if period.to <= period.from {
                    faults.push((format!("{at}/{name}/{index}/to"), WeekRefusal::ClosesBeforeOpening));
                }
                if open_until.is_some_and(|closed| period.from <= closed) {
                    faults.push((format!("{at}/{name}/{index}/from"), WeekRefusal::Overlap));
                }
                open_until = open_until.max(Some(period.to));
            }
            if periods.iter().map(|period| period.minutes()).sum::<i64>() >= ROUND_THE_CLOCK {
                faults.push((format!("{at}/{name}"), WeekRefusal::NeverCloses));
            }
        }
        faults
    }
}

/// Why a week cannot stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeekRefusal {
    /// A day from Monday to Friday without a period.
    NeverOpen,
    /// More than [`PERIODS_MAX`] periods on a day.
    TooManyPeriods,
    /// A day that is open around the clock: a limit that ends with it would have no end.
    NeverCloses,
    /// A period that closes before it opens.
    ClosesBeforeOpening,
    /// A period that opens before the one before it has closed, or at the same minute.
    Overlap,
}

/// Hours of an agency from a day on; no week: those of the agency above it, from that day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoursFrom {
    /// The first day.
    pub effective_from: NaiveDate,
    /// The week.
    pub week: Option<Week>,
    /// The version of the row.
    pub version: i64,
}

/// Whose hours hold for an agency from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce<T> {
    /// The first day; `None`: since ever.
    pub from: Option<NaiveDate>,
    /// Who set them; `None`: nobody, they are the usual ones.
    pub owner: Option<T>,
    /// The week.
    pub week: Week,
}

/// Lays the hours of an agency over those of the agencies above it.
///
/// `chain` is the agency, its parent, and so on, each with its own rows by rising day. On every day the lowest agency
/// that has a week of its own decides; when nobody has one, the usual hours hold. The answer rises by day, begins with
/// an entry since ever, and no two neighbours are equal.
#[must_use]
pub fn in_force<T: Copy + PartialEq>(chain: &[(T, &[HoursFrom])]) -> Vec<InForce<T>> {
    let mut starts: Vec<Option<NaiveDate>> = vec![None];
    starts.extend(chain.iter().flat_map(|(_, rows)| rows.iter().map(|row| Some(row.effective_from))));
    starts.sort_unstable();
    starts.dedup();
    let mut layers: Vec<InForce<T>> = Vec::new();
    for from in starts {
        let own = chain.iter().find_map(|(owner, rows)| {
            let row = rows.iter().rev().find(|row| from.is_some_and(|from| row.effective_from <= from))?;
            row.week.as_ref().map(|week| (*owner, week))
        });
        let layer = match own {
            Some((owner, week)) => InForce { from, owner: Some(owner), week: week.clone() },
            None => InForce { from, owner: None, week: Week::usual() },
        };
        if layers.last().is_none_or(|last| last.owner != layer.owner || last.week != layer.week) {
            layers.push(layer);
        }
    }
    layers
}

/// Times of day as `HH:MM`.
mod minutes {
    use chrono::NaiveTime;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(time: &NaiveTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&time.format("%H:%M"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        NaiveTime::parse_from_str(&text, "%H:%M")
            .map_err(|_| D::Error::custom("expected a time of day as HH:MM"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(from: &str, to: &str) -> Period {
        serde_json::from_value(serde_json::json!({"from": from, "to": to})).unwrap()
    }

    #[test]
    fn the_usual_week_is_right_and_survives_json() {
        let week = Week::usual();
        assert_eq!(week.check("/hours"), []);
        let json = serde_json::to_string(&week).unwrap();
        assert!(json.starts_with(r#"{"monday":[{"from":"07:00","to":"11:30"},{"from":"13:30","#), "{json}");
        assert_eq!(serde_json::from_str::<Week>(&json).unwrap(), week);
    }

    #[test]
    fn every_fault_of_a_week_has_its_place() {
        let mut week = Week::usual();
        week.monday = vec![period("11:30", "07:00")];
        week.wednesday = Vec::new();
        week.friday = vec![period("07:00", "11:30"), period("11:00", "17:00")];
        week.saturday = vec![period("00:00", "23:59")];
        week.sunday = vec![period("07:00", "08:00"); 5];
        let faults = week.check("/hours");
        assert_eq!(
            faults[..5],
            [
                ("/hours/monday/0/to".to_owned(), WeekRefusal::ClosesBeforeOpening),
                ("/hours/wednesday".to_owned(), WeekRefusal::NeverOpen),
                ("/hours/friday/1/from".to_owned(), WeekRefusal::Overlap),
                ("/hours/saturday".to_owned(), WeekRefusal::NeverCloses),
                ("/hours/sunday".to_owned(), WeekRefusal::TooManyPeriods),
            ]
        );
    }

    fn rows(entries: &[(&str, Option<&Week>)]) -> Vec<HoursFrom> {
        let row = |(from, week): &(&str, Option<&Week>)| HoursFrom {
            effective_from: day(from),
            week: week.cloned(),
            version: 1,
        };
        entries.iter().map(row).collect()
    }

    #[test]
    fn the_lowest_agency_with_a_week_decides() {
        let mut late = Week::usual();
        late.monday = vec![period("08:00", "12:00")];
        let mut early = Week::usual();
        early.monday = vec![period("06:00", "12:00")];
        let own = rows(&[("2019-06-01", Some(&late)), ("2020-01-01", None)]);
        let parent = rows(&[("2019-03-01", Some(&early)), ("2019-09-01", Some(&early))]);
        let found: Vec<_> = in_force(&[('c', own.as_slice()), ('d', parent.as_slice())])
            .into_iter()
            .map(|layer| (layer.from, layer.owner))
            .collect();
        assert_eq!(
            found,
            [
                (None, None),
                (Some(day("2019-03-01")), Some('d')),
                (Some(day("2019-06-01")), Some('c')),
                (Some(day("2020-01-01")), Some('d')),
            ]
        );
        assert_eq!(in_force::<char>(&[]), [InForce { from: None, owner: None, week: Week::usual() }]);
    }
}
