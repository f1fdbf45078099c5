//! The endpoints of access: tokens, oneself, accounts, clients.

mod accounts;
mod clients;
mod me;
mod metadata;
mod tokens;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations, with their full paths.
pub fn configure(config: &mut ServiceConfig) {
    config
        .configure(tokens::configure)
        .configure(metadata::configure)
        .configure(me::configure)
        .configure(accounts::configure)
        .configure(clients::configure);
}
