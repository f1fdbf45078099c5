//! The codes that we gave: of each agency and day the numbers 1 to the last one given, each once.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::replay::Row;
use super::{Names, Report};
use crate::agencies::AgencyId;
use crate::db::schema::numbers;
use crate::db::{Conn, Error};

/// The numbers that were met.
#[derive(Debug, Default)]
pub(super) struct Numbers(HashMap<(AgencyId, NaiveDate), Met>);

/// How many, and up to which. Codes are unique, so a day has no gaps when both are the same.
#[derive(Debug, Default)]
struct Met {
    count: i64,
    highest: i64,
}

impl Numbers {
    /// Takes note of a dossier's code. Codes of other systems are kept as they are and count for nothing here.
    pub(super) fn note(&mut self, row: &Row, names: &Names<'_>, report: &mut Report) {
        let (Some(code), Some(agency)) = (&row.code, names.tree.get(row.agency_id)) else { return };
        let Some((day, number)) = code.strip_prefix(agency.code.as_str()).and_then(parse) else { return };
        let met = self.0.entry((row.agency_id, day)).or_default();
        met.count += 1;
        met.highest = met.highest.max(number);
        if row.received_at.map(crate::db::Instant::local_day) != Some(day) {
            report.differs(format!("{code}: it was not received on the day of its code"));
        }
    }

    /// Notes gaps, doubles, and numbers that were given to nobody.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn compare(
        mut self,
        conn: &mut Conn,
        names: &Names<'_>,
        report: &mut Report,
    ) -> Result<(), Error> {
        let given: Vec<(AgencyId, NaiveDate, i64)> = numbers::table
            .filter(numbers::series.eq("dossier"))
            .order((numbers::agency_id, numbers::day))
            .select((numbers::agency_id, numbers::day, numbers::last))
            .load(conn)?;
        for (agency, day, last) in given {
            let met = self.0.remove(&(agency, day)).unwrap_or_default();
            if (met.count, met.highest) != (last, last) {
                let (agency, Met { count, highest }) = (names.agency(agency), met);
                report.differs(format!(
                    "codes of {agency} on {day}: {count} dossiers up to number {highest}, the last number given is {last}"
                ));
            }
        }
        let mut unaccounted: Vec<_> = self.0.into_keys().collect();
        unaccounted.sort_unstable();
        for (agency, day) in unaccounted {
            report.differs(format!("codes of {} on {day}: no number was given", names.agency(agency)));
        }
        Ok(())
    }
}

/// `-YYMMDD-NNNN`, as it stands after the agency's code; written exactly as we write it.
fn parse(rest: &str) -> Option<(NaiveDate, i64)> {
    let (day, number) = rest.strip_prefix('-')?.split_once('-')?;
    let parsed = NaiveDate::parse_from_str(day, "%y%m%d").ok()?;
    let number_value: i64 = number.parse().ok()?;
    let is_ours = number_value > 0 && format!("{number_value:04}") == number && day.len() == 6;
    is_ours.then_some((parsed, number_value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_write_is_ours() {
        let day: NaiveDate = "2019-03-04".parse().unwrap();
        assert_eq!(parse("-190304-0007"), Some((day, 7)));
        assert_eq!(parse("-190304-12345"), Some((day, 12_345)));
        for other in [
            "-190304-007",
            "-190304-00007",
            "-190304-0000",
            "-19034-0007",
            "190304-0007",
            "-T-190304-0007",
            "-190304--007",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
