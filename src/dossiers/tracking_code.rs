//! The post's tracking codes: UPU S10, `RR473124829VN`. Weights 8 6 4 2 3 5 9 7; check digit 11 − (sum mod 11), where 10
//! becomes 0 and 11 becomes 5. Any two leading letters are taken: which ones the domestic service uses is not published.

use crate::http::Code;

const WEIGHTS: [u32; 8] = [8, 6, 4, 2, 3, 5, 9, 7];

/// Checks form and check digit.
///
/// # Errors
/// Code and detail of the fault; where only the check digit is wrong it names the one expected.
pub fn check_tracking_code(code: &str) -> Result<(), (Code, String)> {
    let malformed =
        || (Code::InvalidTrackingCode, "two letters, eight digits, a check digit, two letters".to_owned());
    let bytes: &[u8; 13] = code.as_bytes().try_into().map_err(|_| malformed())?;
    let [a, b, serial @ .., check, c, d] = bytes;
    if ![a, b, c, d].iter().all(|letter| letter.is_ascii_uppercase()) || !check.is_ascii_digit() {
        return Err(malformed());
    }
    let expected = check_digit(serial).ok_or_else(malformed)?;
    if u32::from(*check - b'0') == expected {
        Ok(())
    } else {
        Err((Code::InvalidTrackingCode, format!("check digit {expected} expected")))
    }
}

/// The check digit of eight serial digits; None when they are not digits.
#[must_use]
pub fn check_digit(serial: &[u8]) -> Option<u32> {
    let mut sum = 0;
    for (digit, weight) in serial.iter().zip(WEIGHTS) {
        sum += char::from(*digit).to_digit(10)? * weight;
    }
    Some(match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        digit => digit,
    })
}

#[cfg(test)]
mod tests {
    use super::{check_digit, check_tracking_code};

    #[test]
    fn check_digits_of_the_standard() {
        for (serial, digit) in [
            ("47312482", 9),
            ("12345678", 5),
            ("87400001", 3),
            ("00000008", 0),
            ("00000015", 5),
            ("20190001", 0),
        ] {
            assert_eq!(check_digit(serial.as_bytes()), Some(digit), "{serial}");
        }
    }

    #[test]
    fn malformed_codes_are_refused() {
        assert!(check_tracking_code("RR473124829VN").is_ok());
        for bad in [
            "RR473124828VN",
            "rr473124829VN",
            "RR47312482VN",
            "RR4731248299VN",
            "R1473124829VN",
            "",
            "RR47312４829VN",
        ] {
            assert!(check_tracking_code(bad).is_err(), "{bad}");
        }
    }
}
