//! Which representation the client gets, where an address has several: by `Accept` (RFC 9110 §12.5.1).
//!
//! The client's ranges are weighed against what the endpoint offers, in the endpoint's own order. A range says nothing
//! about its charset: every text here is UTF-8.

use std::cmp::Reverse;
use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::ACCEPT};

use super::{codes::Code, problem::Problem};

/// What the client takes, as it says.
///
/// ```text
/// match accept.choose(&[("application/json", Format::Json), ("image/svg+xml", Format::Svg)])? { … }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accept(Vec<MediaRange>);

/// `text/*;q=0.5`, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
struct MediaRange {
    kind: String,
    subkind: String,
    /// All but weight and charset.
    parameters: Vec<String>,
    thousandths: u16,
}

impl Accept {
    /// Without a header, or with one in which nothing can be read, everything is welcome.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        let headers = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
        Accept(headers.flat_map(|header| header.split(',')).filter_map(MediaRange::parse).collect())
    }

    /// The offer that the client likes best, the earliest of those that it likes as much.
    ///
    /// # Errors
    /// 406 `not_acceptable`, naming what there is, when it likes none.
    pub fn choose<T: Copy>(&self, offers: &[(&str, T)]) -> Result<T, Problem> {
        let liked = offers.iter().map(|(media_type, offer)| (self.weight(media_type), *offer));
        // The first of several: `max_by_key` would give the last.
        let best = liked.min_by_key(|(weight, _)| Reverse(*weight)).filter(|(weight, _)| *weight > 0);
        best.map(|(_, offer)| offer).ok_or_else(|| {
            let names: Vec<&str> = offers.iter().map(|(media_type, _)| *media_type).collect();
            let list = names.join(", ");
            Problem::new(Code::NotAcceptable)
                .detail((format!("Địa chỉ này trả về: {list}"), format!("This address gives: {list}")))
                .member("available", serde_json::json!(names))
        })
    }

    /// How much the client wants a media type, in thousandths: the weight of the range that says most about it.
    fn weight(&self, media_type: &str) -> u16 {
        if self.0.is_empty() {
            return 1_000;
        }
        let Some(offer) = MediaRange::parse(media_type) else { return 0 };
        let fitting = self.0.iter().filter(|range| range.covers(&offer));
        fitting.max_by_key(|range| range.precision()).map_or(0, |range| range.thousandths)
    }
}

impl MediaRange {
    fn parse(text: &str) -> Option<Self> {
        let mut pieces = text.split(';').map(|piece| piece.trim().to_ascii_lowercase());
        let (kind, subkind) =
            pieces.next()?.split_once('/').map(|(one, two)| (one.to_owned(), two.to_owned()))?;
        if kind.is_empty() || subkind.is_empty() || (kind == "*" && subkind != "*") {
            return None;
        }
        let mut range = Self { kind, subkind, parameters: Vec::new(), thousandths: 1_000 };
        for piece in pieces {
            if let Some(weight) = piece.strip_prefix("q=") {
                range.thousandths = thousandths(weight)?;
            } else if !piece.is_empty() && !piece.starts_with("charset=") {
                range.parameters.push(piece);
            }
        }
        Some(range)
    }

    fn covers(&self, offer: &Self) -> bool {
        (self.kind == "*" || self.kind == offer.kind)
            && (self.subkind == "*" || self.subkind == offer.subkind)
            && self.parameters.iter().all(|wanted| offer.parameters.contains(wanted))
    }

    fn precision(&self) -> (bool, bool, usize) {
        (self.kind != "*", self.subkind != "*", self.parameters.len())
    }
}

/// `0.75` as 750; None for what is no weight: digits beyond three, above one.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    if part.len() > 3 || !part.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let weight = match whole {
        "0" => format!("{part:0<3}").parse().ok()?,
        "1" if part.bytes().all(|digit| digit == b'0') => 1_000,
        _ => return None,
    };
    Some(weight)
}

impl FromRequest for Accept {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Accept::of(request)))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const OFFERS: [(&str, char); 3] =
        [("application/json", 'j'), ("text/csv; charset=utf-8", 'c'), ("image/svg+xml", 's')];

    fn chosen(header: &str) -> Result<char, Code> {
        let request = TestRequest::default().insert_header((ACCEPT, header)).to_http_request();
        Accept::of(&request).choose(&OFFERS).map_err(|problem| problem.code())
    }

    #[test]
    fn the_heaviest_wins_and_the_most_precise_decides_its_weight() {
        for (header, expected) in [
            ("", 'j'),
            ("*/*", 'j'),
            ("application/json", 'j'),
            ("text/csv", 'c'),
            ("TEXT/CSV; Charset=UTF-8", 'c'),
            ("text/*", 'c'),
            ("image/svg+xml, application/json;q=0.9", 's'),
            ("image/svg+xml;q=0.5, application/json;q=0.9", 'j'),
            ("image/svg+xml;q=0.5, application/json;q=0.5", 'j'),
            ("*/*;q=0.1, image/*;q=0.2", 's'),
            ("application/json;q=0, */*", 'c'),
            ("*/*, image/svg+xml;q=0.3", 'j'),
            ("text/html, application/xhtml+xml, */*;q=0.8", 'j'),
            ("rubbish", 'j'),
            ("image/svg+xml;q=2, text/csv;q=0.001", 'c'),
        ] {
            assert_eq!(chosen(header), Ok(expected), "{header}");
        }
    }

    #[test]
    fn nothing_fitting_is_not_acceptable() {
        for header in
            ["text/html", "image/png", "*/*;q=0", "application/json;q=0, text/html", "text/csv;header=absent"]
        {
            assert_eq!(chosen(header), Err(Code::NotAcceptable), "{header}");
        }
    }

    #[test]
    fn several_headers_are_one_list() {
        let request = TestRequest::default()
            .append_header((ACCEPT, "text/html"))
            .append_header((ACCEPT, "image/svg+xml"))
            .to_http_request();
        assert_eq!(Accept::of(&request).choose(&OFFERS).ok(), Some('s'));
        assert_eq!(Accept::of(&TestRequest::default().to_http_request()).choose(&OFFERS).ok(), Some('j'));
    }
}
