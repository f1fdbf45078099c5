//! A dossier's history as callers read it.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::view::{AgencyName, Reader, agency_name};
use super::{Action, ActorKind, Dossier, Status, events};
use crate::World;
use crate::access::{Columns, View};
use crate::db::{Conn, Instant};
use crate::http::Problem;

/// One event of a dossier.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "seq": 2, "action": "start", "from": "received", "to": "processing",
    "occurred_at": "2019-03-04T09:00:00+07:00", "recorded_at": "2019-03-04T09:00:00+07:00",
    "actor": {"kind": "account", "name": "officer@tan-long", "agency": {"code": "000.33.31.H20", "name": "Xã Tân Long"}},
    "data": {}, "private": null, "hash": "8c1f0a…"
}))]
pub struct EventView {
    /// Its place in the dossier's history, from 1 on without gaps.
    pub seq: i64,
    pub action: Action,
    pub from: Option<Status>,
    pub to: Status,
    pub occurred_at: Instant,
    /// Differs from `occurred_at` for late entries.
    pub recorded_at: Instant,
    pub actor: ActorView,
    /// What the action said, and in `set` what it changed.
    #[schema(value_type = Object)]
    pub data: Value,
    /// Reasons, names and notes; null when masked or deleted after their retention.
    #[schema(value_type = Option<Object>)]
    pub private: Option<Value>,
    /// Hex of the HMAC that chains it to the event before.
    pub hash: String,
}

/// Who caused an event.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActorView {
    pub kind: ActorKind,
    /// Username or client id.
    pub name: Option<String>,
    pub agency: Option<AgencyName>,
}

/// All events of a dossier.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoryView {
    pub items: Vec<EventView>,
    pub next_cursor: Option<String>,
}

/// The history of a dossier that the caller sees in full or masked. Never long: an answer holds all of it.
///
/// # Errors
/// Those of the database.
pub fn history(
    conn: &mut Conn,
    world: &World,
    reader: Reader<'_>,
    dossier: &Dossier,
    sees: View,
) -> Result<HistoryView, Problem> {
    let lines = events::history(conn, dossier.id)?;
    let mut private = if sees == View::Full {
        reader.note(world, Columns::from(dossier))?;
        events::private_parts(conn, &world.vault, dossier.id)?
    } else {
        HashMap::new()
    };
    let names = events::actor_names(conn, &lines)?;
    let items = lines
        .iter()
        .map(|line| {
            Ok(EventView {
                seq: line.seq,
                action: line.action,
                from: line.from_status,
                to: line.to_status,
                occurred_at: line.occurred_at,
                recorded_at: line.recorded_at,
                actor: ActorView {
                    kind: line.actor_kind,
                    name: names.of(line),
                    agency: line.actor_agency_id.map(|id| agency_name(world, id)).transpose()?,
                },
                data: with_agency_codes(world, serde_json::from_str(&line.data).map_err(Problem::internal)?)?,
                private: private.remove(&line.id),
                hash: data_encoding::HEXLOWER.encode(&line.hash),
            })
        })
        .collect::<Result<_, Problem>>()?;
    Ok(HistoryView { items, next_cursor: None })
}

/// Keys of the database never leave it: agencies and procedures are told by their codes.
fn with_agency_codes(world: &World, mut data: Value) -> Result<Value, Problem> {
    if let Some(set) = data.get_mut("set").and_then(Value::as_object_mut) {
        for (key, name) in [("agency_id", "agency"), ("holder_id", "holder")] {
            if let Some(id) = set.remove(key).and_then(|id| id.as_i64()) {
                set.insert(name.to_owned(), world.catalogue.tree.agency(id)?.code.clone().into());
            }
        }
        set.remove("procedure_id");
        if let Some(id) = set.remove("procedure_version_id").and_then(|id| id.as_i64()) {
            set.insert(
                "procedure".to_owned(),
                world.catalogue.procedures.version(id)?.procedure_code.clone().into(),
            );
        }
    }
    Ok(data)
}
