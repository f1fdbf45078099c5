//! What is served: what the document says about the API as a whole, the operations of every capability, and the effects
//! that capabilities have on each other's transactions.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access, agencies, audit, calendar, dossiers,
    http::{
        openapi::{About, Document},
        system,
    },
    post::{self, Post},
    procedures,
    routing::{self, Routing},
    statistics::{self, Booked},
};

/// What the document says about the API as a whole.
pub static ABOUT: About = About {
    title: "motcua",
    description: "API of the Vietnamese electronic one-stop shop (một cửa điện tử, một cửa liên thông): dossiers are taken in at \
one desk, routed between commune, district, departments and other agencies, handed to the post, returned, and counted.

Sign in at `/api/v1/auth/token` and send the token as `Authorization: Bearer …`. Every POST that changes something takes an \
`Idempotency-Key`; every changeable resource has an `ETag` for `If-Match`. Errors are `application/problem+json` (RFC 9457), \
in Vietnamese, or in English with `Accept-Language: en`; each `code` is explained at `/problems/<code>`. Times are answered \
with `+07:00`; a local day is a day in Việt Nam. Lists are pages: follow `next_cursor`.

`x-roles` says who may call an operation: roles of an account, `integration:<scope>` for machine clients, `any` for everybody \
who is signed in, `public` for everybody.",
    tags: &[
        ("access", "Signing in, tokens, one's password, accounts and clients (tài khoản, đăng nhập)"),
        ("agencies", "Agencies, their officers and opening hours (cơ quan, đơn vị)"),
        ("calendar", "Days off, make-up days, due dates (ngày nghỉ, hẹn trả)"),
        ("procedures", "The catalogue of procedures, their versions and routes (thủ tục hành chính)"),
        ("dossiers", "Intake, the state machine, history and lists (hồ sơ)"),
        ("routing", "Legs, transfers between agencies, where the papers are (liên thông, bàn giao)"),
        ("post", "Delegations, manifests and shipments of the public post (bưu chính công ích)"),
        ("public", "Without a login: following one's own dossier (tra cứu)"),
        ("statistics", "Figures, each linked to the dossiers behind it (thống kê)"),
        ("audit", "Who read what, and whether every history is the one that was written (kiểm tra)"),
        ("system", "The server itself"),
    ],
    path_parameters: &[
        ("agencies/{code}", "The agency's official code"),
        ("procedures/{code}", "The procedure's official code"),
        ("versions/{version}", "The number of the version"),
        ("holidays/{year}", "The year"),
        ("dossiers/{code}", "The dossier's code, reference or id"),
        ("transfers/{id}", "The slip's id"),
        ("accounts/{id}", "The account's id"),
        ("clients/{id}", "The client's id"),
        ("delegations/{id}", "The delegation's id"),
        ("handoffs/{id}", "The manifest's id"),
        ("shipments/{tracking_code}", "The S10 code of the shipment"),
        ("reports/{form}", "Code of the form"),
        ("periods/{period}", "The period"),
        ("problems/{code}", "The code of a problem"),
    ],
};

/// Registers every operation. A capability's tag, folder and tests have the same name. A request's path is compared with each
/// in this order, so what is asked most comes first.
pub fn operations(config: &mut ServiceConfig) {
    config
        .configure(dossiers::configure)
        .configure(routing::configure)
        .configure(access::configure)
        .configure(agencies::configure)
        .configure(calendar::configure)
        .configure(procedures::configure)
        .configure(post::configure)
        .configure(statistics::configure)
        .configure(audit::configure)
        .configure(system::routes);
}

/// The OpenAPI document of it all.
#[must_use]
pub fn document() -> Document {
    Document::new(&ABOUT, operations)
}

/// What happens in the transaction of a dossier's change beside the change, in this order: papers and legs move before the
/// post looks at them, and what is counted is what came out.
#[must_use]
pub fn effects() -> dossiers::Effects {
    let effects: Vec<Box<dyn dossiers::Effect>> = vec![Box::new(Routing), Box::new(Post), Box::new(Booked)];
    effects.into()
}
