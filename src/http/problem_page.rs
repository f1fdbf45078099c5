//! The pages that explain the codes: `/problems/<code>`, and `/problems/` with all of them. Made from the table.

use std::fmt::Write;

use actix_web::{HttpResponse, get, web};

use super::{
    codes::Code,
    language::{Language, Text},
    problem::Problem,
};

/// Registers the pages. They are pages for people, not operations, so the document does not list them.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(list_problems).service(show_problem);
}

#[get("/problems/")]
async fn list_problems(language: Language) -> HttpResponse {
    let mut items = String::new();
    for code in Code::ALL {
        let _ = write!(
            items,
            "<li><a href=\"/problems/{name}\"><code>{name}</code></a> {status} – {title}</li>",
            name = code.name(),
            status = code.status().as_u16(),
            title = html(code.title().in_language(language)),
        );
    }
    let title = Text { vi: "Mã lỗi", en: "Error codes" }.in_language(language);
    page(language, title, &format!("<h1>{title}</h1><ul>{items}</ul>"))
}

#[get("/problems/{code}")]
async fn show_problem(code: web::Path<String>, language: Language) -> Result<HttpResponse, Problem> {
    let code = Code::by_name(&code).ok_or(Code::NotFound)?;
    let mut body = format!("<p><code>{}</code> · HTTP {}</p>", code.name(), code.status().as_u16());
    // Both languages: a link to this page outlives the request that it came with.
    for other in [Language::Vietnamese, Language::English] {
        let _ = write!(
            body,
            "<section lang=\"{}\"><h1>{}</h1><p>{}</p></section>",
            other.tag(),
            html(code.title().in_language(other)),
            html(code.explanation().in_language(other)),
        );
    }
    Ok(page(language, code.name(), &body))
}

fn page(language: Language, title: &str, body: &str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header(("Cache-Control", "public, max-age=3600"))
        .insert_header(("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"))
        .body(format!(
            "<!doctype html><html lang=\"{}\"><meta charset=\"utf-8\"><title>{title}</title>\
             <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:42em;margin:2em auto;padding:0 1em}}</style>\
             <body>{body}</body></html>",
            language.tag()
        ))
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
