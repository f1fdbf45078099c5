//! The history: one line for every change, chained by an HMAC whose key is not in the database.
//!
//! A line says what happened and, in `set`, which of the columns that figures depend on it changed: `motcua verify` replays
//! the lines and gets states and counters again. What is personal (reasons, names, notes) lies apart with its salt, and the
//! line holds only its digest, so that it can be deleted after its retention period without breaking the chain.

use std::collections::HashMap;

use data_encoding::HEXLOWER;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    Action, Actor, ActorKind, At, Content, Dossier, DossierId, NewDossier, Secrets, Status, Transition,
};
use crate::access::{BadSeal, Sealed, Vault};
use crate::agencies::AgencyId;
use crate::calendar::rules::Left;
use crate::db::dialect::on_engine;
use crate::db::{self, Conn, Instant, schema::event_private, schema::events};
use crate::http::Problem;

/// Members of a transition's body that may name a person.
const PERSONAL: [&str; 6] = ["reason", "note", "recipient", "applicant", "representative", "items"];

/// An event as it lies in the database.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = events)]
pub struct Recorded {
    pub id: i64,
    pub dossier_id: DossierId,
    pub seq: i64,
    pub action: Action,
    pub from_status: Option<Status>,
    pub to_status: Status,
    pub occurred_at: Instant,
    pub recorded_at: Instant,
    pub actor_kind: ActorKind,
    pub actor_id: Option<i64>,
    pub actor_agency_id: Option<AgencyId>,
    pub data: String,
    pub private_digest: Option<Vec<u8>>,
    pub hash: Vec<u8>,
}

/// An event before it is written.
#[derive(Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub(super) struct NewEvent<'a> {
    seq: i64,
    action: Action,
    from_status: Option<Status>,
    to_status: Status,
    occurred_at: Instant,
    recorded_at: Instant,
    actor_kind: ActorKind,
    actor_id: Option<i64>,
    actor_agency_id: Option<AgencyId>,
    data: &'a str,
    private_digest: Option<Vec<u8>>,
    hash: Vec<u8>,
    #[diesel(skip_insertion)]
    personal: Option<&'a Personal>,
}

/// What of an event is personal, salted and sealed: all that is written of it.
#[derive(Clone)]
pub struct Personal {
    salt: [u8; 16],
    digest: Vec<u8>,
    sealed: Private,
}

impl Personal {
    /// That of an intake; `reason` is that of a late entry.
    #[must_use]
    pub fn of_intake(vault: &Vault, content: &Content, reason: Option<&str>) -> Option<Self> {
        #[derive(Serialize)]
        struct Brought<'a> {
            content: &'a Content,
            reason: Option<&'a str>,
        }
        // What an applicant brought always is JSON.
        serde_json::to_string(&Brought { content, reason }).ok().map(|text| Self::seal(vault, &text))
    }

    fn seal(vault: &Vault, text: &str) -> Self {
        let salt: [u8; 16] = rand::random();
        let digest = private_digest(&salt, text);
        let sealed = Private::seal_text(vault, &place_of_private(&digest), text);
        Self { salt, digest, sealed }
    }
}

/// What an event says, before it has a place in the chain.
pub struct Entry {
    pub action: Action,
    pub from: Option<Status>,
    pub at: At,
    data: String,
    personal: Option<Personal>,
}

impl Entry {
    /// The entry of an intake.
    #[must_use]
    pub fn of_intake(next: &NewDossier, personal: Option<Personal>, at: At) -> Self {
        let data = json!({"set": changed_figures(None, next)});
        Self { action: Action::Submit, from: None, at, data: data.to_string(), personal }
    }

    /// The entry of a transition.
    #[must_use]
    pub fn of_transition(
        vault: &Vault,
        before: &Dossier,
        next: &NewDossier,
        transition: &Transition,
        at: At,
    ) -> Self {
        let mut body = match serde_json::to_value(transition) {
            Ok(Value::Object(body)) => body,
            // A transition always serialises to an object: it is an internally tagged enum of structs.
            _ => Map::new(),
        };
        body.retain(|key, value| key != "action" && !value.is_null());
        let personal: Map<_, _> = PERSONAL
            .iter()
            .filter_map(|key| body.remove(*key).map(|value| ((*key).to_owned(), value)))
            .collect();
        let set = changed_figures(Some(before), next);
        if !set.is_empty() {
            body.insert("set".to_owned(), Value::Object(set));
        }
        Self {
            action: transition.action(),
            from: Some(before.status),
            at,
            data: Value::Object(body).to_string(),
            personal: (!personal.is_empty())
                .then(|| Personal::seal(vault, &Value::Object(personal).to_string())),
        }
    }
}

/// The next line of a dossier's chain, not written yet. Sets head, count and time in `next`.
pub(super) fn next_line<'e>(
    secrets: &Secrets,
    next: &mut NewDossier,
    actor: &Actor,
    entry: &'e Entry,
) -> NewEvent<'e> {
    let mut line = NewEvent {
        seq: next.event_count + 1,
        action: entry.action,
        from_status: entry.from,
        to_status: next.status,
        occurred_at: entry.at.occurred,
        recorded_at: entry.at.recorded,
        actor_kind: actor.kind,
        actor_id: actor.id(),
        actor_agency_id: actor.agency_id(),
        data: &entry.data,
        private_digest: entry.personal.as_ref().map(|personal| personal.digest.clone()),
        hash: Vec::new(),
        personal: entry.personal.as_ref(),
    };
    line.hash = chain_hash(secrets, &next.head_hash, &next.public_id, &Line::from(&line));
    next.head_hash.clone_from(&line.hash);
    next.event_count = line.seq;
    next.last_event_at = entry.at.occurred;
    line
}

/// Writes a line and its personal part; gives the event's key.
///
/// # Errors
/// Those of the database.
pub(super) fn write(conn: &mut Conn, dossier_id: DossierId, line: &NewEvent<'_>) -> Result<i64, db::Error> {
    let row = (events::dossier_id.eq(dossier_id), line);
    let event_id: i64 = on_engine!(conn, native => {
        diesel::insert_into(events::table).values(row).returning(events::id).get_result(native)
    })?;
    if let Some(Personal { salt, sealed, .. }) = line.personal {
        let row = (
            event_private::event_id.eq(event_id),
            event_private::salt.eq(salt.as_slice()),
            event_private::data.eq(sealed),
        );
        on_engine!(conn, native => diesel::insert_into(event_private::table).values(row).execute(native))?;
    }
    Ok(event_id)
}

/// A dossier's events in their order.
///
/// # Errors
/// Those of the database.
pub fn history(conn: &mut Conn, id: DossierId) -> Result<Vec<Recorded>, db::Error> {
    Ok(events::table
        .filter(events::dossier_id.eq(id))
        .order(events::seq)
        .select(Recorded::as_select())
        .load(conn)?)
}

/// The personal part of an event as it lies in the database: JSON.
pub type Private = Sealed<Value>;

/// Where it is sealed for: the line that holds its digest.
#[must_use]
pub fn place_of_private(digest: &[u8]) -> String {
    format!("event/{}", HEXLOWER.encode(digest))
}

/// The personal parts that are still kept, by event.
///
/// # Errors
/// Those of the database; what does not open.
pub fn private_parts(conn: &mut Conn, vault: &Vault, id: DossierId) -> Result<HashMap<i64, Value>, Problem> {
    let sealed: Vec<(i64, Option<Vec<u8>>, Private)> = event_private::table
        .inner_join(events::table.on(events::id.eq(event_private::event_id)))
        .filter(events::dossier_id.eq(id))
        .select((event_private::event_id, events::private_digest, event_private::data))
        .load(conn)
        .map_err(db::Error::from)?;
    let open = |(event, digest, data): (i64, Option<Vec<u8>>, Private)| {
        Ok((event, data.open(vault, &place_of_private(&digest.unwrap_or_default()))?))
    };
    sealed.into_iter().map(open).collect::<Result<_, BadSeal>>().map_err(Problem::from)
}

/// The members of a line that its hash covers.
pub struct Line<'a> {
    seq: i64,
    action: Action,
    from: Option<Status>,
    to: Status,
    occurred_at: Instant,
    recorded_at: Instant,
    actor: (ActorKind, Option<i64>, Option<AgencyId>),
    data: &'a str,
    private_digest: Option<&'a [u8]>,
}

impl<'a> From<&'a NewEvent<'a>> for Line<'a> {
    fn from(line: &'a NewEvent<'a>) -> Self {
        Self {
            seq: line.seq,
            action: line.action,
            from: line.from_status,
            to: line.to_status,
            occurred_at: line.occurred_at,
            recorded_at: line.recorded_at,
            actor: (line.actor_kind, line.actor_id, line.actor_agency_id),
            data: line.data,
            private_digest: line.private_digest.as_deref(),
        }
    }
}

impl<'a> From<&'a Recorded> for Line<'a> {
    fn from(line: &'a Recorded) -> Self {
        Self {
            seq: line.seq,
            action: line.action,
            from: line.from_status,
            to: line.to_status,
            occurred_at: line.occurred_at,
            recorded_at: line.recorded_at,
            actor: (line.actor_kind, line.actor_id, line.actor_agency_id),
            data: &line.data,
            private_digest: line.private_digest.as_deref(),
        }
    }
}

/// HMAC-SHA-256 over the hash before and the line's canonical form: a JSON array in fixed order, instants in whole
/// microseconds.
#[must_use]
pub fn chain_hash(secrets: &Secrets, before: &[u8], dossier: &str, line: &Line<'_>) -> Vec<u8> {
    let (kind, id, agency) = line.actor;
    let canonical = json!([
        dossier,
        line.seq,
        line.action,
        line.from,
        line.to,
        line.occurred_at.micros(),
        line.recorded_at.micros(),
        kind,
        id,
        agency,
        line.data,
        line.private_digest,
    ]);
    secrets.chain(before, &canonical.to_string())
}

/// The salted digest by which a line holds its personal part.
#[must_use]
pub fn private_digest(salt: &[u8], data: &str) -> Vec<u8> {
    Sha256::new().chain_update(salt).chain_update(data.as_bytes()).finalize().to_vec()
}

/// The columns that figures are derived from, where they differ from before.
fn changed_figures(before: Option<&Dossier>, next: &NewDossier) -> Map<String, Value> {
    let mut set = Map::new();
    let mut note = |name: &str, was: Option<Value>, is: Value| {
        if was.as_ref() != Some(&is) && !(was.is_none() && is.is_null()) {
            set.insert(name.to_owned(), is);
        }
    };
    macro_rules! columns {
        ($($column:ident),*) => {
            $(note(stringify!($column), before.map(|row| json!(row.$column)), json!(next.$column));)*
        };
    }
    columns!(
        code,
        agency_id,
        holder_id,
        procedure_id,
        procedure_version_id,
        channel,
        received_at,
        accept_due_at,
        due_at,
        judged_due_at,
        expected_due_at,
        paused_in_time,
        result,
        outcome
    );
    // Of the clock itself only what dates do not tell: how much was left when it stopped, and another limit.
    if let Some(before) = before.filter(|before| before.clock != next.clock) {
        note("left", Some(json!(left(before))), json!(left(next)));
        if let Some(clock) = &before.clock {
            let limit = next.clock.as_ref().map(|clock| clock.0.limit);
            note("limit", Some(json!(clock.0.limit)), json!(limit));
        }
    }
    set
}

/// What was left of promise and judged date when the present pause began.
fn left(row: &NewDossier) -> Option<(Left, Left)> {
    let pause = row.clock.as_ref()?.0.paused?;
    Some((pause.due_left, pause.judged_left))
}

/// Usernames and client ids of the actors of some events.
#[derive(Default)]
pub struct ActorNames {
    accounts: HashMap<i64, String>,
    clients: HashMap<i64, String>,
}

impl ActorNames {
    /// The name behind a line; None for applicant and system.
    #[must_use]
    pub fn of(&self, line: &Recorded) -> Option<String> {
        let names = match line.actor_kind {
            ActorKind::Account => &self.accounts,
            ActorKind::Client => &self.clients,
            ActorKind::Applicant | ActorKind::System => return None,
        };
        names.get(&line.actor_id?).cloned()
    }
}

/// The names of all actors of `lines`.
///
/// # Errors
/// Those of the database.
pub fn actor_names(conn: &mut Conn, lines: &[Recorded]) -> Result<ActorNames, db::Error> {
    let ids = |kind: ActorKind| -> Vec<i64> {
        lines.iter().filter(|line| line.actor_kind == kind).filter_map(|line| line.actor_id).collect()
    };
    Ok(ActorNames {
        accounts: crate::access::accounts::names(conn, &ids(ActorKind::Account))?,
        clients: crate::access::accounts::client_names(conn, &ids(ActorKind::Client))?,
    })
}
