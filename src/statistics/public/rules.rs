//! Which cells of the published tables have to be withheld. Pure.
//!
//! The tables are the sums of one matrix, agency × procedure: along the agencies' tree, and from procedures to fields to all.
//! Whoever sees a sum and all of its parts but one knows that one. So wherever exactly one of a sum and its parts is withheld,
//! another one is too, until nowhere a single one is left (secondary suppression).

use std::collections::{BTreeMap, BTreeSet};

/// Fewer than this may point at a person.
pub(super) const SMALLEST: i64 = 5;

/// Whose figures: those of an agency with all below it, or of the agency alone where there are others below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whose {
    Below(i64),
    Own(i64),
}

/// Which of its procedures.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    All,
    Field(String),
    /// Field and procedure.
    Procedure(String, String),
}

/// A place in the published tables.
pub(super) type Place = (Whose, What);

/// Published counts, in a fixed order.
pub(super) type Counts = [i64; 12];

/// One place of the matrix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) counts: Counts,
    /// Nothing in it is of a procedure that is not sensitive.
    is_sensitive: bool,
}

impl Cell {
    fn is_small(&self) -> bool {
        self.is_sensitive && self.counts.iter().any(|count| (1..SMALLEST).contains(count))
    }

    fn size(&self) -> i64 {
        self.counts.iter().sum()
    }
}

/// What one agency counts of one procedure.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The agency and those above it, from the nearest to the root.
    pub(super) upward: Vec<i64>,
    pub(super) field: String,
    pub(super) procedure: String,
    pub(super) is_sensitive: bool,
    pub(super) counts: Counts,
}

/// All places in which anything is counted.
#[derive(Debug, Default)]
pub(super) struct Lattice {
    cells: BTreeMap<Place, Cell>,
    /// Sums and their parts.
    sums: BTreeMap<Place, BTreeSet<Place>>,
    /// The same by agency: a place is a part of two sums.
    by_agency: BTreeMap<Place, BTreeSet<Place>>,
    withheld: BTreeSet<Place>,
}

impl Lattice {
    /// The tables of these parts, with what must be withheld from them.
    pub(super) fn new(parts: &[Part]) -> Self {
        let mut lattice = Self::default();
        for part in parts.iter().filter(|part| part.counts.iter().any(|count| *count != 0)) {
            lattice.add(part);
        }
        lattice.withhold();
        lattice
    }

    fn add(&mut self, part: &Part) {
        let field = What::Field(part.field.clone());
        let procedure = What::Procedure(part.field.clone(), part.procedure.clone());
        let Some(&own) = part.upward.first() else { return };
        let mut whose = vec![Whose::Own(own)];
        whose.extend(part.upward.iter().map(|agency| Whose::Below(*agency)));
        for what in [&What::All, &field, &procedure] {
            for one in &whose {
                let cell = self
                    .cells
                    .entry((*one, what.clone()))
                    .or_insert_with(|| Cell { is_sensitive: true, ..Cell::default() });
                cell.is_sensitive &= part.is_sensitive;
                for (sum, count) in cell.counts.iter_mut().zip(part.counts) {
                    *sum += count;
                }
            }
            for (below, above) in whose.iter().zip(whose.iter().skip(1)) {
                let parts = self.by_agency.entry((*above, what.clone())).or_default();
                parts.insert((*below, what.clone()));
            }
        }
        for one in &whose {
            self.sums.entry((*one, What::All)).or_default().insert((*one, field.clone()));
            self.sums.entry((*one, field.clone())).or_default().insert((*one, procedure.clone()));
        }
    }

    fn withhold(&mut self) {
        let small = self.cells.iter().filter(|(_, cell)| cell.is_small());
        self.withheld = small.map(|(place, _)| place.clone()).collect();
        loop {
            let mut more = BTreeSet::new();
            for (sum, parts) in self.sums.iter().chain(&self.by_agency) {
                let members = || parts.iter().chain([sum]);
                let is_withheld = |place: &&Place| self.withheld.contains(*place) || more.contains(*place);
                let mut hidden = members().filter(is_withheld);
                let (Some(one), None) = (hidden.next(), hidden.next()) else { continue };
                // A sum of a single part is that part: both or none.
                let open = members()
                    .filter(|place| *place != one && *place != sum)
                    .min_by_key(|place| self.cells.get(*place).map_or(i64::MAX, Cell::size));
                if let Some(place) = open.or((one != sum).then_some(sum)) {
                    more.insert(place.clone());
                }
            }
            if more.is_empty() {
                return;
            }
            self.withheld.extend(more);
        }
    }

    /// The counts at a place; None: withheld.
    pub(super) fn get(&self, place: &Place) -> Option<Counts> {
        if self.withheld.contains(place) {
            return None;
        }
        Some(self.cells.get(place).map_or([0; 12], |cell| cell.counts))
    }

    /// The places of an agency (with all below it) that satisfy a condition, with their counts.
    pub(super) fn rows(&self, agency: i64, wanted: impl Fn(&What) -> bool) -> Vec<(&What, Option<Counts>)> {
        let here = self.cells.keys().filter(|(whose, what)| *whose == Whose::Below(agency) && wanted(what));
        here.map(|place| (&place.1, self.get(place))).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(agency: i64, field: &str, procedure: &str, is_sensitive: bool, count: i64) -> Part {
        let mut counts = [0; 12];
        counts[0] = count;
        Part {
            upward: vec![agency, 1],
            field: field.to_owned(),
            procedure: procedure.to_owned(),
            is_sensitive,
            counts,
        }
    }

    fn at(whose: Whose, field: &str, procedure: &str) -> Place {
        (whose, What::Procedure(field.to_owned(), procedure.to_owned()))
    }

    #[test]
    fn a_small_cell_never_goes_alone() {
        let lattice = Lattice::new(&[
            part(2, "aid", "disability", true, 2),
            part(2, "aid", "funeral", false, 30),
            part(2, "status", "birth", false, 400),
            part(3, "aid", "disability", true, 40),
            part(3, "status", "birth", false, 500),
        ]);
        assert_eq!(lattice.get(&at(Whose::Below(2), "aid", "disability")), None);
        assert_eq!(lattice.get(&at(Whose::Below(2), "aid", "funeral")), None, "30 of 32 would tell it");
        assert_eq!(lattice.get(&(Whose::Below(2), What::All)).unwrap()[0], 432);
        assert_eq!(lattice.get(&(Whose::Below(1), What::All)).unwrap()[0], 972);
        // What the agencies above know must not tell it either.
        assert!(
            lattice.get(&at(Whose::Below(1), "aid", "disability")).is_none()
                || lattice.get(&at(Whose::Below(3), "aid", "disability")).is_none()
        );
    }

    #[test]
    fn few_of_what_is_not_sensitive_are_told() {
        let lattice =
            Lattice::new(&[part(2, "status", "birth", false, 2), part(2, "aid", "disability", true, 5)]);
        assert_eq!(lattice.get(&at(Whose::Below(2), "status", "birth")).unwrap()[0], 2);
        assert_eq!(lattice.get(&at(Whose::Below(2), "aid", "disability")).unwrap()[0], 5);
        assert_eq!(lattice.get(&at(Whose::Below(2), "aid", "nothing")).unwrap()[0], 0);
    }

    proptest! {
        /// Whoever subtracts all that is published of a sum from it never learns a single withheld part.
        #[test]
        fn no_difference_tells_a_withheld_cell(counts in proptest::collection::vec(0_i64..9, 24)) {
            let mut parts = Vec::new();
            for (at, count) in counts.iter().enumerate() {
                let (agency, procedure) = (2 + i64::try_from(at % 4).unwrap(), at / 4);
                let sensitive = procedure % 3 == 0;
                parts.push(part(agency, if procedure < 3 { "one" } else { "two" }, &format!("p{procedure}"), sensitive, *count));
            }
            let lattice = Lattice::new(&parts);
            for (sum, members) in lattice.sums.iter().chain(&lattice.by_agency) {
                let hidden = members.iter().chain([sum]).filter(|place| lattice.get(place).is_none()).count();
                prop_assert_ne!(hidden, 1, "{:?}", sum);
            }
            for (place, cell) in &lattice.cells {
                prop_assert!(!cell.is_small() || lattice.get(place).is_none());
            }
        }
    }
}
