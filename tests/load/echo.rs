//! What the server can do at most: one operation that checks a token and answers with the JSON that it got.

use std::net::TcpListener;

use actix_web::{post, rt, web::Data};
use motcua::{
    access::{Access, Anyone, Caller, RoleSet},
    cli::serve,
    clock::Clock,
    config::Config,
    http::{self, Answer, Api, Caching, Json, Result, openapi::About, system::Readiness},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

static ABOUT: About = About { title: "Echo", description: "A ceiling.", tags: &[], path_parameters: &[] };

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

fn routes(config: &mut ServiceConfig) {
    config.service(echo);
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
        let access = Data::new(Access::new(app.db, app.clock, app.keys, sign_in));
        let ready = Data::new(Readiness::new(|| Box::pin(async { Ok(Vec::new()) })));
        let data = move |service: &mut actix_web::web::ServiceConfig| {
            service.app_data(access.clone()).app_data(ready.clone());
        };
        http::serve(listener, Api { about: &ABOUT, routes, data }, settings).unwrap().await.unwrap();
    });
}
