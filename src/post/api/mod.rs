//! The endpoints of the post, by topic.

mod delegations;
mod handoffs;
mod shipments;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig) {
    delegations::configure(config);
    handoffs::configure(config);
    shipments::configure(config);
}
