//! Who has which paper, and what a hand-over makes of it. Pure.
//!
//! Decisions, "Legs": paper and case travel together: at every moment exactly one party has each paper; what is missing
//! on arrival stays with the sender. One line without a list holds all papers that no other line names; papers that
//! stayed behind or went alone have lines of their own.

use std::collections::{BTreeMap, BTreeSet};

use crate::agencies::AgencyId;

/// Who can have papers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keeper {
    Agency(AgencyId),
    PostOffice(AgencyId),
    Citizen,
}

/// A line of custody that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub id: i64,
    /// None: all that no other line names.
    pub papers: Option<Vec<String>>,
    pub keeper: Keeper,
}

/// Which papers change hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which<'a> {
    /// All but these.
    AllBut(&'a [String]),
    /// These alone; none named: all.
    Only(&'a [String]),
}

/// What a hand-over changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moves {
    /// Lines that end.
    pub ended: Vec<i64>,
    /// Lines that begin.
    pub begun: Vec<(Option<Vec<String>>, Keeper)>,
}

/// `from` gives what it has (`None`: whoever has it) to `to`. `components` are the dossier's papers by their codes.
#[must_use]
pub fn hand_over(
    open: &[Held],
    components: &[String],
    from: Option<Keeper>,
    to: Keeper,
    which: Which<'_>,
) -> Moves {
    let Some(all) = open.iter().find(|held| held.papers.is_none()) else { return Moves::default() };
    let gives = |keeper: Keeper| from.is_none_or(|from| from == keeper);
    let is_meant = |code: &str| match which {
        Which::AllBut(but) => !but.iter().any(|other| other == code),
        Which::Only([]) => true,
        Which::Only(only) => only.iter().any(|other| other == code),
    };
    // Where each paper is now: in a line of its own, or with the rest.
    let mut places: BTreeMap<&str, Keeper> =
        components.iter().map(|code| (code.as_str(), all.keeper)).collect();
    for held in open {
        for code in held.papers.iter().flatten() {
            places.insert(code, held.keeper);
        }
    }
    // The rest moves unless only some of its papers are meant.
    let rest_is_meant = match which {
        Which::AllBut(_) => true,
        Which::Only(_) => {
            places.iter().filter(|(_, keeper)| **keeper == all.keeper).all(|(code, _)| is_meant(code))
        }
    };
    let rest = if gives(all.keeper) && rest_is_meant { to } else { all.keeper };
    let mut apart: BTreeMap<Keeper, BTreeSet<&str>> = BTreeMap::new();
    for (code, keeper) in places {
        let keeper = if gives(keeper) && is_meant(code) { to } else { keeper };
        if keeper != rest {
            apart.entry(keeper).or_default().insert(code);
        }
    }
    difference(open, rest, &apart)
}

fn difference(open: &[Held], rest: Keeper, apart: &BTreeMap<Keeper, BTreeSet<&str>>) -> Moves {
    let wanted = std::iter::once((None, rest)).chain(
        apart
            .iter()
            .map(|(keeper, codes)| (Some(codes.iter().map(|code| (*code).to_owned()).collect()), *keeper)),
    );
    let mut moves = Moves { ended: open.iter().map(|held| held.id).collect(), begun: Vec::new() };
    for (papers, keeper) in wanted {
        let stays =
            open.iter().find(|held| held.keeper == keeper && same(held.papers.as_ref(), papers.as_ref()));
        match stays {
            Some(held) => moves.ended.retain(|id| *id != held.id),
            None => moves.begun.push((papers, keeper)),
        }
    }
    moves
}

fn same(one: Option<&Vec<String>>, other: Option<&Vec<String>>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            one.iter().collect::<BTreeSet<_>>() == other.iter().collect::<BTreeSet<_>>()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESK: Keeper = Keeper::Agency(1);
    const POLICE: Keeper = Keeper::Agency(2);
    const POST: Keeper = Keeper::PostOffice(3);

    fn codes(list: &[&str]) -> Vec<String> {
        list.iter().map(|code| (*code).to_owned()).collect()
    }

    fn all(id: i64, keeper: Keeper) -> Held {
        Held { id, papers: None, keeper }
    }

    fn some(id: i64, papers: &[&str], keeper: Keeper) -> Held {
        Held { id, papers: Some(codes(papers)), keeper }
    }

    #[test]
    fn everything_moves_in_one_line() {
        let moves = hand_over(&[all(1, DESK)], &codes(&["A", "B"]), Some(DESK), POLICE, Which::AllBut(&[]));
        assert_eq!(moves, Moves { ended: vec![1], begun: vec![(None, POLICE)] });
    }

    #[test]
    fn what_is_missing_stays_with_the_sender_and_follows_later() {
        let components = codes(&["A", "B"]);
        let moves =
            hand_over(&[all(1, DESK)], &components, Some(DESK), POLICE, Which::AllBut(&codes(&["B"])));
        assert_eq!(moves, Moves { ended: vec![1], begun: vec![(None, POLICE), (Some(codes(&["B"])), DESK)] });
        // The police send the case back: at the desk everything is together again.
        let open = [all(2, POLICE), some(3, &["B"], DESK)];
        let moves = hand_over(&open, &components, Some(POLICE), DESK, Which::AllBut(&[]));
        assert_eq!(moves, Moves { ended: vec![2, 3], begun: vec![(None, DESK)] });
        // Or the missing paper follows alone.
        let moves = hand_over(&open, &components, Some(DESK), POLICE, Which::AllBut(&[]));
        assert_eq!(moves, Moves { ended: vec![3], begun: vec![] });
    }

    #[test]
    fn some_papers_can_go_alone() {
        let components = codes(&["A", "B"]);
        let only = codes(&["B"]);
        let moves = hand_over(&[all(1, DESK)], &components, Some(DESK), POST, Which::Only(&only));
        assert_eq!(moves, Moves { ended: vec![], begun: vec![(Some(only.clone()), POST)] });
        // The others after them: nothing is left apart.
        let open = [all(1, DESK), some(2, &["B"], POST)];
        let moves = hand_over(&open, &components, Some(DESK), POST, Which::Only(&codes(&["A"])));
        assert_eq!(moves, Moves { ended: vec![1, 2], begun: vec![(None, POST)] });
        let moves = hand_over(&open, &components, Some(DESK), POST, Which::Only(&[]));
        assert_eq!(moves, Moves { ended: vec![1, 2], begun: vec![(None, POST)] });
    }

    #[test]
    fn nobody_gives_what_he_does_not_have() {
        let moves = hand_over(&[all(1, DESK)], &codes(&["A"]), Some(POLICE), POST, Which::AllBut(&[]));
        assert_eq!(moves, Moves::default());
        let moves = hand_over(&[all(1, DESK)], &codes(&["A"]), Some(DESK), DESK, Which::AllBut(&[]));
        assert_eq!(moves, Moves::default());
        assert_eq!(hand_over(&[], &codes(&["A"]), None, DESK, Which::AllBut(&[])), Moves::default());
    }

    #[test]
    fn the_citizen_gets_all_papers_wherever_they_are() {
        let open = [all(1, DESK), some(2, &["B"], POLICE)];
        let moves = hand_over(&open, &codes(&["A", "B"]), None, Keeper::Citizen, Which::AllBut(&[]));
        assert_eq!(moves, Moves { ended: vec![1, 2], begun: vec![(None, Keeper::Citizen)] });
    }

    /// Whatever is handed over: each paper is with exactly one party, and lines never name one twice.
    #[test]
    fn every_paper_is_always_in_one_place() {
        use proptest::prelude::*;
        let keeper = prop_oneof![Just(DESK), Just(POLICE), Just(POST), Just(Keeper::Citizen)];
        let step = (
            proptest::option::of(keeper.clone()),
            keeper,
            any::<bool>(),
            proptest::sample::subsequence(vec!["A", "B", "C"], 0..=3),
        );
        proptest!(|(steps in proptest::collection::vec(step, 1..20))| {
            let components = codes(&["A", "B", "C"]);
            let mut open = vec![all(1, DESK)];
            let mut next = 1;
            for (from, to, but, named) in steps {
                let named = codes(&named);
                let which = if but { Which::AllBut(&named) } else { Which::Only(&named) };
                let moves = hand_over(&open, &components, from, to, which);
                open.retain(|held| !moves.ended.contains(&held.id));
                for (papers, keeper) in moves.begun {
                    next += 1;
                    open.push(Held { id: next, papers, keeper });
                }
                prop_assert_eq!(open.iter().filter(|held| held.papers.is_none()).count(), 1);
                let mut named: Vec<_> = open.iter().filter_map(|held| held.papers.as_ref()).flatten().collect();
                let count = named.len();
                named.sort();
                named.dedup();
                prop_assert_eq!(named.len(), count);
            }
        });
    }
}
