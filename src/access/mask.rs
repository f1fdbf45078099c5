//! How personal numbers look to somebody who may not see them whole. Pure.
//!
//! DOMAIN.md, "Personal data": an identity number keeps its last three digits, with as many stars as digits are
//! hidden; a phone number keeps its country code and the last three digits, and the stars do not tell its length. Names are
//! shown, but for those of sensitive procedures.

/// What stands for the name of somebody whose dossier is sensitive; it tells nothing, not even the length.
pub const NAME: &str = "***";

/// How many characters stay readable at the end.
const SHOWN: usize = 3;

/// `087195001234` becomes `*********234`. A number too short to hide anything of is hidden whole.
#[must_use]
pub fn identity_number(number: &str) -> String {
    let length = number.chars().count();
    if length <= SHOWN {
        return "*".repeat(length);
    }
    let hidden = length - SHOWN;
    number.chars().enumerate().map(|(at, c)| if at < hidden { '*' } else { c }).collect()
}

/// `+84901234567` becomes `+84******567`; another country's number keeps only its end.
#[must_use]
pub fn phone(number: &str) -> String {
    let (country, rest) = match number.strip_prefix("+84") {
        Some(rest) => ("+84", rest),
        None => ("", number),
    };
    let length = rest.chars().count();
    let end: String =
        if length > 2 * SHOWN { rest.chars().skip(length - SHOWN).collect() } else { String::new() };
    format!("{country}******{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_number_keeps_its_last_three_digits() {
        for (number, masked) in [
            ("087195001234", "*********234"),
            ("341234567", "******567"),
            ("B1234567", "*****567"),
            ("1234", "*234"),
            ("123", "***"),
            ("", ""),
        ] {
            assert_eq!(identity_number(number), masked);
        }
    }

    #[test]
    fn a_phone_number_hides_its_length() {
        for (number, masked) in [
            ("+84901234123", "+84******123"),
            ("+842773833123", "+84******123"),
            ("+4915112345678", "******678"),
            ("+84113", "+84******"),
            ("", "******"),
        ] {
            assert_eq!(phone(number), masked);
        }
    }
}
