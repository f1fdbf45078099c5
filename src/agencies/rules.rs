//! What an agency must satisfy: the form of its code, its place in the tree, its days of validity, and what a route's
//! step may name. Pure.
//!
//! Codes: QCVN 102:2016/BTTTT (`V1V2V3.Z1Z2.Y1Y2.MX1X2`, read from right to left) and Decision 20/2020/QĐ-TTg (groups
//! from left to right, at most 35 characters of `[0-9A-Z.]`).

use chrono::NaiveDate;

use super::Kind;

/// The longest agency code (Decision 20/2020/QĐ-TTg art. 4).
pub const CODE_MAX: usize = 35;

/// How a code is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeForm {
    /// `000.00.31.H20`.
    Qcvn102,
    /// `H20.24.5`.
    Decision20,
    /// Neither, such as `THUE.874`: a code that no regulation gave.
    Other,
}

impl CodeForm {
    /// The form of a code, `None` when it is no agency code at all.
    #[must_use]
    pub fn of(code: &str) -> Option<CodeForm> {
        if code.is_empty() || code.len() > CODE_MAX {
            return None;
        }
        let groups: Vec<&str> = code.split('.').collect();
        let plain = |group: &&str| {
            !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        };
        if !groups.iter().all(plain) {
            return None;
        }
        let form = match groups.as_slice() {
            [v, z, y, m] if digits(v, 3) && digits(z, 2) && digits(y, 2) && is_top(m) => CodeForm::Qcvn102,
            [m, ..] if is_top(m) => CodeForm::Decision20,
            _ => CodeForm::Other,
        };
        Some(form)
    }
}

fn digits(group: &str, count: usize) -> bool {
    group.len() == count && group.bytes().all(|b| b.is_ascii_digit())
}

/// `MX1X2`: a ministry or province, M from A to Y.
fn is_top(group: &str) -> bool {
    let mut chars = group.chars();
    chars.next().is_some_and(|m| ('A'..='Y').contains(&m)) && digits(chars.as_str(), 2)
}

/// Whom a step of a route names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepAgency<'a> {
    /// The agency that receives the dossier.
    Receiver,
    /// The one above it.
    Parent,
    /// The department with this function.
    Function(&'a str),
    /// One certain agency.
    Code(&'a str),
}

impl<'a> StepAgency<'a> {
    /// Reads `receiver`, `parent`, `parent/<function>` or an agency's code.
    #[must_use]
    pub fn parse(expression: &'a str) -> Option<StepAgency<'a>> {
        match expression {
            "receiver" => Some(StepAgency::Receiver),
            "parent" => Some(StepAgency::Parent),
            other => match other.strip_prefix("parent/") {
                Some(function) => is_function(function).then_some(StepAgency::Function(function)),
                None => CodeForm::of(other).map(|_| StepAgency::Code(other)),
            },
        }
    }
}

/// A function is a short word such as `tu-phap`: 1 to 40 of `[a-z0-9-]`.
#[must_use]
pub fn is_function(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Whether an agency of kind `child` may stand directly below one of kind `parent` (`None`: at the root).
#[must_use]
pub fn may_stand_below(child: Kind, parent: Option<Kind>) -> bool {
    match (child, parent) {
        (Kind::Province, parent) => parent.is_none(),
        (_, None) => false,
        (Kind::District, Some(parent)) => parent == Kind::Province,
        // Below the province since the districts were given up on 2025-07-01.
        (Kind::Commune, Some(parent)) => matches!(parent, Kind::Province | Kind::District),
        (Kind::Department, Some(parent)) => parent.is_level() || parent == Kind::Department,
        (Kind::PostOffice, Some(parent)) => parent.is_level() || parent == Kind::PostOffice,
        (Kind::External, Some(parent)) => parent.is_level() || parent == Kind::External,
    }
}

/// Days are half-open: valid on `from`, no longer valid on `to`.
#[must_use]
pub fn is_open(from: Option<NaiveDate>, to: Option<NaiveDate>, on: NaiveDate) -> bool {
    from.is_none_or(|from| from <= on) && to.is_none_or(|to| on < to)
}

/// What the rules need to know about the agency that is to be the parent.
#[derive(Clone, Copy, Debug)]
pub struct ParentFacts {
    /// Its kind.
    pub kind: Kind,
    /// The day from which it is valid.
    pub valid_from: Option<NaiveDate>,
    /// The day from which it is no longer valid.
    pub valid_to: Option<NaiveDate>,
    /// Whether it is the agency itself or stands below it.
    pub is_below: bool,
}

/// The parts of an agency that its rules look at.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its code.
    pub code: &'a str,
    /// Whether the code was given by an authority.
    pub official: bool,
    /// Its kind.
    pub kind: Kind,
    /// What it does, for `parent/<function>`.
    pub function: Option<&'a str>,
    /// Where it stands.
    pub parent: Option<ParentFacts>,
    /// The day from which it is valid.
    pub valid_from: Option<NaiveDate>,
    /// The day from which it is no longer valid.
    pub valid_to: Option<NaiveDate>,
    /// Its place on the map: both numbers or neither.
    pub latitude: Option<f64>,
    /// See `latitude`.
    pub longitude: Option<f64>,
}

/// Why an agency cannot stand as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// `/code` is no agency code.
    CodeForm,
    /// `/official` with a code of neither official form.
    NotOfficialForm,
    /// `/function` is no short word.
    FunctionForm,
    /// `/parent` is missing: only a province has none.
    ParentRequired,
    /// `/parent`: an agency of this kind does not stand there.
    KindBelowKind,
    /// `/parent` is the agency itself or stands below it.
    Circle,
    /// `/parent` is not valid when the agency begins.
    ParentClosed,
    /// `/valid_to` is not after `/valid_from`.
    EndsBeforeItBegins,
    /// `/valid_to`: agencies below it would outlive it.
    ChildrenOpen,
    /// `/latitude` or `/longitude` outside the globe.
    OffTheGlobe,
    /// One of `/latitude` and `/longitude` without the other.
    HalfAPlace,
}

/// All that is wrong with an agency's data, each with the JSON pointer of its field. `today` stands for the beginning
/// of an agency that names none.
#[must_use]
pub fn check(place: &Place, today: NaiveDate) -> Vec<(&'static str, Refusal)> {
    let mut faults = Vec::new();
    match CodeForm::of(place.code) {
        None => faults.push(("/code", Refusal::CodeForm)),
        Some(CodeForm::Other) if place.official => faults.push(("/official", Refusal::NotOfficialForm)),
        Some(_) => {}
    }
    if place.function.is_some_and(|function| !is_function(function)) {
        faults.push(("/function", Refusal::FunctionForm));
    }
    match place.parent {
        None if place.kind != Kind::Province => faults.push(("/parent", Refusal::ParentRequired)),
        None => {}
        Some(parent) if !may_stand_below(place.kind, Some(parent.kind)) => {
            faults.push(("/parent", Refusal::KindBelowKind));
        }
        Some(parent) if parent.is_below => faults.push(("/parent", Refusal::Circle)),
        Some(parent) if !is_open(parent.valid_from, parent.valid_to, place.valid_from.unwrap_or(today)) => {
            faults.push(("/parent", Refusal::ParentClosed));
        }
        Some(_) => {}
    }
    if let (Some(from), Some(to)) = (place.valid_from, place.valid_to)
        && to <= from
    {
        faults.push(("/valid_to", Refusal::EndsBeforeItBegins));
    }
    if place.latitude.is_some_and(|degrees| !(-90.0..=90.0).contains(&degrees)) {
        faults.push(("/latitude", Refusal::OffTheGlobe));
    }
    if place.longitude.is_some_and(|degrees| !(-180.0..=180.0).contains(&degrees)) {
        faults.push(("/longitude", Refusal::OffTheGlobe));
    }
    match (place.latitude, place.longitude) {
        (Some(_), None) => faults.push(("/longitude", Refusal::HalfAPlace)),
        (None, Some(_)) => faults.push(("/latitude", Refusal::HalfAPlace)),
        (Some(_), Some(_)) | (None, None) => {}
    }
    faults
}

/// Whether an agency may end on `end` while the agencies directly below it end on these days.
#[must_use]
pub fn may_end(end: NaiveDate, children: impl IntoIterator<Item = Option<NaiveDate>>) -> bool {
    children.into_iter().all(|child_end| child_end.is_some_and(|child_end| child_end <= end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_a_form_or_are_none() {
        for (code, expected) in [
            ("000.00.00.H20", Some(CodeForm::Qcvn102)),
            ("000.21.31.H20", Some(CodeForm::Qcvn102)),
            ("H20", Some(CodeForm::Decision20)),
            ("H20.91", Some(CodeForm::Decision20)),
            ("G09.20.1", Some(CodeForm::Decision20)),
            ("Z20.91", Some(CodeForm::Other)),
            ("THUE.874", Some(CodeForm::Other)),
            ("VNPOST.30157", Some(CodeForm::Other)),
            ("00.21.31.H20", Some(CodeForm::Other)),
            ("", None),
            (".", None),
            ("H20.", None),
            ("H20..1", None),
            ("h20.1", None),
            ("H20-1", None),
            ("Đ20", None),
            ("H20.4567890123456789012345678901234567", None),
        ] {
            assert_eq!(CodeForm::of(code), expected, "{code}");
        }
    }

    #[test]
    fn steps_name_an_agency() {
        for (text, expected) in [
            ("receiver", Some(StepAgency::Receiver)),
            ("parent", Some(StepAgency::Parent)),
            ("parent/tu-phap", Some(StepAgency::Function("tu-phap"))),
            ("CA.874", Some(StepAgency::Code("CA.874"))),
            ("parent/", None),
            ("parent/Tư pháp", None),
            ("parent/-x", None),
            ("child", None),
            ("", None),
        ] {
            assert_eq!(StepAgency::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn kinds_stand_where_they_do_in_life() {
        use Kind::{Commune, Department, District, External, PostOffice, Province};
        for (child, parent, expected) in [
            (Province, None, true),
            (Province, Some(Province), false),
            (District, None, false),
            (District, Some(Province), true),
            (District, Some(District), false),
            (Commune, Some(District), true),
            (Commune, Some(Province), true),
            (Commune, Some(Commune), false),
            (Department, Some(Commune), true),
            (Department, Some(PostOffice), false),
            (PostOffice, Some(PostOffice), true),
            (PostOffice, Some(Province), true),
            (External, Some(District), true),
            (External, Some(Department), false),
        ] {
            assert_eq!(may_stand_below(child, parent), expected, "{child:?} below {parent:?}");
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let parent = ParentFacts { kind: Kind::District, valid_from: None, valid_to: None, is_below: false };
        let good = Place {
            code: "000.21.31.H20",
            official: false,
            kind: Kind::Commune,
            function: None,
            parent: Some(parent),
            valid_from: None,
            valid_to: None,
            latitude: Some(10.5),
            longitude: Some(105.4),
        };
        let today = day("2019-06-01");
        assert_eq!(check(&good, today), []);
        let bad = Place {
            code: "x",
            function: Some("Tư pháp"),
            parent: None,
            valid_from: Some(day("2020-01-01")),
            valid_to: Some(day("2020-01-01")),
            latitude: Some(91.0),
            longitude: None,
            ..good
        };
        assert_eq!(
            check(&bad, today),
            [
                ("/code", Refusal::CodeForm),
                ("/function", Refusal::FunctionForm),
                ("/parent", Refusal::ParentRequired),
                ("/valid_to", Refusal::EndsBeforeItBegins),
                ("/latitude", Refusal::OffTheGlobe),
                ("/longitude", Refusal::HalfAPlace),
            ]
        );
        let closed = ParentFacts { valid_to: Some(today), ..parent };
        assert_eq!(
            check(&Place { parent: Some(closed), ..good }, today),
            [("/parent", Refusal::ParentClosed)]
        );
        let earlier = Place { parent: Some(closed), valid_from: Some(day("2019-01-01")), ..good };
        assert_eq!(check(&earlier, today), []);
        let circle = ParentFacts { is_below: true, ..parent };
        assert_eq!(check(&Place { parent: Some(circle), ..good }, today), [("/parent", Refusal::Circle)]);
        let other = Place { code: "THUE.874", official: true, ..good };
        assert_eq!(check(&other, today), [("/official", Refusal::NotOfficialForm)]);
    }

    #[test]
    fn nobody_ends_before_those_below() {
        let end = day("2025-07-01");
        assert!(may_end(end, []));
        assert!(may_end(end, [Some(end)]));
        assert!(!may_end(end, [Some(end), None]));
        assert!(!may_end(end, [Some(day("2025-07-02"))]));
    }
}
