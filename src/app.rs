//! What a request finds at run time: the parts of the program, made once, and the world as one transaction sees it.

use std::sync::Arc;

use crate::{
    access::Keys,
    clock::Clock,
    db::{Conn, Db, Error, Instant},
    procedures::{Catalogue, CatalogueCache},
};

/// The parts of the running program, handed to the workers as `web::Data<App>`. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// The secrets of the installation.
    pub keys: Arc<Keys>,
    /// Agencies, calendars and procedures.
    pub catalogue: Arc<CatalogueCache>,
    /// The time.
    pub clock: Clock,
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
}

/// What a use case needs beside its connection, made once in its transaction.
#[derive(Clone)]
pub struct World {
    /// The moment: every time that the transaction writes.
    pub now: Instant,
    /// Agencies, calendars and procedures as the transaction sees them.
    pub catalogue: Arc<Catalogue>,
    /// The secrets of the installation.
    pub keys: Arc<Keys>,
}

impl World {
    /// The world as this transaction sees it.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn at(conn: &mut Conn, app: &App) -> Result<World, Error> {
        Ok(World { now: app.clock.now(), catalogue: app.catalogue.get(conn)?, keys: Arc::clone(&app.keys) })
    }
}
