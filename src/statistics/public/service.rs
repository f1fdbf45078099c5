//! The published figures of a period.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;

use super::rules::{Counts, Lattice, Part, What, Whose};
use super::views::{PublicGroup, PublicQuery, PublicRow, PublicStatistics};
use crate::World;
use crate::agencies::Agency;
use crate::db::Conn;
use crate::dossiers::{AsOf, Period, agency_name};
use crate::http::{Code, Language, Problem};
use crate::statistics::cube::GroupBy;
use crate::statistics::facts::{self, Fact};
use crate::statistics::periods::{self, PeriodCode, PeriodKind};
use crate::statistics::reports::measure::{Amounts, Measure};
use crate::statistics::{asked, names};

/// What is published, in the order of [`Counts`].
const PUBLISHED: [Measure; 12] = [
    Measure::Received,
    Measure::ReceivedAtCounter,
    Measure::ReceivedOnline,
    Measure::ReceivedByPost,
    Measure::ReceivedAtPostOffice,
    Measure::ReceivedAtHome,
    Measure::Resolved,
    Measure::ResolvedEarly,
    Measure::ResolvedOnTime,
    Measure::ResolvedLate,
    Measure::Pending,
    Measure::PendingOverdue,
];

/// The figures.
///
/// # Errors
/// 422 `invalid_query`, 500 `figures_inconsistent`.
pub(super) fn figures(
    conn: &mut Conn,
    world: &World,
    query: &PublicQuery,
    language: Language,
) -> Result<PublicStatistics, Problem> {
    let today = world.now.local_day();
    let code = match &query.period {
        Some(period) => periods::parse(period, "/query/period")?,
        None => PeriodCode::year(today.year()).ok_or_else(|| Problem::internal("a clock in another age"))?,
    };
    let (from, to) = code.span(PeriodKind::Calendar);
    let by_procedure = matches!(query.group_by, Some(PublicGroup::Field | PublicGroup::Procedure));
    if from > today {
        return Err(refuse("/query/period", ("Kỳ chưa bắt đầu", "The period has not begun")));
    }
    if by_procedure && (!code.is_year() || to > today) {
        return Err(refuse(
            "/query/period",
            (
                "Theo lĩnh vực và thủ tục chỉ công bố số liệu của năm đã kết thúc",
                "By field and procedure figures are published for years that are over",
            ),
        ));
    }
    let tree = &world.catalogue.tree;
    let root = tree.all().first().ok_or_else(|| Problem::internal("no agencies"))?;
    let agency = query.agency.as_deref().map_or(Ok(root), |code| asked::named(world, code))?;
    // The tables of all agencies are looked at together: one must not tell what another withholds.
    let top = tree.upward(agency.id).last().unwrap_or(agency);
    let yesterday = today.pred_opt().unwrap_or(today);
    let period = Period::new(from, to, Some(AsOf::Day(yesterday)), world.now);
    let facts = facts::read(conn, world, top, false, period)?;
    let lattice = Lattice::new(&parts(world, &facts));
    let total = lattice.get(&(Whose::Below(agency.id), What::All));
    Ok(PublicStatistics {
        agency: agency_name(world, agency.id)?,
        period: code.to_string(),
        period_name: match language {
            Language::Vietnamese => code.name_vi(),
            Language::English => code.name_en(),
        },
        from,
        to,
        as_of: period.stands(),
        items: items(world, agency, query.group_by, &lattice, language),
        total: row(None, total),
    })
}

fn refuse(pointer: &str, detail: (&str, &str)) -> Problem {
    Problem::new(Code::InvalidQuery).error(pointer, Code::OutOfRange, detail)
}

/// The cells without their channels.
fn parts(world: &World, facts: &[Fact]) -> Vec<Part> {
    let mut cells: BTreeMap<(&str, &str, &str), Amounts> = BTreeMap::new();
    for fact in facts {
        cells.entry((&fact.agency, &fact.field, &fact.procedure)).or_default().add(fact);
    }
    let sensitive: BTreeSet<&str> = world
        .catalogue
        .procedures
        .all()
        // Sensitive once is sensitive for good.
        .filter(|it| world.catalogue.procedures.versions_of(it).any(|version| version.content.sensitive))
        .map(|procedure| procedure.code.as_str())
        .collect();
    let tree = &world.catalogue.tree;
    let part = |((agency, field, procedure), amounts): ((&str, &str, &str), Amounts)| Part {
        upward: tree
            .by_code(agency)
            .map_or_else(Vec::new, |agency| tree.upward(agency.id).map(|it| it.id).collect()),
        field: field.to_owned(),
        procedure: procedure.to_owned(),
        is_sensitive: sensitive.contains(procedure),
        counts: PUBLISHED.map(|measure| amounts.get(measure)),
    };
    cells.into_iter().map(part).collect()
}

fn items(
    world: &World,
    agency: &Agency,
    group: Option<PublicGroup>,
    lattice: &Lattice,
    language: Language,
) -> Vec<PublicRow> {
    let named = |group: GroupBy, code: &str, counts| {
        let name = names::name(&world.catalogue, group, code, language);
        row(Some((group, code.to_owned(), name)), counts)
    };
    match group {
        None => Vec::new(),
        Some(PublicGroup::Agency) => {
            let below = world.catalogue.tree.below(agency.id).iter();
            let children = below.filter(|it| it.parent == Some(agency.id));
            let own = [(agency, Whose::Own(agency.id))].into_iter();
            own.chain(children.map(|child| (child, Whose::Below(child.id))))
                .map(|(agency, whose)| (agency, lattice.get(&(whose, What::All))))
                .filter(|(_, counts)| counts.is_none_or(|counts| counts.iter().any(|count| *count != 0)))
                .map(|(agency, counts)| named(GroupBy::Agency, &agency.code, counts))
                .collect()
        }
        Some(PublicGroup::Field) => lattice
            .rows(agency.id, |what| matches!(what, What::Field(_)))
            .into_iter()
            .filter_map(|(what, counts)| match what {
                What::Field(code) => Some(named(GroupBy::Field, code, counts)),
                What::All | What::Procedure(..) => None,
            })
            .collect(),
        Some(PublicGroup::Procedure) => lattice
            .rows(agency.id, |what| matches!(what, What::Procedure(..)))
            .into_iter()
            .filter_map(|(what, counts)| match what {
                What::Procedure(_, code) => Some(named(GroupBy::Procedure, code, counts)),
                What::All | What::Field(_) => None,
            })
            .collect(),
    }
}

fn row(group: Option<(GroupBy, String, String)>, counts: Option<Counts>) -> PublicRow {
    let (mut codes, mut names) = (BTreeMap::new(), BTreeMap::new());
    if let Some((group, code, name)) = group {
        codes.insert(group.as_str(), code);
        names.insert(group.as_str(), name);
    }
    PublicRow { group: codes, names, is_withheld: counts.is_none(), figures: counts.map(Into::into) }
}
