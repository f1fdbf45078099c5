//! The dossier's row: one struct for reading and writing, with the columns' own types.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Channel, Content, Mark, ResultKind, Status};
use crate::access::{AccountId, BadSeal, Columns, Sealed, Vault};
use crate::agencies::AgencyId;
use crate::calendar::rules::{Deadline, Outcome, RuleSet};
use crate::db::{Instant, Json, fold, schema::dossiers};
use crate::procedures::{ProcedureId, VersionId};

/// Key of a dossier inside the database; outside it is known by `public_id`, code or reference.
pub type DossierId = i64;

/// What an officer proposes to the leader.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    pub result: ResultKind,
    pub reason: Option<String>,
    pub by: String,
    pub at: Instant,
}

/// All of a row but its key.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = dossiers, treat_none_as_default_value = false)]
pub struct NewDossier {
    pub public_id: String,
    pub code: Option<String>,
    pub reference: Option<String>,
    pub status: Status,
    /// The state that `recall`, `supplement` and `confirm_payment` lead back to.
    pub status_before: Option<Status>,
    /// The state that keep restores.
    pub status_kept: Option<Status>,
    pub procedure_id: ProcedureId,
    pub procedure_version_id: VersionId,
    pub agency_id: AgencyId,
    pub competent_id: AgencyId,
    pub holder_id: AgencyId,
    pub previous_holder_id: Option<AgencyId>,
    pub post_office_id: Option<AgencyId>,
    pub assignee_id: Option<AccountId>,
    /// The open slip, while the papers are on their way.
    pub slip_id: Option<i64>,
    pub channel: Channel,
    pub search_name: String,
    /// Keyed hashes of the applicant's numbers, for exact search.
    pub identity_hash: Option<String>,
    pub phone_hash: Option<String>,
    /// What the applicant brought.
    pub content: Sealed<Content>,
    pub lookup_hash: String,
    pub submitted_at: Option<Instant>,
    pub accept_due_at: Option<Instant>,
    pub received_at: Option<Instant>,
    pub due_at: Option<Instant>,
    pub judged_due_at: Option<Instant>,
    pub first_due_at: Option<Instant>,
    pub expected_due_at: Option<Instant>,
    pub finished_at: Option<Instant>,
    pub returned_at: Option<Instant>,
    pub last_event_at: Instant,
    pub clock: Option<Json<Deadline>>,
    pub is_paused: bool,
    pub paused_in_time: bool,
    /// Local day on which the overdue counter holds its +1 for this dossier.
    pub overdue_on: Option<NaiveDate>,
    /// The same for a submission left waiting.
    pub waiting_late_on: Option<NaiveDate>,
    pub result: Option<ResultKind>,
    pub outcome: Option<Outcome>,
    pub rule_set: Option<RuleSet>,
    pub marks: Json<Vec<Mark>>,
    pub proposal: Option<Json<Proposal>>,
    pub supplements: i32,
    pub event_count: i64,
    pub head_hash: Vec<u8>,
    pub version: i64,
}

/// A dossier as it stands in the database.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = dossiers)]
pub struct Dossier {
    pub id: DossierId,
    #[diesel(embed)]
    pub row: NewDossier,
}

impl From<&Dossier> for Columns {
    fn from(dossier: &Dossier) -> Self {
        Self {
            id: dossier.id,
            agency_id: dossier.agency_id,
            competent_id: dossier.competent_id,
            holder_id: dossier.holder_id,
            post_office_id: dossier.post_office_id,
            slip_id: dossier.slip_id,
            procedure_version_id: dossier.procedure_version_id,
        }
    }
}

impl std::ops::Deref for Dossier {
    type Target = NewDossier;
    fn deref(&self) -> &NewDossier {
        &self.row
    }
}

impl std::ops::DerefMut for Dossier {
    fn deref_mut(&mut self) -> &mut NewDossier {
        &mut self.row
    }
}

impl NewDossier {
    /// Its code, or its reference while it has none.
    #[must_use]
    pub fn address(&self) -> &str {
        self.code.as_deref().or(self.reference.as_deref()).unwrap_or(&self.public_id)
    }

    /// Open, not in a pause begun in time, and past the date that the agency is judged by.
    #[must_use]
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.status.is_open() && !self.paused_in_time && self.judged_due_at.is_some_and(|due| now > due)
    }

    /// Adds a mark once.
    pub fn mark(&mut self, mark: Mark) {
        if !self.marks.0.contains(&mark) {
            self.marks.0.push(mark);
        }
    }

    /// What the applicant brought.
    ///
    /// # Errors
    /// What was sealed for another row, or with a key that is not there.
    pub fn open_content(&self, vault: &Vault) -> Result<Content, BadSeal> {
        self.content.open(vault, &place_of_content(&self.public_id))
    }

    /// Seals what the applicant brought; the columns that he is searched by follow it.
    ///
    /// # Errors
    /// None that content could cause: it always is JSON.
    pub fn set_content(&mut self, vault: &Vault, content: &Content) -> Result<(), BadSeal> {
        let Content { applicant, .. } = content;
        self.content = Sealed::seal(vault, &place_of_content(&self.public_id), content)?;
        self.search_name = fold(&applicant.full_name);
        self.identity_hash = applicant.identity_number.as_deref().map(|number| vault.blind_index(number));
        self.phone_hash = applicant.phone.as_deref().map(|number| vault.blind_index(number));
        Ok(())
    }

    /// The dates follow the clock. This and the three below are the one place that writes due dates.
    pub fn set_clock(&mut self, clock: Deadline) {
        self.due_at = Some(clock.due.due_at.into());
        self.judged_due_at = Some(clock.judged.due_at.into());
        self.first_due_at = Some(clock.first_due_at.into());
        self.is_paused = clock.paused.is_some();
        self.paused_in_time = clock.is_suspended();
        self.expected_due_at = None;
        self.clock = Some(Json(clock));
    }

    /// What the receipt promises while the clock has not started (Decree 118/2025).
    pub fn expect(&mut self, due_at: Instant) {
        self.expected_due_at = Some(due_at);
    }

    /// When the desk should have answered a submission.
    pub fn answer_by(&mut self, due_at: Instant) {
        self.accept_due_at = Some(due_at);
    }

    /// The dates as a changed calendar has them.
    pub fn set_dates(&mut self, dates: &Dates) {
        match *dates {
            Dates::Running(clock) => self.set_clock(clock),
            Dates::Expected(due_at) => self.expect(due_at),
            Dates::Submitted(due_at) => self.answer_by(due_at),
        }
    }
}

/// Where a dossier's content is sealed for.
pub(super) fn place_of_content(public_id: &str) -> String {
    format!("content/{public_id}")
}

/// The dates of an open dossier, whichever it has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Dates {
    /// Its clock runs or is paused.
    Running(Deadline),
    /// Its clock waits for the competent agency: what its receipt promises.
    Expected(Instant),
    /// The desk has to answer it.
    Submitted(Instant),
}

impl Dates {
    /// Those of a row; None when it has none or they move no more.
    #[must_use]
    pub fn of(row: &NewDossier) -> Option<Self> {
        match (&row.clock, row.expected_due_at, row.accept_due_at) {
            (_, _, due_at) if row.status == Status::Submitted => due_at.map(Self::Submitted),
            _ if !row.status.is_open() => None,
            (Some(Json(clock)), _, _) => Some(Self::Running(*clock)),
            (None, expected, _) => expected.map(Self::Expected),
        }
    }

    /// The promise.
    #[must_use]
    pub fn due_at(&self) -> Instant {
        match self {
            Self::Running(clock) => clock.due.due_at.into(),
            Self::Expected(due_at) | Self::Submitted(due_at) => *due_at,
        }
    }

    /// What the agency is judged by.
    #[must_use]
    pub fn judged_due_at(&self) -> Option<Instant> {
        match self {
            Self::Running(clock) => Some(clock.judged.due_at.into()),
            Self::Expected(_) | Self::Submitted(_) => None,
        }
    }
}
