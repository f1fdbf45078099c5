//! The catalogue on a database: drafts, publishing, the version of a day, the snapshot.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{service, *};
use crate::{
    access::{Identity, Role, Scope},
    agencies::{
        Tree,
        tests::{admin_at, database, day, faults, plant, submit, with},
    },
    db::{Conn, Instant},
    http::{Code, IfMatch, Problem},
};

fn now() -> Instant {
    "2019-03-04T08:30:00+07:00".parse().unwrap()
}

fn procedure(effective_from: &str) -> Value {
    json!({
        "code": "1.001612", "name": "Đăng ký thành lập hộ kinh doanh", "field": {"code": "hkd", "name": "Hộ kinh doanh"},
        "levels": ["district"], "online_level": "partial", "time_limit": {"amount": 3, "unit": "working_days"},
        "fees": [{"code": "LP", "name": "Lệ phí", "amount": 100_000, "per": "dossier"}],
        "components": [{"code": "GDN", "name": "Giấy đề nghị", "originals": 1}],
        "route": [
            {"key": "tckh", "name": "Thẩm định", "agency": "parent/tckh", "role": "officer",
             "time_limit": {"amount": 1.5, "unit": "working_days"}},
            {"key": "thue", "name": "Mã số thuế", "agency": "receiver", "role": "officer",
             "time_limit": {"amount": 1, "unit": "working_days"}}
        ],
        "approval": "leader", "supplement_clock": "restart", "effective_from": effective_from
    })
}

fn draft(conn: &mut Conn, tree: &Tree, from: &str) -> Result<Version, Problem> {
    let mut body = procedure(from);
    body["name"] = json!(format!("Đăng ký hộ kinh doanh từ {from}"));
    service::create_version(conn, &admin_at(tree, "H20"), "1.001612", &submit(body))
}

fn publish(conn: &mut Conn, tree: &Tree, number: i32) -> Result<Version, Problem> {
    service::publish_version(conn, &admin_at(tree, "H20"), "1.001612", number, &IfMatch::default(), now())
}

#[test]
fn a_draft_counts_once_it_is_published() {
    let (db, _folder) = database();
    with(&db, |conn| {
        let tree = plant(conn);
        let admin = admin_at(&tree, "H20");
        service::create_procedure(conn, &admin, &submit(procedure("2019-01-01"))).unwrap();
        let today = day("2019-03-04");
        assert!(Catalogue::load(conn).unwrap().procedures.current("1.001612", today).is_none());
        let stranger = Identity::sample(tree.by_code("H20.1.2").unwrap().id, &[Role::Clerk], &[]);
        assert!(service::list_versions(conn, &stranger, &tree, "1.001612").is_err());
        assert_eq!(service::list_versions(conn, &admin, &tree, "1.001612").unwrap().len(), 1);

        assert_eq!(publish(conn, &tree, 1).unwrap().published_at, Some(now()));
        assert_eq!(publish(conn, &tree, 1).unwrap_err().code(), Code::VersionPublished);
        assert_eq!(publish(conn, &tree, 2).unwrap_err().code(), Code::NotFound);
        let catalogue = Catalogue::load(conn).unwrap();
        let current = catalogue.procedures.current("1.001612", today).unwrap();
        assert_eq!(catalogue.procedures.version(current.id).unwrap().content.route.len(), 2);
        assert_eq!(current.content.route[0].time_limit.amount().halves(), 3);
        assert!(catalogue.procedures.current("1.001612", day("2018-12-31")).is_none());
        assert_eq!(service::list_versions(conn, &stranger, &tree, "1.001612").unwrap().len(), 1);
    });
}

#[test]
fn the_next_version_ends_the_one_before() {
    let (db, _folder) = database();
    with(&db, |conn| {
        let tree = plant(conn);
        insert_published(conn, &submit(procedure("2019-01-01")), now()).unwrap();
        for (number, from) in [(2, "2020-01-01"), (3, "2020-01-01"), (4, "2019-06-01")] {
            assert_eq!(draft(conn, &tree, from).unwrap().number, number);
        }
        publish(conn, &tree, 2).unwrap();
        publish(conn, &tree, 3).unwrap();
        assert_eq!(publish(conn, &tree, 4).unwrap_err().code(), Code::Conflict);
        let procedures = Catalogue::load(conn).unwrap().procedures;
        let number = |on: &str| procedures.current("1.001612", day(on)).map(|version| version.number);
        assert_eq!(number("2018-12-31"), None);
        assert_eq!(number("2019-12-31"), Some(1));
        assert_eq!(number("2020-01-01"), Some(3), "the second was replaced on its first day");
        let spans: Vec<_> = procedures
            .versions_of(procedures.by_code("1.001612").unwrap())
            .map(|version| version.effective_to)
            .collect();
        assert_eq!(spans, [Some(day("2020-01-01")), Some(day("2020-01-01")), None]);
    });
}

#[test]
fn the_catalogue_is_written_at_a_province() {
    let (db, _folder) = database();
    with(&db, |conn| {
        let tree = plant(conn);
        let body = submit(procedure("2019-01-01"));
        let province = tree.by_code("H20").unwrap().id;
        let reader = Identity::sample(province, &[Role::Integration], &[Scope::DossiersRead]);
        for caller in [admin_at(&tree, "H20.1"), reader] {
            assert_eq!(service::create_procedure(conn, &caller, &body).unwrap_err().code(), Code::Forbidden);
        }
        let writer = Identity::sample(province, &[Role::Integration], &[Scope::CatalogWrite]);
        service::create_procedure(conn, &writer, &body).unwrap();
        let again = service::create_procedure(conn, &writer, &body).unwrap_err();
        assert_eq!(faults(&again), [("/code", Code::Duplicate)]);
    });
}

#[test]
fn every_fault_of_a_version_has_its_place() {
    let (db, _folder) = database();
    with(&db, |conn| {
        let tree = plant(conn);
        let mut body = procedure("2019-01-01");
        body["levels"] = json!(["district", "department", "district"]);
        body["fees"] = json!([
            {"code": "LP", "name": "a", "amount": 10, "per": "copy", "max": 5},
            {"code": "LP", "name": "b", "amount": 10, "per": "copy", "exemptions": [""]}
        ]);
        body["components"] = json!([{"code": "A", "name": "a"}]);
        body["route"][0]["agency"] = json!("nobody");
        body["route"][1]["agency"] = json!("H20.9");
        body["route"][1]["parallel_with"] = json!("later");
        body["effective_to"] = json!("2019-01-01");
        body["field"] = json!({"code": "new"});
        let refused = service::create_procedure(conn, &admin_at(&tree, "H20"), &submit(body)).unwrap_err();
        assert_eq!(
            faults(&refused),
            [
                ("/field/name", Code::Required),
                ("/levels/1", Code::NotOneOf),
                ("/levels/2", Code::Duplicate),
                ("/fees/0/max", Code::OutOfRange),
                ("/fees/1/code", Code::Duplicate),
                ("/fees/1/exemptions/0", Code::TooLong),
                ("/components/0/originals", Code::InvalidValue),
                ("/route/0/agency", Code::InvalidRoute),
                ("/route/1/agency", Code::UnknownAgency),
                ("/route/1/parallel_with", Code::InvalidRoute),
                ("/effective_to", Code::InvalidValue),
            ]
        );
        let mut long = procedure("2019-01-01");
        long["route"][1]["time_limit"]["amount"] = json!(1.5);
        let refused = service::create_procedure(conn, &admin_at(&tree, "H20"), &submit(long)).unwrap_err();
        assert_eq!(faults(&refused), [("/route", Code::InvalidRoute)]);
        let mut halves = procedure("2019-01-01");
        halves["route"] = json!([]);
        halves["time_limit"]["amount"] = json!(2.5);
        let refused = service::create_procedure(conn, &admin_at(&tree, "H20"), &submit(halves)).unwrap_err();
        assert_eq!(faults(&refused), [("/time_limit/amount", Code::InvalidValue)]);
    });
}

#[test]
fn a_snapshot_is_kept_until_something_changes() {
    let (db, _folder) = database();
    let cache = CatalogueCache::default();
    with(&db, |conn| {
        plant(conn);
        let first = cache.get(conn).unwrap();
        assert!(Arc::ptr_eq(&first, &cache.get(conn).unwrap()));
        insert_published(conn, &submit(procedure("2019-01-01")), now()).unwrap();
        let second = cache.get(conn).unwrap();
        assert!(second.procedures.by_code("1.001612").is_some());
        assert!(first.procedures.by_code("1.001612").is_none(), "whoever has the old one keeps it");
    });
}
