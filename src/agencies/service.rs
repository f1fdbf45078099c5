//! Use cases of agencies: making, changing, setting hours. Each is called inside one transaction.
//!
//! Whoever changes the catalogue renames its revision first: that row is a lock, so what is read after it cannot change
//! before the transaction ends, and rules are checked against the truth.

use chrono::NaiveDate;

use super::{
    Agency, AgencyId, CATALOGUE, HoursFrom, Kind, Tree, WeekRefusal,
    hours::in_force,
    rules::{self, ParentFacts, Place, Refusal},
    store::{self, AgencyColumns},
    succession,
    views::{
        AgencyView, ChangeAgency, ListAgencies, OfficersView, SubmitAgency, SubmitWorkingHours,
        WorkingHoursView,
    },
};
use crate::{
    access::{Identity, Role, accounts},
    db::{Conn, revision},
    http::{Code, Faults, IfMatch, Problem, Result},
};

/// Whether the caller is an administrator of this agency: one of its own or of an agency above it.
#[must_use]
pub fn may_manage(caller: &Identity, tree: &Tree, agency: AgencyId) -> bool {
    caller.has(Role::Admin) && tree.is_within(agency, caller.agency_id)
}

/// Makes an agency, for an administrator of the agency above it.
pub(super) fn create_agency(
    conn: &mut Conn,
    caller: &Identity,
    submit: &SubmitAgency,
    today: NaiveDate,
) -> Result<AgencyView> {
    revision::bump(conn, CATALOGUE)?;
    let tree = store::load_tree(conn)?;
    match submit.parent.as_deref().and_then(|parent| tree.by_code(parent)) {
        Some(parent) if !may_manage(caller, &tree, parent.id) => return Err(Code::AgencyOutOfReach.into()),
        // The root of a tree is laid by whoever runs the installation, not through the API.
        None if submit.kind == Kind::Province => return Err(Code::Forbidden.into()),
        _ => {}
    }
    let id = insert_into(conn, &tree, submit, today)?;
    let tree = store::load_tree(conn)?;
    Ok(AgencyView::of(tree.agency(id)?, &tree))
}

/// Makes an agency by the rules, whoever asks for it: for imports and the sample year.
///
/// # Errors
/// 422 `invalid_body` with all faults; 409 `conflict` when the code is taken.
pub fn insert_agency(conn: &mut Conn, submit: &SubmitAgency, today: NaiveDate) -> Result<AgencyId> {
    revision::bump(conn, CATALOGUE)?;
    let tree = store::load_tree(conn)?;
    insert_into(conn, &tree, submit, today)
}

fn insert_into(conn: &mut Conn, tree: &Tree, submit: &SubmitAgency, today: NaiveDate) -> Result<AgencyId> {
    let mut faults = Faults::default();
    let parent = find_parent(tree, submit.parent.as_deref(), &mut faults);
    let columns = AgencyColumns {
        code: submit.code.clone(),
        official: submit.official,
        name: submit.name.clone(),
        kind: submit.kind,
        function: submit.function.clone(),
        parent_id: parent.map(|parent| parent.id),
        valid_from: submit.valid_from,
        valid_to: submit.valid_to,
        hotline: submit.hotline.clone(),
        email: submit.email.clone(),
        address: submit.address.clone(),
        gso_code: submit.gso_code.clone(),
        latitude: submit.latitude,
        longitude: submit.longitude,
        after_cutoff_counts_next_day: submit.after_cutoff_counts_next_day,
        successor_id: None,
    };
    check(tree, None, &columns, submit.parent.is_some() && parent.is_none(), today, &mut faults);
    if tree.by_code(&submit.code).is_some() {
        faults.add(
            "/code",
            Code::Duplicate,
            ("Mã cơ quan đã có trong danh mục", "An agency has this code already"),
        );
    }
    faults.into_result()?;
    Ok(store::insert_agency(conn, &columns)?)
}

/// Changes an agency, for an administrator of it. Moving it wants one of its new parent as well.
pub(super) fn change_agency(
    conn: &mut Conn,
    caller: &Identity,
    code: &str,
    if_match: &IfMatch,
    change: &ChangeAgency,
    today: NaiveDate,
) -> Result<AgencyView> {
    revision::bump(conn, CATALOGUE)?;
    let tree = store::load_tree(conn)?;
    let agency = get(&tree, code)?;
    if !may_manage(caller, &tree, agency.id) {
        return Err(Code::AgencyOutOfReach.into());
    }
    if_match.check(agency.version)?;
    let mut faults = Faults::default();
    let mut columns = changed(agency, change);
    let mut parent_is_unknown = false;
    if let Some(wanted) = &change.parent {
        let parent = find_parent(&tree, Some(wanted), &mut faults);
        if parent.is_some_and(|parent| !may_manage(caller, &tree, parent.id)) {
            return Err(Code::AgencyOutOfReach.into());
        }
        parent_is_unknown = parent.is_none();
        columns.parent_id = parent.map(|parent| parent.id);
    }
    if let Some(wanted) = &change.successor {
        columns.successor_id = succession::find(&tree, caller, wanted.as_deref(), &mut faults)?;
    }
    check(&tree, Some(agency), &columns, parent_is_unknown, today, &mut faults);
    succession::check(&tree, agency, &columns, &mut faults);
    faults.into_result()?;
    let moved = columns.parent_id != agency.parent;
    store::update_agency(conn, agency.id, agency.version, &columns, moved)?;
    let id = agency.id;
    let tree = store::load_tree(conn)?;
    Ok(AgencyView::of(tree.agency(id)?, &tree))
}

/// The agency with the change, where it stands still the old one's.
pub(super) fn changed(agency: &Agency, change: &ChangeAgency) -> AgencyColumns {
    fn or<T: Clone>(given: Option<&Option<T>>, old: Option<&T>) -> Option<T> {
        given.map_or(old, Option::as_ref).cloned()
    }
    AgencyColumns {
        code: agency.code.clone(),
        official: change.official.unwrap_or(agency.official),
        name: change.name.clone().unwrap_or_else(|| agency.name.clone()),
        kind: agency.kind,
        function: or(change.function.as_ref(), agency.function.as_ref()),
        parent_id: agency.parent,
        valid_from: or(change.valid_from.as_ref(), agency.valid_from.as_ref()),
        valid_to: or(change.valid_to.as_ref(), agency.valid_to.as_ref()),
        hotline: or(change.hotline.as_ref(), agency.hotline.as_ref()),
        email: or(change.email.as_ref(), agency.email.as_ref()),
        address: or(change.address.as_ref(), agency.address.as_ref()),
        gso_code: or(change.gso_code.as_ref(), agency.gso_code.as_ref()),
        latitude: or(change.latitude.as_ref(), agency.latitude.as_ref()),
        longitude: or(change.longitude.as_ref(), agency.longitude.as_ref()),
        after_cutoff_counts_next_day: change
            .after_cutoff_counts_next_day
            .unwrap_or(agency.after_cutoff_counts_next_day),
        successor_id: agency.successor,
    }
}

fn find_parent<'a>(tree: &'a Tree, code: Option<&str>, faults: &mut Faults) -> Option<&'a Agency> {
    let code = code?;
    let found = tree.by_code(code);
    if found.is_none() {
        faults.add("/parent", Code::UnknownAgency, Code::UnknownAgency.title());
    }
    found
}

/// Holds what is to be written against the rules. `old` is the agency as it stands; `parent_is_unknown`: it was told
/// already that the parent does not exist.
fn check(
    tree: &Tree,
    old: Option<&Agency>,
    new: &AgencyColumns,
    parent_is_unknown: bool,
    today: NaiveDate,
    faults: &mut Faults,
) {
    let parent = new.parent_id.and_then(|id| tree.get(id)).map(|parent| {
        ParentFacts {
            kind: parent.kind,
            // An agency stays where it is although what is above it has ended; only a new place must be open.
            valid_from: parent.valid_from.filter(|_| old.is_none_or(|old| old.parent != new.parent_id)),
            valid_to: parent.valid_to.filter(|_| old.is_none_or(|old| old.parent != new.parent_id)),
            is_below: old.is_some_and(|old| tree.is_within(parent.id, old.id)),
        }
    });
    let place = Place {
        code: &new.code,
        official: new.official,
        kind: new.kind,
        function: new.function.as_deref(),
        parent,
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        latitude: new.latitude,
        longitude: new.longitude,
    };
    for (pointer, refusal) in rules::check(&place, today) {
        if !(parent_is_unknown && refusal == Refusal::ParentRequired) {
            tell(pointer, refusal, faults);
        }
    }
    // An end that is moved or set must not leave agencies below without anything above them.
    if let (Some(old), Some(end)) = (old, new.valid_to)
        && old.valid_to != Some(end)
    {
        let children = tree.below(old.id).iter().filter(|agency| agency.parent == Some(old.id));
        if !rules::may_end(end, children.map(|child| child.valid_to)) {
            tell("/valid_to", Refusal::ChildrenOpen, faults);
        }
    }
}

fn tell(pointer: &str, refusal: Refusal, faults: &mut Faults) {
    let (code, detail) = match refusal {
        Refusal::CodeForm => (
            Code::InvalidFormat,
            (
                "Mã gồm các nhóm chữ số và chữ in hoa, cách nhau bằng dấu chấm",
                "Groups of digits and capitals with dots between",
            ),
        ),
        Refusal::NotOfficialForm => (
            Code::InvalidValue,
            (
                "Mã chính thức phải theo QCVN 102:2016/BTTTT hoặc Quyết định 20/2020/QĐ-TTg",
                "An official code has the form of QCVN 102:2016 or of Decision 20/2020",
            ),
        ),
        Refusal::FunctionForm => {
            (Code::InvalidFormat, ("Chữ thường, chữ số và dấu gạch nối", "Small letters, digits and hyphens"))
        }
        Refusal::ParentRequired => (
            Code::Required,
            ("Chỉ cấp tỉnh không có cơ quan cấp trên", "Only a province has nothing above it"),
        ),
        Refusal::KindBelowKind => (
            Code::InvalidValue,
            (
                "Loại cơ quan này không trực thuộc loại cơ quan đó",
                "An agency of this kind does not stand below one of that kind",
            ),
        ),
        Refusal::Circle => (
            Code::InvalidValue,
            (
                "Cơ quan không thể trực thuộc chính mình hoặc cấp dưới của mình",
                "An agency cannot stand below itself",
            ),
        ),
        Refusal::ParentClosed => (
            Code::AgencyClosed,
            (
                "Cơ quan cấp trên không có hiệu lực vào ngày đó",
                "The agency above is not in force on that day",
            ),
        ),
        Refusal::EndsBeforeItBegins => (
            Code::InvalidValue,
            ("Ngày kết thúc phải sau ngày bắt đầu", "The end must come after the beginning"),
        ),
        Refusal::ChildrenOpen => (
            Code::InvalidValue,
            (
                "Còn cơ quan trực thuộc có hiệu lực sau ngày đó",
                "Agencies directly below it would still be in force after that day",
            ),
        ),
        Refusal::OffTheGlobe => (Code::OutOfRange, ("Tọa độ nằm ngoài khoảng cho phép", "Off the globe")),
        Refusal::HalfAPlace => {
            (Code::Required, ("Vĩ độ và kinh độ phải đi cùng nhau", "Latitude and longitude come together"))
        }
    };
    faults.add(pointer, code, detail);
}

/// The agencies that are wanted, by code.
pub(super) fn list_agencies<'a>(
    tree: &'a Tree,
    filter: &'a ListAgencies,
) -> Result<impl Iterator<Item = &'a Agency> + use<'a>> {
    let mut problem = None;
    let mut find = |name: &str, code: Option<&String>| {
        let agency = tree.by_code(code?);
        if agency.is_none() {
            let so_far = problem.take().unwrap_or_else(|| Problem::new(Code::InvalidQuery));
            problem = Some(so_far.error(
                format!("/query/{name}"),
                Code::UnknownAgency,
                Code::UnknownAgency.title(),
            ));
        }
        agency.map(|agency| agency.id)
    };
    let parent = find("parent", filter.parent.as_ref());
    let within = find("within", filter.within.as_ref());
    match problem {
        Some(problem) => Err(problem),
        None => Ok(tree.after_code("").filter(move |agency| filter.wants(agency, tree, parent, within))),
    }
}

/// The agency with this code, or 404.
pub(super) fn get<'a>(tree: &'a Tree, code: &str) -> Result<&'a Agency> {
    tree.by_code(code).ok_or_else(|| Problem::new(Code::NotFound))
}

/// Whom a dossier can be assigned to at an agency, for people of it or of one above it.
pub(super) fn list_officers(
    conn: &mut Conn,
    caller: &Identity,
    tree: &Tree,
    code: &str,
) -> Result<OfficersView> {
    let agency = get(tree, code)?;
    if !tree.is_within(agency.id, caller.agency_id) {
        return Err(Code::AgencyOutOfReach.into());
    }
    let officers = accounts::list_officers(conn, agency.id)?;
    Ok(OfficersView { items: officers.into_iter().map(Into::into).collect() })
}

/// The hours that hold for an agency, and the version of its own.
pub(super) fn working_hours(conn: &mut Conn, tree: &Tree, code: &str) -> Result<WorkingHoursView> {
    let agency = get(tree, code)?;
    let hours = store::load_hours(conn)?;
    let rows = |id: AgencyId| (id, hours.get(&id).map(Vec::as_slice).unwrap_or_default());
    let chain: Vec<_> = tree.upward(agency.id).map(|above| rows(above.id)).collect();
    let version = version_of(rows(agency.id).1);
    Ok(WorkingHoursView::of(agency, in_force(&chain), version, tree))
}

fn version_of(rows: &[HoursFrom]) -> i64 {
    rows.iter().map(|row| row.version).max().unwrap_or(0)
}

/// Sets an agency's hours from a day on, for an administrator of it.
pub(super) fn change_working_hours(
    conn: &mut Conn,
    caller: &Identity,
    code: &str,
    if_match: &IfMatch,
    submit: &SubmitWorkingHours,
) -> Result<WorkingHoursView> {
    revision::bump(conn, CATALOGUE)?;
    let tree = store::load_tree(conn)?;
    let agency = get(&tree, code)?;
    if !may_manage(caller, &tree, agency.id) {
        return Err(Code::AgencyOutOfReach.into());
    }
    let hours = store::load_hours(conn)?;
    if_match.check(version_of(hours.get(&agency.id).map(Vec::as_slice).unwrap_or_default()))?;
    put_working_hours(conn, agency.id, submit)?;
    working_hours(conn, &tree, code)
}

/// Sets an agency's hours from a day on by the rules, whoever asks for it: for imports and the sample year.
///
/// # Errors
/// 422 `invalid_body` with all faults.
pub fn put_working_hours(conn: &mut Conn, agency: AgencyId, submit: &SubmitWorkingHours) -> Result<()> {
    let mut faults = Faults::default();
    for (pointer, refusal) in submit.hours.iter().flat_map(|week| week.check("/hours")) {
        let (code, detail) = match refusal {
            WeekRefusal::NeverOpen => (
                Code::TooFewItems,
                (
                    "Từ thứ Hai đến thứ Sáu, ngày nào cũng phải có giờ mở cửa",
                    "Every day from Monday to Friday must be open",
                ),
            ),
            WeekRefusal::TooManyPeriods => {
                (Code::TooManyItems, ("Tối đa 4 khoảng giờ một ngày", "At most 4 periods a day"))
            }
            WeekRefusal::NeverCloses => (
                Code::OutOfRange,
                (
                    "Một ngày phải có giờ đóng cửa",
                    "A day must have a closing time: it is open around the clock",
                ),
            ),
            WeekRefusal::ClosesBeforeOpening => (
                Code::InvalidValue,
                ("Giờ đóng cửa phải sau giờ mở cửa", "The end must come after the beginning"),
            ),
            WeekRefusal::Overlap => (
                Code::InvalidValue,
                (
                    "Các khoảng giờ phải theo thứ tự, không chồng và không chạm nhau",
                    "Periods stand in order and neither overlap nor touch",
                ),
            ),
        };
        faults.add(pointer, code, detail);
    }
    faults.into_result()?;
    revision::bump(conn, CATALOGUE)?;
    let rows = store::load_hours(conn)?;
    let version = version_of(rows.get(&agency).map(Vec::as_slice).unwrap_or_default()) + 1;
    let row = HoursFrom { effective_from: submit.effective_from, week: submit.hours.clone(), version };
    Ok(store::put_hours(conn, agency, &row)?)
}
