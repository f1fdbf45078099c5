//! Where the sample year takes place: the agencies of Thanh Bình, the calendars, the procedures, which post office serves
//! whom, and the accounts of everybody. Through the same rules as the API; the tests live in the same world.
//!
//! The files beside this one say what is published and what is made up. The agencies of 2019 stay in force here: their
//! successors of 2025 belong to the reorganisation and are not loaded.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    access::{
        Role, Scope,
        accounts::{self, NewAccount, NewClient},
    },
    agencies::{self, AgencyId, Tree},
    calendar::{
        self,
        rules::{DayOff, MakeupDay, YearCalendar},
    },
    db::{Conn, Instant},
    http::Problem,
    post, procedures,
};

/// The first day of the sample year, and of every delegation in it.
pub const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2019, 1, 1).expect("a day of the calendar");

/// The machine client's name; its secret is everybody's password.
pub const CLIENT: &str = "province";

/// The people of an agency whose accounts the contract names: which roles, and how the agency is called in user names.
struct Staff {
    agency: String,
    place: String,
    roles: &'static [Role],
}

/// Lays it all into an empty database. `password_hash` becomes everybody's.
///
/// # Errors
/// What the rules or the database refuse, and files that do not fit the program: defects of the program.
pub fn lay(conn: &mut Conn, password_hash: &str, now: Instant) -> Result<(), Problem> {
    let places: Places = read(include_str!("thanh-binh.json"))?;
    for agency in places.agencies() {
        agencies::insert_agency(conn, &submit(agency)?, FIRST_DAY)?;
    }
    for calendar in calendars()? {
        calendar::put_year(conn, &calendar, None)?;
    }
    let catalogue: Listed = read(include_str!("procedures.json"))?;
    for procedure in &catalogue.items {
        procedures::insert_published(conn, &submit(procedure.clone())?, now)?;
    }
    let tree = agencies::load_tree(conn)?;
    for office in &places.post_offices {
        for agency in &office.serves {
            post::delegate(conn, id(&tree, &office.code)?, id(&tree, agency)?, FIRST_DAY)?;
        }
    }
    for staff in places.staff()? {
        let agency_id = id(&tree, &staff.agency)?;
        for &role in staff.roles {
            let account = NewAccount {
                username: format!("{}@{}", role.as_str(), staff.place).parse().map_err(Problem::internal)?,
                full_name: None,
                agency_id,
                roles: vec![role],
            };
            accounts::create_account(conn, &account, password_hash, now)?;
        }
    }
    let client = NewClient {
        client_id: CLIENT.parse().map_err(Problem::internal)?,
        agency_id: id(&tree, text(&places.province, "code")?)?,
        scopes: Scope::ALL.to_vec(),
    };
    accounts::create_client(conn, &client, password_hash, now)?;
    Ok(())
}

/// `thanh-binh.json`.
#[derive(Deserialize)]
struct Places {
    province: Value,
    district: Value,
    departments: Vec<Value>,
    external: Vec<Value>,
    communes: Vec<Value>,
    post_offices: Vec<PostOffice>,
}

#[derive(Deserialize)]
struct PostOffice {
    code: String,
    name: String,
    serves: Vec<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Places {
    /// Every agency, each after the one above it.
    fn agencies(&self) -> impl Iterator<Item = Value> {
        let offices = self.post_offices.iter().map(|office| {
            let mut agency = office.rest.clone();
            agency.insert("code".to_owned(), office.code.clone().into());
            agency.insert("name".to_owned(), office.name.clone().into());
            Value::Object(agency)
        });
        [&self.province, &self.district]
            .into_iter()
            .chain(&self.departments)
            .chain(&self.external)
            .chain(&self.communes)
            .cloned()
            .chain(offices)
    }

    /// Who works where, by the contract's table.
    fn staff(&self) -> Result<Vec<Staff>, Problem> {
        let staff = |agency: &Value, place: &str, roles| {
            Ok::<_, Problem>(Staff { agency: text(agency, "code")?.to_owned(), place: place.to_owned(), roles })
        };
        let mut all = vec![
            staff(&self.province, "dong-thap", &[Role::Admin])?,
            staff(&self.district, "thanh-binh", &[Role::Admin, Role::Clerk, Role::Leader, Role::Inspector])?,
        ];
        for department in self.departments.iter().chain(&self.external) {
            all.push(staff(department, text(department, "function")?, &[Role::Officer])?);
        }
        for commune in &self.communes {
            let place = slug(text(commune, "name")?);
            all.push(staff(commune, &place, &[Role::Clerk, Role::Officer, Role::Leader])?);
        }
        for office in &self.post_offices {
            let place = slug(&office.name);
            all.push(Staff { agency: office.code.clone(), place, roles: &[Role::PostClerk] });
        }
        Ok(all)
    }
}

/// How a place is called in user names: `Xã Tân Quới` is `tan-quoi`, `Thị trấn Thanh Bình` stays `thi-tran-thanh-binh`,
/// because `thanh-binh` is the district, and `Bưu điện văn hóa xã Tân Long` is `buu-dien-tan-long`.
fn slug(name: &str) -> String {
    let folded = crate::db::fold(name);
    let short = folded.strip_prefix("xa ").unwrap_or(&folded);
    short.replace(" van hoa xa ", " ").replace(" huyen ", " ").replace(' ', "-")
}

/// A list in a file whose other members are for readers.
#[derive(Deserialize)]
struct Listed {
    items: Vec<Value>,
}

/// `holidays-vn.json`: all years in one list.
#[derive(Deserialize)]
struct Holidays {
    days_off: Vec<DayOff>,
    makeup_workdays: Vec<MakeupDay>,
}

fn calendars() -> Result<Vec<YearCalendar>, Problem> {
    let holidays: Holidays = read(include_str!("holidays-vn.json"))?;
    let mut years: BTreeMap<i32, YearCalendar> = BTreeMap::new();
    let empty = |year| YearCalendar { year, days_off: Vec::new(), makeup_workdays: Vec::new() };
    for day in holidays.days_off {
        let year = day.date.year();
        years.entry(year).or_insert_with(|| empty(year)).days_off.push(day);
    }
    for day in holidays.makeup_workdays {
        let year = day.date.year();
        years.entry(year).or_insert_with(|| empty(year)).makeup_workdays.push(day);
    }
    Ok(years.into_values().collect())
}

/// What the API would take: the files' members that are for other purposes are left out.
fn submit<T: DeserializeOwned>(item: impl Into<Value>) -> Result<T, Problem> {
    const FOR_OTHERS: [&str; 5] =
        ["successors_2025", "post_transfer_pilot_2019", "serves", "valid_to", "code_is_of_today"];
    let mut item = item.into();
    if let Some(members) = item.as_object_mut() {
        members.retain(|name, _| !FOR_OTHERS.contains(&name.as_str()));
    }
    serde_json::from_value(item).map_err(Problem::internal)
}

fn read<T: DeserializeOwned>(file: &str) -> Result<T, Problem> {
    serde_json::from_str(file).map_err(Problem::internal)
}

fn text<'a>(item: &'a Value, member: &'static str) -> Result<&'a str, Problem> {
    item.get(member).and_then(Value::as_str).ok_or_else(|| Problem::internal(Lacking(member)))
}

fn id(tree: &Tree, code: &str) -> Result<AgencyId, Problem> {
    tree.by_code(code).map(|agency| agency.id).ok_or_else(|| Problem::internal(Lacking("an agency that is named")))
}

/// A file lacks something.
#[derive(Debug, thiserror::Error)]
#[error("the sample data lack {0}")]
struct Lacking(&'static str);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_are_those_of_the_contract() {
        let places: Places = read(include_str!("thanh-binh.json")).unwrap();
        let names: Vec<String> = places.staff().unwrap().into_iter().map(|staff| staff.place).collect();
        for place in [
            "dong-thap", "thanh-binh", "tu-phap", "vpdk", "cong-an", "thi-tran-thanh-binh", "tan-quoi", "tan-long",
            "buu-dien-thanh-binh", "buu-dien-tan-thanh", "buu-dien-binh-thanh", "buu-dien-tan-long",
        ] {
            assert!(names.iter().any(|name| name == place), "{place} is not in {names:?}");
        }
        assert_eq!(names.len(), 2 + 8 + 3 + 13 + 4);
    }

    #[test]
    fn there_is_a_calendar_for_each_year() {
        let years: Vec<i32> = calendars().unwrap().into_iter().map(|calendar| calendar.year).collect();
        assert_eq!(years, (2019..=2027).collect::<Vec<_>>());
    }
}
