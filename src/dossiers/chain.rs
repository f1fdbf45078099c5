//! Whether a history is the one that was written: each line follows from the one before it, and the dossier's row from the last.
//!
//! A line that was changed, moved, taken out or cut off breaks the chain of HMACs, whose key is not in the database. Who cuts
//! off the last lines and mends the row is found by the anchors, see `audit`.

use std::collections::HashMap;

use diesel::prelude::*;

use super::events::{Line, Private, Recorded, chain_hash, place_of_private, private_digest};
use super::{DossierId, Secrets, Status};
use crate::access::Vault;
use crate::db::schema::{event_private, events};
use crate::db::{Conn, Error, Instant, text_enum};
use crate::http::Text;

text_enum! {
    /// What is wrong at one place of a history.
    pub enum ChainFault {
        /// Its number is not the next one.
        EventMissing = "event_missing",
        /// The state before is not where the event before led.
        StateDiffers = "state_differs",
        /// It happened before the event before it.
        TimeGoesBack = "time_goes_back",
        /// Its hash is not that of its text after the event before.
        HashDiffers = "hash_differs",
        /// The personal part is another than the one whose digest it holds.
        PersonalPartDiffers = "personal_part_differs",
        /// The dossier's status is not where its last event led.
        StatusDiffers = "status_differs",
        /// The dossier's head is not the hash of its last event.
        HeadDiffers = "head_differs",
        /// The dossier counts another number of events.
        CountDiffers = "count_differs",
        /// An anchor knows an event that is not there, or is another one.
        AnchoredEventDiffers = "anchored_event_differs",
    }
}

impl ChainFault {
    /// In words, as they follow the place.
    #[must_use]
    pub fn words(self) -> Text<'static> {
        let (vi, en) = match self {
            Self::EventMissing => ("thiếu sự kiện trước nó", "an event before it is missing"),
            Self::StateDiffers => (
                "trạng thái trước không phải là trạng thái mà sự kiện trước để lại",
                "its state before is not where the event before it led",
            ),
            Self::TimeGoesBack => ("xảy ra trước sự kiện trước nó", "it lies before the event before it"),
            Self::HashDiffers => (
                "mã băm không khớp với nội dung và sự kiện trước nó",
                "its hash does not follow from it and the event before it",
            ),
            Self::PersonalPartDiffers => (
                "phần dữ liệu cá nhân không phải là phần đã được băm",
                "its personal part is not the one that was hashed",
            ),
            Self::StatusDiffers => (
                "trạng thái không phải là trạng thái mà các sự kiện để lại",
                "its status is not where its events led",
            ),
            Self::HeadDiffers => {
                ("mã băm cuối không phải là của sự kiện cuối", "its head is not the hash of its last event")
            }
            Self::CountDiffers => {
                ("số sự kiện không đúng với số sự kiện đang có", "it counts more or fewer events than it has")
            }
            Self::AnchoredEventDiffers => (
                "sự kiện đã được neo bị thiếu hoặc là một sự kiện khác",
                "the event that was anchored is missing or another one",
            ),
        };
        Text { vi, en }
    }
}

/// One place where a history breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    /// At which event; none: at the dossier's row.
    pub seq: Option<i64>,
    /// What is wrong.
    pub fault: ChainFault,
}

impl std::fmt::Display for Break {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.seq {
            Some(seq) => write!(f, ", event {seq}: {}", self.fault.words().en),
            None => write!(f, ": {}", self.fault.words().en),
        }
    }
}

/// What the dossier's row says of its history.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    pub public_id: &'a str,
    pub status: Status,
    pub hash: &'a [u8],
    pub event_count: i64,
}

/// Where the history breaks. `digests` are those of the personal parts that are still there, by event; one that is gone was
/// deleted after its retention period.
#[must_use]
pub fn breaks<S: std::hash::BuildHasher>(
    secrets: &Secrets,
    head: Head<'_>,
    history: &[Recorded],
    digests: &HashMap<i64, Vec<u8>, S>,
) -> Vec<Break> {
    let mut found = Vec::new();
    let (mut status, mut hash, mut occurred_at): (_, &[u8], _) = (None, &[], Instant::MIN);
    for (event, seq) in history.iter().zip(1_i64..) {
        let faults = [
            (ChainFault::EventMissing, event.seq != seq),
            (ChainFault::StateDiffers, event.from_status != status),
            (ChainFault::TimeGoesBack, event.occurred_at < occurred_at),
            (
                ChainFault::HashDiffers,
                chain_hash(secrets, hash, head.public_id, &Line::from(event)) != event.hash,
            ),
            (
                ChainFault::PersonalPartDiffers,
                digests.get(&event.id).is_some_and(|digest| event.private_digest.as_ref() != Some(digest)),
            ),
        ];
        let here = faults.into_iter().filter(|(_, is_so)| *is_so);
        found.extend(here.map(|(fault, _)| Break { seq: Some(event.seq), fault }));
        (status, hash, occurred_at) = (Some(event.to_status), &event.hash, event.occurred_at);
    }
    let faults = [
        (ChainFault::StatusDiffers, status != Some(head.status)),
        (ChainFault::HeadDiffers, head.hash != hash),
        (ChainFault::CountDiffers, i64::try_from(history.len()) != Ok(head.event_count)),
    ];
    let of_row = faults.into_iter().filter(|(_, is_so)| *is_so);
    found.extend(of_row.map(|(fault, _)| Break { seq: None, fault }));
    found
}

/// Of which dossiers.
#[derive(Debug, Clone, Copy)]
pub enum Of<'a> {
    /// Those with keys after the first and up to the second.
    Range(DossierId, DossierId),
    /// These.
    These(&'a [DossierId]),
}

/// Their events, each history in its order.
///
/// # Errors
/// Those of the database.
pub fn histories(conn: &mut Conn, which: Of<'_>) -> Result<HashMap<DossierId, Vec<Recorded>>, Error> {
    let all =
        events::table.order((events::dossier_id, events::seq)).select(Recorded::as_select()).into_boxed();
    let rows: Vec<Recorded> = match which {
        Of::Range(after, last) => all.filter(events::dossier_id.gt(after).and(events::dossier_id.le(last))),
        Of::These(ids) => all.filter(events::dossier_id.eq_any(ids)),
    }
    .load(conn)?;
    let mut histories: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        histories.entry(row.dossier_id).or_default().push(row);
    }
    Ok(histories)
}

/// The digests of the personal parts that are still kept, by event. A part that does not open has one that no event holds.
///
/// # Errors
/// Those of the database.
pub fn private_digests(
    conn: &mut Conn,
    vault: &Vault,
    which: Of<'_>,
) -> Result<HashMap<i64, Vec<u8>>, Error> {
    type Part = (i64, Option<Vec<u8>>, Vec<u8>, Private);
    let all = event_private::table
        .inner_join(events::table.on(events::id.eq(event_private::event_id)))
        .select((event_private::event_id, events::private_digest, event_private::salt, event_private::data))
        .into_boxed();
    let rows: Vec<Part> = match which {
        Of::Range(after, last) => all.filter(events::dossier_id.gt(after).and(events::dossier_id.le(last))),
        Of::These(ids) => all.filter(events::dossier_id.eq_any(ids)),
    }
    .load(conn)?;
    let digest = |(event, digest, salt, data): Part| {
        let text = data.open_text(vault, &place_of_private(&digest.unwrap_or_default()));
        (event, text.map_or_else(|_| Vec::new(), |text| private_digest(&salt, &text)))
    };
    Ok(rows.into_iter().map(digest).collect())
}
