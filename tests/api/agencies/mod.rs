//! Agencies, their officers and opening hours.

use serde_json::{Value, json};

use crate::support::{DISTRICT, POST_DISTRICT, TAN_LONG, TAN_MY, birth, on_both_engines, with};

const PROVINCE: &str = "000.00.00.H20";

fn new_agency() -> Value {
    json!({"code": "000.09.31.H20", "name": "Phòng Y tế", "kind": "department", "parent": DISTRICT, "function": "y-te"})
}

on_both_engines! {
    async fn all_agencies_are_listed(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let all = clerk.get("/agencies?limit=200&count=true").await.expect(200);
        assert_eq!(all["total"], 2 + 8 + 3 + 13 + 4);
        assert_eq!(all["items"].as_array().unwrap().len(), 30);
        let communes = clerk.get("/agencies?kind=commune&limit=5").await;
        let first = communes.expect(200);
        assert_eq!(first["items"].as_array().unwrap().len(), 5);
        assert!(first["items"].as_array().unwrap().iter().all(|agency| agency["kind"] == "commune"));
        assert!(communes.header("link").unwrap().contains("rel=\"next\""));
        // Every page, no gaps and no repeats.
        let (mut codes, mut cursor) = (Vec::new(), Value::Null);
        loop {
            let page = match cursor.as_str() {
                None => clerk.get("/agencies?kind=commune&limit=5").await.expect(200),
                Some(cursor) => {
                    clerk.get(&format!("/agencies?kind=commune&limit=5&cursor={cursor}")).await.expect(200)
                }
            };
            codes.extend(page["items"].as_array().unwrap().iter().map(|agency| agency["code"].to_string()));
            cursor = page["next_cursor"].clone();
            if cursor.is_null() {
                break;
            }
        }
        let mut unique = codes.clone();
        unique.dedup();
        assert_eq!((codes.len(), unique.len()), (13, 13));
        // The cursor of another list is none of this one.
        let cursor = first["next_cursor"].as_str().unwrap();
        clerk.get(&format!("/procedures?cursor={cursor}")).await.problem(422, "cursor_invalid");
    }

    async fn an_agency_is_read_by_its_code(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let agency = clerk.get(&format!("/agencies/{TAN_LONG}")).await.expect(200);
        assert_eq!(
            (agency["name"].as_str(), agency["kind"].as_str()),
            (Some("Xã Tân Long"), Some("commune"))
        );
        assert_eq!(agency["parent"], DISTRICT);
        assert_eq!(agency["valid_to"], Value::Null, "the agencies of 2019 stay in force");
        clerk.get("/agencies/000.99.99.H99").await.problem(404, "not_found");
    }

    async fn an_administrator_makes_agencies_below_his_own(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let made = admin.post("/agencies", new_agency()).await;
        assert_eq!(made.expect(201)["code"], "000.09.31.H20");
        assert_eq!(made.header("location"), Some("/api/v1/agencies/000.09.31.H20"));
        t.as_("clerk@tan-my").await.get("/agencies/000.09.31.H20").await.expect(200);
        let faults = admin.post("/agencies", new_agency()).await;
        assert!(faults.is_one_of(&[409, 422]), "{faults:?}");
        let elsewhere = with(new_agency(), json!({"code": "000.09.32.H20", "parent": PROVINCE}));
        admin.post("/agencies", elsewhere).await.problem(403, "agency_out_of_reach");
        t.as_("clerk@thanh-binh").await.post("/agencies", new_agency()).await.problem(403, "forbidden");
    }

    async fn all_faults_of_an_agency_at_once(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let body = json!({
            "code": "khong đúng", "name": "", "kind": "ministry", "parent": DISTRICT, "latitude": 91, "colour": "red",
        });
        let answer = admin.post("/agencies", body).await;
        answer.problem(422, "invalid_body");
        let faults = answer.faults();
        for pointer in ["/code", "/name", "/kind", "/latitude", "/colour"] {
            assert!(
                faults.iter().any(|fault| fault.starts_with(&format!("{pointer} "))),
                "{pointer} in {faults:?}"
            );
        }
        assert_eq!(t.count("agencies"), 30);
    }

    async fn an_agency_changes_but_not_its_code(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let path = format!("/agencies/{TAN_LONG}");
        let changed =
            admin.patch(&path, json!({"hotline": "02773833456", "email": "tanlong@example.vn"})).await;
        assert_eq!(changed.expect(200)["hotline"], "02773833456");
        let cleared = admin.patch(&path, json!({"email": null})).await.expect(200);
        assert_eq!(
            (cleared["email"].clone(), cleared["hotline"].as_str()),
            (Value::Null, Some("02773833456"))
        );
        let faults = admin.patch(&path, json!({"code": "X.1"})).await.faults();
        assert!(faults[0].starts_with("/code "), "{faults:?}");
        admin
            .patch(&format!("/agencies/{PROVINCE}"), json!({"hotline": "1022"}))
            .await
            .problem(403, "agency_out_of_reach");
    }

    async fn a_closed_agency_takes_nothing_in(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        admin.patch(&format!("/agencies/{TAN_LONG}"), json!({"valid_to": "2019-04-01"})).await.expect(200);
        let clerk = t.as_("clerk@tan-long").await;
        clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        t.at("2019-04-01T08:00");
        let clerk = t.as_("clerk@tan-long").await;
        let faults = clerk.post("/dossiers", birth(TAN_LONG)).await.faults();
        assert_eq!(faults, ["/agency agency_closed"]);
    }

    async fn officers_are_who_can_be_assigned(t: Test) {
        let leader = t.as_("leader@thanh-binh").await;
        let officers = leader.get(&format!("/agencies/{TAN_LONG}/officers")).await.expect(200);
        let names: Vec<&str> =
            officers["items"].as_array().unwrap().iter().map(|it| it["username"].as_str().unwrap()).collect();
        assert_eq!(names, ["leader@tan-long", "officer@tan-long"]);
        assert!(!officers.to_string().contains("password"), "{officers}");
        let neighbour = t.as_("clerk@tan-my").await;
        neighbour.get(&format!("/agencies/{TAN_LONG}/officers")).await.problem(403, "agency_out_of_reach");
    }

    async fn opening_hours_are_inherited(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let clerk = t.as_("clerk@tan-long").await;
        let path = |code: &str| format!("/agencies/{code}/working-hours");
        let before = clerk.get(&path(TAN_LONG)).await.expect(200);
        assert!(before.to_string().contains("07:00") && before.to_string().contains("13:30"), "{before}");
        let week = json!({
            "effective_from": "2019-04-01",
            "hours": {
                "monday": [{"from": "08:00", "to": "12:00"}], "tuesday": [{"from": "08:00", "to": "12:00"}],
                "wednesday": [{"from": "08:00", "to": "12:00"}], "thursday": [{"from": "08:00", "to": "12:00"}],
                "friday": [{"from": "08:00", "to": "12:00"}], "saturday": [], "sunday": [],
            },
        });
        admin.put(&path(DISTRICT), week.clone()).await.expect(200);
        // In force from its day on, for the district and all below that have none of their own.
        t.at("2019-04-02T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        assert_eq!(dossier["due_at"], "2019-04-02T12:00:00+07:00");
        let admin = t.as_("admin@thanh-binh").await;
        admin.put(&path(PROVINCE), week).await.problem(403, "agency_out_of_reach");
    }

    async fn opening_hours_that_are_none_are_refused(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let put = |monday: Value| {
            let body = json!({"effective_from": "2019-04-01", "hours": {"monday": monday}});
            admin.put(&format!("/agencies/{TAN_MY}/working-hours"), body)
        };
        for monday in [
            json!([{"from": "12:00", "to": "08:00"}]),
            json!([{"from": "08:00", "to": "12:00"}, {"from": "11:00", "to": "13:00"}]),
            json!([{"from": "8 o'clock", "to": "12:00"}]),
            json!([{"from": "25:00", "to": "26:00"}]),
        ] {
            put(monday.clone()).await.problem(422, "invalid_body");
        }
    }

    async fn post_offices_are_agencies_too(t: Test) {
        let clerk = t.as_("post_clerk@buu-dien-thanh-binh").await;
        let office = clerk.get(&format!("/agencies/{POST_DISTRICT}")).await.expect(200);
        assert_eq!(office["kind"], "post_office");
    }
}
