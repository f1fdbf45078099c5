//! Closing a period, and what follows.

use std::collections::BTreeMap;

use super::rules::{ClosingAction, ClosingState, PERIOD_FORM, PeriodCode, PeriodKind, next};
use super::seal;
use super::store::{self, Closing, ClosingFilter, NewClosing, Step};
use super::views::{ClosePeriod, ClosingView, ListPeriods, StepView};
use crate::World;
use crate::access::{Identity, accounts};
use crate::agencies::{Agency, AgencyId};
use crate::db::{self, Conn, Instant, Page, PublicId};
use crate::dossiers::{Period, agency_name};
use crate::http::{Code, IfMatch, PageRequest, Problem};
use crate::statistics::asked;
use crate::statistics::facts;
use crate::statistics::reports::measure::{Amounts, Measure};

/// The figures that a closing shows: none that needs its cells.
const SHOWN: [Measure; 13] = [
    Measure::CarriedOver,
    Measure::Received,
    Measure::Moved,
    Measure::Resolved,
    Measure::ResolvedEarly,
    Measure::ResolvedOnTime,
    Measure::ResolvedLate,
    Measure::Withdrawn,
    Measure::Stopped,
    Measure::Pending,
    Measure::PendingInTime,
    Measure::PendingOverdue,
    Measure::PendingPaused,
];

/// A period by its code.
///
/// # Errors
/// 422 `invalid_query` naming the place.
pub(in crate::statistics) fn parse(text: &str, pointer: &str) -> Result<PeriodCode, Problem> {
    text.parse().map_err(|form| {
        let detail = (format!("Kỳ báo cáo có dạng {form}"), format!("A period is like {form}"));
        Problem::new(Code::InvalidQuery).error(pointer, Code::InvalidFormat, detail)
    })
}

/// The newest revision of an agency's period, when it was closed.
///
/// # Errors
/// Those of the database.
pub(in crate::statistics) fn frozen(
    conn: &mut Conn,
    agency: AgencyId,
    kind: PeriodKind,
    code: PeriodCode,
) -> Result<Option<Closing>, db::Error> {
    store::find_newest(conn, agency, kind, &code.to_string())
}

/// Who signed a closing, and when.
#[derive(Debug, Clone)]
pub(in crate::statistics) struct Signature {
    pub(in crate::statistics) by: String,
    pub(in crate::statistics) at: Instant,
    pub(in crate::statistics) seal: String,
}

/// The signature under a closing.
///
/// # Errors
/// Those of the database.
pub(in crate::statistics) fn signature(conn: &mut Conn, closing: &Closing) -> Result<Signature, Problem> {
    let steps = store::steps(conn, &[closing.id])?.remove(&closing.id).unwrap_or_default();
    let first =
        steps.into_iter().next().ok_or_else(|| Problem::internal("a closing without its first step"))?;
    let names = accounts::names(conn, &[first.account_id])?;
    Ok(Signature {
        by: names.get(&first.account_id).cloned().unwrap_or_default(),
        at: first.at,
        seal: first.seal,
    })
}

/// Takes a step with the figures of a period.
///
/// # Errors
/// `period_not_ended`, `period_closed`, 409 `conflict` for what is not possible from its state, `agency_out_of_reach` for whoever
/// stands not where the step belongs, `reason_required`, 412 `stale_version`.
pub(super) fn act(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    period: &str,
    if_match: &IfMatch,
    command: &ClosePeriod,
) -> Result<ClosingView, Problem> {
    let code: PeriodCode = period.parse().map_err(|_| {
        let detail = (format!("Kỳ báo cáo có dạng {PERIOD_FORM}"), format!("A period is like {PERIOD_FORM}"));
        Problem::new(Code::NotFound).detail(detail)
    })?;
    let action = command.action.unwrap_or(ClosingAction::Close);
    let kind = command.period_kind.unwrap_or_default();
    let agency = actor_for(world, caller, action, command.agency.as_deref())?;
    let reason = command.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    if action == ClosingAction::Return && reason.is_none() {
        return Err(Problem::invalid_body(Vec::new()).error(
            "/reason",
            Code::ReasonRequired,
            Code::ReasonRequired.title(),
        ));
    }
    let newest = store::find_newest(conn, agency.id, kind, &code.to_string())?;
    if_match.check(newest.as_ref().map_or(0, |closing| closing.version))?;
    let state = next(newest.as_ref().map(|closing| closing.state), action)
        .ok_or_else(|| refuse(newest.as_ref().map(|closing| closing.state), action))?;
    let closing = match newest {
        Some(closing) if action != ClosingAction::Close => {
            if !store::advance(conn, &closing, state)? {
                return Err(Problem::new(Code::StaleVersion));
            }
            Closing { state, version: closing.version + 1, ..closing }
        }
        newest => freeze(conn, world, agency, (code, kind), newest.map_or(1, |old| old.revision + 1))?,
    };
    sign(conn, world, caller, &closing, action, reason)?;
    view(conn, world, closing)
}

/// The agency whose figures they are, when the caller may take the step: closing and submitting is for it and those above it,
/// accepting and returning for those above it alone.
fn actor_for<'w>(
    world: &'w World,
    caller: &Identity,
    action: ClosingAction,
    code: Option<&str>,
) -> Result<&'w Agency, Problem> {
    let code = code.unwrap_or(&caller.agency_code);
    let agency = world.catalogue.tree.by_code(code).ok_or_else(|| {
        Problem::invalid_body(Vec::new()).error("/agency", Code::UnknownAgency, Code::UnknownAgency.title())
    })?;
    let is_above =
        agency.id != caller.agency_id && world.catalogue.tree.is_within(agency.id, caller.agency_id);
    let may = match action {
        ClosingAction::Close | ClosingAction::Submit => is_above || agency.id == caller.agency_id,
        ClosingAction::Accept | ClosingAction::Return => is_above,
    };
    if may { Ok(agency) } else { Err(Problem::new(Code::AgencyOutOfReach)) }
}

fn refuse(state: Option<ClosingState>, action: ClosingAction) -> Problem {
    match (state, action) {
        (Some(state), ClosingAction::Close) => {
            Problem::new(Code::PeriodClosed).member("state", state.as_str())
        }
        (state, _) => {
            let state = state.map_or("open", ClosingState::as_str);
            Problem::new(Code::Conflict)
                .detail((
                    format!("Số liệu của kỳ đang ở trạng thái {state}"),
                    format!("The figures of the period are {state}"),
                ))
                .member("state", state)
        }
    }
}

/// Writes the figures of the period as they are now.
fn freeze(
    conn: &mut Conn,
    world: &World,
    agency: &Agency,
    (code, kind): (PeriodCode, PeriodKind),
    revision: i64,
) -> Result<Closing, Problem> {
    let (from_on, to_on) = code.span(kind);
    if world.now.local_day() < to_on {
        return Err(Problem::new(Code::PeriodNotEnded).member("to", to_on.to_string()));
    }
    let facts = facts::read(conn, world, agency, false, Period::new(from_on, to_on, None, world.now))?;
    let new = NewClosing {
        public_id: PublicId::new(world.now),
        agency_id: agency.id,
        kind,
        period: code.to_string(),
        from_on,
        to_on,
        revision,
        state: ClosingState::Closed,
        facts: facts::to_text(&facts)?,
        version: 1,
    };
    store::insert(conn, &new).map_err(|error| match error {
        db::Error::Conflict { .. } => Problem::new(Code::PeriodClosed),
        other => other.into(),
    })
}

/// Writes and seals the step that led here.
fn sign(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    closing: &Closing,
    action: ClosingAction,
    reason: Option<&str>,
) -> Result<(), Problem> {
    let before = store::steps(conn, &[closing.id])?.remove(&closing.id).unwrap_or_default();
    let mut step = Step {
        closing_id: closing.id,
        seq: closing.version,
        action,
        account_id: caller.id,
        at: world.now,
        reason: reason.map(str::to_owned),
        seal: String::new(),
    };
    step.seal = seal::of(&world.secrets, closing, before.last().map(|step| step.seal.as_str()), &step);
    Ok(store::insert_step(conn, &step)?)
}

/// A page of closings.
///
/// # Errors
/// 422 `invalid_query`, 403 `agency_out_of_reach`.
pub(super) fn list(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    query: &ListPeriods,
    page: &PageRequest,
) -> Result<Page<ClosingView>, Problem> {
    let agency = asked::agency(world, caller, query.agency.as_deref())?;
    let period = query.period.as_deref().map(|period| parse(period, "/query/period")).transpose()?;
    let filter = ClosingFilter {
        agency: agency.id,
        own: query.own == Some(true),
        kind: query.period_kind,
        period: period.map(|code| code.to_string()),
        state: query.state,
    };
    let Page { items, next_cursor, total } =
        store::list(conn, &filter, page.cursor.as_ref(), page.limit, page.count)?;
    let items = items.into_iter().map(|closing| view(conn, world, closing)).collect::<Result<_, _>>()?;
    Ok(Page { items, next_cursor, total })
}

fn view(conn: &mut Conn, world: &World, closing: Closing) -> Result<ClosingView, Problem> {
    let steps = store::steps(conn, &[closing.id])?.remove(&closing.id).unwrap_or_default();
    let ids: Vec<i64> = steps.iter().map(|step| step.account_id).collect();
    let names = accounts::names(conn, &ids)?;
    let name = |step: &Step| names.get(&step.account_id).cloned().unwrap_or_default();
    let first = steps.first().ok_or_else(|| Problem::internal("a closing without its first step"))?;
    let figures = shown(&Amounts::of(&facts::of_text(&closing.facts)?));
    // To the end of its last day: what was recorded since belongs to other periods, unless it was booked back.
    let agency = world.catalogue.tree.agency(closing.agency_id)?;
    let period = Period::new(closing.from_on, closing.to_on, None, world.now);
    let live = shown(&Amounts::whole(facts::whole(conn, world, agency, period)?));
    let differences = live
        .iter()
        .map(|(figure, count)| (*figure, count - figures.get(figure).copied().unwrap_or(0)))
        .filter(|(_, difference)| *difference != 0);
    Ok(ClosingView {
        id: closing.public_id.to_string(),
        agency: agency_name(world, closing.agency_id)?,
        differences: differences.collect(),
        figures,
        signed_by: name(first),
        closed_at: first.at,
        seal: first.seal.clone(),
        steps: steps
            .iter()
            .map(|step| StepView {
                action: step.action,
                by: name(step),
                at: step.at,
                reason: step.reason.clone(),
            })
            .collect(),
        period: closing.period,
        period_kind: closing.kind,
        from: closing.from_on,
        to: closing.to_on,
        revision: closing.revision,
        state: closing.state,
        version: closing.version,
    })
}

fn shown(amounts: &Amounts) -> BTreeMap<&'static str, i64> {
    SHOWN.iter().map(|measure| (measure.as_str(), amounts.get(*measure))).collect()
}
