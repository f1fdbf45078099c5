//! Which group a counter belongs to, and what people call it.

use chrono::{Datelike, NaiveDate};

use super::cube::{GroupBy, Member};
use super::store::Sums;
use crate::agencies::Kind;
use crate::db::Error;
use crate::http::Language;
use crate::procedures::{Catalogue, LabelGroup, ProcedureId, Version, label_of};

/// The group of these sums; None for groups of time, which every counter lies in by its day.
///
/// # Errors
/// `Internal` for an agency that the catalogue does not know, which a foreign key rules out.
pub(super) fn member(catalogue: &Catalogue, group: GroupBy, sums: &Sums) -> Result<Option<Member>, Error> {
    Ok(Some(match group {
        GroupBy::Agency => (0, catalogue.tree.agency(sums.agency_id)?.code.clone()),
        GroupBy::Level => {
            let level = catalogue.tree.level(sums.agency_id).unwrap_or(Kind::Province);
            (rank(Kind::ALL, &level), level.to_string())
        }
        GroupBy::Field => {
            let version = latest(catalogue, sums.procedure_id);
            (0, version.map_or_else(String::new, |version| version.content.field.code.clone()))
        }
        GroupBy::Procedure => {
            (0, catalogue.procedures.code_of(sums.procedure_id).unwrap_or_default().to_owned())
        }
        GroupBy::Channel => (rank(crate::dossiers::Channel::ALL, &sums.channel), sums.channel.to_string()),
        GroupBy::Month | GroupBy::Day => return Ok(None),
    }))
}

fn rank<T: PartialEq>(all: &[T], one: &T) -> usize {
    all.iter().position(|other| other == one).unwrap_or(all.len())
}

/// The code of the bucket that begins on `start`.
pub(super) fn bucket_code(group: GroupBy, start: NaiveDate) -> Option<String> {
    match group {
        GroupBy::Month => Some(start.format("%Y-%m").to_string()),
        GroupBy::Day => Some(start.to_string()),
        GroupBy::Agency | GroupBy::Level | GroupBy::Field | GroupBy::Procedure | GroupBy::Channel => None,
    }
}

/// The name of the bucket that begins on `start`.
pub(super) fn bucket_name(group: GroupBy, start: NaiveDate, language: Language) -> String {
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
