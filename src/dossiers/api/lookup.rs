//! The public's look-up.

use actix_web::{HttpRequest, get, web};

use super::super::lookup::{ProgressView, look_up};
use crate::App;
use crate::http::{Answer, Caching, Path, Problem};

const SECRET: &str = "x-lookup-secret";

/// Follow a dossier
///
/// For the applicant, without a login: with the code (or reference) and the secret of the receipt in `X-Lookup-Secret`,
/// how far it is and where. Never names or papers. An unknown code and a wrong secret get the same answer.
#[utoipa::path(
    tag = "public",
    params(
        ("code" = String, Path),
        ("X-Lookup-Secret" = String, Header, description = "The secret of the receipt, 16 characters; case does not matter.", example = "7ZQ4M0T2K9XW5B1C"),
    ),
    responses((status = 200, description = "How far it is", body = ProgressView)),
    extensions(("x-roles" = json!(["public"])))
)]
#[get("/api/v1/public/dossiers/{code}")]
pub(super) async fn look_up_dossier(
    app: web::Data<App>,
    address: Path<String>,
    request: HttpRequest,
) -> Result<Answer, Problem> {
    let secret =
        request.headers().get(SECRET).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let progress = app.read(move |conn, world| look_up(conn, world, &address, &secret)).await?;
    Answer::json(&progress, Caching::Private)
}
