//! Routing: the legs of a dossier between agencies, the slips by which it is handed over, and who has the papers.
//!
//! Takes part in every change of a dossier as its first [`Effect`](crate::dossiers::Effect): legs open and end with the
//! actions on the dossier, slips (phiếu bàn giao) are made and acknowledged, and custody follows them. Status and holder
//! of a dossier are decided by `dossiers`, never here.
//!
//! | file | owns |
//! | --- | --- |
//! | `rules`, `papers` | which leg opens when and what time it used; what a hand-over does to custody; pure |
//! | `legs`, `slips`, `custody` | the tables `legs`, `transfers` and `transfer_lines`, `custody` |
//! | `course` | what each action does to the legs |
//! | `outlook` | what legs saved or overran, and when those to come would be due |
//! | `recount`, `prove` | the clocks of open legs by a changed calendar; legs against their histories |
//! | `effect` | [`Routing`]: facts, slips of single dossiers, custody |
//! | `watch` | calls officers and leaders when dates come near or were missed |
//! | `service` | transfers of many dossiers |
//! | `views`, `api` | what the endpoints take and give; endpoints |
//!
//! Law: Decree 61/2018 art. 18 (hand-over the same day, after 15:00 at the start of the next working day) and 19.5–19.7
//! (opinions; parallel and successive handling).

mod api;
mod course;
mod custody;
mod effect;
mod legs;
mod outlook;
mod papers;
mod prove;
mod recount;
mod rules;
mod service;
mod slips;
mod views;
mod watch;

use crate::db::text_enum;

pub use api::configure;
pub use custody::{hand_over, has_papers};
pub use effect::Routing;
pub use papers::{Keeper, Which};
pub use prove::{LegFinding, find_in_legs};
pub use service::{Answered, acknowledge, add_refusal, recall, send};
pub use slips::Slip;
pub use watch::call_all;

text_enum! {
    /// Where a leg stands.
    pub enum LegState {
        /// It has not begun.
        Waiting = "waiting",
        /// The agency works on it.
        Open = "open",
        /// The agency has done its part.
        Done = "done",
    }
}

text_enum! {
    /// What a slip is for.
    pub enum SlipKind {
        /// To the next agency.
        Forward = "forward",
        /// Back to the previous holder.
        SendBack = "send_back",
        /// Papers and result come home to the receiving agency.
        Home = "home",
    }
}

text_enum! {
    /// Where a slip stands.
    pub enum SlipState {
        /// A line of it is not answered yet.
        Sent = "sent",
        /// The addressee has answered every line that the sender did not take back.
        Acknowledged = "acknowledged",
        /// The sender took all of it back.
        Recalled = "recalled",
    }
}

text_enum! {
    /// What became of a line of a slip.
    pub enum LineState {
        /// Not answered yet.
        Sent = "sent",
        /// The addressee has it, perhaps without some papers.
        Received = "received",
        /// It did not arrive; the sender has it again.
        Missing = "missing",
        /// The addressee does not take it; the sender has it again.
        Refused = "refused",
        /// The sender took it back.
        Recalled = "recalled",
    }
}
