//! The endpoints of statistics, by topic.

mod backlog;
mod integrity;
mod legs;
mod on_time;
mod postal;
mod ranking;
mod satisfaction;

use utoipa_actix_web::service_config::ServiceConfig;

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
