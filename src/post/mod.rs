//! The public postal service (bưu chính công ích): which office may receive what for whom, the manifests by which
//! papers change hands between an agency and a post office, and the shipments that they travel in.
//!
//! Takes part in every change of a dossier as an [`Effect`](crate::dossiers::Effect): it tells the rules whether a post
//! office is delegated and whether a dossier lies on a manifest that is not signed yet. The second signature on a
//! manifest is the filing moment of a dossier that was sent by post.
//!
//! | file | owns |
//! | --- | --- |
//! | `rules` | whose turn a manifest is, when delegations overlap, how shipments go on; pure |
//! | `delegations`, `manifests`, `shipments` | the tables of the same names (`handoffs`, `handoff_lines`, `shipment_events`) |
//! | `service` | drawing up, dispatching, accepting and cancelling manifests |
//! | `intake` | manifests and delegations as callers ask for them: all faults of a body at once |
//! | `effect` | [`Post`]: what the rules must know |
//! | `reseal` | recipients sealed anew after another data key was made |
//! | `views`, `api` | what the endpoints take and give; endpoints |
//!
//! Law: Decision 45/2016/QĐ-TTg art. 6–10, Circular 17/2017/TT-BTTTT, UPU S10 (tracking codes).

/// The rows of a table with `agency_id` and `office_id` that a caller sees, as a boxed query: a clerk his agency's, a post
/// clerk his office's; who looks `$below` sees those of all agencies below his.
macro_rules! visible_to {
    ($caller:expr, $table:ident, $below:expr) => {{
        let mine = $caller.agency_id;
        let query = $table::table.into_boxed();
        match ($below, $caller.has($crate::access::Role::PostClerk)) {
            (true, _) => {
                let below = agency_closure::table
                    .filter(agency_closure::ancestor_id.eq(mine))
                    .select(agency_closure::descendant_id);
                query.filter($table::agency_id.eq_any(below).or($table::office_id.eq(mine)))
            }
            (false, true) => query.filter($table::office_id.eq(mine)),
            (false, false) => query.filter($table::agency_id.eq(mine)),
        }
    }};
}

mod api;
mod delegations;
mod effect;
mod intake;
mod manifests;
mod reseal;
mod rules;
mod service;
mod shipments;
mod views;

use crate::db::text_enum;

pub use api::configure;
pub use delegations::{Delegation, NewDelegation, insert as insert_delegation};
pub use effect::Post;
pub use manifests::Manifest;
pub use reseal::reseal_recipients;
pub use service::{Exception, Item, NewManifest, accept, cancel, dispatch, draw_up};

text_enum! {
    /// Which way papers go.
    pub enum Direction {
        /// From the agency to the post office.
        ToPost = "to_post",
        /// From the post office to the agency.
        FromPost = "from_post",
    }
}

text_enum! {
    /// Where a manifest stands.
    pub enum HandoffState {
        /// Drawn up; nobody has signed.
        Draft = "draft",
        /// The giving side has signed.
        Dispatched = "dispatched",
        /// Both sides have signed.
        Accepted = "accepted",
        /// It never took place.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// What became of a line of a manifest.
    pub enum ItemState {
        /// Not answered yet.
        Listed = "listed",
        /// It is here.
        Accepted = "accepted",
        /// It did not come.
        Missing = "missing",
        /// It came damaged.
        Damaged = "damaged",
        /// The manifest was cancelled.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// Where a shipment (bưu gửi) is.
    pub enum ShipmentState {
        /// It has a tracking code.
        Booked = "booked",
        /// It stands on a manifest that is not accepted yet.
        Manifested = "manifested",
        /// The post has it.
        Accepted = "accepted",
        InTransit = "in_transit",
        OutForDelivery = "out_for_delivery",
        /// The recipient has it; what comes from the post: the agency.
        Delivered = "delivered",
        AttemptFailed = "attempt_failed",
        HeldAtOffice = "held_at_office",
        Returning = "returning",
        Returned = "returned",
        Lost = "lost",
        Damaged = "damaged",
        /// Its manifest was cancelled.
        Cancelled = "cancelled",
    }
}

impl ShipmentState {
    /// Whether it is neither where it was to go nor ended otherwise.
    #[must_use]
    pub fn is_under_way(self) -> bool {
        !matches!(self, Self::Delivered | Self::Returned | Self::Lost | Self::Damaged | Self::Cancelled)
    }
}
