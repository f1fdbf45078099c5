//! Who follows an agency that ends, as far as its people are concerned: from its end on they belong to its successor. What
//! becomes of its dossiers and figures is not decided here.

use chrono::NaiveDate;

use super::{Agency, AgencyId, Kind, Tree, service::may_manage, store::AgencyColumns};
use crate::{
    access::Identity,
    http::{Code, Faults, Result},
};

/// Why an agency cannot follow another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// The one that it follows has no end.
    NoEnd,
    /// It follows itself, by however many others.
    Circle,
    /// It is not in force on the day.
    Closed,
    /// A post office follows post offices only, and nothing else does: roles would be in the wrong place.
    OtherTrade,
}

/// What matters of a successor.
#[derive(Clone, Copy, Debug)]
struct Heir {
    is_post_office: bool,
    is_open: bool,
    /// Whether following it leads to the agency that it is to follow.
    leads_back: bool,
}

fn refusals(ends: bool, is_post_office: bool, heir: Heir) -> Vec<Refusal> {
    [
        (!ends, Refusal::NoEnd),
        (heir.leads_back, Refusal::Circle),
        (ends && !heir.is_open, Refusal::Closed),
        (heir.is_post_office != is_post_office, Refusal::OtherTrade),
    ]
    .into_iter()
    .filter_map(|(is_so, refusal)| is_so.then_some(refusal))
    .collect()
}

/// The agency with this code, which the caller must administer: its people get their rights there.
pub(super) fn find(
    tree: &Tree,
    caller: &Identity,
    code: Option<&str>,
    faults: &mut Faults,
) -> Result<Option<AgencyId>> {
    let Some(code) = code else { return Ok(None) };
    match tree.by_code(code) {
        None => {
            faults.note("/successor", Code::UnknownAgency);
            Ok(None)
        }
        Some(found) if !may_manage(caller, tree, found.id) => Err(Code::AgencyOutOfReach.into()),
        Some(found) => Ok(Some(found.id)),
    }
}

/// Holds an agency that is to be written with its successor against the rules.
pub(super) fn check(tree: &Tree, old: &Agency, new: &AgencyColumns, faults: &mut Faults) {
    let Some(heir) = new.successor_id.and_then(|id| tree.get(id)) else { return };
    let facts = Heir {
        is_post_office: heir.kind == Kind::PostOffice,
        is_open: new.valid_to.is_none_or(|end| is_open_after(heir, end)),
        leads_back: line(tree, heir).any(|follower| follower.id == old.id),
    };
    for refusal in refusals(new.valid_to.is_some(), old.kind == Kind::PostOffice, facts) {
        tell(refusal, faults);
    }
}

/// One that has ended is as good when somebody follows it in turn.
fn is_open_after(heir: &Agency, end: NaiveDate) -> bool {
    heir.is_open_on(end) || (heir.successor.is_some() && heir.valid_from.is_none_or(|from| from <= end))
}

/// An agency, who follows it, who follows that one, and so on. There are no circles among those that were written.
fn line<'a>(tree: &'a Tree, first: &'a Agency) -> impl Iterator<Item = &'a Agency> {
    std::iter::successors(Some(first), |agency| tree.get(agency.successor?))
}

fn tell(refusal: Refusal, faults: &mut Faults) {
    match refusal {
        Refusal::NoEnd => faults.add(
            "/valid_to",
            Code::Required,
            ("Cơ quan có đơn vị kế thừa phải có ngày kết thúc", "An agency with a successor has an end"),
        ),
        Refusal::Circle => faults.add(
            "/successor",
            Code::InvalidValue,
            ("Cơ quan không thể kế thừa chính mình", "An agency cannot follow itself"),
        ),
        Refusal::Closed => faults.add(
            "/successor",
            Code::AgencyClosed,
            (
                "Đơn vị kế thừa không có hiệu lực vào ngày kết thúc",
                "The successor is not in force on the day of the end",
            ),
        ),
        Refusal::OtherTrade => faults.add(
            "/successor",
            Code::InvalidValue,
            (
                "Bưu cục chỉ kế thừa bưu cục, cơ quan khác chỉ kế thừa cơ quan khác",
                "Post offices follow post offices, and others follow others",
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_heir_is_open_of_the_same_trade_and_leads_nowhere_back() {
        let good = Heir { is_post_office: false, is_open: true, leads_back: false };
        assert_eq!(refusals(true, false, good), []);
        assert_eq!(refusals(false, false, good), [Refusal::NoEnd]);
        assert_eq!(refusals(true, true, good), [Refusal::OtherTrade]);
        assert_eq!(refusals(true, false, Heir { is_open: false, ..good }), [Refusal::Closed]);
        assert_eq!(refusals(true, false, Heir { leads_back: true, ..good }), [Refusal::Circle]);
    }
}
