//! A period's figures cell by cell: what forms, closings, the annual summary and public figures are put together from.
//!
//! Each cell is proved on its own (control and identity) before anything is made of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::asked::Scope;
use super::cube::{GroupBy, Line};
use super::members::{self, Members};
use super::row::{Broken, prove};
use super::service::{self, Asked};
use super::store::{self, Sums};
use super::{Cell, Figures, refusal};
use crate::World;
use crate::agencies::{Agency, Kind};
use crate::db::Conn;
use crate::dossiers::{Channel, Period, Units};
use crate::http::{Code, Problem};

/// What happened in one cell of agency × procedure × channel. By codes, not keys: it can be kept and read years later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) agency: String,
    pub(super) level: Kind,
    pub(super) field: String,
    pub(super) procedure: String,
    pub(super) channel: Channel,
    /// What was carried over into the period. Its flows say nothing: cells that were kept before opening balances hold them whole.
    pub(super) before: Figures,
    /// What was booked in it.
    pub(super) during: Figures,
    /// Of those withdrawn in the period: after the date that the agency is judged by.
    pub(super) withdrawn_late: i64,
    /// The same of those stopped.
    pub(super) stopped_late: i64,
}

/// What keeps cells apart.
const GROUPS: [GroupBy; 5] =
    [GroupBy::Agency, GroupBy::Level, GroupBy::Field, GroupBy::Procedure, GroupBy::Channel];

/// The cells of an agency (`own`) or of it and all below it in which anything is counted.
///
/// # Errors
/// 500 `figures_inconsistent` for a cell that does not agree; those of the database.
pub(super) fn read(
    conn: &mut Conn,
    world: &World,
    agency: &Agency,
    own: bool,
    period: Period,
) -> Result<Vec<Fact>, Problem> {
    let scope = Scope { agency, own };
    let asked = Asked { scope, groups: GROUPS.to_vec(), period, units: Units::Then };
    let cube = service::sum(conn, world, &asked)?;
    let span = (period.from, period.end);
    let mut late: BTreeMap<Members<'_>, Figures> = BTreeMap::new();
    for sums in store::sum_ended_late(conn, (agency.id, !own), span, period.moment)? {
        let Sums { agency_id, procedure_id, channel, figures, .. } = sums;
        let members = members::of(&world.catalogue, &GROUPS, Cell { agency_id, procedure_id, channel })?;
        *late.entry(members).or_default() += figures;
    }
    cube.lines().iter().map(|line| fact(line, late.get(&line.members))).collect()
}

/// The sums of an agency and all below it, before the period and in it: what needs no cells costs less.
///
/// # Errors
/// 500 `figures_inconsistent`; those of the database.
pub(super) fn whole(
    conn: &mut Conn,
    world: &World,
    agency: &Agency,
    period: Period,
) -> Result<(Figures, Figures), Problem> {
    let scope = Scope { agency, own: false };
    let asked = Asked { scope, groups: Vec::new(), period, units: Units::Then };
    let line = service::sum(conn, world, &asked)?.total();
    prove(&line.before, &line.during).map_err(|Broken { figure }| inconsistent(&agency.code, figure))?;
    Ok((line.before.figures, line.during.figures))
}

fn fact(line: &Line<'_>, late: Option<&Figures>) -> Result<Fact, Problem> {
    let mut codes = line.members.iter().map(|(_, code)| *code);
    let mut next = || codes.next().unwrap_or_default();
    let (agency, level, field, procedure, channel) = (next(), next(), next(), next(), next());
    let late = late.copied().unwrap_or_default();
    let during = line.during.figures;
    let is_possible = late.withdrawn <= during.withdrawn && late.stopped <= during.stopped;
    let proved = prove(&line.before, &line.during);
    if let Err(Broken { figure }) =
        proved.and(if is_possible { Ok(()) } else { Err(Broken { figure: "withdrawn" }) })
    {
        return Err(inconsistent(&format!("{agency} / {procedure} / {channel}"), figure));
    }
    Ok(Fact {
        level: level.parse().map_err(Problem::internal)?,
        channel: channel.parse().map_err(Problem::internal)?,
        agency: agency.to_owned(),
        field: field.to_owned(),
        procedure: procedure.to_owned(),
        before: line.before.figures,
        during,
        withdrawn_late: late.withdrawn,
        stopped_late: late.stopped,
    })
}

/// The problem that names the row and the figure.
pub(super) fn inconsistent(row: &str, figure: &str) -> Problem {
    refusal::count();
    log::error!("figures do not agree: row {row}, figure {figure}; run `motcua verify`");
    Problem::new(Code::FiguresInconsistent)
        .detail((
            format!("Dòng {row}: số liệu `{figure}` không khớp"),
            format!("Row {row}: the figure `{figure}` does not agree with the others"),
        ))
        .member("row", row)
        .member("figure", figure)
}

/// A cell as it is kept: short names, since a closed period may have thousands of them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    a: String,
    l: Kind,
    f: String,
    p: String,
    c: Channel,
    /// In the order of [`Figures::COLUMNS`].
    before: Vec<i64>,
    during: Vec<i64>,
    /// Withdrawn and stopped too late.
    late: (i64, i64),
}

/// The cells as text, one form for the same cells.
pub(super) fn to_text(facts: &[Fact]) -> Result<String, Problem> {
    let kept: Vec<Kept> = facts
        .iter()
        .map(|fact| Kept {
            a: fact.agency.clone(),
            l: fact.level,
            f: fact.field.clone(),
            p: fact.procedure.clone(),
            c: fact.channel,
            before: fact.before.values(),
            during: fact.during.values(),
            late: (fact.withdrawn_late, fact.stopped_late),
        })
        .collect();
    serde_json::to_string(&kept).map_err(Problem::internal)
}

/// The cells that a text stands for.
pub(super) fn of_text(text: &str) -> Result<Vec<Fact>, Problem> {
    let kept: Vec<Kept> = serde_json::from_str(text).map_err(Problem::internal)?;
    let figures = |values: &[i64]| {
        Figures::from_values(values).ok_or_else(|| Problem::internal("a kept cell lacks a column"))
    };
    kept.into_iter()
        .map(|kept| {
            Ok(Fact {
                before: figures(&kept.before)?,
                during: figures(&kept.during)?,
                agency: kept.a,
                level: kept.l,
                field: kept.f,
                procedure: kept.p,
                channel: kept.c,
                withdrawn_late: kept.late.0,
                stopped_late: kept.late.1,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_kept_whole() {
        let fact = Fact {
            agency: "000.33.31.H20".to_owned(),
            level: Kind::Commune,
            field: "ho-tich".to_owned(),
            procedure: "1.001193".to_owned(),
            channel: Channel::AtHome,
            before: Figures { received: 3, open: 3, ..Figures::default() },
            during: Figures { received: 7, stopped: 2, open: 5, ..Figures::default() },
            withdrawn_late: 0,
            stopped_late: 1,
        };
        let text = to_text(std::slice::from_ref(&fact)).unwrap();
        assert_eq!(of_text(&text).unwrap(), [fact]);
        assert!(of_text("[{}]").is_err());
    }
}
