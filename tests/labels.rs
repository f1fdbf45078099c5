//! Every code that answers show has its words, and no words are left of a code that is gone.
//!
//! The table stands in `procedures`, below the capabilities whose enums it translates; so the two are held together here.

#![allow(
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test says shortly what must hold"
)]

use motcua::{
    access::{Role, View},
    agencies::Kind,
    calendar::{
        LimitUnit,
        rules::{Outcome, RuleSet},
    },
    dossiers::{Action, ApplicantKind, Channel, Mark, ResultKind, ReturnBy, Status},
    post::{Direction, HandoffState, ItemState, ShipmentState},
    procedures::{Approval, FeePer, LabelGroup, OnlineLevel, SupplementClock},
    routing::{LegState, LineState, SlipKind, SlipState},
};

/// The enum's codes, and those that the table has.
macro_rules! hold {
    ($group:ident, $kind:ty) => {{
        let own: Vec<&str> = <$kind>::ALL.iter().map(|it| it.as_str()).collect();
        let told: Vec<&str> = LabelGroup::$group.labels().iter().map(|label| label.code).collect();
        assert_eq!(told, own, "{}", LabelGroup::$group);
    }};
}

#[test]
fn every_code_has_its_words() {
    hold!(Status, Status);
    hold!(Action, Action);
    hold!(Channel, Channel);
    hold!(Outcome, Outcome);
    hold!(Mark, Mark);
    hold!(Role, Role);
    hold!(Result, ResultKind);
    hold!(ReturnBy, ReturnBy);
    hold!(ApplicantKind, ApplicantKind);
    hold!(RuleSet, RuleSet);
    hold!(LegState, LegState);
    hold!(TransferKind, SlipKind);
    hold!(TransferState, SlipState);
    hold!(TransferLineState, LineState);
    hold!(PostalDirection, Direction);
    hold!(HandoffState, HandoffState);
    hold!(HandoffLineState, ItemState);
    hold!(ShipmentState, ShipmentState);
    hold!(AgencyKind, Kind);
    hold!(LimitUnit, LimitUnit);
    hold!(OnlineLevel, OnlineLevel);
    hold!(FeePer, FeePer);
    hold!(Approval, Approval);
    hold!(SupplementClock, SupplementClock);
}

#[test]
fn national_numbers_and_views_have_their_words() {
    let told = |group: LabelGroup| group.labels().iter().map(|label| label.code).collect::<Vec<_>>();
    let mut numbers: Vec<String> = Status::ALL.iter().map(|status| status.national().to_string()).collect();
    numbers.dedup();
    for number in numbers {
        assert!(told(LabelGroup::NationalStatus).contains(&number.as_str()), "{number}");
    }
    for view in [View::Row, View::Masked, View::Full] {
        let name = serde_json::to_value(view).unwrap();
        assert!(told(LabelGroup::View).iter().any(|code| name == *code), "{name}");
    }
}

#[test]
fn no_code_has_empty_words() {
    for group in LabelGroup::ALL {
        for label in group.labels() {
            assert!(!label.vi.is_empty() && !label.en.is_empty(), "{group} {}", label.code);
        }
    }
}
