//! Bad input: all faults at once, each with its pointer, never a 500, and nothing written.

use serde_json::{Value, json};

use crate::support::{BUSINESS, DISTRICT, TAN_LONG, Test, birth, on_both_engines, with};

/// What must not have grown.
const TABLES: [&str; 6] = ["dossiers", "events", "custody", "legs", "numbers", "idempotency"];

fn rows(t: &Test) -> Vec<i64> {
    TABLES.iter().map(|table| t.count(table)).collect()
}

on_both_engines! {
    async fn all_faults_of_an_intake_at_once(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let before = rows(&t);
        let body = json!({
            "procedure": BUSINESS,
            "agency": TAN_LONG,
            "competent_agency": "000.99.99.H99",
            "channel": "counter",
            "applicant": {"kind": "person", "full_name": "Nguyễn Thị Hoa", "identity_number": "12345", "phone": "not a phone", "email": "nobody"},
            "components": [{"code": "GDN", "originals": 1}, {"code": "GDN", "originals": 1}, {"code": "ZZZ", "originals": 1}],
        });
        let answer = clerk.post("/dossiers", body).key("bad").await;
        answer.problem(422, "invalid_body");
        assert_eq!(
            answer.faults(),
            [
                "/agency wrong_level",
                "/applicant/email invalid_format",
                "/applicant/identity_number invalid_identity_number",
                "/applicant/phone invalid_phone",
                "/competent_agency unknown_agency",
                "/components missing_component",
                "/components/1/code duplicate_component",
                "/components/2/code unknown_component",
            ]
        );
        assert_eq!(rows(&t), before);
    }

    async fn what_the_schema_forbids_is_told_at_once(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let body = json!({
            "procedure": 7,
            "channel": "pigeon",
            "applicant": {"kind": "ghost", "full_name": "", "nickname": "H"},
            "components": [{"code": "TK", "originals": -1}, {"code": "GCS", "originals": "một"}],
            "note": "x".repeat(3000),
            "colour": "red",
        });
        let faults = clerk.post("/dossiers", body).await.faults();
        for fault in [
            "/agency required",
            "/applicant/full_name too_short",
            "/applicant/kind not_one_of",
            "/applicant/nickname unknown_field",
            "/channel not_one_of",
            "/colour unknown_field",
            "/components/0/originals out_of_range",
            "/components/1/originals wrong_type",
            "/note too_long",
            "/procedure wrong_type",
        ] {
            assert!(faults.contains(&fault.to_owned()), "{fault} in {faults:#?}");
        }
    }

    async fn bodies_of_every_wrong_type(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        for body in [json!(null), json!(7), json!("text"), json!([]), json!([birth(TAN_LONG)]), json!({})] {
            let answer = clerk.post("/dossiers", body.clone()).await;
            assert_eq!(answer.status, 422, "{body}: {answer:?}");
        }
        for (member, values) in [
            ("procedure", vec![json!(null), json!({}), json!(""), json!("x".repeat(500))]),
            ("agency", vec![json!([]), json!(true), json!("")]),
            ("applicant", vec![json!("Hoa"), json!([]), json!({})]),
            ("components", vec![json!("TK"), json!([[]]), json!([{}]), json!([null])]),
            ("fees", vec![json!({}), json!([{"code": "LP", "quantity": 0}]), json!([{"code": "LP", "amount": -1}]), json!([{"code": "LP", "amount": 1e30}])]),
            ("received_at", vec![json!("yesterday"), json!(0), json!("2019-13-01T00:00:00+07:00"), json!("2019-03-04T08:00:00")]),
            ("external_references", vec![json!([{"system": "dvcqg"}]), json!([7])]),
            ("return_by", vec![json!("pigeon"), json!(1)]),
        ] {
            for value in values {
                let body = {
                    let mut body = birth(TAN_LONG);
                    body[member] = value.clone();
                    body
                };
                let answer = clerk.post("/dossiers", body).await;
                assert_eq!(answer.status, 422, "{member}: {value}: {answer:?}");
                assert!(answer.faults().iter().any(|fault| fault.starts_with(&format!("/{member}"))), "{member}: {answer:?}");
            }
        }
        assert_eq!(t.count("dossiers"), 0);
    }

    async fn unknown_things_are_named(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        for (changes, fault) in [
            (json!({"procedure": "0.000000"}), "/procedure unknown_procedure"),
            (json!({"agency": "000.99.99.H99"}), "/agency unknown_agency"),
            (json!({"competent_agency": "nowhere"}), "/competent_agency unknown_agency"),
            (json!({"components": [{"code": "TK", "originals": 1}]}), "/components missing_component"),
        ] {
            let faults = clerk.post("/dossiers", with(birth(TAN_LONG), changes)).await.faults();
            assert!(faults.contains(&fault.to_owned()), "{fault} in {faults:?}");
        }
        // A procedure of the commune at the district's desk.
        let district = t.as_("clerk@thanh-binh").await;
        assert_eq!(district.post("/dossiers", birth(DISTRICT)).await.faults(), ["/agency wrong_level"]);
    }

    async fn bad_bodies_of_actions(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let officer = t.as_("officer@tan-long").await;
        let dossier = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let before = rows(&t);
        for (action, pointer) in [
            (json!({"action": "fly"}), "/action"),
            (json!({}), "/action"),
            (json!({"action": "start", "speed": 9}), "/speed"),
            (json!({"action": "resolve"}), "/result"),
            (json!({"action": "resolve", "result": "maybe"}), "/result"),
            (json!({"action": "resolve", "result": "refused"}), "/reason"),
            (json!({"action": "propose", "result": "refused", "reason": ""}), "/reason"),
            (json!({"action": "request_supplement", "reason": "x"}), "/items"),
            (json!({"action": "request_supplement", "items": [], "reason": "x"}), "/items"),
            (json!({"action": "request_supplement", "items": [{"code": "TK"}]}), "/reason"),
            (json!({"action": "request_payment", "reason": "x", "amount": "nhiều"}), "/amount"),
            (json!({"action": "request_payment", "reason": "x", "amount": 0}), "/amount"),
            (json!({"action": "extend", "reason": "x", "new_due_at": "later"}), "/new_due_at"),
            (json!({"action": "forward", "to_agency": "000.99.99.H99"}), "/to_agency"),
            (json!([{"action": "start"}, {"action": "resolve"}]), "/1/result"),
            (json!([{"action": "start"}, {"action": "fly"}]), "/1/action"),
        ] {
            let answer = officer.act(&dossier, action.clone()).await;
            assert_eq!(answer.status, 422, "{action}: {answer:?}");
            let faults = answer.faults();
            assert!(faults.iter().any(|fault| fault.starts_with(&format!("{pointer} "))), "{action}: {pointer} in {faults:?}");
        }
        officer.act(&dossier, json!([])).await.expect(422);
        let many: Vec<Value> = (0..1000).map(|_| json!({"action": "start"})).collect();
        officer.act(&dossier, json!(many)).await.expect(422);
        assert_eq!(rows(&t), before);
        assert_eq!(officer.see(&dossier).await.expect(200)["version"], 1);
    }

    async fn only_reasons_that_say_something_count(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        for reason in [json!(""), json!("   "), json!(null), json!(7)] {
            let answer = clerk.act(&dossier, json!({"action": "request_withdrawal", "reason": reason})).await;
            assert_eq!(answer.status, 422, "{reason}: {answer:?}");
        }
    }
}
