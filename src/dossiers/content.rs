//! What the applicant brought: person, papers, fees. These are the wire types of the contract and the JSON kept in a
//! dossier's row; checks that need the catalogue stand in `intake`.
//!
//! Identity numbers have 9 (CMND) or 12 digits (CCCD); phones are kept as E.164.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ReturnBy;
use crate::db::text_enum;
use crate::http::{Code, Faults};

text_enum! {
    /// Who applies.
    pub enum ApplicantKind {
        Person = "person",
        Organization = "organization",
    }
}

/// An identity paper other than CMND or CCCD, such as a passport.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityDocument {
    #[serde(rename = "type")]
    #[schema(min_length = 1, max_length = 60, example = "passport")]
    pub kind: String,
    #[schema(min_length = 1, max_length = 40, example = "C1234567")]
    pub number: String,
}

/// The applicant, person or organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "person", "full_name": "Nguyễn Thị Hoa", "identity_number": "087190001234", "phone": "0901234567", "address": "Ấp Tân Hòa, xã Tân Long"}))]
pub struct Applicant {
    pub kind: ApplicantKind,
    #[schema(min_length = 1, max_length = 200)]
    pub full_name: String,
    /// 9 or 12 digits.
    #[schema(max_length = 20)]
    pub identity_number: Option<String>,
    pub identity_document: Option<IdentityDocument>,
    #[schema(max_length = 14)]
    pub tax_code: Option<String>,
    /// E.164; a national number such as `0901234567` is accepted.
    #[schema(max_length = 20)]
    pub phone: Option<String>,
    #[schema(max_length = 200)]
    pub email: Option<String>,
    #[schema(max_length = 500)]
    pub address: Option<String>,
}

/// Who acts for the applicant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Representative {
    #[schema(min_length = 1, max_length = 200)]
    pub full_name: String,
    #[schema(max_length = 20)]
    pub identity_number: Option<String>,
    #[schema(max_length = 20)]
    pub phone: Option<String>,
    #[schema(max_length = 200)]
    pub relation: Option<String>,
}

/// A paper of the dossier (thành phần hồ sơ).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "TK", "originals": 1, "copies": 0}))]
pub struct Component {
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
    /// Default: the catalogue's name.
    #[schema(max_length = 300)]
    pub name: Option<String>,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100)]
    pub originals: i32,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1000)]
    pub copies: i32,
    /// Id of a document of this dossier.
    #[schema(max_length = 36)]
    pub document: Option<String>,
}

/// A fee, as charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "LP", "quantity": 2, "amount": 16000, "paid": true, "method": "cash"}))]
pub struct Fee {
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 100_000)]
    pub quantity: i32,
    /// Whole đồng; default: the catalogue's amount times the quantity, at most its `max`.
    #[schema(minimum = 0, maximum = 1_000_000_000_000i64)]
    pub amount: Option<i64>,
    #[serde(default)]
    pub paid: bool,
    #[schema(max_length = 40)]
    pub method: Option<String>,
    #[schema(max_length = 60)]
    pub receipt_number: Option<String>,
}

fn one() -> i32 {
    1
}

/// A number that another system has for this dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalReference {
    #[schema(min_length = 1, max_length = 60, example = "dvcqg")]
    pub system: String,
    #[schema(min_length = 1, max_length = 100)]
    pub id: String,
}

/// Who takes a result or papers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"full_name": "Nguyễn Thị Hoa"}))]
pub struct Recipient {
    #[schema(min_length = 1, max_length = 200)]
    pub full_name: String,
    #[schema(max_length = 20)]
    pub identity_number: Option<String>,
    #[schema(max_length = 20)]
    pub phone: Option<String>,
    #[schema(max_length = 500)]
    pub address: Option<String>,
}

/// All that is kept of the application in the dossier's row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub applicant: Applicant,
    pub representative: Option<Representative>,
    pub components: Vec<Component>,
    pub fees: Vec<Fee>,
    pub return_by: Option<ReturnBy>,
    pub external_references: Vec<ExternalReference>,
    pub note: Option<String>,
}

/// Puts phone numbers into E.164 and collects what is malformed, each with its pointer below `at`.
pub fn check_applicant(applicant: &mut Applicant, at: &str, faults: &mut Faults) {
    check_person(&applicant.identity_number, &mut applicant.phone, at, faults);
    if let Some(email) = &applicant.email
        && !is_email(email)
    {
        faults.note(format!("{at}/email"), Code::InvalidFormat);
    }
    if let Some(code) = &applicant.tax_code
        && !(matches!(code.len(), 10 | 12 | 13 | 14) && code.bytes().all(|b| b.is_ascii_digit() || b == b'-'))
    {
        faults.note(format!("{at}/tax_code"), Code::InvalidFormat);
    }
}

/// The same for identity number and phone of anybody named in a body.
pub fn check_person(
    identity_number: &Option<String>,
    phone: &mut Option<String>,
    at: &str,
    faults: &mut Faults,
) {
    if let Some(number) = identity_number
        && !is_identity_number(number)
    {
        faults.note(format!("{at}/identity_number"), Code::InvalidIdentityNumber);
    }
    if let Some(given) = phone {
        match e164(given) {
            Some(number) => *given = number,
            None => faults.note(format!("{at}/phone"), Code::InvalidPhone),
        }
    }
}

/// The same form for a number that is only searched for; what is none stays as it is and finds nothing.
pub fn normalize_phone(phone: &mut Option<String>) {
    if let Some(given) = phone
        && let Some(number) = e164(given)
    {
        *given = number;
    }
}

fn is_identity_number(number: &str) -> bool {
    matches!(number.len(), 9 | 12) && number.bytes().all(|b| b.is_ascii_digit())
}

fn is_email(address: &str) -> bool {
    address.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !address.contains(char::is_whitespace)
    })
}

/// `0901234567`, `+84 901 234 567` → `+84901234567`.
fn e164(given: &str) -> Option<String> {
    let digits: String = given.chars().filter(|c| !matches!(c, ' ' | '.' | '-')).collect();
    let number = match digits.strip_prefix('0') {
        Some(national) => format!("+84{national}"),
        None => digits,
    };
    let significant = number.strip_prefix('+')?;
    let plausible = (8..=15).contains(&significant.len()) && significant.bytes().all(|b| b.is_ascii_digit());
    (plausible && !significant.starts_with('0')).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::{e164, is_identity_number};

    #[test]
    fn phones_become_e164() {
        assert_eq!(e164("0901234567").as_deref(), Some("+84901234567"));
        assert_eq!(e164("+84 901.234.567").as_deref(), Some("+84901234567"));
        for bad in ["", "0", "901234567", "+0901234567", "09O1234567", "+84901234567890123"] {
            assert_eq!(e164(bad), None, "{bad}");
        }
    }

    #[test]
    fn identity_numbers_have_nine_or_twelve_digits() {
        assert!(is_identity_number("341234567") && is_identity_number("087190001234"));
        for bad in ["", "12345678", "1234567890", "08719000123a", "０８７１９０００１２３４"] {
            assert!(!is_identity_number(bad), "{bad}");
        }
    }
}
