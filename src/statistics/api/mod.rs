//! The endpoints of statistics, by topic.

mod on_time;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    on_time::configure(config);
}
