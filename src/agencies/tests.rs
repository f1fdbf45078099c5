//! Agencies on a database: the tree and its closure stay together, changes keep to the rules, hours are inherited.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::{QueryDsl, RunQueryDsl};
use serde_json::{Value, json};

use super::{service, store, *};
use crate::{
    access::{Identity, Role},
    db::{Conn, Db, Options, schema::agency_closure},
    http::{Code, IfMatch, Problem},
};

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// An empty database that lives as long as the folder.
pub(crate) fn database() -> (Db, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&format!("sqlite:{}", folder.path().join("test.db").display()), &Options::default())
        .unwrap();
    db.migrate().unwrap();
    (db, folder)
}

pub(crate) fn submit<T: serde::de::DeserializeOwned>(body: Value) -> T {
    serde_json::from_value(body).unwrap()
}

/// A province with a district, a department and a commune in it, by code: P, P.D, P.D.T, P.D.C.
pub(crate) fn plant(conn: &mut Conn) -> Tree {
    for (code, kind, parent, function) in [
        ("H20", "province", None, None),
        ("H20.1", "district", Some("H20"), None),
        ("H20.1.1", "department", Some("H20.1"), Some("tckh")),
        ("H20.1.2", "commune", Some("H20.1"), None),
    ] {
        let body = json!({
            "code": code, "name": format!("Cơ quan {code}"), "kind": kind, "parent": parent, "function": function
        });
        insert_agency(conn, &submit(body), day("2019-01-01")).unwrap();
    }
    load_tree(conn).unwrap()
}

pub(crate) fn admin_at(tree: &Tree, code: &str) -> Identity {
    Identity::sample(tree.by_code(code).unwrap().id, &[Role::Admin], &[])
}

/// Every fault of a refused body.
pub(crate) fn faults(problem: &Problem) -> Vec<(&str, Code)> {
    problem.field_faults().iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect()
}

fn closure(conn: &mut Conn) -> BTreeSet<(i64, i64)> {
    let columns = (agency_closure::ancestor_id, agency_closure::descendant_id);
    agency_closure::table.select(columns).load(conn).unwrap().into_iter().collect()
}

fn closure_of(tree: &Tree) -> BTreeSet<(i64, i64)> {
    let above = |agency: &Agency| tree.upward(agency.id).map(|above| above.id).collect::<Vec<_>>();
    tree.all().iter().flat_map(|agency| above(agency).into_iter().map(|above| (above, agency.id))).collect()
}

/// Runs `work` in one transaction that is kept.
pub(crate) fn with<T>(db: &Db, work: impl FnOnce(&mut Conn) -> T) -> T {
    db.bulk(|conn| Ok::<T, Problem>(work(conn))).unwrap()
}

#[test]
fn the_closure_follows_the_tree() {
    let (db, _folder) = database();
    with(&db, |conn| {
        let tree = plant(conn);
        assert_eq!(closure(conn), closure_of(&tree));
        assert_eq!(closure(conn).len(), 1 + 2 + 3 + 3);
        let admin = admin_at(&tree, "H20");
        let change = submit(json!({"parent": "H20"}));
        let today = day("2019-01-01");
        let moved =
            service::change_agency(conn, &admin, "H20.1.2", &IfMatch::default(), &change, today).unwrap();
        assert_eq!((moved.parent.as_deref(), moved.version), (Some("H20"), 2));
        let tree = load_tree(conn).unwrap();
        assert_eq!(closure(conn), closure_of(&tree));
        assert_eq!(closure(conn).len(), 1 + 2 + 3 + 2);
    });
}

#[test]
fn a_change_keeps_what_it_does_not_name_and_clears_what_is_null() {
    let (db, _folder) = database();
    with(&db, |conn| {
        let tree = plant(conn);
        let admin = admin_at(&tree, "H20.1");
        let mut change = |body: Value| {
            let today = day("2019-01-01");
            service::change_agency(conn, &admin, "H20.1.1", &IfMatch::default(), &submit(body), today)
        };
        let named = change(json!({"hotline": "02773833123", "email": "a@example.vn"})).unwrap();
        assert_eq!(
            (named.hotline.as_deref(), named.email.as_deref()),
            (Some("02773833123"), Some("a@example.vn"))
        );
        let cleared = change(json!({"email": null})).unwrap();
        assert_eq!(
            (cleared.hotline.as_deref(), cleared.email, cleared.version),
            (Some("02773833123"), None, 3)
        );
        assert_eq!(cleared.function.as_deref(), Some("tckh"));
    });
}

#[test]
fn nobody_writes_outside_his_reach() {
    let (db, _folder) = database();
    with(&db, |conn| {
        let tree = plant(conn);
        let commune = admin_at(&tree, "H20.1.2");
        let clerk = Identity::sample(tree.by_code("H20").unwrap().id, &[Role::Clerk], &[]);
        for caller in [&commune, &clerk] {
            let change = submit(json!({"name": "Khác"}));
            let refused = service::change_agency(
                conn,
                caller,
                "H20.1",
                &IfMatch::default(),
                &change,
                day("2019-01-01"),
            );
            assert_eq!(refused.unwrap_err().code(), Code::AgencyOutOfReach);
        }
        let body = submit(json!({"code": "H21", "name": "Tỉnh", "kind": "province"}));
        let refused = service::create_agency(conn, &admin_at(&tree, "H20"), &body, day("2019-01-01"));
        assert_eq!(refused.unwrap_err().code(), Code::Forbidden);
        let refused = service::change_agency(
            conn,
            &admin_at(&tree, "H20"),
            "NO.SUCH",
            &IfMatch::default(),
            &submit(json!({})),
            day("2019-01-01"),
        );
        assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    });
}

#[test]
fn all_faults_are_told_at_once() {
    let (db, _folder) = database();
    with(&db, |conn| {
        let tree = plant(conn);
        let admin = admin_at(&tree, "H20");
        let body = submit(json!({
            "code": "H20.1", "name": "Xã", "kind": "commune", "parent": "NO.SUCH", "latitude": 10.5,
            "valid_from": "2020-01-01", "valid_to": "2019-01-01"
        }));
        let refused = service::create_agency(conn, &admin, &body, day("2019-01-01")).unwrap_err();
        assert_eq!(
            faults(&refused),
            [
                ("/parent", Code::UnknownAgency),
                ("/valid_to", Code::InvalidValue),
                ("/longitude", Code::Required),
                ("/code", Code::Duplicate),
            ]
        );
        let mut change = |code: &str, body: Value| {
            let changed = service::change_agency(
                conn,
                &admin,
                code,
                &IfMatch::default(),
                &submit(body),
                day("2019-01-01"),
            );
            changed
                .map(|_| ())
                .map_err(|problem| problem.field_faults().first().map(|fault| fault.pointer.clone()))
        };
        assert_eq!(change("H20.1", json!({"parent": "H20.1.2"})), Err(Some("/parent".into())));
        assert_eq!(change("H20.1", json!({"valid_to": "2025-07-01"})), Err(Some("/valid_to".into())));
        for below in ["H20.1.1", "H20.1.2"] {
            change(below, json!({"valid_to": "2025-07-01"})).unwrap();
        }
        change("H20.1", json!({"valid_to": "2025-07-01"})).unwrap();
    });
}

#[test]
fn hours_are_inherited_until_set_and_again_when_given_up() {
    let (db, _folder) = database();
    with(&db, |conn| {
        let tree = plant(conn);
        let admin = admin_at(&tree, "H20.1");
        let before = service::working_hours(conn, &tree, "H20.1.2").unwrap();
        assert_eq!((before.version, before.items.len(), before.items[0].is_usual), (0, 1, true));
        let mut put = |code: &str, from: &str, hours: Value| {
            let body = submit(json!({"effective_from": from, "hours": hours}));
            service::change_working_hours(conn, &admin, code, &IfMatch::default(), &body)
        };
        let mut late = Week::usual();
        late.monday.remove(0);
        put("H20.1", "2019-01-01", json!(Week::usual())).unwrap();
        put("H20.1.2", "2019-06-01", json!(late)).unwrap();
        let after = put("H20.1.2", "2020-01-01", Value::Null).unwrap();
        let told: Vec<_> = after
            .items
            .iter()
            .map(|item| (item.effective_from, item.effective_to, item.inherited_from.as_deref()))
            .collect();
        let (d1, d2, d3) = (day("2019-01-01"), day("2019-06-01"), day("2020-01-01"));
        assert_eq!(
            told,
            [
                (None, Some(d1), None),
                (Some(d1), Some(d2), Some("H20.1")),
                (Some(d2), Some(d3), None),
                (Some(d3), None, Some("H20.1")),
            ]
        );
        assert_eq!(after.version, 2);
        let mut never = Week::usual();
        never.friday.clear();
        let refused = put("H20.1.2", "2021-01-01", json!(never)).unwrap_err();
        assert_eq!(faults(&refused), [("/hours/friday", Code::TooFewItems)]);
        assert_eq!(put("H20", "2021-01-01", Value::Null).unwrap_err().code(), Code::AgencyOutOfReach);
    });
}

#[test]
fn a_stale_version_changes_nothing() {
    let (db, _folder) = database();
    with(&db, |conn| {
        let tree = plant(conn);
        let id = tree.by_code("H20.1").unwrap().id;
        let columns =
            service::changed(tree.by_code("H20.1").unwrap(), &super::views::ChangeAgency::default());
        assert!(store::update_agency(conn, id, 1, &columns, false).is_ok());
        assert!(matches!(
            store::update_agency(conn, id, 1, &columns, false),
            Err(crate::db::Error::NotFound)
        ));
    });
}
