//! The two languages of what people read: Vietnamese by default, English by `Accept-Language` (RFC 9110 §12.5.4).
//!
//! Only titles and details are translated; codes and field names never are.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::ACCEPT_LANGUAGE};

/// The language of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Tiếng Việt, unless the client asks otherwise.
    #[default]
    Vietnamese,
    /// English.
    English,
}

impl Language {
    /// As in `Content-Language`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Language::Vietnamese => "vi",
            Language::English => "en",
        }
    }

    /// English only when the client ranks it above Vietnamese; anything that cannot be read means Vietnamese.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        let Some(header) = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok())
        else {
            return Language::Vietnamese;
        };
        // The highest rank wins, the one named first among equals, Vietnamese when neither is named.
        let mut best = (Language::Vietnamese, 0.0_f32);
        for part in header.split(',') {
            let mut pieces = part.split(';').map(str::trim);
            let tag = pieces.next().unwrap_or_default().to_ascii_lowercase();
            let rank = pieces
                .find_map(|piece| piece.strip_prefix("q="))
                .map_or(1.0, |q| q.parse::<f32>().unwrap_or(0.0));
            let language = match tag.split('-').next() {
                Some("vi") => Language::Vietnamese,
                Some("en") => Language::English,
                _ => continue,
            };
            if rank > best.1 {
                best = (language, rank);
            }
        }
        best.0
    }
}

impl FromRequest for Language {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Language::of(request)))
    }
}

/// The same thing said in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// Tiếng Việt.
    pub vi: &'a str,
    /// English.
    pub en: &'a str,
}

impl<'a> Text<'a> {
    /// What a reader of this language gets.
    #[must_use]
    pub const fn in_language(self, language: Language) -> &'a str {
        match language {
            Language::Vietnamese => self.vi,
            Language::English => self.en,
        }
    }
}

/// A detail composed at run time, in both languages. A single text stands for both: where only programmers read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    vi: String,
    en: Option<String>,
}

impl Detail {
    /// What a reader of this language gets.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match (language, &self.en) {
            (Language::English, Some(english)) => english,
            _ => &self.vi,
        }
    }
}

impl From<String> for Detail {
    fn from(both: String) -> Self {
        Detail { vi: both, en: None }
    }
}

impl From<&str> for Detail {
    fn from(both: &str) -> Self {
        Detail { vi: both.to_owned(), en: None }
    }
}

/// `(Vietnamese, English)`.
impl<V: Into<String>, E: Into<String>> From<(V, E)> for Detail {
    fn from((vi, en): (V, E)) -> Self {
        Detail { vi: vi.into(), en: Some(en.into()) }
    }
}

impl From<Text<'_>> for Detail {
    fn from(text: Text<'_>) -> Self {
        Detail::from((text.vi, text.en))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn english_only_when_ranked_above_vietnamese() {
        for (header, expected) in [
            ("", Language::Vietnamese),
            ("vi", Language::Vietnamese),
            ("en", Language::English),
            ("en-GB,en;q=0.9,vi;q=0.8", Language::English),
            ("vi-VN,vi;q=0.9,en;q=0.8", Language::Vietnamese),
            ("en;q=0.5, vi", Language::Vietnamese),
            ("en, vi", Language::English),
            ("vi, en", Language::Vietnamese),
            ("en;q=0", Language::Vietnamese),
            ("fr", Language::Vietnamese),
            ("en;q=rubbish", Language::Vietnamese),
        ] {
            let request = TestRequest::default().insert_header((ACCEPT_LANGUAGE, header)).to_http_request();
            assert_eq!(Language::of(&request), expected, "{header}");
        }
    }
}
