//! Puts a server together and runs it: routes, data, the document, Swagger UI, the edge, limits, and a stop that lets
//! requests in flight finish.

use std::{io, net::TcpListener, sync::Once};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::Server,
    middleware::from_fn,
    web::{self, Data},
};
use tokio::signal::unix::{SignalKind, signal};
use utoipa_actix_web::{AppExt, service_config::ServiceConfig};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::{
    cors::Origins,
    edge::edge,
    limits::Limits,
    metrics::Metrics,
    openapi::{self, About, Document},
    problem_page, request_id,
    routes::{Routes, nowhere},
    throttle::Throttle,
};

/// The pages that are there besides the document's operations.
const PAGES: [&str; 5] =
    [openapi::PATH, "/swagger-ui", "/swagger-ui/{page:.*}", "/problems/", "/problems/{code}"];

/// What a server serves.
#[derive(Clone)]
pub struct Api<D> {
    /// What the document says about itself.
    pub about: &'static About,
    /// Registers every operation, with its full path.
    pub routes: fn(&mut ServiceConfig),
    /// Puts what the handlers need among the application's data; called once for each worker.
    pub data: D,
}

/// How a server runs.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Worker threads; as many as there are cores when not said.
    pub workers: Option<usize>,
    /// How large, how long, how many.
    pub limits: Limits,
    /// How it looks from outside.
    pub outside: Outside,
}

/// How a server looks to browsers.
#[derive(Clone, Debug, Default)]
pub struct Outside {
    /// Whether callers reach it by HTTPS, whoever ends it.
    pub is_https: bool,
    /// Which pages of other origins may call it.
    pub origins: Origins,
}

/// Starts to serve on a bound listener. The returned [`Server`] must be awaited; it ends after `SIGTERM` or `SIGINT`,
/// or when its handle is told to stop, once the requests in flight are answered or the time for it is over.
///
/// # Errors
/// When the listener cannot be used, signals cannot be caught or the metrics cannot be set up.
pub fn serve<D>(listener: TcpListener, api: Api<D>, settings: Settings) -> io::Result<Server>
where
    D: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
{
    log_panics();
    let document = Document::new(api.about, api.routes);
    let metrics = Data::new(Metrics::new().map_err(io::Error::other)?);
    let routes = Data::new(Routes::new(document.value(), &PAGES));
    let document = Data::new(document);
    let limits = settings.limits;
    let outside = Data::new(settings.outside);
    // One for all workers: they share the buckets.
    let throttle = Data::new(Throttle::new(&limits));
    let mut stop_signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
    let server = HttpServer::new(move || {
        let app = App::new()
            .app_data(Data::new(limits))
            .app_data(outside.clone())
            .app_data(throttle.clone())
            .app_data(web::PayloadConfig::new(limits.body_bytes))
            .app_data(web::FormConfig::default().limit(limits.body_bytes))
            .app_data(metrics.clone())
            .app_data(routes.clone())
            .app_data(document.clone())
            .configure(&api.data)
            .wrap(from_fn(edge))
            .into_utoipa_app()
            .configure(api.routes)
            .into_app();
        app.configure(pages).default_service(web::to(nowhere))
    })
    .keep_alive(limits.keep_alive)
    .max_connections(limits.connections_per_worker)
    .worker_max_blocking_threads(limits.blocking_threads_per_worker)
    .shutdown_timeout(limits.shutdown_time.as_secs())
    .shutdown_signal(async move {
        // Either of them: an interrupt at the terminal stops as gently as the service manager does.
        let [terminate, interrupt] = &mut stop_signals;
        futures_util::future::select(Box::pin(terminate.recv()), Box::pin(interrupt.recv())).await;
    });
    let server = match settings.workers {
        Some(workers) => server.workers(workers),
        None => server,
    };
    Ok(server.listen(listener)?.run())
}

/// The pages that are not operations.
#[expect(clippy::disallowed_methods, reason = "pages for people; the document lists operations")]
fn pages(config: &mut web::ServiceConfig) {
    problem_page::routes(config);
    let swagger = Config::from(openapi::PATH)
        .try_it_out_enabled(true)
        .persist_authorization(true)
        .display_request_duration(true)
        .filter(true)
        .doc_expansion("none");
    config
        .service(web::resource(openapi::PATH).guard(actix_web::guard::Get()).to(openapi::get_document))
        .service(web::resource("/swagger-ui").guard(actix_web::guard::Get()).to(to_swagger_ui))
        .service(SwaggerUi::new("/swagger-ui/{page:.*}").config(swagger));
}

async fn to_swagger_ui() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header(("Location", "/swagger-ui/")).finish()
}

/// Panics of a request are logged once, with their place and the request's id; the edge answers 500 and adds nothing.
/// All other panics are reported as before.
fn log_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| match request_id::current() {
            Some(id) => log::error!("{panic} request_id={id}"),
            None => before(panic),
        }));
    });
}
