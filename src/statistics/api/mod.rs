//! The endpoints of statistics, by topic.

mod backlog;
mod integrity;
mod legs;
mod on_time;
mod postal;
mod ranking;
mod satisfaction;

use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::Conn;
use crate::http::{Answer, Caching, Problem};
use crate::{App, World};

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    on_time::configure(config);
    backlog::configure(config);
    legs::configure(config);
    ranking::configure(config);
    integrity::configure(config);
    postal::configure(config);
    satisfaction::configure(config);
    super::reports::api::configure(config);
    super::periods::api::configure(config);
    super::summary::api::configure(config);
    super::public::api::configure(config);
}

/// The answer with the figures that `report` finds. Those of a period that has passed stay as they are: the digest alone tells
/// whether they did.
async fn figures<R, F>(app: &App, report: F) -> Result<Answer, Problem>
where
    R: Serialize + Send + 'static,
    F: FnOnce(&mut Conn, &World) -> Result<R, Problem> + Send + 'static,
{
    Answer::view(1, &app.read(report).await?, Caching::Private)
}
