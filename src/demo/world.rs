//! The surroundings of the sample year: agencies, calendar, procedures, delegations and accounts, from the data files
//! beside this one. The agencies of 2019 stay in force; what became of them in 2025 is for the reorganisation.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;

use super::life::By;
use crate::access::accounts::{NewAccount, NewClient, create_account, create_client};
use crate::access::{CallerKind, Identity, Role, Scope};
use crate::agencies::{AgencyId, insert_agency};
use crate::calendar::put_year;
use crate::calendar::rules::{DayOff, MakeupDay, YearCalendar};
use crate::db::{Conn, Instant, PublicId};
use crate::http::Problem;
use crate::post::{NewDelegation, insert_delegation};
use crate::procedures::{SubmitProcedure, insert_published};

/// The province, above all.
pub const PROVINCE: &str = "000.00.00.H20";

/// User names are `<role>@<place>`; these are the places of agencies, beside the functions of departments.
const PLACES: [(&str, &str); 19] = [
    (PROVINCE, "dong-thap"),
    ("000.00.31.H20", "thanh-binh"),
    ("000.21.31.H20", "thi-tran-thanh-binh"),
    ("000.22.31.H20", "tan-quoi"),
    ("000.23.31.H20", "tan-hoa"),
    ("000.24.31.H20", "an-phong"),
    ("000.25.31.H20", "phu-loi"),
    ("000.26.31.H20", "tan-my"),
    ("000.27.31.H20", "binh-tan"),
    ("000.28.31.H20", "tan-hue"),
    ("000.29.31.H20", "tan-binh"),
    ("000.30.31.H20", "tan-thanh"),
    ("000.31.31.H20", "tan-phu"),
    ("000.32.31.H20", "binh-thanh"),
    ("000.33.31.H20", "tan-long"),
    ("VNPOST.874", "buu-dien-thanh-binh"),
    ("VNPOST.30157", "buu-dien-tan-thanh"),
    ("VNPOST.30163", "buu-dien-binh-thanh"),
    ("VNPOST.30166", "buu-dien-tan-long"),
];

/// Who acts in the sample year, and through which post office.
pub struct Cast {
    callers: HashMap<By, Identity>,
    /// The client that hands in what comes online.
    pub client: Identity,
    /// The post office that serves an agency.
    pub post_offices: HashMap<AgencyId, AgencyId>,
    /// Every user name with its agency, in the order of creation.
    pub accounts: Vec<(String, String)>,
}

impl Cast {
    /// Who this is.
    #[must_use]
    pub fn identity(&self, by: By) -> Option<&Identity> {
        self.callers.get(&by)
    }
}

/// The members of `thanh-binh.json` that are loaded.
#[derive(Deserialize)]
struct Agencies {
    province: Value,
    district: Value,
    departments: Vec<Value>,
    external: Vec<Value>,
    communes: Vec<Value>,
    post_offices: Vec<Value>,
}

#[derive(Deserialize)]
struct Procedures {
    items: Vec<Value>,
}

#[derive(Deserialize)]
struct Holidays {
    days_off: Vec<DayOff>,
    makeup_workdays: Vec<MakeupDay>,
}

/// Loads the surroundings into an empty database; everybody gets the same password hash.
///
/// # Errors
/// What the rules of the capabilities refuse, which a test rules out for these files.
pub fn load(conn: &mut Conn, password_hash: &str, now: Instant) -> Result<Cast, Problem> {
    let agencies: Agencies = parse(include_str!("thanh-binh.json"))?;
    let mut cast = Casting { callers: HashMap::new(), accounts: Vec::new(), password_hash, now };
    let mut post_offices = Vec::new();
    let of_2019 = [agencies.province, agencies.district].into_iter();
    let all = of_2019
        .chain(agencies.departments)
        .chain(agencies.external)
        .chain(agencies.communes)
        .chain(agencies.post_offices);
    let mut ids = HashMap::new();
    for agency in all {
        let serves = agency.get("serves").cloned();
        let submit = serde_json::from_value(of_api(agency)).map_err(Problem::internal)?;
        let id = insert_agency(conn, &submit, now.local_day())?;
        ids.insert(submit.code.clone(), id);
        cast.people(conn, id, &submit.code, submit.function.as_deref())?;
        if let Some(serves) = serves {
            let codes: Vec<String> = serde_json::from_value(serves).map_err(Problem::internal)?;
            post_offices.extend(codes.into_iter().map(|served| (id, served)));
        }
    }
    calendars(conn)?;
    for procedure in parse::<Procedures>(include_str!("procedures.json"))?.items {
        let submit: SubmitProcedure = serde_json::from_value(of_api(procedure)).map_err(Problem::internal)?;
        insert_published(conn, &submit, now)?;
    }
    let mut serving = HashMap::new();
    for (office, agency) in post_offices {
        let Some(&agency) = ids.get(&agency) else { continue };
        serving.insert(agency, office);
        let valid_from = NaiveDate::from_ymd_opt(2019, 1, 1).unwrap_or_default();
        insert_delegation(
            conn,
            &NewDelegation { office, agency, procedures: None, valid_from, valid_to: None },
            now,
        )?;
    }
    let province = ids.get(PROVINCE).copied().unwrap_or_default();
    let client = cast.client(conn, province)?;
    Ok(Cast { callers: cast.callers, client, post_offices: serving, accounts: cast.accounts })
}

fn parse<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(Problem::internal)
}

/// Leaves what describes the data but is no member of the API: successors, pilot marks, what the post offices serve. The
/// end of 2025 is left out, so that the agencies of the sample year stay in force.
fn of_api(mut item: Value) -> Value {
    if let Some(members) = item.as_object_mut() {
        for key in [
            "successors_2025",
            "post_transfer_pilot_2019",
            "valid_to",
            "serves",
            "caveat",
            "code_is_of_today",
        ] {
            members.remove(key);
        }
    }
    item
}

fn calendars(conn: &mut Conn) -> Result<(), Problem> {
    use chrono::Datelike;
    let holidays: Holidays = parse(include_str!("holidays-vn.json"))?;
    let years = holidays.days_off.iter().map(|day| day.date.year());
    let years: std::collections::BTreeSet<i32> = years.collect();
    for year in years {
        let calendar = YearCalendar {
            year,
            days_off: holidays.days_off.iter().filter(|day| day.date.year() == year).cloned().collect(),
            makeup_workdays: holidays
                .makeup_workdays
                .iter()
                .filter(|day| day.date.year() == year)
                .cloned()
                .collect(),
        };
        put_year(conn, &calendar, None)?;
    }
    Ok(())
}

struct Casting<'a> {
    callers: HashMap<By, Identity>,
    accounts: Vec<(String, String)>,
    password_hash: &'a str,
    now: Instant,
}

impl Casting<'_> {
    /// The accounts of one agency, as the contract lists them.
    fn people(
        &mut self,
        conn: &mut Conn,
        id: AgencyId,
        code: &str,
        function: Option<&str>,
    ) -> Result<(), Problem> {
        let place = PLACES.iter().find(|(known, _)| *known == code).map(|(_, place)| *place).or(function);
        let Some(place) = place else { return Ok(()) };
        let roles: &[Role] = match code {
            PROVINCE => &[Role::Admin],
            "000.00.31.H20" => &[Role::Admin, Role::Clerk, Role::Leader, Role::Inspector],
            _ if place.starts_with("buu-dien") => &[Role::PostClerk],
            _ if function.is_some() => &[Role::Officer],
            _ => &[Role::Clerk, Role::Officer, Role::Leader],
        };
        for role in roles {
            self.account(conn, id, code, place, *role)?;
        }
        Ok(())
    }

    fn account(
        &mut self,
        conn: &mut Conn,
        agency_id: AgencyId,
        code: &str,
        place: &str,
        role: Role,
    ) -> Result<(), Problem> {
        let name = format!("{role}@{place}");
        let username = name.parse().map_err(Problem::internal)?;
        let new = NewAccount { username, full_name: None, agency_id, roles: vec![role] };
        let key = create_account(conn, &new, self.password_hash, self.now)?;
        let by = match role {
            Role::Clerk => Some(By::Clerk(agency_id)),
            Role::Officer => Some(By::Officer(agency_id)),
            Role::Leader => Some(By::Leader(agency_id)),
            Role::PostClerk => Some(By::PostClerk(agency_id)),
            Role::Admin | Role::Inspector | Role::Integration => None,
        };
        if let Some(by) = by {
            self.callers.insert(
                by,
                identity(CallerKind::Account, key, &name, (agency_id, code), vec![role], Vec::new()),
            );
        }
        self.accounts.push((name, code.to_owned()));
        Ok(())
    }

    fn client(&mut self, conn: &mut Conn, province: AgencyId) -> Result<Identity, Problem> {
        let client_id = "province".parse().map_err(Problem::internal)?;
        let new = NewClient { client_id, agency_id: province, scopes: Scope::ALL.to_vec() };
        let key = create_client(conn, &new, self.password_hash, self.now)?;
        let scopes = Scope::ALL.to_vec();
        Ok(identity(
            CallerKind::Client,
            key,
            "province",
            (province, PROVINCE),
            vec![Role::Integration],
            scopes,
        ))
    }
}

fn identity(
    kind: CallerKind,
    id: i64,
    name: &str,
    agency: (AgencyId, &str),
    roles: Vec<Role>,
    scopes: Vec<Scope>,
) -> Identity {
    Identity {
        kind,
        id,
        // Only idempotency keys are told apart by it, and nobody sends one here.
        public_id: PublicId::with_random(Instant::MIN, [0; 10]),
        name: name.to_owned(),
        agency_id: agency.0,
        agency_code: agency.1.to_owned(),
        roles,
        scopes,
        generation: 1,
        must_change_password: false,
        reason: None,
    }
}
