//! Which groups a cell belongs to, and where they stand among others. Pure.

use std::ops::Deref;

use super::Cell;
use super::cube::GroupBy;
use crate::agencies::Kind;
use crate::db::Error;
use crate::dossiers::Channel;
use crate::procedures::Catalogue;

/// A group's place among others: its rank, then its code as the catalogue has it.
pub(super) type Member<'w> = (usize, &'w str);

/// How many groups there are but for those of time.
const MOST: usize = 5;

/// A row's groups, each once, but for those of time. Owns nothing: a form is put together from thousands of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Members<'w> {
    places: [Member<'w>; MOST],
    count: usize,
}

impl<'w> Deref for Members<'w> {
    type Target = [Member<'w>];

    fn deref(&self) -> &Self::Target {
        self.places.get(..self.count).unwrap_or_default()
    }
}

impl<'w> FromIterator<Member<'w>> for Members<'w> {
    fn from_iter<T: IntoIterator<Item = Member<'w>>>(groups: T) -> Self {
        let mut members = Self::default();
        for (place, member) in members.places.iter_mut().zip(groups) {
            *place = member;
            members.count += 1;
        }
        members
    }
}

/// The groups that a cell belongs to, but for those of time, which every counter lies in by its day.
///
/// # Errors
/// `Internal` for an agency that the catalogue does not know, which a foreign key rules out.
pub(super) fn of<'w>(catalogue: &'w Catalogue, groups: &[GroupBy], cell: Cell) -> Result<Members<'w>, Error> {
    groups.iter().filter_map(|group| member(catalogue, *group, cell).transpose()).collect()
}

fn member(catalogue: &Catalogue, group: GroupBy, cell: Cell) -> Result<Option<Member<'_>>, Error> {
    let Cell { agency_id, procedure_id, channel } = cell;
    Ok(Some(match group {
        GroupBy::Agency => (0, catalogue.tree.agency(agency_id)?.code.as_str()),
        GroupBy::Level => {
            let level = catalogue.tree.level(agency_id).unwrap_or(Kind::Province);
            (rank(Kind::ALL, &level), level.as_str())
        }
        GroupBy::Field => {
            let version = catalogue.procedures.latest(procedure_id);
            (0, version.map_or("", |version| version.content.field.code.as_str()))
        }
        GroupBy::Procedure => (0, catalogue.procedures.code_of(procedure_id).unwrap_or_default()),
        GroupBy::Channel => (rank(Channel::ALL, &channel), channel.as_str()),
        GroupBy::Month | GroupBy::Day => return Ok(None),
    }))
}

/// Where one stands among all of its kind.
pub(super) fn rank<T: PartialEq>(all: &[T], one: &T) -> usize {
    all.iter().position(|other| other == one).unwrap_or(all.len())
}
