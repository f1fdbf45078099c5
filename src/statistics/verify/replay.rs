//! One dossier's history replayed: the chain, the row that must come out, and what it books.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Deserializer};

use super::Report;
use crate::World;
use crate::agencies::AgencyId;
use crate::calendar::rules::{Deadline, Outcome, RuleSet};
use crate::db::schema::dossiers;
use crate::db::{Instant, Json, MultiBackend};
use crate::dossiers::{At, Channel, DossierId, Head, Mark, Recorded, ResultKind, Status, breaks};
use crate::procedures::{ProcedureId, VersionId};
use crate::statistics::rules::{Booking, bookings};
use crate::statistics::{Cell, Standing};

/// What of a dossier's row can be told from elsewhere.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = dossiers, check_for_backend(MultiBackend))]
pub(super) struct Row {
    pub(super) id: DossierId,
    public_id: String,
    pub(super) code: Option<String>,
    reference: Option<String>,
    pub(super) status: Status,
    procedure_id: ProcedureId,
    procedure_version_id: VersionId,
    pub(super) agency_id: AgencyId,
    pub(super) competent_id: AgencyId,
    pub(super) rule_set: Option<RuleSet>,
    holder_id: AgencyId,
    channel: Channel,
    pub(super) received_at: Option<Instant>,
    accept_due_at: Option<Instant>,
    pub(super) due_at: Option<Instant>,
    pub(super) judged_due_at: Option<Instant>,
    pub(super) first_due_at: Option<Instant>,
    expected_due_at: Option<Instant>,
    pub(super) clock: Option<Json<Deadline>>,
    pub(super) is_paused: bool,
    pub(super) paused_in_time: bool,
    overdue_on: Option<NaiveDate>,
    waiting_late_on: Option<NaiveDate>,
    pub(super) marks: Json<Vec<Mark>>,
    result: Option<ResultKind>,
    outcome: Option<Outcome>,
    event_count: i64,
    head_hash: Vec<u8>,
}

impl Row {
    /// How people know it.
    pub(super) fn address(&self) -> &str {
        self.code.as_deref().or(self.reference.as_deref()).unwrap_or(&self.public_id)
    }
}

/// The columns that events set (`set` in their data), as they stand after some of them.
macro_rules! replayed {
    ($($column:ident: $type:ty = $of_row:expr;)+) => {
        #[derive(Debug, Clone, Default)]
        struct Columns {
            $($column: Option<$type>,)+
        }

        /// What one event sets; a column that it sets to null is `Some(None)`.
        #[derive(Debug, Default, Deserialize)]
        struct Set {
            $(#[serde(default, deserialize_with = "present")] $column: Option<Option<$type>>,)+
        }

        impl Columns {
            fn apply(&mut self, set: Set) {
                $(if let Some(value) = set.$column {
                    self.$column = value;
                })+
            }

            /// The columns that the row has otherwise.
            fn other_than(&self, row: &Row) -> Vec<&'static str> {
                let mut names = Vec::new();
                $(
                    let of_row: fn(&Row) -> Option<$type> = $of_row;
                    if self.$column != of_row(row) {
                        names.push(stringify!($column));
                    }
                )+
                names
            }
        }
    };
}
replayed! {
    code: String = |row| row.code.clone();
    agency_id: AgencyId = |row| Some(row.agency_id);
    holder_id: AgencyId = |row| Some(row.holder_id);
    procedure_id: ProcedureId = |row| Some(row.procedure_id);
    procedure_version_id: VersionId = |row| Some(row.procedure_version_id);
    channel: Channel = |row| Some(row.channel);
    received_at: Instant = |row| row.received_at;
    accept_due_at: Instant = |row| row.accept_due_at;
    due_at: Instant = |row| row.due_at;
    judged_due_at: Instant = |row| row.judged_due_at;
    expected_due_at: Instant = |row| row.expected_due_at;
    paused_in_time: bool = |row| Some(row.paused_in_time);
    result: ResultKind = |row| row.result;
    outcome: Outcome = |row| row.outcome;
}

fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What is read of an event's data.
#[derive(Debug, Deserialize)]
struct Data {
    #[serde(default)]
    set: Set,
}

/// Replays a history: notes what does not fit, and gives what it books.
pub(super) fn replay(
    world: &World,
    row: &Row,
    history: &[Recorded],
    digests: &HashMap<i64, Vec<u8>>,
    report: &mut Report,
) -> Vec<Booking> {
    let mut booked = Vec::new();
    let mut columns = Columns::default();
    let mut before: Option<Standing> = None;
    let head = Head {
        public_id: &row.public_id,
        status: row.status,
        hash: &row.head_hash,
        event_count: row.event_count,
    };
    for found in breaks(&world.secrets, head, history, digests) {
        report.differs(format!("{}{found}", row.address()));
    }
    for event in history {
        let mut wrong =
            |what: &str| report.differs(format!("{}, event {}: {what}", row.address(), event.seq));
        match serde_json::from_str::<Data>(&event.data) {
            Ok(data) => columns.apply(data.set),
            Err(error) => wrong(&format!("its data cannot be read: {error}")),
        }
        let at = At { occurred: event.occurred_at, recorded: event.recorded_at };
        if let Some(mut standing) = standing(&columns, event.to_status) {
            standing.settle(before.as_ref(), at);
            booked.extend(bookings(before.as_ref(), &standing, at.recorded));
            before = Some(standing);
        } else {
            wrong("agency, procedure and channel are not known by then");
        }
    }
    let mut wrong = |what: String| report.differs(format!("{}: {what}", row.address()));
    for column in columns.other_than(row) {
        wrong(format!("{column} is not what its events set"));
    }
    let days = before.map(|standing| (standing.overdue_on, standing.waiting_late_on));
    if days != Some((row.overdue_on, row.waiting_late_on)) {
        wrong(
            "the days that hold its dates still to be missed are not those that follow from its events"
                .to_owned(),
        );
    }
    booked
}

/// Where the dossier stands in the figures after an event, but for the days that [`Standing::settle`] finds.
fn standing(columns: &Columns, status: Status) -> Option<Standing> {
    Some(Standing {
        cell: Cell {
            agency_id: columns.agency_id?,
            procedure_id: columns.procedure_id?,
            channel: columns.channel?,
        },
        status,
        is_received: columns.received_at.is_some(),
        outcome: columns.outcome,
        is_paused_in_time: columns.paused_in_time.unwrap_or(false),
        judged_due_at: columns.judged_due_at,
        accept_due_at: columns.accept_due_at,
        overdue_on: None,
        waiting_late_on: None,
    })
}
