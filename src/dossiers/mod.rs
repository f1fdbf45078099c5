//! Dossiers (hồ sơ): intake, the state machine, the history, lists and the public's look-up.
//!
//! Every change of a dossier, whichever endpoint causes it, is a [`Transition`] that goes through [`apply`]: the rules
//! decide, the row and one event are written, and the [`Effect`]s of the higher capabilities take part in the same
//! transaction. Nothing else writes to the tables `dossiers`, `events` and `event_private`.
//!
//! Law: Decree 61/2018 (nd61) and Decree 118/2025 (nd118) on the one-stop mechanism; statuses are those of the national
//! portal.

mod api;
mod apply;
mod chain;
mod content;
mod due;
mod effect;
mod events;
mod figure;
mod history;
mod intake;
mod ledger;
mod listing;
mod lookup;
mod receipt;
mod recompute;
mod refusal;
mod reseal;
mod row;
mod rules;
mod secrets;
mod service;
mod store;
mod timeline;
mod tracking_code;
mod transition;
mod view;

use crate::db::text_enum;

pub use api::configure;
pub use apply::{apply, insert};
pub use chain::{Break, ChainFault, Head, Of, breaks, histories, private_digests};
pub use content::{
    Applicant, ApplicantKind, Component, Content, ExternalReference, Fee, Recipient, Representative,
    check_person,
};
pub use due::{Waiting, count_waiting, get_all, list_due};
pub use effect::{Actor, ActorKind, At, Change, Effect, Effects, Facts, OpenLeg, Parts, Slip};
pub use events::{Line, Private, Recorded, chain_hash, history, place_of_private, private_digest};
pub use figure::{AsOf, Booked as FigureOf, Cells as FigureCells, Figure, Period, Units};
pub use intake::{Reception, SubmitDossier, prepare, submit};
pub use recompute::Recompute;
pub use refusal::Refusal;
pub use reseal::{reseal_contents, reseal_private_parts};
pub use row::{Dates, Dossier, DossierId, NewDossier, Proposal};
pub use rules::{Tick, after, booked_on, replay};
pub use secrets::{AnchorMac, Secrets, new_lookup_secret};
pub use service::{deciding_agency, find_for_change, find_visible, show, transition};
pub use store::{addresses, columns, get, get_for_change, next_number};
pub use timeline::{Moment, ticks, timeline};
pub use tracking_code::check_tracking_code;
pub use transition::{Action, Arrival, Escalation, RequestedItem, ReturnBy, Transition};
pub use view::{AgencyName, CustodyView, DossierView, LegView, Party, agency_name};

text_enum! {
    /// Where a dossier stands. *Open* are received, `in_transfer`, processing, the two awaiting ones and
    /// `withdrawal_requested`; declined, withdrawn, stopped and returned are final.
    pub enum Status {
        Submitted = "submitted",
        Received = "received",
        Declined = "declined",
        InTransfer = "in_transfer",
        Processing = "processing",
        AwaitingSupplement = "awaiting_supplement",
        AwaitingPayment = "awaiting_payment",
        WithdrawalRequested = "withdrawal_requested",
        Withdrawn = "withdrawn",
        Stopped = "stopped",
        Resolved = "resolved",
        Returned = "returned",
    }
}

impl Status {
    /// Received and without an end: what the backlog counts.
    #[must_use]
    pub fn is_open(self) -> bool {
        match self {
            Self::Received
            | Self::InTransfer
            | Self::Processing
            | Self::AwaitingSupplement
            | Self::AwaitingPayment
            | Self::WithdrawalRequested => true,
            Self::Submitted
            | Self::Declined
            | Self::Withdrawn
            | Self::Stopped
            | Self::Resolved
            | Self::Returned => false,
        }
    }

    /// The statuses for which [`Status::is_open`] holds.
    pub const OPEN: [Self; 6] = [
        Self::Received,
        Self::InTransfer,
        Self::Processing,
        Self::AwaitingSupplement,
        Self::AwaitingPayment,
        Self::WithdrawalRequested,
    ];

    /// Whether the dossier's course is over: its papers may be handed back.
    #[must_use]
    pub fn is_ended(self) -> bool {
        !self.is_open() && self != Self::Submitted
    }

    /// The national portal's code (`TrangThaiHoSo`, 1–10).
    #[must_use]
    pub fn national(self) -> i32 {
        match self {
            Self::Submitted => 1,
            Self::Received => 2,
            Self::Declined => 3,
            Self::InTransfer | Self::Processing => 4,
            Self::AwaitingSupplement => 5,
            Self::AwaitingPayment => 6,
            Self::WithdrawalRequested => 7,
            Self::Withdrawn | Self::Stopped => 8,
            Self::Resolved => 9,
            Self::Returned => 10,
        }
    }
}

text_enum! {
    /// How a dossier came in.
    pub enum Channel {
        Counter = "counter",
        Online = "online",
        Postal = "postal",
        PostOffice = "post_office",
        AtHome = "at_home",
    }
}

text_enum! {
    /// What the clock of an open dossier does.
    pub enum ClockState {
        /// It counts.
        Running = "running",
        /// It stands still: a pause begun in time.
        Paused = "paused",
        /// It has not begun: the competent agency has not acknowledged the dossier yet.
        NotStarted = "not_started",
    }
}

text_enum! {
    /// What the agency decided; a refusal on the merits is a result.
    pub enum ResultKind {
        Granted = "granted",
        Refused = "refused",
    }
}

text_enum! {
    /// Something about a dossier that whoever judges the figures should see.
    pub enum Mark {
        /// Entered after the fact, with a reason.
        LateEntry = "late_entry",
        /// The desk asked for completion before acceptance.
        CompletionAsked = "completion_asked",
        /// More than one supplement request.
        SecondSupplement = "second_supplement",
        /// Asked later than three working days after reception.
        LateSupplementRequest = "late_supplement_request",
        /// Extended later than one working day before the due date.
        LateExtension = "late_extension",
        /// A pause began on the day that the agency is judged by.
        PauseOnDueDay = "pause_on_due_day",
        /// A pause began after the date that the agency is judged by.
        PauseAfterDue = "pause_after_due",
        /// Extended after the date that the agency is judged by.
        ExtensionAfterDue = "extension_after_due",
        /// Resolved while the deciding agency was closed.
        ResultOutsideHours = "result_outside_hours",
        /// Papers did not arrive with a transfer or manifest.
        MissingPapers = "missing_papers",
        /// A receiver did not take the dossier.
        TransferRefused = "transfer_refused",
        /// The post brought damaged papers.
        DamagedPapers = "damaged_papers",
        /// The result was replaced after the fact.
        ResultReplaced = "result_replaced",
        /// Procedure or channel were corrected.
        Corrected = "corrected",
        /// A figure of the sample year that its source does not state.
        MadeUp = "made_up",
    }
}
