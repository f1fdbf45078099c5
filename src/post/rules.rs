//! Whose turn a manifest is, which delegations overlap, how shipments go on with their manifests. Pure.

use chrono::NaiveDate;

use super::{Direction, HandoffState, ItemState, ShipmentState};

/// A side of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Agency,
    Office,
}

impl Direction {
    /// Who has the papers before.
    #[must_use]
    pub fn giver(self) -> Side {
        match self {
            Self::ToPost => Side::Agency,
            Self::FromPost => Side::Office,
        }
    }

    /// Who gets them.
    #[must_use]
    pub fn taker(self) -> Side {
        match self {
            Self::ToPost => Side::Office,
            Self::FromPost => Side::Agency,
        }
    }
}

/// What is done to a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Dispatch,
    Accept,
    Cancel,
}

/// Where a step leads; None when it is not possible from there.
#[must_use]
pub fn next(state: HandoffState, step: Step) -> Option<HandoffState> {
    match (state, step) {
        (HandoffState::Draft, Step::Dispatch) => Some(HandoffState::Dispatched),
        (HandoffState::Dispatched, Step::Accept) => Some(HandoffState::Accepted),
        (HandoffState::Draft | HandoffState::Dispatched, Step::Cancel) => Some(HandoffState::Cancelled),
        (HandoffState::Draft, Step::Accept)
        | (HandoffState::Dispatched, Step::Dispatch)
        | (HandoffState::Accepted | HandoffState::Cancelled, _) => None,
    }
}

/// Which sides may do a step: the giver dispatches and may take back what he dispatched, the taker accepts, a draft may
/// be dropped by either.
#[must_use]
pub fn may(direction: Direction, state: HandoffState, step: Step, side: Side) -> bool {
    match step {
        Step::Dispatch => side == direction.giver(),
        Step::Accept => side == direction.taker(),
        Step::Cancel => state == HandoffState::Draft || side == direction.giver(),
    }
}

/// What becomes of a shipment when its line on a manifest is settled.
#[must_use]
pub fn settled(direction: Direction, line: ItemState) -> Option<ShipmentState> {
    match (line, direction) {
        (ItemState::Listed, _) => None,
        (ItemState::Accepted, Direction::ToPost) => Some(ShipmentState::Accepted),
        (ItemState::Accepted, Direction::FromPost) => Some(ShipmentState::Delivered),
        // It may come on another manifest.
        (ItemState::Missing, _) => Some(ShipmentState::Booked),
        (ItemState::Damaged, _) => Some(ShipmentState::Damaged),
        (ItemState::Cancelled, _) => Some(ShipmentState::Cancelled),
    }
}

/// Whether a shipment can be put on a manifest (again).
#[must_use]
pub fn can_be_listed(state: ShipmentState) -> bool {
    match state {
        ShipmentState::Booked | ShipmentState::Cancelled => true,
        ShipmentState::Manifested
        | ShipmentState::Accepted
        | ShipmentState::InTransit
        | ShipmentState::OutForDelivery
        | ShipmentState::Delivered
        | ShipmentState::AttemptFailed
        | ShipmentState::HeldAtOffice
        | ShipmentState::Returning
        | ShipmentState::Returned
        | ShipmentState::Lost
        | ShipmentState::Damaged => false,
    }
}

/// From when to when a delegation holds, and for which procedures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent<'a> {
    pub from: NaiveDate,
    /// The first day on which it no longer holds; None: no end.
    pub to: Option<NaiveDate>,
    /// None: all that the post may take.
    pub procedures: Option<&'a [String]>,
}

impl Extent<'_> {
    /// Whether it holds for a procedure on a day.
    #[must_use]
    pub fn holds(&self, procedure: &str, day: NaiveDate) -> bool {
        self.from <= day
            && self.to.is_none_or(|to| day < to)
            && self.procedures.is_none_or(|procedures| procedures.iter().any(|code| code == procedure))
    }

    /// Whether both say something about the same procedure on the same day.
    #[must_use]
    pub fn overlaps(&self, other: &Extent<'_>) -> bool {
        let same_days = self.to.is_none_or(|to| other.from < to) && other.to.is_none_or(|to| self.from < to);
        let same_procedures = match (self.procedures, other.procedures) {
            (Some(mine), Some(theirs)) => mine.iter().any(|code| theirs.contains(code)),
            (None, _) | (_, None) => true,
        };
        same_days && same_procedures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_signed_by_the_giver_and_then_by_the_taker() {
        use HandoffState::{Accepted, Cancelled, Dispatched, Draft};
        for (state, step, to) in [
            (Draft, Step::Dispatch, Some(Dispatched)),
            (Draft, Step::Accept, None),
            (Draft, Step::Cancel, Some(Cancelled)),
            (Dispatched, Step::Dispatch, None),
            (Dispatched, Step::Accept, Some(Accepted)),
            (Dispatched, Step::Cancel, Some(Cancelled)),
            (Accepted, Step::Cancel, None),
            (Accepted, Step::Accept, None),
            (Cancelled, Step::Dispatch, None),
        ] {
            assert_eq!(next(state, step), to, "{state} {step:?}");
        }
        for (direction, giver, taker) in [
            (Direction::ToPost, Side::Agency, Side::Office),
            (Direction::FromPost, Side::Office, Side::Agency),
        ] {
            assert!(
                may(direction, Draft, Step::Dispatch, giver) && !may(direction, Draft, Step::Dispatch, taker)
            );
            assert!(
                may(direction, Dispatched, Step::Accept, taker)
                    && !may(direction, Dispatched, Step::Accept, giver)
            );
            assert!(may(direction, Draft, Step::Cancel, giver) && may(direction, Draft, Step::Cancel, taker));
            assert!(!may(direction, Dispatched, Step::Cancel, taker), "the taker says so by line instead");
        }
    }

    #[test]
    fn shipments_follow_their_lines() {
        for (direction, line, expected) in [
            (Direction::ToPost, ItemState::Listed, None),
            (Direction::ToPost, ItemState::Accepted, Some(ShipmentState::Accepted)),
            (Direction::FromPost, ItemState::Accepted, Some(ShipmentState::Delivered)),
            (Direction::FromPost, ItemState::Missing, Some(ShipmentState::Booked)),
            (Direction::ToPost, ItemState::Damaged, Some(ShipmentState::Damaged)),
            (Direction::ToPost, ItemState::Cancelled, Some(ShipmentState::Cancelled)),
        ] {
            assert_eq!(settled(direction, line), expected, "{direction} {line}");
        }
        assert!(can_be_listed(ShipmentState::Booked) && can_be_listed(ShipmentState::Cancelled));
        assert!(!can_be_listed(ShipmentState::Manifested) && !can_be_listed(ShipmentState::Delivered));
    }

    #[test]
    fn delegations_overlap_in_days_and_procedures() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let birth = ["1.001193".to_owned()];
        let copies = ["2.000815".to_owned()];
        let extent = |from: &str, to: Option<&str>, procedures| Extent {
            from: day(from),
            to: to.map(day),
            procedures,
        };
        let all = extent("2019-01-01", None, None);
        let first = extent("2019-01-01", Some("2019-07-01"), Some(birth.as_slice()));
        let second = extent("2019-07-01", None, Some(birth.as_slice()));
        let others = extent("2019-01-01", None, Some(copies.as_slice()));
        assert!(all.overlaps(&first) && first.overlaps(&all));
        assert!(!first.overlaps(&second) && !second.overlaps(&first), "half-open");
        assert!(!first.overlaps(&others) && all.overlaps(&others));
        assert!(first.holds("1.001193", day("2019-06-30")) && !first.holds("1.001193", day("2019-07-01")));
        assert!(!first.holds("2.000815", day("2019-03-01")) && all.holds("2.000815", day("2030-01-01")));
        assert!(!all.holds("2.000815", day("2018-12-31")));
    }
}
