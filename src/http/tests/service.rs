//! The example capability. The handlers here are the pattern for all others.

#![allow(dead_code, reason = "requests are read, and not all that they hold is used")]

use std::{sync::Arc, time::Duration};

use actix_web::{
    delete, get, patch, post,
    web::{self, Data},
};
use diesel::sql_types::{BigInt, Text};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::{scope, service_config::ServiceConfig};

use crate::{
    db::{Conn, Cursor, Db, Instant, Page, dialect::raw},
    http::{
        Answer, Caching, Code, Idempotency, IfMatch, Json, ListQuery, OauthCode, OauthError, PageParams,
        Path, Problem, Result, Whose, openapi::About, system,
    },
};

/// What roles look like to the document; `access` has a type for each set.
pub struct Intake;
impl Intake {
    pub const NAMES: &'static [&'static str] = &["clerk", "post_clerk"];
}

pub static ABOUT: About = About {
    title: "Things",
    description: "An example.",
    tags: &[("things", "Things that are made"), ("system", "The server itself")],
    path_parameters: &[("things/{code}", "The thing's code")],
};

/// A new thing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeThing {
    /// What it is called.
    #[schema(min_length = 1, max_length = 20, example = "Bản sao")]
    pub name: String,
    /// Who it is for.
    #[schema(pattern = "^[0-9]{12}$", example = "087203001234", extensions(("x-code" = json!(Code::InvalidIdentityNumber))))]
    pub identity_number: Option<String>,
    /// Through which channel it came.
    pub channel: Channel,
    /// How many.
    #[schema(minimum = 1, maximum = 99)]
    pub copies: Option<i32>,
    /// When it is wanted.
    #[schema(value_type = Option<String>, format = Date)]
    pub wanted_on: Option<String>,
    /// Its parts.
    #[serde(default)]
    #[schema(max_items = 3)]
    pub parts: Vec<Part>,
}

/// A part of a thing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its code.
    #[schema(max_length = 10)]
    pub code: String,
    /// Where it travels.
    #[schema(pattern = "^[A-Z]{2}[0-9]{9}VN$", extensions(("x-code" = json!(Code::InvalidTrackingCode))))]
    pub tracking_code: Option<String>,
}

/// A way in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// At the desk.
    Counter,
    /// By post.
    Postal,
}

/// One step, or several in one transaction.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Steps {
    /// One.
    One(Step),
    /// Several.
    Several(Vec<Step>),
}

/// What to do with a thing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Step {
    /// Take it.
    Accept(Accept),
    /// Don't.
    Decline(Decline),
}

/// Details of taking.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Accept {
    /// A remark.
    #[schema(max_length = 5)]
    pub note: Option<String>,
}

/// Details of not taking.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Decline {
    /// Why.
    #[schema(min_length = 3)]
    pub reason: String,
}

/// A thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThingView {
    /// Its code.
    #[schema(example = "T-1")]
    pub code: String,
    /// What it is called.
    #[schema(example = "Bản sao")]
    pub name: String,
    /// Counts its changes.
    pub version: i64,
}

/// Which things.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListThings {
    /// Only of this name.
    #[param(max_length = 20)]
    pub name: Option<String>,
}

raw! {
    struct InsertThing<'a> { name: &'a str => Text } -> BigInt;
    both: "INSERT INTO things (name) VALUES (:name) RETURNING id"
}
raw! {
    struct FindThing { id: i64 => BigInt } -> (Text, BigInt);
    both: "SELECT name, version FROM things WHERE id = :id"
}
raw! {
    struct TouchThing { id: i64 => BigInt };
    both: "UPDATE things SET version = version + 1 WHERE id = :id"
}
raw! {
    struct CountThings {} -> BigInt;
    both: "SELECT count(*) FROM things"
}

fn get_thing_row(conn: &mut Conn, code: &str) -> Result<(i64, ThingView)> {
    let id: i64 = code.strip_prefix("T-").and_then(|id| id.parse().ok()).ok_or(Code::NotFound)?;
    let found: Vec<(String, i64)> = FindThing { id }.load(conn).map_err(crate::db::Error::from)?;
    let (name, version) = found.into_iter().next().ok_or(Code::NotFound)?;
    Ok((id, ThingView { code: code.to_owned(), name, version }))
}

/// Make a thing.
///
/// Makes a thing and gives it a code.
#[utoipa::path(
    tag = "things",
    extensions(("x-roles" = json!(Intake::NAMES)), ("x-problem-codes" = json!([Code::UnknownProcedure, Code::Conflict]))),
    responses((status = 201, description = "The thing", body = ThingView)),
)]
#[post("/things")]
async fn create_thing(once: Idempotency, body: Json<MakeThing>, db: Data<Db>) -> Result<Answer> {
    let claim = once.claim(Whose::Account("somebody"), body.digest());
    let now = now();
    let body = Arc::new(body.into_inner());
    db.write(move |tx| {
        claim.run(tx, now, |tx| {
            let id: i64 = InsertThing { name: &body.name }.get_result(tx).map_err(crate::db::Error::from)?;
            if body.name == "refused" {
                return Err(Problem::new(Code::Conflict).detail(("Không được", "Not this one")));
            }
            let thing = ThingView { code: format!("T-{id}"), name: body.name.clone(), version: 1 };
            Answer::created(&format!("/api/v1/things/{}", thing.code), thing.version, &thing)
        })
    })
    .await
}

/// Read a thing.
///
/// With its validator.
#[utoipa::path(tag = "things", extensions(("x-roles" = json!(["any"]))),
    responses((status = 200, description = "The thing", body = ThingView)))]
#[get("/things/{code}")]
async fn get_thing(code: Path<String>, db: Data<Db>) -> Result<Answer> {
    let (_, thing) = db.read(move |conn| get_thing_row(conn, &code)).await?;
    Answer::view(thing.version, &thing, Caching::Private)
}

/// List things.
///
/// In the order of their making.
#[utoipa::path(tag = "things", extensions(("x-roles" = json!(["any"]))), params(ListThings, PageParams),
    responses((status = 200, description = "A page", body = Page<ThingView>)))]
#[get("/things")]
async fn list_things(query: ListQuery<ListThings>) -> Result<Answer> {
    let rows: Vec<ThingView> = (1..=query.page.limit.rows())
        .map(|id| ThingView {
            code: format!("T-{id}"),
            name: query.filter.name.clone().unwrap_or_default(),
            version: 1,
        })
        .collect();
    let page = Page::of(rows, query.page.limit, |thing| Cursor::after("code", &thing.code))?;
    Answer::page(&page, &query.page, Caching::Private)
}

/// Change a thing.
///
/// Only counts its version up.
#[utoipa::path(tag = "things", extensions(("x-roles" = json!(["admin"]))),
    responses((status = 200, description = "The thing", body = ThingView)))]
#[patch("/things/{code}")]
async fn update_thing(
    code: Path<String>,
    condition: IfMatch,
    body: Json<Part>,
    db: Data<Db>,
) -> Result<Answer> {
    drop(body);
    db.write(move |tx| {
        let (id, mut thing) = get_thing_row(tx, &code)?;
        condition.check(thing.version)?;
        TouchThing { id }.execute(tx).map_err(crate::db::Error::from)?;
        thing.version += 1;
        Answer::view(thing.version, &thing, Caching::Private)
    })
    .await
}

/// Do something with a thing.
///
/// One step, or several.
#[utoipa::path(tag = "things", extensions(("x-roles" = json!(["clerk"]))), params(IfMatch),
    responses((status = 204, description = "Done")))]
#[post("/things/{code}/steps")]
async fn step_thing(_code: Path<String>, _condition: IfMatch, body: Json<Steps>) -> Result<Answer> {
    match body.into_inner() {
        Steps::One(_) | Steps::Several(_) => Ok(Answer::no_content()),
    }
}

/// Forget all things.
///
/// Takes too long.
#[utoipa::path(tag = "things", extensions(("x-roles" = json!(["public"]))), responses((status = 204, description = "Gone")))]
#[delete("/things")]
async fn delete_things() -> Result<Answer> {
    actix_web::rt::time::sleep(Duration::from_secs(60)).await;
    Ok(Answer::no_content())
}

/// Count things.
///
/// Or fail in one of many ways.
#[utoipa::path(tag = "things", extensions(("x-roles" = json!(["public"]))), responses((status = 204, description = "Fine")))]
#[post("/things/{code}/fail")]
async fn fail_thing(way: Path<String>, db: Data<Db>) -> Result<Answer> {
    match way.as_str() {
        "panic" => panic!("a secret"),
        "cause" => Err(Problem::internal("a secret")),
        "token" => Err(Problem::new(Code::InvalidToken)),
        "late" => {
            actix_web::rt::time::sleep(Duration::from_millis(300)).await;
            Ok(Answer::no_content())
        }
        _ => {
            let count: i64 = db
                .read(|conn| {
                    CountThings {}.get_result(conn).map_err(|e| Problem::from(crate::db::Error::from(e)))
                })
                .await?;
            Answer::no_content()
                .with(actix_web::http::header::HeaderName::from_static("x-count"), &count.to_string())
        }
    }
}

/// What a client sends to sign in.
#[derive(Deserialize, ToSchema)]
pub struct TokenForm {
    /// Which way.
    #[allow(dead_code, reason = "only its schema is looked at")]
    grant_type: Option<String>,
}

/// Sign in.
///
/// Always in vain.
#[utoipa::path(tag = "things", extensions(("x-roles" = json!(["public"]))), responses((status = 200, description = "Never", body = ThingView)))]
#[post("/auth/token")]
async fn create_token(form: web::Form<TokenForm>) -> std::result::Result<Answer, OauthError> {
    drop(form);
    Err(OauthError::new(OauthCode::InvalidClient, "no"))
}

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(scope("/api/v1").configure(|config| {
            config
                .service(create_thing)
                .service(get_thing)
                .service(list_things)
                .service(update_thing)
                .service(step_thing)
                .service(delete_things)
                .service(fail_thing)
                .service(create_token);
        }))
        .configure(system::routes);
}

#[expect(clippy::disallowed_methods, reason = "the tests' own server, which tests/run starts")]
fn now() -> Instant {
    Instant::from(chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()))
}
