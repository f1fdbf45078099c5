//! A form for an agency and a period: from the counters, or from what was frozen when the period was closed.

use std::collections::{BTreeMap, BTreeSet};

use super::Layouts;
use super::layout::{Cell, Form, Rows, Scope};
use super::measure::ProcedureCounts;
use super::table::{self, Row, Table};
use super::views::{Frozen, ReportColumn, ReportQuery, ReportRow, ReportView};
use crate::World;
use crate::access::Identity;
use crate::agencies::{Agency, Kind};
use crate::db::Conn;
use crate::dossiers::{Channel, Period, Units, agency_name};
use crate::http::{Code, Language, Problem};
use crate::procedures::OnlineLevel;
use crate::statistics::facts::{self, Fact};
use crate::statistics::links::Links;
use crate::statistics::periods::{self, PeriodCode, PeriodKind};
use crate::statistics::{asked, names};

/// The form with this code, filled in.
///
/// # Errors
/// 404 for an unknown form, 422 `invalid_query`, 403 `agency_out_of_reach`, 500 `figures_inconsistent`.
pub(super) fn report(
    conn: &mut Conn,
    world: &World,
    layouts: &Layouts,
    caller: &Identity,
    form: &str,
    query: &ReportQuery,
    language: Language,
) -> Result<ReportView, Problem> {
    let form = layouts.get(form).ok_or_else(|| {
        let known = layouts.codes().join(", ");
        Problem::new(Code::NotFound).detail((
            format!("Không có biểu mẫu này; có: {known}"),
            format!("No such form; there are: {known}"),
        ))
    })?;
    let code = periods::parse(&query.period, "/query/period")?;
    let kind = query.period_kind.unwrap_or_default();
    let agency = asked::agency(world, caller, query.agency.as_deref())?;
    let (from, to) = code.span(kind);
    let period = Period::new(from, to, None, world.now);
    let own = form.scope == Scope::Own;
    let filling = Filling { world, form, agency, own, period, language };
    let live = filling.fill(&facts::read(conn, world, agency, own, period)?)?;
    let closing = periods::frozen(conn, agency.id, kind, code)?;
    let (table, frozen, later) = match closing {
        None => (live, None, BTreeMap::new()),
        Some(closing) => {
            let mut frozen = facts::of_text(&closing.facts)?;
            frozen.retain(|fact| !own || fact.agency == agency.code);
            let table = filling.fill(&frozen)?;
            let later = table::differences(&table, &live);
            let signed = periods::signature(conn, &closing)?;
            let frozen = Frozen {
                state: closing.state,
                revision: closing.revision,
                signed_by: signed.by,
                closed_at: signed.at,
                seal: signed.seal,
            };
            (table, Some(frozen), later)
        }
    };
    filling.view((code, kind), (from, to), table, frozen, &later)
}

/// A form being filled in.
struct Filling<'a> {
    world: &'a World,
    form: &'a Form,
    agency: &'a Agency,
    own: bool,
    period: Period,
    language: Language,
}

impl Filling<'_> {
    fn fill(&self, facts: &[Fact]) -> Result<Table, Problem> {
        let catalogue = &self.world.catalogue;
        let name = |group, code: &str| names::name(catalogue, group, code, self.language);
        let procedures = self.procedures(facts);
        table::fill(self.form, facts, procedures, &name, self.language)
            .map_err(|unequal| facts::inconsistent(&unequal.row, &unequal.identity))
    }

    /// The procedures in force at the period's end at the levels of the agencies that the form is about.
    fn procedures(&self, facts: &[Fact]) -> ProcedureCounts {
        if !matches!(self.form.rows, Rows::Indicators(_)) {
            return ProcedureCounts::default();
        }
        let catalogue = &self.world.catalogue;
        let below = catalogue.tree.below(self.agency.id).iter().take(if self.own { 1 } else { usize::MAX });
        let levels: BTreeSet<Kind> = below.filter_map(|agency| catalogue.tree.level(agency.id)).collect();
        let last_day = self.period.end.pred_opt().unwrap_or(self.period.end);
        let used: BTreeSet<&str> = facts
            .iter()
            .filter(|fact| fact.channel == Channel::Online && fact.during.received > 0)
            .map(|fact| fact.procedure.as_str())
            .collect();
        let mut counts = ProcedureCounts::default();
        for procedure in catalogue.procedures.all() {
            let Some(version) = catalogue.procedures.current(&procedure.code, last_day) else { continue };
            if !version.content.levels.iter().any(|level| levels.contains(level)) {
                continue;
            }
            let is_online = version.content.online_level != OnlineLevel::None;
            counts.total += 1;
            counts.online += i64::from(is_online);
            counts.online_used += i64::from(is_online && used.contains(procedure.code.as_str()));
        }
        counts
    }

    fn view(
        &self,
        (code, kind): (PeriodCode, PeriodKind),
        (from, to): (chrono::NaiveDate, chrono::NaiveDate),
        table: Table,
        closing: Option<Frozen>,
        later: &BTreeMap<String, Vec<(usize, i64)>>,
    ) -> Result<ReportView, Problem> {
        let words = |words: &super::layout::Words| words.in_language(self.language).to_owned();
        let form = self.form;
        let columns = form.leaves.iter().map(|leaf| ReportColumn {
            name: leaf.name.clone(),
            number: leaf.number.clone(),
            headings: leaf.headings.iter().map(|(_, heading)| words(heading)).collect(),
            format: leaf.format,
        });
        let parent = self.agency.parent.map(|parent| agency_name(self.world, parent)).transpose()?;
        Ok(ReportView {
            form: form.code.clone(),
            number: words(&form.number),
            title: words(&form.title),
            basis: words(&form.basis),
            unit: words(&form.unit),
            agency: agency_name(self.world, self.agency.id)?,
            recipient: parent,
            period: code.to_string(),
            period_kind: kind,
            period_name: match self.language {
                Language::Vietnamese => code.name_vi(),
                Language::English => code.name_en(),
            },
            from,
            to,
            as_of: self.period.stands(),
            closing,
            columns: columns.collect(),
            rows: table.rows.iter().map(|row| self.row(row, later)).collect(),
            total: table.total.as_ref().map(|row| self.row(row, later)),
            notes: form.notes.iter().map(words).collect(),
            signatures: form.signatures.iter().map(words).collect(),
        })
    }

    fn row(&self, row: &Row, later: &BTreeMap<String, Vec<(usize, i64)>>) -> ReportRow {
        let leaves = &self.form.leaves;
        let numbers =
            leaves.iter().zip(&row.values).filter(|(leaf, _)| !matches!(leaf.cell, Cell::No | Cell::Name));
        let differences = later.get(&row.place()).into_iter().flatten();
        ReportRow {
            no: row.no.clone(),
            name: row.name.clone(),
            is_section: row.is_section,
            group: row.group.iter().map(|(group, code)| (group.as_str(), code.clone())).collect(),
            values: numbers.map(|(leaf, value)| (leaf.name.clone(), value.map(Into::into))).collect(),
            links: self.links(row),
            differences: differences
                .filter_map(|(column, by)| Some((leaves.get(*column)?.name.clone(), *by)))
                .collect(),
        }
    }

    /// Where a column is one figure: the dossiers behind it.
    fn links(&self, row: &Row) -> BTreeMap<String, String> {
        let mut links = Links::new((self.period.from, self.period.end), self.period.moment, Units::Then);
        let mut agency = (self.agency.code.as_str(), self.own);
        for (group, code) in &row.group {
            if *group == crate::statistics::cube::GroupBy::Agency {
                agency = (code, true);
            } else {
                links = links.with(group.as_str(), code);
            }
        }
        links = links.with("agency", agency.0);
        if agency.1 {
            links = links.with("own", "true");
        }
        let all = links.all();
        let single = self.form.leaves.iter().filter_map(|leaf| match &leaf.cell {
            Cell::Sum(formula) => Some((leaf.name.clone(), all.get(formula.single()?.as_str())?.clone())),
            _ => None,
        });
        single.collect()
    }
}
