//! Use cases of the catalogue of procedures: drafting and publishing versions. Each is called inside one transaction.

use chrono::NaiveDate;

use super::{
    FieldView, ProcedureContent, Procedures, Version, VersionId,
    rules::{self, PublishRefusal, Refusal},
    store,
    views::{ListProcedures, ProcedureView, SubmitField, SubmitProcedure},
};
use crate::{
    access::{Identity, Role, Scope},
    agencies::{CATALOGUE, Kind, Tree, load_tree},
    calendar::to_faults,
    db::{Conn, Instant, fold, revision},
    http::{Code, Faults, IfMatch, Problem, Result},
};

/// Whether the caller may write the catalogue of procedures, which is the whole country's: an administrator at a
/// province, or a machine with the scope there.
pub(super) fn may_write(caller: &Identity, tree: &Tree) -> bool {
    (caller.has(Role::Admin) || caller.may(Scope::CatalogWrite))
        && tree.get(caller.agency_id).is_some_and(|own| own.kind == Kind::Province)
}

fn must_write(caller: &Identity, tree: &Tree) -> Result<()> {
    if may_write(caller, tree) {
        return Ok(());
    }
    let detail = (
        "Danh mục thủ tục chỉ do quản trị viên cấp tỉnh cập nhật",
        "The catalogue of procedures is written at a province only",
    );
    Err(Problem::new(Code::Forbidden).detail(detail))
}

/// The procedures that are wanted, each in the version of the day, by code.
pub(super) fn list_procedures<'a>(
    tree: &Tree,
    procedures: &'a Procedures,
    filter: &'a ListProcedures,
    today: NaiveDate,
) -> Result<impl Iterator<Item = &'a Version>> {
    let level = match filter.agency.as_deref().map(|code| (code, tree.by_code(code))) {
        None => None,
        Some((_, Some(agency))) => tree.level(agency.id),
        Some((_, None)) => {
            let unknown = Code::UnknownAgency;
            return Err(Problem::new(Code::InvalidQuery).error("/query/agency", unknown, unknown.title()));
        }
    };
    let day = filter.in_force_on.unwrap_or(today);
    let wanted = filter.q.as_deref().map(fold);
    let current = procedures.all().filter_map(move |procedure| procedures.current(&procedure.code, day));
    Ok(current.filter(move |version| {
        let content = &version.content;
        filter.field.as_ref().is_none_or(|field| *field == content.field.code)
            && filter.level.is_none_or(|level| content.levels.contains(&level))
            && level.is_none_or(|level| content.levels.contains(&level))
            && wanted.as_ref().is_none_or(|wanted| {
                fold(&content.name).contains(wanted) || fold(&version.procedure_code).contains(wanted)
            })
    }))
}

/// The version to show of a procedure: the one in force on the day, else the next to come, else the last.
pub(super) fn version_to_show<'a>(
    procedures: &'a Procedures,
    code: &str,
    day: NaiveDate,
) -> Option<&'a Version> {
    procedures.current(code, day).or_else(|| {
        let procedure = procedures.by_code(code)?;
        let next = procedures.versions_of(procedure).find(|version| version.effective_from > day);
        next.or_else(|| procedures.versions_of(procedure).next_back())
    })
}

/// The versions of a procedure that the caller may know of, by falling number; 404 when there is none.
pub(super) fn list_versions(
    conn: &mut Conn,
    caller: &Identity,
    tree: &Tree,
    code: &str,
) -> Result<Vec<Version>> {
    let sees_drafts = may_write(caller, tree);
    let mut versions = store::list_versions(conn, code)?;
    versions.retain(|version| version.is_published() || sees_drafts);
    versions.reverse();
    if versions.is_empty() { Err(Code::NotFound.into()) } else { Ok(versions) }
}

/// Makes a procedure with its first version as a draft.
pub(super) fn create_procedure(
    conn: &mut Conn,
    caller: &Identity,
    submit: &SubmitProcedure,
) -> Result<Version> {
    revision::bump(conn, CATALOGUE)?;
    let tree = load_tree(conn)?;
    must_write(caller, &tree)?;
    draft(conn, &tree, submit, None)
}

/// Makes a new version of a procedure as a draft.
pub(super) fn create_version(
    conn: &mut Conn,
    caller: &Identity,
    code: &str,
    submit: &SubmitProcedure,
) -> Result<Version> {
    revision::bump(conn, CATALOGUE)?;
    let tree = load_tree(conn)?;
    must_write(caller, &tree)?;
    draft(conn, &tree, submit, Some(code))
}

/// Publishes a draft.
pub(super) fn publish_version(
    conn: &mut Conn,
    caller: &Identity,
    code: &str,
    number: i32,
    if_match: &IfMatch,
    now: Instant,
) -> Result<Version> {
    revision::bump(conn, CATALOGUE)?;
    let tree = load_tree(conn)?;
    must_write(caller, &tree)?;
    publish(conn, code, number, if_match, now)
}

/// Makes a version of a procedure, new or known, and publishes it at once by the rules, whoever asks for it: for imports
/// and the sample year.
///
/// # Errors
/// As drafting and publishing through the API.
pub fn insert_published(conn: &mut Conn, submit: &SubmitProcedure, now: Instant) -> Result<VersionId> {
    revision::bump(conn, CATALOGUE)?;
    let tree = load_tree(conn)?;
    let known = match &submit.code {
        Some(code) if store::find_procedure(conn, code)?.is_some() => Some(code.as_str()),
        _ => None,
    };
    let draft = draft(conn, &tree, submit, known)?;
    publish(conn, &draft.procedure_code, draft.number, &IfMatch::default(), now)?;
    Ok(draft.id)
}

/// Writes a draft; `known` is the code of the procedure that it becomes a version of, `None` makes a new procedure.
fn draft(conn: &mut Conn, tree: &Tree, submit: &SubmitProcedure, known: Option<&str>) -> Result<Version> {
    let mut faults = Faults::default();
    let procedure = match known {
        Some(code) => Some(store::find_procedure(conn, code)?.ok_or(Code::NotFound)?),
        None => None,
    };
    check_code(conn, submit, known, &mut faults)?;
    let field = check_field(conn, &submit.field, &mut faults)?;
    let content = submit.content(field.clone(), &mut faults);
    if let Some(content) = &content {
        for (pointer, refusal) in rules::check(content, |code| tree.by_code(code).is_some()) {
            tell(pointer, refusal, &mut faults);
        }
    }
    if let Some((pointer, refusal)) = rules::check_days(submit.effective_from, submit.effective_to) {
        tell(pointer.to_owned(), refusal, &mut faults);
    }
    faults.into_result()?;
    // Both are there unless a fault was noted.
    let (Some(content), Some(code)) = (content, known.or(submit.code.as_deref())) else {
        return Err(Code::InvalidBody.into());
    };
    write_draft(conn, code, procedure, &content, submit)
}

fn write_draft(
    conn: &mut Conn,
    code: &str,
    procedure: Option<i64>,
    content: &ProcedureContent,
    submit: &SubmitProcedure,
) -> Result<Version> {
    let procedure = match procedure {
        Some(procedure) => procedure,
        None => {
            let field = field_id(conn, &content.field)?;
            store::insert_procedure(conn, code, field)?
        }
    };
    let number = store::list_versions(conn, code)?.last().map_or(0, |last| last.number) + 1;
    store::insert_draft(conn, procedure, number, content, submit.effective_from, submit.effective_to)?;
    get_version(conn, code, number)
}

fn get_version(conn: &mut Conn, code: &str, number: i32) -> Result<Version> {
    let found = store::list_versions(conn, code)?.into_iter().find(|version| version.number == number);
    found.ok_or_else(|| Code::NotFound.into())
}

/// The key of a field, which is made when it is new.
fn field_id(conn: &mut Conn, field: &FieldView) -> Result<i64> {
    match store::find_field(conn, &field.code)? {
        Some((id, _)) => Ok(id),
        None => Ok(store::insert_field(conn, field)?),
    }
}

fn publish(conn: &mut Conn, code: &str, number: i32, if_match: &IfMatch, now: Instant) -> Result<Version> {
    let versions = store::list_versions(conn, code)?;
    let draft = versions.iter().find(|version| version.number == number).ok_or(Code::NotFound)?;
    if_match.check(draft.row_version)?;
    let previous = versions.iter().rev().find(|version| version.is_published());
    let previous_from = previous.map(|version| version.effective_from);
    rules::publish(draft.is_published(), draft.effective_from, previous_from).map_err(|refusal| match refusal {
        PublishRefusal::Published => Problem::new(Code::VersionPublished),
        PublishRefusal::BeforePrevious { previous_from } => Problem::new(Code::Conflict).detail((
            format!("Phiên bản trước có hiệu lực từ {previous_from}, phiên bản mới không được có hiệu lực sớm hơn"),
            format!("The version before is in force from {previous_from}; this one may not begin earlier"),
        )),
    })?;
    let field = field_id(conn, &draft.content.field)?;
    store::publish_version(conn, draft, field, now)?;
    if let Some(previous) = previous
        && previous.effective_to.is_none_or(|end| end > draft.effective_from)
    {
        store::end_version(conn, previous, draft.effective_from)?;
    }
    get_version(conn, code, number)
}

fn check_code(
    conn: &mut Conn,
    submit: &SubmitProcedure,
    known: Option<&str>,
    faults: &mut Faults,
) -> Result<()> {
    match (known, submit.code.as_deref()) {
        (Some(known), Some(code)) if known != code => {
            let detail =
                ("Mã phải trùng với mã trong đường dẫn", "It must be the code that stands in the path");
            faults.add("/code", Code::InvalidValue, detail);
        }
        (None, None) => faults.add("/code", Code::Required, Code::Required.title()),
        (None, Some(code)) if store::find_procedure(conn, code)?.is_some() => {
            let detail = ("Mã thủ tục đã có trong danh mục", "A procedure has this code already");
            faults.add("/code", Code::Duplicate, detail);
        }
        _ => {}
    }
    Ok(())
}

/// The field with its name. One that is known keeps its name; a new one needs one.
fn check_field(conn: &mut Conn, submit: &SubmitField, faults: &mut Faults) -> Result<FieldView> {
    let name = match (store::find_field(conn, &submit.code)?, &submit.name) {
        (Some((_, known)), Some(name)) if known != *name => {
            let detail =
                (format!("Lĩnh vực này có tên là {known}"), format!("The field is known as {known}"));
            faults.add("/field/name", Code::InvalidValue, detail);
            known
        }
        (Some((_, known)), _) => known,
        (None, Some(name)) => name.clone(),
        (None, None) => {
            let detail = ("Lĩnh vực mới phải có tên", "A new field needs a name");
            faults.add("/field/name", Code::Required, detail);
            String::new()
        }
    };
    Ok(FieldView { code: submit.code.clone(), name })
}

fn tell(pointer: String, refusal: Refusal, faults: &mut Faults) {
    let (code, detail) = match refusal {
        Refusal::NotALevel => (
            Code::NotOneOf,
            ("Chỉ cấp tỉnh, huyện, xã tiếp nhận thủ tục", "Only province, district and commune are levels"),
        ),
        Refusal::Duplicate => (Code::Duplicate, ("Giá trị này đã có ở trên", "This stands there already")),
        Refusal::NotWhole => (
            Code::InvalidValue,
            ("Thời hạn giải quyết phải là số nguyên", "The whole time limit is a whole number"),
        ),
        Refusal::MaxBelowAmount => (
            Code::OutOfRange,
            ("Mức tối đa không được thấp hơn mức phí", "The most to be paid is at least the fee itself"),
        ),
        Refusal::NoSheets => {
            (Code::InvalidValue, ("Cần ít nhất một bản chính hoặc bản sao", "At least one original or copy"))
        }
        Refusal::TextLength => (Code::TooLong, ("Từ 1 đến 300 ký tự", "1 to 300 characters")),
        Refusal::AgencyForm => (
            Code::InvalidRoute,
            (
                "Phải là receiver, parent, parent/<chức năng> hoặc mã cơ quan",
                "It must be receiver, parent, parent/<function> or an agency's code",
            ),
        ),
        Refusal::UnknownAgency => (
            Code::UnknownAgency,
            ("Mã cơ quan không có trong danh mục", "The catalogue has no agency with this code"),
        ),
        Refusal::EndsBeforeItBegins => (
            Code::InvalidValue,
            ("Ngày hết hiệu lực phải sau ngày có hiệu lực", "The end must come after the beginning"),
        ),
        Refusal::Time(fault) => return to_faults("/route", &[fault], faults),
    };
    faults.add(pointer, code, detail);
}

/// A version for the outside, with the number for its `ETag`.
pub(super) fn view(version: &Version) -> (i64, ProcedureView) {
    (version.row_version, version.into())
}
