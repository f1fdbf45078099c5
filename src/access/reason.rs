//! Why somebody reads what he would otherwise see masked: the header `X-Access-Reason`, percent-encoded UTF-8 of 10
//! to 500 characters. It is logged with the reading, and never appears in `Debug`.

use std::fmt;

use actix_web::http::header::HeaderMap;

use crate::http::{Code, Problem};

/// The header's name.
pub const HEADER: &str = "X-Access-Reason";

/// A reason that was given, decoded.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessReason(String);

impl AccessReason {
    /// The text, 10 to 500 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Decodes a header's value.
    #[must_use]
    pub fn parse(encoded: &str) -> Option<Self> {
        let text = decode_percent(encoded)?;
        let text = text.trim();
        let fits = (10..=500).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        fits.then(|| Self(text.to_owned()))
    }

    /// The reason of a request, if it gives one.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let mut values = headers.get_all(HEADER);
        let Some(value) = values.next() else { return Ok(None) };
        let reason = value.to_str().ok().and_then(Self::parse).filter(|_| values.next().is_none());
        reason.map(Some).ok_or_else(|| {
            Problem::new(Code::BadRequest).detail((
                "`X-Access-Reason` phải là UTF-8 mã hóa phần trăm, dài 10–500 ký tự",
                "`X-Access-Reason` must be percent-encoded UTF-8 of 10 to 500 characters",
            ))
        })
    }
}

impl fmt::Debug for AccessReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessReason(…)")
    }
}

/// RFC 3986, section 2.1; nothing where an escape is broken or the bytes are no UTF-8.
pub(super) fn decode_percent(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            let (high, low) = (digit()?, digit()?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_percent_encoded_vietnamese() {
        let reason = AccessReason::parse("Ki%E1%BB%83m%20tra%20h%E1%BB%93%20s%C6%A1").unwrap();
        assert_eq!(reason.as_str(), "Kiểm tra hồ sơ");
        assert!(!format!("{reason:?}").contains("Kiểm"));
    }

    #[test]
    fn refuses_what_is_broken_too_short_or_too_long() {
        for bad in
            ["", "too short", "%20%20%20%20%20%20%20%20%20%20%20", "broken escape %4", "broken escape %zz"]
        {
            assert!(AccessReason::parse(bad).is_none(), "{bad}");
        }
        assert!(AccessReason::parse("not utf-8 at all %ff").is_none());
        assert!(
            AccessReason::parse("two lines at once%0a").is_some(),
            "white space around it does not count"
        );
        assert!(AccessReason::parse("two lines%0aat once").is_none());
        assert!(AccessReason::parse(&"x".repeat(500)).is_some());
        assert!(AccessReason::parse(&"x".repeat(501)).is_none());
    }
}
