//! What people call a group, and which dossiers it stands for.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::asked::Scope;
use super::cube::GroupBy;
use super::members::Member;
use crate::World;
use crate::http::Language;
use crate::procedures::{Catalogue, LabelGroup, label_of};

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
    members: &[Member<'_>],
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
            let (_, code) = members.next().copied().unwrap_or_default();
            if *group != GroupBy::Agency {
                told.cells.push((group.as_str(), code.to_owned()));
            }
            (code.to_owned(), name(catalogue, *group, code, language))
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
                .and_then(|procedure| catalogue.procedures.latest(procedure.id))
                .map(|version| version.content.name.clone())
        }
        GroupBy::Month | GroupBy::Day => None,
    };
    name.unwrap_or_else(|| code.to_owned())
}
