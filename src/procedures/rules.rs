//! What a version must satisfy, and which version is in force on a day. Pure.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::content::ProcedureContent;
use crate::{
    agencies::{Kind, StepAgency},
    calendar::rules::{Fault as TimeFault, RouteStep, check_route},
};

/// Why a version cannot stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A level that is none of province, district, commune.
    NotALevel,
    /// A code or level that stands there twice.
    Duplicate,
    /// A time limit of half a day as the whole.
    NotWhole,
    /// The most to be paid is less than the fee itself.
    MaxBelowAmount,
    /// An exemption of no or more than 300 characters.
    TextLength,
    /// A paper of which neither original nor copy is wanted.
    NoSheets,
    /// A step that names no agency in any of the four forms.
    AgencyForm,
    /// A step that names an agency that does not exist.
    UnknownAgency,
    /// A step whose time does not fit into the whole; the pointer is relative to `/route`.
    Time(TimeFault),
    /// It ends on or before the day on which it begins.
    EndsBeforeItBegins,
}

/// All that is wrong with a version, each with its JSON pointer. `is_agency` knows the codes of agencies.
pub fn check(content: &ProcedureContent, is_agency: impl Fn(&str) -> bool) -> Vec<(String, Refusal)> {
    let mut faults = Vec::new();
    let mut levels = HashSet::new();
    for (index, level) in content.levels.iter().enumerate() {
        if !Kind::is_level(*level) {
            faults.push((format!("/levels/{index}"), Refusal::NotALevel));
        } else if !levels.insert(*level) {
            faults.push((format!("/levels/{index}"), Refusal::Duplicate));
        }
    }
    if !content.time_limit.amount().is_whole() {
        faults.push(("/time_limit/amount".to_owned(), Refusal::NotWhole));
    }
    let mut codes = HashSet::new();
    for (index, fee) in content.fees.iter().enumerate() {
        if !codes.insert(&fee.code) {
            faults.push((format!("/fees/{index}/code"), Refusal::Duplicate));
        }
        if fee.max.is_some_and(|max| max < fee.amount) {
            faults.push((format!("/fees/{index}/max"), Refusal::MaxBelowAmount));
        }
        for (place, text) in fee.exemptions.iter().enumerate() {
            if !(1..=300).contains(&text.chars().count()) {
                faults.push((format!("/fees/{index}/exemptions/{place}"), Refusal::TextLength));
            }
        }
    }
    let mut codes = HashSet::new();
    for (index, component) in content.components.iter().enumerate() {
        if !codes.insert(&component.code) {
            faults.push((format!("/components/{index}/code"), Refusal::Duplicate));
        }
        if component.originals == 0 && component.copies == 0 {
            faults.push((format!("/components/{index}/originals"), Refusal::NoSheets));
        }
    }
    for (index, step) in content.route.iter().enumerate() {
        let refusal = match StepAgency::parse(&step.agency) {
            None => Some(Refusal::AgencyForm),
            Some(StepAgency::Code(code)) if !is_agency(code) => Some(Refusal::UnknownAgency),
            Some(_) => None,
        };
        faults.extend(refusal.map(|refusal| (format!("/route/{index}/agency"), refusal)));
    }
    faults.extend(check_time(content));
    faults
}

fn check_time(content: &ProcedureContent) -> Vec<(String, Refusal)> {
    let steps: Vec<RouteStep<'_>> = content
        .route
        .iter()
        .map(|step| RouteStep {
            key: &step.key,
            time_limit: step.time_limit,
            parallel_with: step.parallel_with.as_deref(),
        })
        .collect();
    let found = check_route(content.time_limit, &steps).err().unwrap_or_default();
    found.into_iter().map(|fault| (format!("/route{}", fault.pointer), Refusal::Time(fault))).collect()
}

/// Days of a version are half-open: in force on `from`, no longer on `to`.
#[must_use]
pub fn check_days(from: NaiveDate, to: Option<NaiveDate>) -> Option<(&'static str, Refusal)> {
    to.is_some_and(|to| to <= from).then_some(("/effective_to", Refusal::EndsBeforeItBegins))
}

/// A published version as the choice of the one in force sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The version's number.
    pub number: i32,
    /// The first day.
    pub from: NaiveDate,
    /// The first day on which it is no longer in force.
    pub to: Option<NaiveDate>,
}

/// Which of the published versions is in force on a day: the newest of those whose time it is.
#[must_use]
pub fn in_force_on(spans: impl IntoIterator<Item = Span>, day: NaiveDate) -> Option<i32> {
    let current = spans.into_iter().filter(|span| span.from <= day && span.to.is_none_or(|to| day < to));
    current.map(|span| span.number).max()
}

/// Why a draft cannot be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishRefusal {
    /// It is published already.
    Published,
    /// It would begin before the version that it replaces.
    BeforePrevious {
        /// When that one began.
        previous_from: NaiveDate,
    },
}

/// Whether a draft may be published, given the version published last. That one then ends where this one begins; one
/// that began on the same day is never in force any more.
///
/// # Errors
/// Why it may not.
pub fn publish(
    is_published: bool,
    from: NaiveDate,
    previous_from: Option<NaiveDate>,
) -> Result<(), PublishRefusal> {
    match previous_from {
        _ if is_published => Err(PublishRefusal::Published),
        Some(previous_from) if from < previous_from => Err(PublishRefusal::BeforePrevious { previous_from }),
        _ => Ok(()),
    }
}
