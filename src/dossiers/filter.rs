//! Lists of dossiers: what can be asked for, and the query that begins, like every query on dossiers, with what the
//! caller may see.

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::figure::{self, Figure, Units};
use super::{Channel, Dossier, Status};
use crate::World;
use crate::access::{Columns, Identity, View, Visible, views, visible_dossiers};
use crate::agencies::{Kind, Tree};
use crate::calendar::rules::{Outcome, at};
use crate::db::schema::{accounts, agency_closure, dossiers, procedures};
use crate::db::{self, Conn, Cursor, Instant, InstantSql, Limit, Page, fold, keyset, text_enum};
use crate::http::{Code, Faults, Problem};

text_enum! {
    /// The order of a list; `-` is descending. Dossiers that lack the column are left out.
    pub enum Sort {
        Newest = "-id",
        Oldest = "id",
        ReceivedAt = "received_at",
        ReceivedAtDescending = "-received_at",
        DueAt = "due_at",
        DueAtDescending = "-due_at",
        FinishedAt = "finished_at",
        FinishedAtDescending = "-finished_at",
    }
}

text_enum! {
    /// How a dossier's course ended.
    pub enum Ended {
        Resolved = "resolved",
        Withdrawn = "withdrawn",
        Stopped = "stopped",
    }
}

/// What a list of dossiers can be narrowed by. Periods are half-open `[from, to)` by local day.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"agency": "000.00.31.H20", "status": "processing", "overdue": true, "sort": "due_at"}))]
pub struct DossierFilter {
    /// Receiving agency, with all below it.
    #[param(max_length = 35)]
    #[schema(max_length = 35)]
    pub agency: Option<String>,
    /// Only `agency` itself, without those below.
    pub own: Option<bool>,
    /// Agency that has it.
    #[param(max_length = 35)]
    #[schema(max_length = 35)]
    pub holder: Option<String>,
    /// Username of the officer in the lead.
    #[param(max_length = 100)]
    #[schema(max_length = 100)]
    pub assignee: Option<String>,
    /// Where it stands.
    #[param(inline)]
    pub status: Option<Status>,
    /// Code of the procedure.
    #[param(max_length = 40)]
    #[schema(max_length = 40)]
    pub procedure: Option<String>,
    /// Code of the field (lĩnh vực).
    #[param(max_length = 60)]
    #[schema(max_length = 60)]
    pub field: Option<String>,
    /// Level of the receiving agency: the nearest of province, district, commune upward from it.
    #[param(inline)]
    pub level: Option<Kind>,
    /// How it came in.
    #[param(inline)]
    pub channel: Option<Channel>,
    /// Handed in on or after this day.
    pub submitted_from: Option<NaiveDate>,
    /// Handed in before this day.
    pub submitted_to: Option<NaiveDate>,
    /// Received on or after this day.
    pub received_from: Option<NaiveDate>,
    /// Received before this day.
    pub received_to: Option<NaiveDate>,
    /// Promised for this day or later.
    pub due_from: Option<NaiveDate>,
    /// Promised for an earlier day.
    pub due_to: Option<NaiveDate>,
    /// Resolved, withdrawn or stopped on or after this day.
    pub finished_from: Option<NaiveDate>,
    /// Resolved, withdrawn or stopped before this day.
    pub finished_to: Option<NaiveDate>,
    /// How its resolution is judged.
    #[param(inline)]
    pub outcome: Option<Outcome>,
    /// How its course ended; `resolved` includes returned ones.
    #[param(inline)]
    pub ended: Option<Ended>,
    /// Open at this moment.
    #[param(inline)]
    pub open_at: Option<Instant>,
    /// Open at this moment, past the date that it was then judged by, and not in a pause begun in time: as the figures have
    /// it, by what was recorded by then; a later moment: if nothing happens until then.
    #[param(inline)]
    pub overdue_at: Option<Instant>,
    /// Awaiting papers or money at this moment, also while a withdrawal is requested.
    #[param(inline)]
    pub paused_at: Option<Instant>,
    /// Overdue now (or not).
    pub overdue: Option<bool>,
    /// Submissions that the desk should have answered by now (or that still have time).
    pub waiting_late: Option<bool>,
    /// Open, not overdue, and to be judged by a date within so many working hours of the caller's agency.
    #[param(minimum = 0, maximum = 10000)]
    #[schema(minimum = 0, maximum = 10000)]
    pub due_within: Option<u32>,
    /// The dossiers behind a statistics figure, as booked, such as `received.online`.
    #[param(max_length = 40)]
    #[schema(max_length = 40)]
    pub figure: Option<String>,
    /// First day of the figure's period.
    pub figure_from: Option<NaiveDate>,
    /// Day after the figure's period.
    pub figure_to: Option<NaiveDate>,
    /// The figure as it was at this moment.
    #[param(inline)]
    pub figure_as_of: Option<Instant>,
    /// `then`: the figure as booked; `today`: what merged agencies had counts for their heirs.
    #[param(inline)]
    pub units: Option<Units>,
    /// Part of the applicant's name, accents ignored, or of the code.
    #[param(min_length = 2, max_length = 100)]
    #[schema(min_length = 2, max_length = 100)]
    pub q: Option<String>,
    /// Reference of a submission.
    #[param(max_length = 60)]
    #[schema(max_length = 60)]
    pub reference: Option<String>,
    /// The order; newest first when not said.
    #[param(inline)]
    pub sort: Option<Sort>,
}

/// What `/dossiers/search` takes: the list's filters, and numbers that must not stand in URLs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchDossiers {
    #[serde(flatten)]
    pub filter: DossierFilter,
    #[serde(flatten)]
    pub numbers: SearchedNumbers,
}

/// What a search has beside the filters of a list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SearchedNumbers {
    /// The applicant's, exactly.
    #[schema(max_length = 20)]
    pub identity_number: Option<String>,
    /// The applicant's, exactly; E.164 or national.
    #[schema(max_length = 20)]
    pub phone: Option<String>,
    pub limit: Option<Limit>,
    pub cursor: Option<Cursor>,
    /// Whether to count them all (`total`).
    pub count: Option<bool>,
}

/// One flat object of both, so that an unknown member is refused as everywhere.
impl PartialSchema for SearchDossiers {
    fn schema() -> RefOr<Schema> {
        let mut whole = DossierFilter::schema();
        if let (RefOr::T(Schema::Object(whole)), RefOr::T(Schema::Object(numbers))) =
            (&mut whole, SearchedNumbers::schema())
        {
            whole.properties.extend(numbers.properties);
            whole.example = Some(
                serde_json::json!({"identity_number": "087190001234", "status": "processing", "limit": 20}),
            );
        }
        whole
    }
}

impl ToSchema for SearchDossiers {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        DossierFilter::schemas(schemas);
        SearchedNumbers::schemas(schemas);
    }
}

/// One page's worth of a list.
pub struct Listing {
    pub limit: Limit,
    pub cursor: Option<Cursor>,
    pub count: bool,
}

/// A page of dossiers, each with the caller's view.
///
/// # Errors
/// 422 for names that nothing has and for foreign cursors, 403 for filters by what the caller never sees.
pub fn list(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    search: &SearchDossiers,
    listing: &Listing,
) -> Result<Page<(Dossier, View)>, Problem> {
    let reach = caller.reach(world.now);
    let filter = &search.filter;
    let numbers = search.numbers.identity_number.is_some() || search.numbers.phone.is_some();
    // Who sees a member masked must not learn it by searching.
    let at_least = match (numbers, filter.q.is_some()) {
        (true, _) => View::Full,
        (false, true) => View::Masked,
        (false, false) => View::Row,
    };
    if !reach.allows(at_least) {
        return Err(Problem::new(Code::FilterNotAllowed));
    }
    let wanted = Wanted::parse(world, caller, search)?;
    let total = if listing.count {
        let mut query = visible_dossiers(&reach, at_least);
        for condition in wanted.conditions(world) {
            query = query.filter(condition);
        }
        Some(query.count().get_result::<i64>(conn).map_err(db::Error::from)?)
    } else {
        None
    };
    let mut query = visible_dossiers(&reach, at_least);
    for condition in wanted.conditions(world) {
        query = query.filter(condition);
    }
    let sort = filter.sort.unwrap_or(Sort::Newest);
    let bad_cursor = |_| Problem::new(Code::CursorInvalid);
    macro_rules! by_column {
        ($column:ident, $compare:ident, $order:ident) => {{
            query = query
                .filter(dossiers::$column.is_not_null())
                .order((dossiers::$column.assume_not_null().$order(), dossiers::id.$order()));
            if let Some(cursor) = &listing.cursor {
                let (at, id): (Instant, i64) = cursor.key(sort.as_str()).map_err(bad_cursor)?;
                query = query.filter(keyset!($compare; (dossiers::$column.assume_not_null(), at), (dossiers::id, id)));
            }
        }};
    }
    macro_rules! by_id {
        ($compare:ident, $order:ident) => {{
            query = query.order(dossiers::id.$order());
            if let Some(cursor) = &listing.cursor {
                let id: i64 = cursor.key(sort.as_str()).map_err(bad_cursor)?;
                query = query.filter(dossiers::id.$compare(id));
            }
        }};
    }
    match sort {
        Sort::Newest => by_id!(lt, desc),
        Sort::Oldest => by_id!(gt, asc),
        Sort::ReceivedAt => by_column!(received_at, gt, asc),
        Sort::ReceivedAtDescending => by_column!(received_at, lt, desc),
        Sort::DueAt => by_column!(judged_due_at, gt, asc),
        Sort::DueAtDescending => by_column!(judged_due_at, lt, desc),
        Sort::FinishedAt => by_column!(finished_at, gt, asc),
        Sort::FinishedAtDescending => by_column!(finished_at, lt, desc),
    }
    let rows: Vec<Dossier> =
        query.select(Dossier::as_select()).limit(listing.limit.rows()).load(conn).map_err(db::Error::from)?;
    let page = Page::of(rows, listing.limit, |dossier| cursor_after(sort, dossier))?;
    let columns: Vec<Columns> = page.items.iter().map(Columns::from).collect();
    let mut seen = views(conn, &reach, &world.catalogue.tree, &columns)?.into_iter();
    let mut page = page.map(|dossier| (dossier, seen.next().unwrap_or(View::None)));
    page.total = total;
    Ok(page)
}

fn cursor_after(sort: Sort, dossier: &Dossier) -> Result<Cursor, Problem> {
    let at = match sort {
        Sort::Newest | Sort::Oldest => return Ok(Cursor::after(sort.as_str(), &dossier.id)?),
        Sort::ReceivedAt | Sort::ReceivedAtDescending => dossier.received_at,
        Sort::DueAt | Sort::DueAtDescending => dossier.judged_due_at,
        Sort::FinishedAt | Sort::FinishedAtDescending => dossier.finished_at,
    };
    Ok(Cursor::after(sort.as_str(), &(at, dossier.id))?)
}

/// A filter whose names are known to stand for something.
struct Wanted<'a> {
    filter: &'a DossierFilter,
    agency: Option<i64>,
    holder: Option<i64>,
    procedure: Option<i64>,
    level: Option<Vec<i64>>,
    due_before: Option<Instant>,
    figure: Option<figure::Booked>,
    identity_hash: Option<String>,
    phone_hash: Option<String>,
}

impl<'a> Wanted<'a> {
    fn parse(world: &World, caller: &Identity, search: &'a SearchDossiers) -> Result<Self, Problem> {
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
        let (agency, holder) = (agency(&filter.agency, "agency"), agency(&filter.holder, "holder"));
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
        faults.into_query_result()?;
        let mut phone = search.numbers.phone.clone();
        super::content::normalize_phone(&mut phone);
        Ok(Self {
            filter,
            agency,
            holder,
            procedure,
            level: filter.level.map(|level| of_level(tree, level)),
            due_before,
            figure,
            identity_hash: search
                .numbers
                .identity_number
                .as_deref()
                .map(|number| world.secrets.blind_index(number)),
            phone_hash: phone.as_deref().map(|number| world.secrets.blind_index(number)),
        })
    }

    /// The conditions that follow. A statistics figure is a matter of the ledger: agency, procedure, channel and level then
    /// restrict the cells that were booked, not what the dossier is today.
    fn conditions(&self, world: &World) -> Vec<Visible> {
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
        self.add_periods(&mut all);
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
        #[expect(
            clippy::disallowed_methods,
            reason = "a folded column and an ASCII code: the engines agree on both"
        )]
        if let Some(text) = &filter.q {
            let folded = format!("%{}%", escape_like(&fold(text)));
            let code = format!("%{}%", escape_like(&text.to_uppercase()));
            all.push(Box::new(dossiers::search_name.like(folded).escape('\\').or(
                dossiers::code.is_not_null().and(dossiers::code.assume_not_null().like(code).escape('\\')),
            )));
        }
        if let Some(reference) = filter.reference.clone() {
            all.push(Box::new(
                dossiers::reference.is_not_null().and(dossiers::reference.assume_not_null().eq(reference)),
            ));
        }
        if let Some(hash) = self.identity_hash.clone() {
            all.push(Box::new(
                dossiers::identity_hash.is_not_null().and(dossiers::identity_hash.assume_not_null().eq(hash)),
            ));
        }
        if let Some(hash) = self.phone_hash.clone() {
            all.push(Box::new(
                dossiers::phone_hash.is_not_null().and(dossiers::phone_hash.assume_not_null().eq(hash)),
            ));
        }
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
    }

    fn add_moments(&self, world: &World, all: &mut Vec<Visible>) {
        let filter = self.filter;
        for at in [filter.open_at, filter.overdue_at, filter.paused_at].into_iter().flatten() {
            all.push(was_open(at));
        }
        if let Some(at) = filter.overdue_at {
            all.push(figure::was_overdue(at));
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
