//! Turns what the validator found into faults that a person can act on.
//!
//! Differs from the validator's own list in four ways: what is missing or unknown is pointed at itself, not at the
//! object around it; of alternatives (`oneOf`, `anyOf`) only the one meant is told; a property may name a code of its
//! own (`x-code` in its schema); and text with a NUL, which no database column holds, is a fault.

use jsonschema::{ValidationError, error::ValidationErrorKind as Kind};
use serde_json::Value;

use super::{pointer_to, type_of};
use crate::http::{codes::Code, language::Detail, problem::Fault};

/// More faults than this help nobody.
const MAX_FAULTS: usize = 100;

/// All faults, in the order of their pointers.
pub(super) fn all<'v>(
    root: &Value,
    value: &'v Value,
    errors: impl Iterator<Item = ValidationError<'v>>,
) -> Vec<Fault> {
    let mut found = Vec::new();
    for error in errors.take(MAX_FAULTS) {
        tell(root, value, &error, &mut found);
    }
    find_nul(value, "", &mut found);
    found.sort_by(|a, b| a.pointer.cmp(&b.pointer).then(a.code.cmp(&b.code)));
    found.dedup_by(|a, b| a.pointer == b.pointer && a.code == b.code);
    found.truncate(MAX_FAULTS);
    found
}

fn tell(root: &Value, value: &Value, error: &ValidationError<'_>, found: &mut Vec<Fault>) {
    let at = error.instance_path().as_str();
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                found.push(Fault {
                    pointer: pointer_to(at, name),
                    code: Code::UnknownField,
                    detail: Code::UnknownField.title().into(),
                });
            }
        }
        Kind::Required { property } => found.push(Fault {
            pointer: pointer_to(at, property.as_str().unwrap_or_default()),
            code: Code::Required,
            detail: Code::Required.title().into(),
        }),
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            tell_alternatives(root, value, error, context, found);
        }
        kind => {
            let (code, detail) = explain(kind);
            let code = own_code(root, error).unwrap_or(code);
            found.push(Fault { pointer: at.to_owned(), code, detail });
        }
    }
}

/// The errors of one alternative.
type Alternative = Vec<ValidationError<'static>>;

/// Tells the faults of the alternative that was meant: the one of the value's JSON type and, among several, the one
/// whose tag (the `action` of a command) fits; if no tag fits, what the tag could be.
fn tell_alternatives(
    root: &Value,
    value: &Value,
    error: &ValidationError<'_>,
    context: &[Alternative],
    found: &mut Vec<Fault>,
) {
    let at = error.instance_path().as_str();
    let mut meant: Vec<&Alternative> =
        context.iter().filter(|errors| !is_of_other_type(errors, at)).collect();
    if meant.is_empty() {
        let given = value.pointer(at).map_or("null", type_of);
        found.push(Fault {
            pointer: at.to_owned(),
            code: Code::WrongType,
            detail: Detail::from((
                format!("Kiểu `{given}` không được nhận ở đây"),
                format!("A value of type `{given}` is not taken here"),
            )),
        });
        return;
    }
    if meant.len() > 1
        && let Some(place) = meant.iter().find_map(|errors| wrong_tags(errors).map(|(place, _)| place).next())
    {
        let (wrong, right): (Vec<&Alternative>, Vec<&Alternative>) =
            meant.iter().copied().partition(|errors| wrong_tags(errors).any(|(wrong, _)| wrong == place));
        if right.is_empty() {
            let tags =
                wrong.iter().flat_map(|errors| wrong_tags(errors)).filter(|(wrong, _)| *wrong == place);
            let mut tags: Vec<_> = tags.map(|(_, tag)| tag.to_string()).collect();
            tags.sort();
            tags.dedup();
            let detail = one_of(&tags.join(", "));
            found.push(Fault { pointer: place.to_owned(), code: Code::NotOneOf, detail });
            return;
        }
        meant = right;
    }
    for error in meant.into_iter().min_by_key(|errors| errors.len()).into_iter().flatten() {
        tell(root, value, error, found);
    }
}

/// Whether an alternative was refused because it is for another JSON type.
fn is_of_other_type(errors: &[ValidationError<'static>], at: &str) -> bool {
    errors.iter().filter(|error| error.instance_path().as_str() == at).any(|error| match error.kind() {
        Kind::Type { .. } => true,
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            context.iter().all(|errors| is_of_other_type(errors, at))
        }
        _ => false,
    })
}

/// Where an alternative wanted one certain value and did not find it, with that value.
fn wrong_tags<'e>(errors: &'e [ValidationError<'static>]) -> impl Iterator<Item = (&'e str, &'e Value)> {
    errors.iter().filter_map(|error| {
        let wanted = match error.kind() {
            Kind::Enum { options } => match options.as_array().map(Vec::as_slice) {
                Some([only]) => only,
                _ => return None,
            },
            Kind::Constant { expected_value } => expected_value,
            _ => return None,
        };
        Some((error.instance_path().as_str(), wanted))
    })
}

/// The code that the schema of the fault's place names for itself, such as `invalid_identity_number`.
fn own_code(root: &Value, error: &ValidationError<'_>) -> Option<Code> {
    if matches!(error.kind(), Kind::Type { .. }) {
        return None;
    }
    // The location ends in the keyword; what stands around the keyword is the schema of the place.
    let (schema, _keyword) = error.schema_path().as_str().rsplit_once('/')?;
    Code::by_name(root.pointer(schema)?.get("x-code")?.as_str()?)
}

fn explain(kind: &Kind) -> (Code, Detail) {
    match kind {
        Kind::Type { kind } => {
            let wanted = match kind {
                jsonschema::error::TypeKind::Single(one) => one.to_string(),
                jsonschema::error::TypeKind::Multiple(many) => {
                    many.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" | ")
                }
            };
            (
                Code::WrongType,
                Detail::from((format!("Phải là kiểu `{wanted}`"), format!("Must be of type `{wanted}`"))),
            )
        }
        Kind::Enum { options } => {
            let options =
                options.as_array().into_iter().flatten().map(ToString::to_string).collect::<Vec<_>>();
            (Code::NotOneOf, one_of(&options.join(", ")))
        }
        Kind::Constant { expected_value } => (Code::NotOneOf, one_of(&expected_value.to_string())),
        Kind::MaxLength { limit } => (
            Code::TooLong,
            Detail::from((format!("Tối đa {limit} ký tự"), format!("At most {limit} characters"))),
        ),
        Kind::MinLength { limit } => (
            Code::TooShort,
            Detail::from((format!("Tối thiểu {limit} ký tự"), format!("At least {limit} characters"))),
        ),
        Kind::MaxItems { limit } | Kind::MaxProperties { limit } => (
            Code::TooManyItems,
            Detail::from((format!("Tối đa {limit} phần tử"), format!("At most {limit} items"))),
        ),
        Kind::MinItems { limit } | Kind::MinProperties { limit } => (
            Code::TooFewItems,
            Detail::from((format!("Tối thiểu {limit} phần tử"), format!("At least {limit} items"))),
        ),
        Kind::Minimum { limit } => (
            Code::OutOfRange,
            Detail::from((format!("Không nhỏ hơn {limit}"), format!("Not less than {limit}"))),
        ),
        Kind::Maximum { limit } => (
            Code::OutOfRange,
            Detail::from((format!("Không lớn hơn {limit}"), format!("Not more than {limit}"))),
        ),
        Kind::ExclusiveMinimum { limit } => {
            (Code::OutOfRange, Detail::from((format!("Phải lớn hơn {limit}"), format!("More than {limit}"))))
        }
        Kind::ExclusiveMaximum { limit } => {
            (Code::OutOfRange, Detail::from((format!("Phải nhỏ hơn {limit}"), format!("Less than {limit}"))))
        }
        Kind::MultipleOf { multiple_of } => (
            Code::OutOfRange,
            Detail::from((
                format!("Phải là bội số của {multiple_of}"),
                format!("A multiple of {multiple_of}"),
            )),
        ),
        Kind::Pattern { pattern } => (
            Code::InvalidFormat,
            Detail::from((format!("Phải theo mẫu `{pattern}`"), format!("Must match `{pattern}`"))),
        ),
        Kind::Format { format } => (
            Code::InvalidFormat,
            Detail::from((
                format!("Phải theo định dạng `{format}`"),
                format!("Must be in the format `{format}`"),
            )),
        ),
        Kind::UniqueItems => (
            Code::Duplicate,
            Detail::from(("Các phần tử không được trùng nhau", "The items must differ from each other")),
        ),
        _ => (Code::InvalidValue, Code::InvalidValue.title().into()),
    }
}

fn one_of(options: &str) -> Detail {
    Detail::from((format!("Phải là một trong: {options}"), format!("One of: {options}")))
}

/// Whether any text in the value holds a NUL.
pub(super) fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, member)| name.contains('\0') || has_nul(member)),
        _ => false,
    }
}

fn find_nul(value: &Value, at: &str, found: &mut Vec<Fault>) {
    match value {
        Value::String(text) if text.contains('\0') => found.push(Fault {
            pointer: at.to_owned(),
            code: Code::InvalidFormat,
            detail: Detail::from(("Không được chứa ký tự NUL", "Must not contain the NUL character")),
        }),
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                find_nul(item, &pointer_to(at, &position.to_string()), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                find_nul(member, &pointer_to(at, name), found);
            }
        }
        _ => {}
    }
}
