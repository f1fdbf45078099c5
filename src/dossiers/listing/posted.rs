//! Dossiers that went by the post: what the report on the post counts beside shipments. Shipments belong to `post`, above;
//! here their table is read, as the predicate of who sees what reads it.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::Visible;
use crate::agencies::AgencyId;
use crate::db::schema::{dossiers, shipments};
use crate::db::{Instant, text_enum};

text_enum! {
    /// Dossiers by the way that a shipment took them and by what became of it: the figures of the report on the post, by their
    /// paths. A shipment that was cancelled took nothing anywhere.
    pub enum Posted {
        ToPost = "to_post.total",
        ToPostDelivered = "to_post.delivered",
        ToPostReturned = "to_post.returned",
        ToPostLost = "to_post.lost",
        ToPostDamaged = "to_post.damaged",
        ToPostUnderWay = "to_post.under_way",
        FromPost = "from_post.total",
        FromPostDelivered = "from_post.delivered",
        FromPostReturned = "from_post.returned",
        FromPostLost = "from_post.lost",
        FromPostDamaged = "from_post.damaged",
        FromPostUnderWay = "from_post.under_way",
    }
}

/// The states in which a shipment's way has ended, as its table has them.
const ENDED: [&str; 4] = ["delivered", "returned", "lost", "damaged"];

/// Those in which it has not.
const UNDER_WAY: [&str; 8] = [
    "booked",
    "manifested",
    "accepted",
    "in_transit",
    "out_for_delivery",
    "attempt_failed",
    "held_at_office",
    "returning",
];

impl Posted {
    /// The direction, and the states that count.
    fn parts(self) -> (&'static str, Vec<&'static str>) {
        let (direction, outcome) = self.as_str().split_once('.').unwrap_or_default();
        let states = match outcome {
            "total" => [&ENDED[..], &UNDER_WAY[..]].concat(),
            "under_way" => UNDER_WAY.to_vec(),
            ended => vec![ended],
        };
        (direction, states)
    }
}

/// That a dossier was in such a shipment of a post office (any, when none is named), booked in `[from, to)`.
pub(super) fn was_posted(
    posted: Posted,
    office: Option<AgencyId>,
    (from, to): (Option<NaiveDate>, Option<NaiveDate>),
) -> Visible {
    let (direction, states) = posted.parts();
    let carried = shipments::table
        .filter(shipments::direction.eq(direction))
        .filter(shipments::state.eq_any(states))
        .filter(shipments::created_at.ge(from.map_or(Instant::MIN, Instant::start_of)))
        .filter(shipments::created_at.lt(to.map_or(Instant::MAX, Instant::start_of)))
        // One shape with and without an office: the union of both engines takes no boxed subquery.
        .filter(
            shipments::office_id
                .eq(office.unwrap_or_default())
                .or(office.is_none().into_sql::<diesel::sql_types::Bool>()),
        )
        .select(shipments::dossier_id);
    Box::new(dossiers::id.eq_any(carried))
}
