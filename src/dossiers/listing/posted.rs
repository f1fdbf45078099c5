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

/// The states in which a shipment is no longer under way, as its table has them; the first took nothing anywhere.
const ENDED: [&str; 5] = ["cancelled", "delivered", "returned", "lost", "damaged"];

impl Posted {
    /// The direction, states, and whether these are the ones that count, or all others.
    fn parts(self) -> (&'static str, Vec<&'static str>, bool) {
        let (direction, outcome) = self.as_str().split_once('.').unwrap_or_default();
        match outcome {
            "total" => (direction, vec!["cancelled"], false),
            "under_way" => (direction, ENDED.to_vec(), false),
            ended => (direction, vec![ended], true),
        }
    }
}

/// That a dossier was in such a shipment of a post office (any, when none is named), booked in `[from, to)`.
pub(super) fn was_posted(
    posted: Posted,
    office: Option<AgencyId>,
    (from, to): (Option<NaiveDate>, Option<NaiveDate>),
) -> Visible {
    let (direction, states, count) = posted.parts();
    let carried = shipments::table
        .filter(shipments::direction.eq(direction))
        .filter(shipments::state.eq_any(states).eq(count))
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
