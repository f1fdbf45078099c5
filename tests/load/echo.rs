//! What the server can do at most: one operation that checks a token and answers with the JSON that it got. And what the
//! check costs: the program's own get of a dossier, and beside it the same work for a caller who is known beforehand.

use std::net::TcpListener;

use actix_web::{get, post, rt, web::Data};
use motcua::{
    App,
    access::{Access, Anyone, Caller, CallerKind, Identity, Role, RoleSet, accounts},
    cli::serve,
    clock::Clock,
    config::Config,
    db::{Instant, PublicId},
    dossiers,
    http::{self, Answer, Api, Caching, Json, Path, Result, openapi::About, system::Readiness},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

static ABOUT: About = About { title: "Echo", description: "A ceiling.", tags: &[], path_parameters: &[] };

/// Who gets dossiers without a token.
const CLERK: &str = "clerk@tan-long";
/// Where he works.
const COMMUNE: &str = "000.33.31.H20";

/// What comes in and goes out.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "x"}))]
struct Said {
    #[schema(max_length = 10_000)]
    text: String,
}

/// Say it again
#[utoipa::path(extensions(("x-roles" = json!(Anyone::NAMES))), responses((status = 200, description = "The same", body = Said)))]
#[post("/api/v1/echo")]
async fn echo(_: Caller<Anyone>, body: Json<Said>) -> Result<Answer> {
    Answer::json(&body.into_inner(), Caching::Private)
}

/// Get a dossier without a token
#[utoipa::path(
    params(("code" = String, Path)),
    extensions(("x-roles" = json!(["public"]))),
    responses((status = 200, description = "The dossier", body = dossiers::DossierView))
)]
#[get("/api/v1/open/dossiers/{code}")]
async fn get_open(app: Data<App>, clerk: Data<Identity>, address: Path<String>) -> Result<Answer> {
    let caller = Identity::clone(&clerk);
    let view = app.read(move |conn, world| dossiers::show(conn, world, &caller, &address)).await?;
    Answer::view(view.version, &view, Caching::Private)
}

fn routes(config: &mut ServiceConfig) {
    config.service(echo).service(get_open).configure(dossiers::configure);
}

/// The clerk as his token would describe him.
fn clerk(app: &App) -> Identity {
    let found = app.read_blocking(|conn, world| {
        let agency = world.catalogue.tree.by_code(COMMUNE).map(|agency| agency.id);
        Ok((accounts::find_id(conn, CallerKind::Account, CLERK)?, agency))
    });
    let (id, agency_id) = found.unwrap();
    Identity {
        kind: CallerKind::Account,
        id: id.unwrap(),
        public_id: PublicId::new(Instant::MIN),
        name: CLERK.to_owned(),
        agency_id: agency_id.unwrap(),
        agency_code: COMMUNE.to_owned(),
        roles: vec![Role::Clerk],
        scopes: Vec::new(),
        generation: 1,
        must_change_password: false,
        reason: None,
    }
}

/// Serves it until it is stopped.
pub fn serve(addr: &str) {
    rt::System::new().block_on(async {
        let config = Config::from_env().unwrap();
        let listener = TcpListener::bind(addr).unwrap();
        let settings =
            http::Settings { workers: config.workers, limits: config.limits, ..http::Settings::default() };
        let sign_in = config.sign_in(config.addr);
        let app = serve::app(config, Clock::system()).unwrap();
        let access = Data::new(Access::new(app.db.clone(), app.clock.clone(), app.keys.clone(), sign_in));
        let clerk = Data::new(clerk(&app));
        rt::spawn({
            let app = app.clone();
            async move { app.reading_log.follow(&app.db).await }
        });
        let app = Data::new(app);
        let ready = Data::new(Readiness::new(|| Box::pin(async { Ok(Vec::new()) })));
        let data = move |service: &mut actix_web::web::ServiceConfig| {
            service
                .app_data(access.clone())
                .app_data(ready.clone())
                .app_data(app.clone())
                .app_data(clerk.clone());
        };
        http::serve(listener, Api { about: &ABOUT, routes, data }, settings).unwrap().await.unwrap();
    });
}
