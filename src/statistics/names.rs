//! Which group a counter belongs to, what people call it, and which dossiers it stands for.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::Cell;
use super::asked::Scope;
use super::cube::{GroupBy, Member};
use crate::World;
use crate::agencies::Kind;
use crate::db::Error;
use crate::http::Language;
use crate::procedures::{Catalogue, LabelGroup, ProcedureId, Version, label_of};

/// A group of a row, as it is called and narrowed down to.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    /// Codes, one for each group.
    pub(super) codes: BTreeMap<&'static str, String>,
    /// The same for people.
    pub(super) names: BTreeMap<&'static str, String>,
    /// The filters of GET `/dossiers` that narrow it down to the group's cells.
    pub(super) cells: Vec<(&'static str, String)>,
}

/// What the row of these members is called. `start` is the first day of its bucket.
pub(super) fn group(
    world: &World,
    scope: Scope<'_>,
    groups: &[GroupBy],
    members: &[Member],
    start: NaiveDate,
    language: Language,
) -> Group {
    let catalogue = &world.catalogue;
    let mut told = Group::default();
    let mut members = members.iter();
    for group in groups {
        let (code, name) = if let Some(code) = bucket_code(*group, start) {
            (code, bucket_name(*group, start, language))
        } else {
            let (_, code) = members.next().cloned().unwrap_or_default();
            if *group != GroupBy::Agency {
                told.cells.push((group.as_str(), code.clone()));
            }
            let name = name(catalogue, *group, &code, language);
            (code, name)
        };
        told.codes.insert(group.as_str(), code);
        told.names.insert(group.as_str(), name);
    }
    let (agency, own) = match told.codes.get(GroupBy::Agency.as_str()) {
        Some(code) => (code, true),
        None => (&scope.agency.code, scope.own),
    };
    told.cells.push(("agency", agency.clone()));
    told.cells.extend(own.then(|| ("own", "true".to_owned())));
    told
}

/// The groups that a cell belongs to, but for those of time, which every counter lies in by its day.
///
/// # Errors
/// `Internal` for an agency that the catalogue does not know, which a foreign key rules out.
pub(super) fn members(catalogue: &Catalogue, groups: &[GroupBy], cell: Cell) -> Result<Vec<Member>, Error> {
    let mut members = Vec::with_capacity(groups.len());
    for group in groups {
        members.extend(member(catalogue, *group, cell)?);
    }
    Ok(members)
}

fn member(catalogue: &Catalogue, group: GroupBy, cell: Cell) -> Result<Option<Member>, Error> {
    Ok(Some(match group {
        GroupBy::Agency => (0, catalogue.tree.agency(cell.agency_id)?.code.clone()),
        GroupBy::Level => {
            let level = catalogue.tree.level(cell.agency_id).unwrap_or(Kind::Province);
            (rank(Kind::ALL, &level), level.to_string())
        }
        GroupBy::Field => {
            let version = latest(catalogue, cell.procedure_id);
            (0, version.map_or_else(String::new, |version| version.content.field.code.clone()))
        }
        GroupBy::Procedure => {
            (0, catalogue.procedures.code_of(cell.procedure_id).unwrap_or_default().to_owned())
        }
        GroupBy::Channel => (rank(crate::dossiers::Channel::ALL, &cell.channel), cell.channel.to_string()),
        GroupBy::Month | GroupBy::Day => return Ok(None),
    }))
}

fn rank<T: PartialEq>(all: &[T], one: &T) -> usize {
    all.iter().position(|other| other == one).unwrap_or(all.len())
}

/// The code of the bucket that begins on `start`.
fn bucket_code(group: GroupBy, start: NaiveDate) -> Option<String> {
    match group {
        GroupBy::Month => Some(start.format("%Y-%m").to_string()),
        GroupBy::Day => Some(start.to_string()),
        GroupBy::Agency | GroupBy::Level | GroupBy::Field | GroupBy::Procedure | GroupBy::Channel => None,
    }
}

/// The name of the bucket that begins on `start`.
fn bucket_name(group: GroupBy, start: NaiveDate, language: Language) -> String {
    match (group, language) {
        (GroupBy::Month, Language::Vietnamese) => format!("Tháng {}/{}", start.month(), start.year()),
        (GroupBy::Month, Language::English) => start.format("%B %Y").to_string(),
        (_, Language::Vietnamese) => start.format("%d/%m/%Y").to_string(),
        (_, Language::English) => start.format("%-d %B %Y").to_string(),
    }
}

/// The name of a group; its code where it has none.
pub(super) fn name(catalogue: &Catalogue, group: GroupBy, code: &str, language: Language) -> String {
    let label = |labels| {
        label_of(labels, code).map(|label| match language {
            Language::Vietnamese => label.vi.to_owned(),
            Language::English => label.en.to_owned(),
        })
    };
    let name = match group {
        GroupBy::Agency => catalogue.tree.by_code(code).map(|agency| agency.name.clone()),
        GroupBy::Level => label(LabelGroup::AgencyKind),
        GroupBy::Channel => label(LabelGroup::Channel),
        GroupBy::Field => catalogue
            .procedures
            .fields()
            .iter()
            .find(|field| field.code == code)
            .map(|field| field.name.clone()),
        GroupBy::Procedure => {
            let procedure = catalogue.procedures.by_code(code);
            procedure
                .and_then(|procedure| latest(catalogue, procedure.id))
                .map(|version| version.content.name.clone())
        }
        GroupBy::Month | GroupBy::Day => None,
    };
    name.unwrap_or_else(|| code.to_owned())
}

/// What the newest version says stands for all of a procedure's dossiers.
fn latest(catalogue: &Catalogue, id: ProcedureId) -> Option<&Version> {
    let procedure = catalogue.procedures.by_code(catalogue.procedures.code_of(id)?)?;
    catalogue.procedures.versions_of(procedure).next_back()
}
