//! What a request finds at run time: the parts of the program, made once, and the world as one transaction sees it.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::{
    access::{Identity, Keys, Reach, ReadingLog, Readings, Vault},
    calendar::OpenDeadlines,
    clock::Clock,
    config::Config,
    db::{Conn, Db, Error, Instant},
    dossiers::{Effects, Secrets},
    http::{Answer, Claim, Problem},
    procedures::{Catalogue, CatalogueCache},
};

/// For how long what was made ready counts as made at the moment of its transaction.
const LATELY: TimeDelta = TimeDelta::seconds(1);

/// The parts of the running program, handed to the workers as `web::Data<App>`. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// The secrets of the installation.
    pub keys: Arc<Keys>,
    /// The keyed hashes of dossiers, derived from them.
    pub secrets: Arc<Secrets>,
    /// Agencies, calendars and procedures.
    pub catalogue: Arc<CatalogueCache>,
    /// The time.
    pub clock: Clock,
    /// The settings.
    pub config: Arc<Config>,
    /// What happens in the transaction of a dossier's change beside the change.
    pub effects: Effects,
    /// Where full readings of dossiers are logged.
    pub reading_log: Arc<ReadingLog>,
    /// Who says which open deadlines a changed calendar would move.
    pub open_deadlines: Arc<dyn OpenDeadlines>,
}

impl App {
    /// The catalogue of this moment, for answers that need nothing else.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn catalogue(&self) -> Result<Arc<Catalogue>, Error> {
        let cache = Arc::clone(&self.catalogue);
        self.db.read(move |conn| cache.get(conn)).await
    }

    /// Reads: one consistent snapshot, with the world as it sees it. What was read in full is logged before the answer.
    ///
    /// # Errors
    /// What `look` returns.
    pub async fn read<T, F>(&self, look: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &World) -> Result<T, Problem> + Send + 'static,
    {
        let app = self.clone();
        let look = move |conn: &mut Conn| {
            let world = World::at(conn, &app)?;
            Ok::<_, Problem>((look(conn, &world)?, world.readings))
        };
        let (found, readings) = self.db.read(look).await?;
        self.reading_log.keep(&self.db, &readings).await?;
        Ok(found)
    }

    /// [`App::read`] for threads that may block.
    ///
    /// # Errors
    /// What `look` returns.
    pub fn read_blocking<T>(
        &self,
        look: impl FnOnce(&mut Conn, &World) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.db.read_blocking(|conn| {
            let world = World::at(conn, self)?;
            look(conn, &world)
        })
    }

    /// Changes something: one transaction, answered when it is durable, and once for each `Idempotency-Key`.
    ///
    /// # Errors
    /// What `change` returns; nothing is left then.
    pub async fn write<F>(&self, claim: Claim, change: F) -> Result<Answer, Problem>
    where
        F: Fn(&mut Conn, &World) -> Result<Answer, Problem> + Send + 'static,
    {
        let app = self.clone();
        self.db
            .write(move |conn| {
                let world = World::at(conn, &app)?;
                claim.run(conn, world.now, |conn| change(conn, &world))
            })
            .await
    }

    /// [`App::write`] for a change of which much can be made ready before it is its turn to write: `prepare` needs no database
    /// but the catalogue, and runs on the caller's thread. What the transaction finds changed meanwhile is made ready anew.
    ///
    /// # Errors
    /// What `prepare` or `change` returns; nothing is left then.
    pub async fn write_prepared<P, G, F>(
        &self,
        claim: Claim,
        prepare: G,
        change: F,
    ) -> Result<Answer, Problem>
    where
        P: Clone + Send + 'static,
        G: Fn(&World) -> Result<P, Problem> + Send + 'static,
        F: Fn(&mut Conn, &World, P) -> Result<Answer, Problem> + Send + 'static,
    {
        let app = self.clone();
        let ready = self.catalogue.last_seen().and_then(|catalogue| {
            let world = World::of(&app, catalogue);
            // What is wrong is told in the transaction, where a repeated request gets its first answer instead.
            prepare(&world).ok().map(|prepared| (world, prepared))
        });
        self.db
            .write(move |conn| {
                let present = World::at(conn, &app)?;
                match &ready {
                    Some((world, prepared)) if present.is_still(world) => {
                        claim.run(conn, world.now, |conn| change(conn, world, prepared.clone()))
                    }
                    _ => claim.run(conn, present.now, |conn| change(conn, &present, prepare(&present)?)),
                }
            })
            .await
    }

    /// Much at once in one transaction, for imports and the sample year.
    ///
    /// # Errors
    /// What `change` returns; nothing is left then.
    pub fn bulk<T, F>(&self, change: F) -> Result<T, Problem>
    where
        F: FnOnce(&mut Conn, &World) -> Result<T, Problem>,
    {
        self.db.bulk(|conn| {
            let world = World::at(conn, self)?;
            change(conn, &world)
        })
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("App")
    }
}

/// What a use case needs beside its connection, made once in its transaction.
#[derive(Clone)]
pub struct World {
    /// The moment: every time that the transaction writes.
    pub now: Instant,
    /// Agencies, calendars and procedures as the transaction sees them.
    pub catalogue: Arc<Catalogue>,
    /// The keyed hashes of dossiers.
    pub secrets: Arc<Secrets>,
    /// What seals personal data.
    pub vault: Arc<Vault>,
    /// What was read in full so far. A transaction that writes keeps none of it: its events say who did what.
    pub readings: Arc<Readings>,
    /// What happens beside a dossier's change.
    pub effects: Effects,
    /// Opening minutes that a desk has to answer a submission.
    pub accept_within_minutes: u32,
}

impl World {
    /// The world as this transaction sees it.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn at(conn: &mut Conn, app: &App) -> Result<World, Error> {
        Ok(World::of(app, app.catalogue.get(conn)?))
    }

    /// The world of this moment with a catalogue.
    fn of(app: &App, catalogue: Arc<Catalogue>) -> World {
        World {
            now: app.clock.now(),
            catalogue,
            secrets: Arc::clone(&app.secrets),
            vault: Arc::clone(app.keys.vault()),
            readings: Arc::default(),
            effects: Arc::clone(&app.effects),
            accept_within_minutes: app.config.accept_within_hours.saturating_mul(60),
        }
    }

    /// Whether what was made ready in `earlier` is as good as made now: by the same catalogue, on the same day, just before.
    fn is_still(&self, earlier: &World) -> bool {
        Arc::ptr_eq(&self.catalogue, &earlier.catalogue)
            && self.now.local_day() == earlier.now.local_day()
            && self.now - earlier.now < LATELY
    }

    /// What somebody sees of dossiers.
    #[must_use]
    pub fn reach(&self, caller: &Identity) -> Reach {
        caller.reach(self.now, self.catalogue.procedures.sensitive())
    }

    /// The world with what this transaction has written to the catalogue. Read past the cache: it may still be undone.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn with_changes(&self, conn: &mut Conn) -> Result<World, Error> {
        Ok(World { catalogue: Arc::new(Catalogue::load(conn)?), ..self.clone() })
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("World").field("now", &self.now).finish_non_exhaustive()
    }
}
