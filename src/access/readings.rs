//! The reading log: who read which dossier in full, and by which operation.
//!
//! DOMAIN.md, "Personal data": every full reading is logged, durable before the answer for inspectors and for agencies other than
//! holder and receiver, within a second for these. A use case notes its readings in its transaction's [`Readings`]; the
//! [`ReadingLog`] keeps them before the answer goes out. Whoever changes a dossier has it shown as well: then the event says
//! who, and nothing is noted.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{CallerKind, Columns, DossierId, Identity, Role, Sealed, Vault, store};
use crate::db::{Db, Error, Instant, text_enum};
use crate::http::Problem;

text_enum! {
    /// By what a dossier was read; its `operationId`.
    pub enum Operation {
        /// One dossier.
        GetDossier = "get_dossier",
        /// A list.
        ListDossiers = "list_dossiers",
        /// A search, by names and numbers.
        SearchDossiers = "search_dossiers",
        /// Its history.
        ListDossierEvents = "list_dossier_events",
        /// Its deadline with reasons.
        GetDossierDeadline = "get_dossier_deadline",
        /// A manifest with its recipients.
        GetHandoff = "get_handoff",
    }
}

/// How often what may wait is written.
const EVERY: Duration = Duration::from_millis(500);

/// With so many waiting, a reading waits for them to be written.
const MOST_WAITING: usize = 5_000;

/// Why somebody read, as it is kept.
pub type SealedReason = Sealed<String>;

/// One dossier read in full by one request.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) at: Instant,
    pub(super) dossier_id: DossierId,
    pub(super) caller_kind: CallerKind,
    pub(super) caller_id: i64,
    pub(super) agency_id: i64,
    pub(super) operation: Operation,
    pub(super) reason: Option<SealedReason>,
    /// Whether it must be durable before the answer.
    is_urgent: bool,
}

/// What was read in full in one transaction.
#[derive(Debug, Default)]
pub struct Readings(Mutex<Vec<Reading>>);

impl Readings {
    /// Notes that the caller is shown this dossier in full.
    ///
    /// # Errors
    /// A reason that cannot be sealed, which no text can cause.
    pub fn note(
        &self,
        vault: &Vault,
        caller: &Identity,
        operation: Operation,
        dossier: Columns,
        at: Instant,
    ) -> Result<(), Problem> {
        let reason = caller
            .reason
            .as_ref()
            .map(|reason| Sealed::seal(vault, &place_of_reason(dossier.id, at), &reason.as_str().to_owned()));
        let is_its_own = [dossier.agency_id, dossier.holder_id].contains(&caller.agency_id);
        let reading = Reading {
            at,
            dossier_id: dossier.id,
            caller_kind: caller.kind,
            caller_id: caller.id,
            agency_id: caller.agency_id,
            operation,
            reason: reason.transpose().map_err(Problem::internal)?,
            is_urgent: caller.has(Role::Inspector) || !is_its_own,
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(reading);
        Ok(())
    }

    fn take(&self) -> Vec<Reading> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Where the reason of a reading is sealed for.
#[must_use]
pub fn place_of_reason(dossier: DossierId, at: Instant) -> String {
    format!("reading/{dossier}/{}", at.micros())
}

/// Writes readings: at once, or within a second.
#[derive(Debug, Default)]
pub struct ReadingLog(Mutex<Vec<Reading>>);

impl ReadingLog {
    /// Keeps what was read. The answer may go out when this has succeeded.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn keep(&self, db: &Db, readings: &Readings) -> Result<(), Error> {
        let readings = readings.take();
        if readings.is_empty() {
            return Ok(());
        }
        let is_urgent = readings.iter().any(|reading| reading.is_urgent);
        let waiting = {
            let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.extend(readings);
            waiting.len()
        };
        // All that waits goes with it: the log stays in order, and one commit costs no more than another.
        if is_urgent || waiting >= MOST_WAITING { self.write(db).await } else { Ok(()) }
    }

    /// Writes all that waits.
    ///
    /// # Errors
    /// Those of the database; then it still waits.
    pub async fn write(&self, db: &Db) -> Result<(), Error> {
        let waiting: Arc<[Reading]> =
            std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into();
        if waiting.is_empty() {
            return Ok(());
        }
        let written = Arc::clone(&waiting);
        let outcome = db.write(move |conn| store::readings::insert(conn, &written)).await;
        if outcome.is_err() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(waiting.iter().cloned());
        }
        outcome
    }

    /// Writes what waits for as long as the server runs; never ends by itself.
    pub async fn follow(&self, db: &Db) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.write(db).await {
                log::error!("readings could not be logged, and wait: {error}");
            }
        }
    }
}
