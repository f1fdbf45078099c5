//! The outermost layer, once around every request: what must hold for each answer, whoever made it.
//!
//! Request id, limits, panics, the form of errors, safe headers, CORS, compression, access log and metrics. It is one
//! middleware because each of these needs what another one knows, and because layers cost time on every request.

use std::{panic::AssertUnwindSafe, time::Instant};

use actix_web::{
    Error, HttpRequest, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method, StatusCode,
        header::{ACCEPT_ENCODING, ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    middleware::Next,
    web::Data,
};
use futures_util::FutureExt;

use super::{
    codes::Code,
    compress, cors,
    language::Language,
    limits::Limits,
    metrics::Metrics,
    oauth_error::{self, OauthError},
    problem::{self, Problem},
    request_id::{RequestId, X_REQUEST_ID},
    routes::Routes,
    safe_headers,
    server::Outside,
    throttle::{Standing, Throttle},
};

/// What is known of a request before it is handed on; afterwards, when it was dropped half-way, nothing else is.
struct Seen {
    id: RequestId,
    method: Method,
    path: String,
    language: Language,
    takes_gzip: bool,
    started: Instant,
}

impl Seen {
    fn of(request: &ServiceRequest) -> Self {
        let accepts = request.headers().get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        Seen {
            id: RequestId::of(request),
            method: request.method().clone(),
            path: request.path().to_owned(),
            language: Language::of(request.request()),
            takes_gzip: accepts.is_some_and(compress::takes_gzip),
            started: Instant::now(),
        }
    }
}

/// The middleware. Needs `Limits`, `Outside`, `Throttle`, `Routes` and `Metrics` among the application's data.
pub(super) async fn edge(
    limits: Data<Limits>,
    outside: Data<Outside>,
    throttle: Data<Throttle>,
    routes: Data<Routes>,
    metrics: Data<Metrics>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    use actix_web::HttpMessage as _;

    let seen = Seen::of(&request);
    request.extensions_mut().insert(seen.id.clone());
    // Every GET answers HEAD too (RFC 9110 §9.1). The connection remembers what was asked and sends no body.
    if seen.method == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    // A NUL cannot stand in any name that the database knows, and PostgreSQL refuses to look for one.
    let unknown = seen.path.contains("%00").then(|| Problem::new(Code::NotFound));
    let origin = outside.origins.of_request(request.headers());
    // A browser's question before a request is not the request: it is not counted.
    let is_preflight = origin.is_some() && cors::is_preflight(&request);
    let standing = if is_preflight { None } else { throttle.take(&request) };
    let refused = standing.as_ref().and_then(Standing::refusal).or(unknown);

    let (request, response) = match refused {
        Some(problem) => (None, render(&problem, &seen)),
        None if is_preflight => (None, cors::preflight()),
        None => hand_on(&seen, &limits, request, next).await,
    };
    let mut response = compress::compress(response, seen.takes_gzip).await;
    response.headers_mut().insert(X_REQUEST_ID.clone(), seen.id.header_value());
    safe_headers::put(response.headers_mut(), &seen.path, outside.is_https);
    outside.origins.put(response.headers_mut(), origin);
    if let Some(standing) = standing {
        standing.put(response.headers_mut());
    }
    account(&seen, request.as_ref(), &response, &routes, &metrics);
    match request {
        Some(request) => Ok(ServiceResponse::new(request, response)),
        // The request went down with the handler; an error carries the finished answer out just as well.
        None => Err(InternalError::from_response("no request", response).into()),
    }
}

/// Lets the inner layers work, and makes an answer of whatever becomes of it.
async fn hand_on(
    seen: &Seen,
    limits: &Limits,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> (Option<HttpRequest>, HttpResponse) {
    let inner = AssertUnwindSafe(async move { next.call(request).await }).catch_unwind();
    let outcome = seen.id.clone().around(tokio::time::timeout(limits.request_time, inner)).await;
    match outcome {
        Ok(Ok(Ok(response))) => {
            let (request, response) = response.into_parts();
            (Some(request), finish(response.map_into_boxed_body(), seen))
        }
        Ok(Ok(Err(error))) => (None, finish(HttpResponse::from_error(error), seen)),
        // The panic hook has logged it already, with its place and the request's id.
        Ok(Err(_panic)) => (None, render(&Problem::new(Code::InternalError), seen)),
        Err(_too_late) => {
            let problem = Problem::new(Code::Timeout).header(RETRY_AFTER, HeaderValue::from_static("5"));
            (None, render(&problem, seen))
        }
    }
}

/// Gives an error its form; leaves everything else as it is.
fn finish(response: HttpResponse, seen: &Seen) -> HttpResponse {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    if let Some(error) = response.error() {
        if let Some(problem) = error.as_error::<Problem>() {
            return render(problem, seen);
        }
        if error.as_error::<OauthError>().is_some() {
            return response;
        }
    } else if response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == problem::MEDIA_TYPE) {
        return response;
    }
    // An error of the framework: its text is not for clients, its status is.
    let mut problem = Problem::new(code_of(status));
    if let Some(error) = response.error() {
        problem = problem.cause(error.to_string());
    }
    for name in [ALLOW, RETRY_AFTER, WWW_AUTHENTICATE] {
        if let Some(value) = response.headers().get(&name) {
            problem = problem.header(name, value.clone());
        }
    }
    render(&problem, seen)
}

fn render(problem: &Problem, seen: &Seen) -> HttpResponse {
    log_cause(problem, seen);
    let mut response = if oauth_error::PATHS.contains(&seen.path.as_str()) {
        let mut response = OauthError::from(problem).error_response();
        for name in [ALLOW, RETRY_AFTER] {
            if let Some(value) = problem.header_value(&name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
        response
    } else {
        problem.response(seen.language, &seen.path, seen.id.as_str())
    };
    compress::vary_by(response.headers_mut(), "Accept-Language");
    response
}

/// The only place where inner causes are told.
fn log_cause(problem: &Problem, seen: &Seen) {
    if let Some(cause) = problem.cause_chain() {
        let level = if problem.status().is_server_error() { log::Level::Error } else { log::Level::Info };
        log::log!(level, "{} because {cause} request_id={}", problem.code().name(), seen.id);
    }
}

/// What a bare status of the framework means here.
fn code_of(status: StatusCode) -> Code {
    match status.as_u16() {
        401 => Code::Unauthenticated,
        403 => Code::Forbidden,
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        406 => Code::NotAcceptable,
        408 | 503 | 504 => Code::Timeout,
        409 => Code::Conflict,
        412 => Code::StaleVersion,
        413 => Code::PayloadTooLarge,
        415 => Code::UnsupportedMediaType,
        422 => Code::InvalidBody,
        428 => Code::PreconditionRequired,
        429 => Code::RateLimited,
        500.. => Code::InternalError,
        _ => Code::BadRequest,
    }
}

/// One line and one sample for each request. The route, never the path: paths carry codes, queries carry names.
fn account(
    seen: &Seen,
    request: Option<&HttpRequest>,
    response: &HttpResponse,
    routes: &Routes,
    metrics: &Metrics,
) {
    let matched = request.and_then(HttpRequest::match_pattern);
    let route = matched.as_deref().or_else(|| routes.pattern(&seen.path)).unwrap_or("unknown");
    let elapsed = seen.started.elapsed();
    let status = response.status();
    metrics.observe(&seen.method, route, status, elapsed);
    log::info!(
        target: "motcua::access",
        "{} {route} {} ms={:.1} request_id={}",
        seen.method,
        status.as_u16(),
        elapsed.as_secs_f64() * 1000.0,
        seen.id,
    );
}
