//! The tree of agencies in memory: who stands under whom, at which level, and which agency a route's step means.
//!
//! It is part of the catalogue's snapshot and is asked on every intake, so every answer is a look-up: the agencies lie
//! in the order of a walk through the tree, and a subtree is one slice of it. It never reads the database.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    sync::Arc,
};

use chrono::NaiveDate;

use super::{Agency, AgencyId, Kind, rules::StepAgency};
use crate::{access::Hierarchy, db::Error};

/// A row points at something that the catalogue does not know.
#[derive(Debug, thiserror::Error)]
#[error("the catalogue has no {0} with key {1}")]
pub struct Unknown(pub &'static str, pub i64);

/// An immutable picture of all agencies.
#[derive(Debug, Default)]
pub struct Tree {
    /// In pre-order: every agency is followed by all below it. Siblings stand by code.
    agencies: Vec<Agency>,
    /// Beside each agency: where its subtree ends in `agencies` (exclusive).
    ends: Vec<usize>,
    by_id: HashMap<AgencyId, usize>,
    by_code: BTreeMap<String, usize>,
}

impl Tree {
    /// Builds the tree. An agency whose parents form a circle, or whose parent is not among them, cannot come out of
    /// the database (foreign keys, and the rule against circles); it would be left out.
    #[must_use]
    pub fn new(mut agencies: Vec<Agency>) -> Tree {
        agencies.sort_by(|a, b| a.code.cmp(&b.code));
        let mut children: HashMap<Option<AgencyId>, Vec<Agency>> = HashMap::new();
        for agency in agencies {
            children.entry(agency.parent).or_default().push(agency);
        }
        let mut tree = Tree::default();
        tree.plant(None, &mut children);
        tree
    }

    fn plant(&mut self, parent: Option<AgencyId>, children: &mut HashMap<Option<AgencyId>, Vec<Agency>>) {
        for agency in children.remove(&parent).unwrap_or_default() {
            let id = agency.id;
            let at = self.agencies.len();
            self.by_id.insert(id, at);
            self.by_code.insert(agency.code.clone(), at);
            self.agencies.push(agency);
            self.ends.push(at + 1);
            self.plant(Some(id), children);
            let end = self.agencies.len();
            if let Some(slot) = self.ends.get_mut(at) {
                *slot = end;
            }
        }
    }

    /// Every agency, each followed by those below it.
    #[must_use]
    pub fn all(&self) -> &[Agency] {
        &self.agencies
    }

    /// Every agency after a code, by code.
    pub fn after_code<'a>(&'a self, code: &str) -> impl Iterator<Item = &'a Agency> + use<'a> {
        let after = (Bound::Excluded(code.to_owned()), Bound::Unbounded);
        self.by_code.range(after).filter_map(|(_, at)| self.agencies.get(*at))
    }

    /// The agency with this official code.
    #[must_use]
    pub fn by_code(&self, code: &str) -> Option<&Agency> {
        self.by_code.get(code).and_then(|at| self.agencies.get(*at))
    }

    /// The agency with this key, if there is one.
    #[must_use]
    pub fn get(&self, id: AgencyId) -> Option<&Agency> {
        self.by_id.get(&id).and_then(|at| self.agencies.get(*at))
    }

    /// The agency that a row points at.
    ///
    /// # Errors
    /// `Internal` when there is none: keys come out of columns with a foreign key to `agencies`, agencies are never
    /// deleted, and a snapshot is as new as the transaction that uses it. It would be a defect of the program.
    pub fn agency(&self, id: AgencyId) -> Result<&Agency, Error> {
        self.get(id).ok_or_else(|| Error::Internal(Arc::new(Unknown("agency", id))))
    }

    /// Whether `descendant` is `ancestor` or stands anywhere below it.
    #[must_use]
    pub fn is_within(&self, descendant: AgencyId, ancestor: AgencyId) -> bool {
        let (Some(&inner), Some(&outer)) = (self.by_id.get(&descendant), self.by_id.get(&ancestor)) else {
            return false;
        };
        outer <= inner && self.ends.get(outer).is_some_and(|&end| inner < end)
    }

    /// The agency and all below it; empty for an unknown key.
    #[must_use]
    pub fn below(&self, ancestor: AgencyId) -> &[Agency] {
        let Some(&at) = self.by_id.get(&ancestor) else { return &[] };
        let end = self.ends.get(at).copied().unwrap_or(at);
        self.agencies.get(at..end).unwrap_or_default()
    }

    /// The keys of the agency and of all below it.
    #[must_use]
    pub fn subtree(&self, ancestor: AgencyId) -> Vec<AgencyId> {
        self.below(ancestor).iter().map(|agency| agency.id).collect()
    }

    /// The agency itself, its parent, and so on up to the root.
    pub fn upward(&self, agency: AgencyId) -> impl Iterator<Item = &Agency> {
        std::iter::successors(self.get(agency), |below| below.parent.and_then(|parent| self.get(parent)))
    }

    /// The level that an agency counts for: the kind of the nearest province, district or commune, itself included.
    /// `None` only for an unknown key, since a root is a province by rule.
    #[must_use]
    pub fn level(&self, agency: AgencyId) -> Option<Kind> {
        self.upward(agency).map(|agency| agency.kind).find(|kind| kind.is_level())
    }

    /// The agency that a route's step means for a dossier that `receiver` takes in, on that day.
    ///
    /// `receiver`, `parent`, an agency's code, or `parent/<function>`: the agency with that function directly below
    /// the receiver's parent, or directly below the receiver when that has departments of its own (a district, a
    /// province). `None` when nobody fits.
    #[must_use]
    pub fn resolve_step(&self, receiver: AgencyId, expression: &str, on: NaiveDate) -> Option<AgencyId> {
        match StepAgency::parse(expression)? {
            StepAgency::Receiver => Some(receiver),
            StepAgency::Parent => self.get(receiver)?.parent,
            StepAgency::Function(function) => self.by_function(receiver, function, on),
            StepAgency::Code(code) => self.by_code(code).map(|agency| agency.id),
        }
    }

    fn by_function(&self, receiver: AgencyId, function: &str, on: NaiveDate) -> Option<AgencyId> {
        let receiver = self.get(receiver)?;
        let among = |parent: AgencyId| {
            let mut children = self.below(parent).iter().filter(|agency| agency.parent == Some(parent));
            children.find(|agency| agency.function.as_deref() == Some(function) && agency.is_open_on(on))
        };
        let found = match receiver.kind {
            Kind::Province | Kind::District => among(receiver.id).or_else(|| among(receiver.parent?)),
            Kind::Commune | Kind::Department | Kind::PostOffice | Kind::External => {
                receiver.parent.and_then(among).or_else(|| among(receiver.id))
            }
        };
        found.map(|agency| agency.id)
    }
}

impl Hierarchy for Tree {
    fn is_within(&self, agency: AgencyId, ancestor: AgencyId) -> bool {
        Tree::is_within(self, agency, ancestor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// A province, a district with two departments, a commune, a police station, and a post office under the province.
    fn tree() -> Tree {
        let agency = |id, code: &str, kind, parent, function: Option<&str>| Agency {
            function: function.map(str::to_owned),
            ..Agency::sample(id, code, kind, parent)
        };
        let mut closed = agency(6, "000.09.31.H20", Kind::Department, Some(2), Some("tckh"));
        closed.valid_to = Some(day("2015-01-01"));
        Tree::new(vec![
            agency(7, "VNPOST.874", Kind::PostOffice, Some(1), None),
            agency(4, "000.21.31.H20", Kind::Commune, Some(2), None),
            closed,
            agency(3, "000.10.31.H20", Kind::Department, Some(2), Some("tckh")),
            agency(5, "CA.874", Kind::External, Some(2), Some("cong-an")),
            agency(2, "000.00.31.H20", Kind::District, Some(1), None),
            agency(1, "000.00.00.H20", Kind::Province, None, None),
        ])
    }

    #[test]
    fn within_includes_itself_and_goes_all_the_way_down() {
        let tree = tree();
        for (inner, outer, expected) in [
            (1, 1, true),
            (4, 1, true),
            (4, 2, true),
            (2, 4, false),
            (7, 2, false),
            (7, 1, true),
            (3, 4, false),
            (99, 1, false),
            (1, 99, false),
        ] {
            assert_eq!(tree.is_within(inner, outer), expected, "{inner} in {outer}");
        }
        assert_eq!(tree.subtree(2), [2, 6, 3, 4, 5]);
        assert_eq!(tree.subtree(4), [4]);
        assert!(tree.subtree(99).is_empty());
        assert_eq!(tree.upward(4).map(|agency| agency.id).collect::<Vec<_>>(), [4, 2, 1]);
    }

    #[test]
    fn the_level_is_the_nearest_of_the_three() {
        let tree = tree();
        assert_eq!(tree.level(4), Some(Kind::Commune));
        assert_eq!(tree.level(3), Some(Kind::District));
        assert_eq!(tree.level(5), Some(Kind::District));
        assert_eq!(tree.level(7), Some(Kind::Province));
        assert_eq!(tree.level(99), None);
    }

    #[test]
    fn steps_find_their_agency() {
        let tree = tree();
        let on = day("2019-05-01");
        for (receiver, expression, expected) in [
            (4, "receiver", Some(4)),
            (4, "parent", Some(2)),
            (1, "parent", None),
            (4, "parent/tckh", Some(3)),
            (2, "parent/tckh", Some(3)),
            (4, "parent/cong-an", Some(5)),
            (3, "parent/cong-an", Some(5)),
            (4, "parent/nobody", None),
            (4, "VNPOST.874", Some(7)),
            (4, "NO.SUCH", None),
            (4, "not an expression", None),
        ] {
            assert_eq!(tree.resolve_step(receiver, expression, on), expected, "{receiver} {expression}");
        }
        assert_eq!(
            tree.resolve_step(4, "parent/tckh", day("2014-12-31")),
            Some(6),
            "the one open on that day"
        );
    }
}
