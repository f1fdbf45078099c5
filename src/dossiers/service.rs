//! Use cases on dossiers that exist: finding one that the caller may see, changing it, its history and its ledger.

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{ArrayBuilder, OneOfBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::view::{self, AllowedTransition, Reader};
use super::{
    Actor, At, Change, Dossier, DossierView, SubmitDossier, Transition, apply, intake, rules, store,
};
use crate::World;
use crate::access::{Columns, Identity, Operation, Sight, View, find_sight, sight_of};
use crate::agencies::AgencyId;
use crate::db::{Conn, savepoint};
use crate::http::{Code, IfMatch, Language, Problem};

/// The dossier with this code, reference or id, if the caller sees it.
///
/// # Errors
/// 404 when there is none or he must not know.
pub fn find_visible(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    address: &str,
) -> Result<(Dossier, Sight), Problem> {
    let reach = world.reach(caller);
    let dossier = store::find(conn, address)?.ok_or_else(|| Problem::new(Code::NotFound))?;
    let sight = sight_of(conn, &reach, &world.catalogue.tree, Columns::from(&dossier))?
        .ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok((dossier, sight))
}

/// The same for a change: 403 for whoever sees less than everything, but for names that a machine need not see.
///
/// # Errors
/// 404, 403.
pub fn find_for_change(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    address: &str,
) -> Result<Dossier, Problem> {
    let reach = world.reach(caller);
    let sight = find_sight(conn, &reach, &world.catalogue.tree, address)?
        .ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(store::get_for_change(conn, sight.for_change()?)?)
}

/// Whose calendar the total of a dossier goes by: the receiving agency's, under Decree 118 the competent one's.
#[must_use]
pub fn deciding_agency(dossier: &Dossier) -> AgencyId {
    rules::deciding_agency(dossier, dossier.last_event_at)
}

/// One dossier as the caller sees it, with what he could do.
///
/// # Errors
/// 404.
pub fn show(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    address: &str,
) -> Result<DossierView, Problem> {
    let (dossier, sight) = find_visible(conn, world, caller, address)?;
    render_one(conn, world, caller, dossier, sight.view())
}

/// A dossier that was just read or changed, as the caller sees it.
///
/// # Errors
/// Those of the database.
pub fn render_one(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    dossier: Dossier,
    sees: View,
) -> Result<DossierView, Problem> {
    let allowed = if sees == View::Full {
        let actions = apply::allowed(conn, world, &Actor::from(caller), &dossier)?;
        Some(actions.into_iter().map(|(action, to)| AllowedTransition { action, to }).collect())
    } else {
        None
    };
    let mut views = view::render(conn, world, Reader(caller, Operation::GetDossier), vec![(dossier, sees)])?;
    let mut view = views.pop().ok_or_else(|| Problem::new(Code::NotFound))?;
    view.allowed_transitions = allowed;
    Ok(view)
}

/// A dossier as whoever has just changed it sees it.
///
/// # Errors
/// Those of the database.
pub fn render_changed(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    dossier: Dossier,
) -> Result<DossierView, Problem> {
    let sees = world.reach(caller).view_of_changed(dossier.procedure_version_id);
    render_one(conn, world, caller, dossier, sees)
}

/// One action or several in one transaction.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Transitions {
    One(Box<Transition>),
    /// At most 20.
    Many(Vec<Transition>),
}

impl PartialSchema for Transitions {
    fn schema() -> RefOr<Schema> {
        let one = only_its_members(Transition::schema());
        let many = ArrayBuilder::new().items(one.clone()).min_items(Some(1)).max_items(Some(20));
        OneOfBuilder::new()
            .item(one)
            .item(many)
            .examples([serde_json::json!([{"action": "start"}, {"action": "resolve", "result": "granted"}])])
            .into()
    }
}

impl ToSchema for Transitions {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Transition::schemas(schemas);
    }
}

/// Refuses members that the chosen action does not have; the derived schema of a tagged enum lets them pass.
fn only_its_members(mut transition: RefOr<Schema>) -> RefOr<Schema> {
    if let RefOr::T(Schema::OneOf(actions)) = &mut transition {
        for action in &mut actions.items {
            if let RefOr::T(Schema::Object(body)) = action {
                body.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
            }
        }
    }
    transition
}

impl Transitions {
    fn into_vec(self) -> Vec<Transition> {
        match self {
            Self::One(transition) => vec![*transition],
            Self::Many(transitions) => transitions,
        }
    }
}

/// Does `transitions` in their order.
///
/// # Errors
/// The first refusal; with several, its `/index` says which, and nothing is left of those before it.
pub fn transition(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    address: &str,
    transitions: Transitions,
    if_match: &IfMatch,
) -> Result<Dossier, Problem> {
    let mut dossier = find_for_change(conn, world, caller, address)?;
    if_match.check(dossier.version)?;
    let actor = Actor::from(caller);
    let many = matches!(transitions, Transitions::Many(_));
    for (index, transition) in transitions.into_vec().into_iter().enumerate() {
        let done: Change = apply::apply(conn, world, &actor, dossier, transition, At::now(world.now))
            .map_err(|problem| {
                if many { problem.below(&format!("/{index}")).member("index", index) } else { problem }
            })?;
        dossier = done.after;
    }
    Ok(dossier)
}

/// Many intakes in one call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"atomic": false, "items": [{
    "procedure": "2.000815", "agency": "000.33.31.H20", "channel": "counter",
    "applicant": {"kind": "person", "full_name": "Trần Văn Bình"}
}]}))]
pub struct SubmitDossiers {
    /// `true`: all or none.
    #[serde(default)]
    pub atomic: bool,
    #[schema(min_items = 1, max_items = 500)]
    pub items: Vec<SubmitDossier>,
}

/// Many changes in one call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"atomic": true, "items": [{"dossier": "000.33.31.H20-190304-0007", "actions": {"action": "start"}}]}))]
pub struct ChangeDossiers {
    /// `true`: all or none.
    #[serde(default)]
    pub atomic: bool,
    #[schema(min_items = 1, max_items = 500)]
    pub items: Vec<ChangeDossier>,
}

/// The actions on one dossier of a batch.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeDossier {
    /// Code, reference or id.
    #[schema(min_length = 1, max_length = 60)]
    pub dossier: String,
    pub actions: Transitions,
}

/// What became of each item of a batch, in their order.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({"items": [{"status": 201, "dossier": null, "problem": null}], "failed": 0}))]
pub struct BatchOutcome {
    pub items: Vec<ItemOutcome>,
    pub failed: usize,
}

/// What became of one item.
#[derive(Clone, Serialize, ToSchema)]
pub struct ItemOutcome {
    /// As the status of a call of its own would be.
    pub status: u16,
    pub dossier: Option<DossierView>,
    /// Once, with an intake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lookup_secret: Option<String>,
    /// The problem (RFC 9457) without `instance` and `request_id`.
    #[schema(value_type = Option<Object>)]
    pub problem: Option<serde_json::Value>,
}

/// Takes many in.
///
/// # Errors
/// When `atomic`, the first item's problem with its pointer below `/items/<index>`.
pub fn submit_many(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    batch: SubmitDossiers,
    language: Language,
) -> Result<BatchOutcome, Problem> {
    each(conn, batch.atomic, language, batch.items, |conn, item| {
        let ready = intake::prepare(world, caller, item, At::now(world.now))?;
        let reception = intake::submit(conn, world, caller, ready)?;
        let view = render_one(conn, world, caller, reception.change.after, View::Full)?;
        Ok(ItemOutcome {
            status: 201,
            dossier: Some(view),
            lookup_secret: Some(reception.lookup_secret),
            problem: None,
        })
    })
}

/// Changes many.
///
/// # Errors
/// When `atomic`, the first item's problem with its pointer below `/items/<index>`.
pub fn transition_many(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    batch: ChangeDossiers,
    language: Language,
) -> Result<BatchOutcome, Problem> {
    each(conn, batch.atomic, language, batch.items, |conn, item| {
        let done = transition(conn, world, caller, &item.dossier, item.actions, &IfMatch::default())?;
        let view = render_changed(conn, world, caller, done)?;
        Ok(ItemOutcome { status: 200, dossier: Some(view), lookup_secret: None, problem: None })
    })
}

fn each<T>(
    conn: &mut Conn,
    atomic: bool,
    language: Language,
    items: Vec<T>,
    work: impl Fn(&mut Conn, T) -> Result<ItemOutcome, Problem>,
) -> Result<BatchOutcome, Problem> {
    let mut outcome = BatchOutcome { items: Vec::with_capacity(items.len()), failed: 0 };
    for (index, item) in items.into_iter().enumerate() {
        match savepoint(conn, |conn| work(conn, item)) {
            Ok(done) => outcome.items.push(done),
            Err(problem) if atomic || problem.status().is_server_error() => {
                return Err(problem.below(&format!("/items/{index}")).member("index", index));
            }
            Err(problem) => {
                outcome.failed += 1;
                outcome.items.push(ItemOutcome {
                    status: problem.status().as_u16(),
                    dossier: None,
                    lookup_secret: None,
                    problem: Some(problem.bare_document(language)),
                });
            }
        }
    }
    Ok(outcome)
}
