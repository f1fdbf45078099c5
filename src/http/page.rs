//! Lists: what a caller asks for (`limit`, `cursor`, `count`) and the form of what it gets.
//!
//! Pages follow a key, never an offset. What a cursor holds is the store's business; here it is an opaque word.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};

use super::{codes::Code, problem::Problem, query};
use crate::db::{BadCursor, Cursor, Limit, Page};

/// The parameters that every list takes.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// The most items wanted on the page.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200, default = 50)]
    #[serde(default)]
    limit: Limit,
    /// `next_cursor` of the page before. The other parameters must be the same as there.
    #[param(value_type = Option<String>, min_length = 1, max_length = 2048, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<Cursor>,
    /// Whether to count all items of the list (`total`), which may take a while.
    #[param(default = false)]
    #[serde(default)]
    count: bool,
}

/// What page is wanted.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// At most so many items.
    pub limit: Limit,
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
    /// Whether `total` is wanted.
    pub count: bool,
    /// Path and query without the cursor, for links to other pages.
    base: String,
}

impl PageRequest {
    /// The `Link` header (RFC 8288) of a page, when there is a page after it.
    #[must_use]
    pub fn link<T>(&self, page: &Page<T>) -> Option<String> {
        let cursor = page.next_cursor.as_ref()?.as_str();
        let joint = if self.base.contains('?') { '&' } else { '?' };
        Some(format!(r#"<{}{joint}cursor={cursor}>; rel="next""#, self.base))
    }
}

/// A cursor of another list or another order.
impl From<BadCursor> for Problem {
    fn from(_: BadCursor) -> Self {
        Problem::new(Code::CursorInvalid)
    }
}

/// The query string of a list: its filters and the page wanted.
///
/// In the document: `params(ListAgencies, PageParams)`. The filter's type must not `deny_unknown_fields` (it is read
/// together with the page; what neither knows is refused all the same), and its enums need `#[param(inline)]`.
#[derive(Clone, Debug)]
pub struct ListQuery<T> {
    /// The filters.
    pub filter: T,
    /// The page.
    pub page: PageRequest,
}

/// For lists without filters.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct NoFilter {}

impl IntoParams for NoFilter {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        Vec::new()
    }
}

/// Filters and page as one query string, so that a parameter is unknown only if neither knows it.
#[derive(Deserialize)]
struct Both<T> {
    #[serde(flatten)]
    page: PageParams,
    #[serde(flatten)]
    filter: T,
}

impl<T: IntoParams> IntoParams for Both<T> {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut all = T::into_params(&place);
        all.extend(PageParams::into_params(&place));
        all
    }
}

impl<T: DeserializeOwned + IntoParams + 'static> FromRequest for ListQuery<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(query::parse::<Both<T>>(request.query_string()).map(|Both { page, filter }| {
            let page = PageRequest {
                limit: page.limit,
                cursor: page.cursor,
                count: page.count,
                base: without_cursor(request.path(), request.query_string()),
            };
            ListQuery { filter, page }
        }))
    }
}

fn without_cursor(path: &str, query: &str) -> String {
    let kept: Vec<&str> =
        query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor=")).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use utoipa::ToSchema;

    #[derive(Debug, Deserialize, IntoParams)]
    #[into_params(parameter_in = Query)]
    struct Filter {
        /// Kind
        #[param(inline)]
        kind: Option<Kind>,
        /// Own
        own: Option<bool>,
    }

    #[derive(Deserialize, ToSchema, PartialEq, Debug)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Commune,
    }

    fn ask(uri: &str) -> Result<ListQuery<Filter>, Problem> {
        let request = TestRequest::with_uri(uri).to_http_request();
        ListQuery::from_request(&request, &mut Payload::None).into_inner()
    }

    #[test]
    fn filters_and_page_are_read_together() {
        let query = ask("/list?kind=commune&own=true&limit=2&cursor=abc").unwrap();
        assert_eq!(
            (query.filter.kind, query.filter.own, query.page.limit.get()),
            (Some(Kind::Commune), Some(true), 2)
        );
        let page = Page::<()> { items: vec![], next_cursor: Some("def".to_owned().into()), total: None };
        let link = query.page.link(&page).unwrap();
        assert_eq!(link, r#"</list?kind=commune&own=true&limit=2&cursor=def>; rel="next""#);
        assert_eq!(ask("/list").unwrap().page.limit.get(), 50);
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let problem = ask("/list?limit=0&kind=planet&owm=true&own=perhaps&cursor=%20&limit=3").unwrap_err();
        let mut told: Vec<_> =
            problem.field_faults().iter().map(|f| (f.pointer.as_str(), f.code.name())).collect();
        told.sort_unstable();
        assert_eq!(
            told,
            [
                ("/query/cursor", "invalid_format"),
                ("/query/kind", "not_one_of"),
                ("/query/limit", "duplicate"),
                ("/query/limit", "out_of_range"),
                ("/query/owm", "unknown_field"),
                ("/query/own", "wrong_type"),
            ]
        );
    }
}
