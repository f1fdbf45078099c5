//! What can be done to a dossier: the actions of the contract with their bodies. A transition is data; what it does stands
//! in `rules`, who may ask for it in `rules/permit.rs`.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::content::{Applicant, Component, Fee, Recipient, Representative};
use super::{Channel, ResultKind};
use crate::calendar::rules::TimeLimit;
use crate::db::{Instant, text_enum};

text_enum! {
    /// Every kind of event in a dossier's history. All but the first and the last four can be asked for through
    /// `/transitions`; those come from intake, transfers, manifests, `/deadlines/recompute` and the watch.
    pub enum Action {
        Submit = "submit",
        AskCompletion = "ask_completion",
        Accept = "accept",
        Decline = "decline",
        RequestWithdrawal = "request_withdrawal",
        Withdraw = "withdraw",
        Keep = "keep",
        Start = "start",
        Assign = "assign",
        Forward = "forward",
        Recall = "recall",
        Acknowledge = "acknowledge",
        SendBack = "send_back",
        OpenLeg = "open_leg",
        FinishLeg = "finish_leg",
        RequestSupplement = "request_supplement",
        Supplement = "supplement",
        RequestPayment = "request_payment",
        ConfirmPayment = "confirm_payment",
        Propose = "propose",
        Extend = "extend",
        Resolve = "resolve",
        ReplaceResult = "replace_result",
        ReturnResult = "return_result",
        HandBack = "hand_back",
        Correct = "correct",
        Stop = "stop",
        RefuseTransfer = "refuse_transfer",
        Handoff = "handoff",
        Recompute = "recompute",
        Escalate = "escalate",
    }
}

text_enum! {
    /// How a result reaches the applicant.
    pub enum ReturnBy {
        Counter = "counter",
        Postal = "postal",
        Online = "online",
        AtHome = "at_home",
    }
}

text_enum! {
    /// Who should look after a deadline that comes near or was missed. Each is called once for each leg.
    pub enum Escalation {
        /// The officer in the lead: the date comes near.
        Officer = "officer",
        /// The leader of the agency whose date it is: it was missed.
        Leader = "leader",
        /// The leader of the agency above: it was missed long ago.
        LeaderAbove = "leader_above",
    }
}

text_enum! {
    /// In what state the papers of a manifest's line arrived.
    pub enum Arrival {
        Accepted = "accepted",
        Missing = "missing",
        Damaged = "damaged",
    }
}

/// A paper that is asked for, in a completion or supplement request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestedItem {
    /// The component's code in the procedure's catalogue.
    #[schema(min_length = 1, max_length = 40, example = "TK")]
    pub code: String,
    /// What is wrong or missing, in the clerk's words.
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

/// One action on a dossier. `action` chooses the body; what is not named for it is refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
#[schema(example = json!({"action": "forward", "note": "Chuyển Phòng Tư pháp thẩm định"}))]
pub enum Transition {
    /// Asks once for what a submission lacks; not the supplement.
    AskCompletion {
        #[schema(min_items = 1, max_items = 50)]
        items: Vec<RequestedItem>,
        #[schema(min_length = 1, max_length = 1000)]
        reason: String,
    },
    /// The desk takes a submission in: it gets its code and the clock starts.
    Accept {
        #[schema(max_items = 100)]
        components: Option<Vec<Component>>,
    },
    /// The desk does not take the submission in (form 03).
    Decline {
        #[schema(min_length = 1, max_length = 1000)]
        reason: String,
    },
    /// The applicant wants the dossier back.
    RequestWithdrawal {
        #[schema(min_length = 1, max_length = 1000)]
        reason: String,
    },
    /// The desk grants the withdrawal.
    Withdraw {
        #[schema(min_length = 1, max_length = 1000)]
        reason: String,
    },
    /// The dossier stays: state and pause are as before the request.
    Keep {
        #[schema(min_length = 1, max_length = 1000)]
        reason: String,
    },
    /// Work begins inside the holding agency.
    Start {},
    /// Names who works on it.
    Assign {
        /// Username of the officer in the lead.
        #[schema(min_length = 1, max_length = 100, example = "officer@tu-phap")]
        lead: String,
        #[schema(max_items = 20)]
        cooperating: Option<Vec<String>>,
        #[schema(max_items = 20)]
        following: Option<Vec<String>>,
    },
    /// Hands the case and its papers to another agency.
    Forward {
        /// Default: the route's next step.
        #[schema(max_length = 35, example = "000.01.31.H20")]
        to_agency: Option<String>,
        #[schema(max_length = 1000)]
        note: Option<String>,
        /// The slip that this is a line of, when a transfer of many dossiers made it.
        #[serde(skip)]
        #[schema(ignore)]
        slip: Option<i64>,
    },
    /// The sender takes an unacknowledged transfer back.
    Recall {
        #[schema(min_length = 1, max_length = 1000)]
        reason: String,
    },
    /// The addressee has the papers.
    Acknowledge {
        /// Codes of components that did not arrive; they stay with the sender.
        #[schema(max_items = 100)]
        missing: Option<Vec<String>>,
    },
    /// Back to the previous holder.
    SendBack {
        #[schema(min_length = 1, max_length = 1000)]
        reason: String,
    },
    /// A parallel leg or an opinion: a task of another agency with its own due date.
    OpenLeg {
        #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9-]+$", example = "y-kien")]
        key: String,
        #[schema(min_length = 1, max_length = 200)]
        name: String,
        #[schema(min_length = 1, max_length = 35)]
        agency: String,
        time_limit: Option<TimeLimit>,
    },
    /// The leg's agency has done its part.
    FinishLeg {
        #[schema(min_length = 1, max_length = 40)]
        key: String,
        #[schema(max_length = 1000)]
        note: Option<String>,
    },
    /// Asks the applicant for papers (form 02); pauses the clock.
    RequestSupplement {
        #[schema(min_items = 1, max_items = 50)]
        items: Vec<RequestedItem>,
        #[schema(min_length = 1, max_length = 1000)]
        reason: String,
        respond_by: Option<NaiveDate>,
    },
    /// The papers asked for are here.
    Supplement {
        #[schema(max_items = 100)]
        components: Option<Vec<Component>>,
    },
    /// Asks the applicant for money; pauses the clock.
    RequestPayment {
        /// Whole đồng.
        #[schema(minimum = 1, maximum = 1_000_000_000_000i64)]
        amount: i64,
        #[schema(min_length = 1, max_length = 1000)]
        reason: String,
    },
    /// The money is here.
    ConfirmPayment {
        #[schema(max_length = 60)]
        receipt_number: Option<String>,
    },
    /// The officer's proposal to the leader.
    Propose {
        result: ResultKind,
        /// Required when the result is `refused`.
        #[schema(min_length = 1, max_length = 2000)]
        reason: Option<String>,
    },
    /// A new promise, once, with the apology (form 04).
    Extend {
        new_due_at: Instant,
        #[schema(min_length = 1, max_length = 1000)]
        reason: String,
    },
    /// The result stands; the clock stops and the outcome is fixed.
    Resolve {
        result: ResultKind,
        /// Required when the result is `refused`.
        #[schema(min_length = 1, max_length = 2000)]
        reason: Option<String>,
        #[schema(max_items = 50)]
        documents: Option<Vec<String>>,
    },
    /// The agency repairs a wrong result; the outcome stays.
    ReplaceResult {
        #[schema(min_length = 1, max_length = 2000)]
        reason: String,
        #[schema(max_items = 50)]
        documents: Option<Vec<String>>,
    },
    /// The applicant has the result.
    ReturnResult {
        by: ReturnBy,
        recipient: Recipient,
        /// UPU S10 code, when it went by post.
        #[schema(max_length = 13)]
        tracking_code: Option<String>,
    },
    /// The applicant has the papers of an ended dossier back.
    HandBack {
        #[schema(max_length = 1000)]
        note: Option<String>,
    },
    /// Puts right what was entered wrongly; never the code.
    Correct {
        #[schema(min_length = 1, max_length = 40)]
        procedure: Option<String>,
        applicant: Option<Box<Applicant>>,
        representative: Option<Box<Representative>>,
        #[schema(max_items = 100)]
        components: Option<Vec<Component>>,
        #[schema(max_items = 50)]
        fees: Option<Vec<Fee>>,
        channel: Option<Channel>,
        #[schema(min_length = 1, max_length = 1000)]
        reason: String,
    },
    /// The agency ends the case without a result.
    Stop {
        #[schema(min_length = 1, max_length = 1000)]
        reason: String,
    },
    /// The addressee of a slip does not take this line. Only through `/transfers/{id}/acknowledge`.
    #[serde(skip_deserializing)]
    RefuseTransfer {
        reason: String,
        /// It did not arrive; otherwise it is refused.
        missing: bool,
    },
    /// The papers move between agency and post office. Only through `/postal/handoffs`.
    #[serde(skip_deserializing)]
    Handoff { manifest: String, office: String, to_post: bool, arrival: Arrival },
    /// The dates follow a changed calendar. Only through `/deadlines/recompute`.
    #[serde(skip_deserializing)]
    Recompute {
        /// The year whose calendar was changed.
        year: i32,
        reason: String,
    },
    /// Somebody is called to look after a deadline. Only by the watch.
    #[serde(skip_deserializing)]
    Escalate {
        level: Escalation,
        /// The leg whose date it is; None: the dossier's own.
        leg: Option<String>,
        /// Code of the agency that is called.
        agency: String,
        /// The date that comes near or was missed.
        judged_due_at: Instant,
    },
}

impl Transition {
    /// The action's name, as events and `allowed_transitions` write it.
    #[must_use]
    pub fn action(&self) -> Action {
        match self {
            Self::AskCompletion { .. } => Action::AskCompletion,
            Self::Accept { .. } => Action::Accept,
            Self::Decline { .. } => Action::Decline,
            Self::RequestWithdrawal { .. } => Action::RequestWithdrawal,
            Self::Withdraw { .. } => Action::Withdraw,
            Self::Keep { .. } => Action::Keep,
            Self::Start {} => Action::Start,
            Self::Assign { .. } => Action::Assign,
            Self::Forward { .. } => Action::Forward,
            Self::Recall { .. } => Action::Recall,
            Self::Acknowledge { .. } => Action::Acknowledge,
            Self::SendBack { .. } => Action::SendBack,
            Self::OpenLeg { .. } => Action::OpenLeg,
            Self::FinishLeg { .. } => Action::FinishLeg,
            Self::RequestSupplement { .. } => Action::RequestSupplement,
            Self::Supplement { .. } => Action::Supplement,
            Self::RequestPayment { .. } => Action::RequestPayment,
            Self::ConfirmPayment { .. } => Action::ConfirmPayment,
            Self::Propose { .. } => Action::Propose,
            Self::Extend { .. } => Action::Extend,
            Self::Resolve { .. } => Action::Resolve,
            Self::ReplaceResult { .. } => Action::ReplaceResult,
            Self::ReturnResult { .. } => Action::ReturnResult,
            Self::HandBack { .. } => Action::HandBack,
            Self::Correct { .. } => Action::Correct,
            Self::Stop { .. } => Action::Stop,
            Self::RefuseTransfer { .. } => Action::RefuseTransfer,
            Self::Handoff { .. } => Action::Handoff,
            Self::Recompute { .. } => Action::Recompute,
            Self::Escalate { .. } => Action::Escalate,
        }
    }

    /// Why, in the caller's words, where the body has it.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::AskCompletion { reason, .. }
            | Self::Decline { reason }
            | Self::RequestWithdrawal { reason }
            | Self::Withdraw { reason }
            | Self::Keep { reason }
            | Self::Recall { reason }
            | Self::SendBack { reason }
            | Self::RequestSupplement { reason, .. }
            | Self::RequestPayment { reason, .. }
            | Self::Extend { reason, .. }
            | Self::ReplaceResult { reason, .. }
            | Self::Correct { reason, .. }
            | Self::Stop { reason }
            | Self::RefuseTransfer { reason, .. }
            | Self::Recompute { reason, .. } => Some(reason),
            Self::Propose { reason, .. } | Self::Resolve { reason, .. } => reason.as_deref(),
            Self::Accept { .. }
            | Self::Start {}
            | Self::Assign { .. }
            | Self::Forward { .. }
            | Self::Acknowledge { .. }
            | Self::OpenLeg { .. }
            | Self::FinishLeg { .. }
            | Self::Supplement { .. }
            | Self::ConfirmPayment { .. }
            | Self::ReturnResult { .. }
            | Self::HandBack { .. }
            | Self::Handoff { .. }
            | Self::Escalate { .. } => None,
        }
    }
}
