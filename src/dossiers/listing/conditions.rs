//! A filter in SQL: its names looked up, all faults told at once, then one condition for each member.

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::super::figure::{self, Figure};
use super::super::{ClockState, Mark, Status, content};
use super::filter::{DossierFilter, Ended, SearchDossiers};
use super::legs::has_leg;
use super::past::clock_was;
use super::posted::was_posted;
use crate::World;
use crate::access::{Identity, Reach, Visible, shows_names};
use crate::agencies::{Kind, Tree};
use crate::calendar::rules::at;
use crate::db::schema::{accounts, agency_closure, dossier_marks, dossiers, procedures};
use crate::db::{Instant, InstantSql, fold};
use crate::http::{Code, Faults, Problem};

/// A filter whose names are known to stand for something.
pub(super) struct Wanted<'a> {
    filter: &'a DossierFilter,
    agency: Option<i64>,
    holder: Option<i64>,
    posted_office: Option<i64>,
    leg_agency: Option<i64>,
    procedure: Option<i64>,
    level: Option<Vec<i64>>,
    due_before: Option<Instant>,
    figure: Option<figure::Booked>,
    /// As any data key may have hashed them.
    identity_hashes: Option<Vec<String>>,
    phone_hashes: Option<Vec<String>>,
}

impl<'a> Wanted<'a> {
    pub(super) fn parse(
        world: &World,
        caller: &Identity,
        search: &'a SearchDossiers,
    ) -> Result<Self, Problem> {
        let filter = &search.filter;
        let mut faults = Faults::default();
        let tree = &world.catalogue.tree;
        let mut agency = |code: &Option<String>, name: &str| {
            let found = tree.by_code(code.as_deref()?).map(|agency| agency.id);
            if found.is_none() {
                faults.note(format!("/query/{name}"), Code::UnknownAgency);
            }
            found
        };
        let (receiver, holder) = (agency(&filter.agency, "agency"), agency(&filter.holder, "holder"));
        let posted_office = agency(&filter.posted_office, "posted_office");
        let leg_agency = agency(&filter.leg_agency, "leg_agency");
        let procedure = filter.procedure.as_deref().and_then(|code| {
            let found = world.catalogue.procedures.by_code(code).map(|known| known.id);
            if found.is_none() {
                faults.note("/query/procedure", Code::UnknownProcedure);
            }
            found
        });
        let due_before = match filter.due_within {
            None => None,
            Some(hours) => {
                let calendar = world.catalogue.calendars.for_agency(caller.agency_id)?;
                Some(calendar.add_opening_minutes(world.now.into(), hours.saturating_mul(60))?.into())
            }
        };
        let figure = match &filter.figure {
            None => None,
            Some(path) => {
                let booked = path.parse::<Figure>().ok().and_then(|figure| {
                    figure::Booked::of(
                        figure,
                        filter.figure_from?,
                        filter.figure_to?,
                        filter.figure_as_of,
                        filter.units.unwrap_or_default(),
                        world.now,
                    )
                });
                if booked.is_none() {
                    faults.note("/query/figure", Code::NotOneOf);
                }
                booked
            }
        };
        check_company(filter, &mut faults);
        faults.into_query_result()?;
        let mut phone = search.numbers.phone.clone();
        content::normalize_phone(&mut phone);
        Ok(Self {
            filter,
            agency: receiver,
            holder,
            posted_office,
            leg_agency,
            procedure,
            level: filter.level.map(|level| of_level(tree, level)),
            due_before,
            figure,
            identity_hashes: search
                .numbers
                .identity_number
                .as_deref()
                .map(|number| world.vault.blind_indexes(number)),
            phone_hashes: phone.as_deref().map(|number| world.vault.blind_indexes(number)),
        })
    }

    /// The conditions that follow. A statistics figure is a matter of the ledger: agency, procedure, channel and level then
    /// restrict the cells that were booked, not what the dossier is today.
    pub(super) fn conditions(&self, world: &World, reach: &Reach) -> Vec<Visible> {
        let mut all: Vec<Visible> = Vec::new();
        let filter = self.filter;
        match &self.figure {
            Some(booked) => all.push(booked.condition(&figure::Cells {
                agency: self.agency,
                own: filter.own == Some(true),
                procedure: self.procedure,
                field: filter.field.clone(),
                channel: filter.channel,
                level: self.level.clone(),
            })),
            None => self.add_cell_conditions(&mut all),
        }
        self.add_row_conditions(&mut all);
        self.add_text(reach, &mut all);
        self.add_periods(&mut all);
        all.extend(has_leg(filter, self.leg_agency));
        self.add_moments(world, &mut all);
        all
    }

    fn add_cell_conditions(&self, all: &mut Vec<Visible>) {
        match self.agency {
            Some(agency) if self.filter.own == Some(true) => {
                all.push(Box::new(dossiers::agency_id.eq(agency)));
            }
            Some(agency) => all.push(Box::new(
                dossiers::agency_id.eq_any(
                    agency_closure::table
                        .filter(agency_closure::ancestor_id.eq(agency))
                        .select(agency_closure::descendant_id),
                ),
            )),
            None => {}
        }
        if let Some(procedure) = self.procedure {
            all.push(Box::new(dossiers::procedure_id.eq(procedure)));
        }
        if let Some(field) = self.filter.field.clone() {
            all.push(Box::new(
                dossiers::procedure_id.eq_any(
                    procedures::table
                        .inner_join(
                            crate::db::schema::fields::table
                                .on(crate::db::schema::fields::id.eq(procedures::field_id)),
                        )
                        .filter(crate::db::schema::fields::code.eq(field))
                        .select(procedures::id),
                ),
            ));
        }
        if let Some(channel) = self.filter.channel {
            all.push(Box::new(dossiers::channel.eq(channel)));
        }
        if let Some(level) = self.level.clone() {
            all.push(Box::new(dossiers::agency_id.eq_any(level)));
        }
    }

    fn add_row_conditions(&self, all: &mut Vec<Visible>) {
        let filter = self.filter;
        if let Some(holder) = self.holder {
            all.push(Box::new(dossiers::holder_id.eq(holder)));
        }
        if let Some(name) = filter.assignee.clone() {
            all.push(Box::new(
                dossiers::assignee_id
                    .assume_not_null()
                    .eq_any(accounts::table.filter(accounts::username.eq(name)).select(accounts::id)),
            ));
        }
        if let Some(status) = filter.status {
            all.push(Box::new(dossiers::status.eq(status)));
        }
        if let Some(outcome) = filter.outcome {
            all.push(Box::new(
                dossiers::outcome.is_not_null().and(dossiers::outcome.assume_not_null().eq(outcome)),
            ));
        }
        match filter.ended {
            Some(Ended::Resolved) => {
                all.push(Box::new(dossiers::status.eq_any([Status::Resolved, Status::Returned])));
            }
            Some(Ended::Withdrawn) => all.push(Box::new(dossiers::status.eq(Status::Withdrawn))),
            Some(Ended::Stopped) => all.push(Box::new(dossiers::status.eq(Status::Stopped))),
            None => {}
        }
        if let Some(reference) = filter.reference.clone() {
            all.push(Box::new(
                dossiers::reference.is_not_null().and(dossiers::reference.assume_not_null().eq(reference)),
            ));
        }
        if let Some(hashes) = self.identity_hashes.clone() {
            all.push(Box::new(
                dossiers::identity_hash
                    .is_not_null()
                    .and(dossiers::identity_hash.assume_not_null().eq_any(hashes)),
            ));
        }
        if let Some(hashes) = self.phone_hashes.clone() {
            all.push(Box::new(
                dossiers::phone_hash.is_not_null().and(dossiers::phone_hash.assume_not_null().eq_any(hashes)),
            ));
        }
    }

    /// A part of the name, where the caller is shown it, or of the code.
    #[expect(
        clippy::disallowed_methods,
        reason = "a folded column and an ASCII code: the engines agree on both"
    )]
    fn add_text(&self, reach: &Reach, all: &mut Vec<Visible>) {
        let Some(text) = &self.filter.q else { return };
        let folded = format!("%{}%", escape_like(&fold(text)));
        let code = format!("%{}%", escape_like(&text.to_uppercase()));
        let by_name = dossiers::search_name.like(folded).escape('\\').and(shows_names(reach));
        let by_code =
            dossiers::code.is_not_null().and(dossiers::code.assume_not_null().like(code).escape('\\'));
        all.push(Box::new(by_name.or(by_code)));
    }

    fn add_periods(&self, all: &mut Vec<Visible>) {
        let filter = self.filter;
        macro_rules! period {
            ($column:ident, $from:ident, $to:ident) => {
                if filter.$from.is_some() || filter.$to.is_some() {
                    all.push(Box::new(dossiers::$column.is_not_null()));
                }
                if let Some(day) = filter.$from {
                    all.push(Box::new(dossiers::$column.assume_not_null().ge(start_of(day))));
                }
                if let Some(day) = filter.$to {
                    all.push(Box::new(dossiers::$column.assume_not_null().lt(start_of(day))));
                }
            };
        }
        period!(submitted_at, submitted_from, submitted_to);
        period!(received_at, received_from, received_to);
        period!(due_at, due_from, due_to);
        period!(finished_at, finished_from, finished_to);
        if filter.clock_as_of.is_none() {
            period!(judged_due_at, judged_from, judged_to);
        }
        all.extend(was_marked(filter));
        if let Some(posted) = filter.posted {
            let booked = (filter.posted_from, filter.posted_to);
            all.push(was_posted(posted, self.posted_office, booked));
        }
    }

    fn add_moments(&self, world: &World, all: &mut Vec<Visible>) {
        let filter = self.filter;
        for at in [filter.open_at, filter.overdue_at, filter.paused_at].into_iter().flatten() {
            all.push(was_open(at));
        }
        if let Some(at) = filter.overdue_at {
            all.push(figure::stood("overdue", at));
        }
        if let Some(at) = filter.paused_at {
            all.push(Box::new(was_paused(at)));
        }
        if let Some(wanted) = filter.overdue {
            let overdue = dossiers::status
                .eq_any(Status::OPEN)
                .and(dossiers::paused_in_time.eq(false))
                .and(dossiers::judged_due_at.is_not_null())
                .and(dossiers::judged_due_at.assume_not_null().lt(world.now));
            if wanted {
                all.push(Box::new(overdue));
            } else {
                all.push(Box::new(diesel::dsl::not(overdue)));
            }
        }
        match filter.clock_as_of {
            Some(at) => all.extend(clock_was(filter, at)),
            None => all.extend(filter.clock.map(clock_is)),
        }
        if let Some(wanted) = filter.waiting_late {
            let due = dossiers::accept_due_at.assume_not_null();
            let waits = dossiers::status.eq(Status::Submitted).and(dossiers::accept_due_at.is_not_null());
            if wanted {
                all.push(Box::new(waits.and(due.lt(world.now))));
            } else {
                all.push(Box::new(waits.and(due.ge(world.now))));
            }
        }
        if let Some(before) = self.due_before {
            let judged = dossiers::judged_due_at.assume_not_null();
            all.push(Box::new(
                dossiers::status
                    .eq_any(Status::OPEN)
                    .and(dossiers::paused_in_time.eq(false))
                    .and(dossiers::judged_due_at.is_not_null())
                    .and(judged.ge(world.now))
                    .and(judged.le(before)),
            ));
        }
    }
}

/// Notes parameters that say nothing without another one.
fn check_company(filter: &DossierFilter, faults: &mut Faults) {
    let of_posted =
        filter.posted_office.is_some() || filter.posted_from.is_some() || filter.posted_to.is_some();
    if of_posted && filter.posted.is_none() {
        faults.note("/query/posted", Code::Required);
    }
    let of_clock = filter.clock.is_some() || filter.judged_from.is_some() || filter.judged_to.is_some();
    if filter.clock_as_of.is_some() && !of_clock {
        faults.note("/query/clock", Code::Required);
    }
}

/// Open, with a clock in this state.
fn clock_is(state: ClockState) -> Visible {
    let open = dossiers::finished_at.is_null().and(dossiers::received_at.is_not_null());
    let is_judged = dossiers::judged_due_at.is_not_null();
    match state {
        ClockState::Running => Box::new(open.and(is_judged).and(dossiers::paused_in_time.eq(false))),
        ClockState::Paused => Box::new(open.and(dossiers::paused_in_time.eq(true))),
        ClockState::NotStarted => Box::new(open.and(dossiers::judged_due_at.is_null())),
    }
}

/// That a mark was made in a period, by the ledger of marks.
fn was_marked(filter: &DossierFilter) -> Option<Visible> {
    let DossierFilter { mark, marked_from, marked_to, .. } = *filter;
    if mark.is_none() && marked_from.is_none() && marked_to.is_none() {
        return None;
    }
    let wanted: Vec<Mark> = mark.map_or_else(|| Mark::ALL.to_vec(), |mark| vec![mark]);
    let made = dossier_marks::table
        .filter(dossier_marks::mark.eq_any(wanted))
        .filter(dossier_marks::marked_at.ge(marked_from.map_or(Instant::MIN, start_of)))
        .filter(dossier_marks::marked_at.lt(marked_to.map_or(Instant::MAX, start_of)))
        .select(dossier_marks::dossier_id);
    Some(Box::new(dossiers::id.eq_any(made)))
}

fn was_open(at: Instant) -> Visible {
    Box::new(
        dossiers::received_at
            .is_not_null()
            .and(dossiers::received_at.assume_not_null().le(at))
            .and(dossiers::finished_at.is_null().or(dossiers::finished_at.assume_not_null().gt(at))),
    )
}

/// That the last event up to a moment left the dossier waiting for the applicant. A request for withdrawal leaves it as it
/// was.
fn was_paused(at: Instant) -> Visible {
    let paused = sql::<Bool>(
        "(SELECT past.to_status IN ('awaiting_supplement', 'awaiting_payment') FROM events AS past
          WHERE past.seq = (SELECT max(seq) FROM events WHERE dossier_id = dossiers.id
                           AND to_status <> 'withdrawal_requested' AND occurred_at <= ",
    )
    .bind::<InstantSql, _>(at)
    .sql(") AND past.dossier_id = dossiers.id)");
    Box::new(paused)
}

fn of_level(tree: &Tree, level: Kind) -> Vec<i64> {
    tree.all().iter().filter(|agency| tree.level(agency.id) == Some(level)).map(|agency| agency.id).collect()
}

fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// The moment at which a local day begins.
fn start_of(day: NaiveDate) -> Instant {
    at(day, 0).into()
}
