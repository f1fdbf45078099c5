//! Starts a whole server: database, keys, catalogue, effects, operations. The same for `motcua serve`, the demo and the
//! tests, which differ in their settings and their clock.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use actix_web::{
    dev::{Server, ServerHandle},
    rt,
    web::{self, Data},
};

use super::{Failure, health, migrate::open, surface, watch::Watch};
use crate::{
    App, World,
    access::{Access, Keys},
    audit::{self, Kept},
    clock::Clock,
    config::Config,
    db::Db,
    dossiers::{Recompute, Secrets},
    http::{self, Api, ServerKey, idempotency},
    procedures::CatalogueCache,
    statistics::Layouts,
};

/// How often answers that were kept for repeated requests are looked through for those that nobody may ask for any more.
const PRUNE_EVERY: Duration = Duration::from_secs(10 * 60);

/// How often it is looked whether a day has ended that has no anchor.
const ANCHOR_EVERY: Duration = Duration::from_secs(10 * 60);

/// So many of them in one transaction, so that nobody waits for it.
const PRUNE_AT_ONCE: i64 = 1_000;

/// A server that takes requests as soon as [`Running::finished`] is awaited.
#[must_use = "it serves while `finished` is awaited"]
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    /// What its handlers share.
    pub app: App,
    server: Server,
    watch: Option<Watch>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("addr", &self.addr).finish_non_exhaustive()
    }
}

impl Running {
    /// Stops it from elsewhere.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until it is told to stop, by its handle or a signal, and requests in flight are answered. The watch over
    /// deadlines finishes the dossier that it has in hand.
    ///
    /// # Errors
    /// What the system says when it cannot go on.
    pub async fn finished(self) -> io::Result<()> {
        let outcome = self.server.await;
        if let Some(watch) = self.watch {
            watch.stop().await;
        }
        if let Err(error) = self.app.reading_log.write(&self.app.db).await {
            log::error!("the last readings could not be logged: {error}");
        }
        outcome
    }
}

/// `motcua serve`.
pub fn serve(config: Config) -> Result<ExitCode, Failure> {
    run(app(config, Clock::system())?)
}

/// Serves `app` until it is told to stop.
pub fn run(app: App) -> Result<ExitCode, Failure> {
    rt::System::new().block_on(async move {
        let running = serve_app(app).await?;
        log::info!("listening on http://{}", running.addr);
        running.finished().await.map_err(|error| Failure::new("the server stopped", error))?;
        log::info!("stopped");
        Ok(ExitCode::SUCCESS)
    })
}

/// Opens and migrates the database and loads or makes the keys: all that the program needs besides a network.
///
/// # Errors
/// Whatever of these cannot be done.
pub fn app(config: Config, clock: Clock) -> Result<App, Failure> {
    let db = open(&config)?;
    for name in db.migrate().map_err(|error| Failure::new("cannot migrate", error))? {
        log::info!("migrated to {name}");
    }
    let keys = Keys::open(&config.keys, &config.given_keys)
        .map_err(|error| Failure::new("cannot load the keys", error))?;
    Ok(App {
        db,
        secrets: Arc::new(Secrets::new(&keys)),
        keys: Arc::new(keys),
        catalogue: Arc::new(CatalogueCache::default()),
        clock,
        config: Arc::new(config),
        effects: surface::effects(),
        reading_log: Arc::default(),
        open_deadlines: Arc::new(Recompute),
    })
}

/// [`app`], bound to its address. Must run inside an actix system.
///
/// # Errors
/// Whatever cannot be done.
pub async fn start(config: Config, clock: Clock) -> Result<Running, Failure> {
    serve_app(app(config, clock)?).await
}

/// Binds the address of the settings and serves `app` there. Must run inside an actix system.
///
/// # Errors
/// Whatever cannot be done.
pub async fn serve_app(app: App) -> Result<Running, Failure> {
    let config = &app.config;
    let layouts = Layouts::load(config.report_layouts.as_deref())
        .map_err(|error| Failure::new("cannot use the layouts of statutory forms", error))?;
    let listener = TcpListener::bind(config.addr)
        .map_err(|error| Failure::new(format!("cannot listen on {}", config.addr), error))?;
    let addr = listener.local_addr().map_err(|error| Failure::new("cannot listen", error))?;

    let (db, clock, keys) = (app.db.clone(), app.clock.clone(), Arc::clone(&app.keys));
    let server_key = Data::new(ServerKey::new(keys.derive("idempotency")));
    let access = Data::new(Access::new(db.clone(), clock.clone(), keys, config.sign_in(addr)));
    access.learn_revocations().await.map_err(|error| Failure::new("cannot read revoked tokens", error))?;
    let proxies = Data::new(config.trusted_proxies.clone());
    let layouts = Data::new(layouts);
    let (readiness, gauges) = (Data::new(health::readiness(&app)), Data::new(health::gauges(&app)));
    let outside = http::Outside { is_https: config.is_https(), origins: config.cors_origins.clone() };
    let settings = http::Settings { workers: config.workers, limits: config.limits, outside };
    let data = {
        let (app, access) = (Data::new(app.clone()), access.clone());
        move |service: &mut web::ServiceConfig| {
            service
                .app_data(app.clone())
                .app_data(access.clone())
                .app_data(proxies.clone())
                .app_data(layouts.clone())
                .app_data(server_key.clone())
                .app_data(readiness.clone())
                .app_data(gauges.clone());
        }
    };
    let api = Api { about: &surface::ABOUT, routes: surface::operations, data };
    let server = http::serve(listener, api, settings)
        .map_err(|error| Failure::new("cannot start the server", error))?;
    rt::spawn(Access::follow_revocations(access));
    rt::spawn(forget_answers(db, clock));
    rt::spawn({
        let app = app.clone();
        async move { app.reading_log.follow(&app.db).await }
    });
    rt::spawn(anchor_days(app.clone()));
    let watch = app.config.watch_every.map(|every| Watch::start(app.clone(), every));
    Ok(Running { addr, app, server, watch })
}

/// Deletes kept answers whose time is over; never ends by itself.
async fn forget_answers(db: Db, clock: Clock) {
    let mut ticks = rt::time::interval(PRUNE_EVERY);
    loop {
        ticks.tick().await;
        let now = clock.now();
        if let Err(error) =
            db.write(move |conn| idempotency::store::delete_expired(conn, now, PRUNE_AT_ONCE)).await
        {
            log::warn!("old answers could not be deleted: {error}");
        }
    }
}

/// Makes the anchor of each day that has ended; never ends by itself.
async fn anchor_days(app: App) {
    let mut ticks = rt::time::interval_at(rt::time::Instant::now() + ANCHOR_EVERY / 10, ANCHOR_EVERY);
    loop {
        ticks.tick().await;
        let at = app.clone();
        let made = app.db.write(move |conn| {
            let world = World::at(conn, &at)?;
            audit::anchor_ended_day(conn, &world)
        });
        match made.await {
            Ok(Some(anchor)) => log::info!("anchored {}", Kept::from(&anchor)),
            Ok(None) => {}
            // It looks again, and what happened on the day stands under the anchor that is made then.
            Err(error) => log::error!("a day could not be anchored: {error}"),
        }
    }
}
