//! The endpoints of dossiers. Each: extract, one service call, answer.

mod change;
mod history;
mod list;
mod lookup;
mod submit;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations, with their full paths.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(submit::submit_dossier)
        .service(submit::submit_dossiers)
        .service(list::list_dossiers)
        .service(list::search_dossiers)
        .service(change::change_dossiers)
        .service(list::get_dossier)
        .service(change::change_dossier)
        .service(history::list_dossier_events)
        .service(history::get_dossier_deadline)
        .service(lookup::look_up_dossier)
        .service(super::recompute::recompute_deadlines);
}

/// Where a dossier stands.
fn location(view: &super::DossierView) -> String {
    let address = view.code.as_deref().or(view.reference.as_deref()).unwrap_or(&view.id);
    format!("/api/v1/dossiers/{address}")
}
