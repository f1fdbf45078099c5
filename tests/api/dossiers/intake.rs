//! Intake through all channels, and codes without gaps or doubles.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{
    CERTIFIED_COPY, DISTRICT, MARITAL_STATUS, TAN_LONG, TAN_MY, all, applicant, birth, intake,
    marital_status, on_both_engines, text, with,
};

on_both_engines! {
    async fn at_the_counter_a_dossier_is_received_at_once(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let answer = clerk.post("/dossiers", marital_status(TAN_LONG)).await;
        let dossier = answer.expect(201);
        assert_eq!(dossier["code"], format!("{TAN_LONG}-190304-0001"));
        assert_eq!(
            answer.header("location"),
            Some(format!("/api/v1/dossiers/{TAN_LONG}-190304-0001").as_str())
        );
        assert_eq!(
            (dossier["status"].as_str(), dossier["national_status"].as_i64()),
            (Some("received"), Some(2))
        );
        assert_eq!(dossier["procedure"]["code"], MARITAL_STATUS);
        assert_eq!(dossier["procedure"]["field"]["code"], "ho-tich");
        for agency in ["agency", "competent_agency", "holder"] {
            assert_eq!(dossier[agency]["code"], TAN_LONG, "{agency}");
        }
        assert_eq!(dossier["received_at"], "2019-03-04T08:00:00+07:00");
        for due in ["due_at", "judged_due_at", "first_due_at"] {
            assert_eq!(dossier[due], "2019-03-07T17:00:00+07:00", "{due}");
        }
        assert_eq!(dossier["applicant"]["phone"], "+84901234567", "E.164");
        assert_eq!((dossier["view"].as_str(), dossier["version"].as_i64()), (Some("full"), Some(1)));
        assert_eq!(dossier["rule_set"], "nd61");
        assert_eq!(dossier["custody"]["party"]["code"], TAN_LONG);
        let actions: BTreeSet<&str> = dossier["allowed_transitions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["action"].as_str().unwrap())
            .collect();
        assert!(actions.contains("request_supplement") && actions.contains("forward"), "{actions:?}");
        assert!(
            !actions.contains("start") && !actions.contains("resolve"),
            "a clerk is no officer: {actions:?}"
        );
        // Form 01, and the secret once.
        assert_eq!(dossier["receipt"]["number"], dossier["code"]);
        let secret = text(&dossier, "/lookup_secret");
        assert!(
            secret.len() == 16 && secret.chars().all(|c| "0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(c)),
            "{secret}"
        );
        assert!(!clerk.see(&dossier).await.text.contains(secret));
    }

    /// An intake is made ready by the catalogue that its copy of the server has last seen, before the transaction looks.
    async fn an_intake_goes_by_the_calendar_that_another_copy_has_just_changed(t: Test) {
        let (clerk, admin) = (t.as_("clerk@tan-long").await, t.as_("admin@thanh-binh").await);
        let before = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        assert_eq!(before["due_at"], "2019-03-07T17:00:00+07:00");
        let (copy, _) = t.another_copy().await;
        let day_off = json!({"date": "2019-03-06", "name": "Ngày nghỉ của xã"});
        let body = json!({"days_off": [day_off], "makeup_workdays": []});
        admin.at(&copy).put(&format!("/holidays/2019?agency={TAN_LONG}"), body).await.expect(200);
        let after = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        assert_eq!(after["due_at"], "2019-03-08T17:00:00+07:00");
        t.expect_changed_calendar();
    }

    async fn every_channel_has_its_beginning(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        for (channel, status) in [
            ("counter", "received"),
            ("at_home", "received"),
            ("online", "submitted"),
            ("postal", "submitted"),
        ] {
            let dossier =
                clerk.post("/dossiers", with(birth(TAN_LONG), json!({"channel": channel}))).await.expect(201);
            assert_eq!(dossier["status"], status, "{channel}");
            assert_eq!(dossier["code"].is_null(), status == "submitted", "{channel}");
            assert_eq!(dossier["due_at"].is_null(), status == "submitted", "{channel}");
        }
        let post = t.as_("post_clerk@buu-dien-tan-long").await;
        let dossier = post
            .post("/dossiers", with(birth(TAN_LONG), json!({"channel": "post_office"})))
            .await
            .expect(201);
        assert_eq!(
            (dossier["status"].as_str(), dossier["agency"]["code"].as_str()),
            (Some("received"), Some(TAN_LONG))
        );
    }

    async fn a_submission_has_a_reference_until_it_is_accepted(t: Test) {
        let client = t.as_client().await;
        let dossier =
            client.post("/dossiers", with(birth(TAN_LONG), json!({"channel": "online"}))).await.expect(201);
        assert_eq!(dossier["reference"], format!("{TAN_LONG}-T-190304-0001"));
        assert_eq!((dossier["code"].is_null(), dossier["national_status"].as_i64()), (true, Some(1)));
        // Eight working hours: the desk is open seven hours a day from eight on.
        assert_eq!(dossier["accept_due_at"], "2019-03-05T08:00:00+07:00");
        t.at("2019-03-04T10:00");
        let clerk = t.as_("clerk@tan-long").await;
        let accepted = clerk.act(&dossier, json!({"action": "accept"})).await.expect(200);
        assert_eq!(
            (accepted["code"].as_str(), accepted["status"].as_str()),
            (Some(&*format!("{TAN_LONG}-190304-0001")), Some("received"))
        );
        assert_eq!(accepted["received_at"], "2019-03-04T10:00:00+07:00");
        assert_eq!(accepted["submitted_at"], "2019-03-04T08:00:00+07:00");
        // All three names find it.
        for name in [text(&accepted, "/code"), text(&dossier, "/reference"), text(&dossier, "/id")] {
            assert_eq!(
                clerk.get(&format!("/dossiers/{name}")).await.expect(200)["id"],
                dossier["id"],
                "{name}"
            );
        }
    }

    async fn staff_intake_may_wait_for_acceptance(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier =
            clerk.post("/dossiers", with(birth(TAN_LONG), json!({"accept": false}))).await.expect(201);
        assert_eq!((dossier["status"].as_str(), dossier["code"].is_null()), (Some("submitted"), true));
        clerk.act(&dossier, json!({"action": "accept"})).await.expect(200);
    }

    async fn codes_have_neither_gaps_nor_doubles(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let neighbour = t.as_("clerk@tan-my").await;
        // A third of them is refused on the way: no number may be lost with them.
        let answers = all((0..96).map(|n| {
            let (clerk, neighbour) = (clerk.clone(), neighbour.clone());
            async move {
                match n % 6 {
                    0 | 3 => clerk.post("/dossiers", with(birth(TAN_LONG), json!({"components": []}))).await,
                    5 => neighbour.post("/dossiers", birth(TAN_MY)).key(&format!("k{n}")).await,
                    _ => clerk.post("/dossiers", birth(TAN_LONG)).key(&format!("k{n}")).await,
                }
            }
        }))
        .await;
        let codes = |agency: &str| -> BTreeSet<String> {
            let made = answers
                .iter()
                .filter(|answer| answer.status == 201)
                .map(|answer| answer.json()["code"].as_str().unwrap().to_owned());
            made.filter(|code| code.starts_with(agency)).collect()
        };
        let expected = |agency: &str, count: u32| -> BTreeSet<String> {
            (1..=count).map(|n| format!("{agency}-190304-{n:04}")).collect()
        };
        assert!(answers.iter().all(|answer| answer.is_one_of(&[201, 422])), "{answers:?}");
        assert_eq!(codes(TAN_LONG), expected(TAN_LONG, 48));
        assert_eq!(codes(TAN_MY), expected(TAN_MY, 16));
    }

    async fn each_day_begins_with_one(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        t.at("2019-03-05T00:00");
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        assert_eq!(dossier["code"], format!("{TAN_LONG}-190305-0001"));
        // A local day, not one of UTC: it is still the fourth there.
        assert_eq!(dossier["received_at"], "2019-03-05T00:00:00+07:00");
    }

    async fn after_9999_there_are_five_digits(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        t.tamper("UPDATE numbers SET last = 9998");
        let codes: Vec<String> = [
            clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201),
            clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201),
        ]
        .iter()
        .map(|it| it["code"].as_str().unwrap().to_owned())
        .collect();
        assert_eq!(codes, [format!("{TAN_LONG}-190304-9999"), format!("{TAN_LONG}-190304-10000")]);
        // The leap above is a gap, which the recount rightly tells.
        t.expect_findings("up to number 10000");
    }

    async fn fees_follow_the_catalogue(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let body = with(
            intake(CERTIFIED_COPY, TAN_LONG, &["BC", "BS"]),
            json!({"fees": [{"code": "CT1", "quantity": 2}, {"code": "CT2", "quantity": 3, "paid": true, "method": "cash", "receipt_number": "0012"}]}),
        );
        let dossier = clerk.post("/dossiers", body).await.expect(201);
        assert_eq!(
            (dossier["fees"][0]["amount"].as_i64(), dossier["fees"][1]["amount"].as_i64()),
            (Some(4000), Some(3000))
        );
        assert_eq!(dossier["receipt"]["fees_total"], 7000);
        let unknown = with(birth(TAN_LONG), json!({"fees": [{"code": "XX", "quantity": 1}]}));
        let faults = clerk.post("/dossiers", unknown).await.faults();
        assert!(faults[0].starts_with("/fees/0/code "), "{faults:?}");
    }

    async fn the_receiver_need_not_be_competent(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let body = with(marital_status(TAN_LONG), json!({"competent_agency": TAN_MY}));
        // Until 2025-07-01 (nd61) the clock starts with the reception all the same.
        let dossier = clerk.post("/dossiers", body.clone()).await.expect(201);
        assert_eq!(
            (dossier["competent_agency"]["code"].as_str(), dossier["due_at"].as_str()),
            (Some(TAN_MY), Some("2019-03-07T17:00:00+07:00"))
        );
        // From then on (nd118) the competent agency's acknowledgement starts it.
        t.at("2025-07-07T08:00");
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", body).await.expect(201);
        assert_eq!((dossier["rule_set"].as_str(), dossier["due_at"].is_null()), (Some("nd118"), true));
        assert_eq!(dossier["expected_due_at"], "2025-07-10T17:00:00+07:00");
        assert!(dossier["receipt"]["due_at"].is_string());
        let officer = t.as_("officer@tan-long").await;
        officer.act(&dossier, json!({"action": "start"})).await.problem(409, "clock_not_started");
        officer
            .act(&dossier, json!({"action": "resolve", "result": "granted"}))
            .await
            .problem(409, "clock_not_started");
        clerk.act(&dossier, json!({"action": "forward", "to_agency": TAN_MY})).await.expect(200);
        t.at("2025-07-08T09:00");
        let there =
            t.as_("officer@tan-my").await.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        assert_eq!(
            (there["due_at"].as_str(), there["holder"]["code"].as_str()),
            (Some("2025-07-11T17:00:00+07:00"), Some(TAN_MY))
        );
    }

    async fn who_may_take_in_for_whom(t: Test) {
        let other = t.as_("clerk@tan-my").await;
        other.post("/dossiers", birth(TAN_LONG)).await.problem(403, "agency_out_of_reach");
        t.as_("clerk@thanh-binh")
            .await
            .post("/dossiers", birth(TAN_LONG))
            .await
            .problem(403, "agency_out_of_reach");
        let post = t.as_("post_clerk@buu-dien-tan-long").await;
        let at_the_post = |agency: &str| with(birth(agency), json!({"channel": "post_office"}));
        post.post("/dossiers", at_the_post(TAN_MY)).await.problem(403, "not_delegated");
        // Certified copies are not for the post.
        let copies = with(intake(CERTIFIED_COPY, TAN_LONG, &["BC", "BS"]), json!({"channel": "post_office"}));
        post.post("/dossiers", copies).await.problem(403, "not_delegated");
        post.post("/dossiers", at_the_post(TAN_LONG)).await.expect(201);
        for nobody in ["officer@tan-long", "leader@tan-long", "inspector@thanh-binh", "admin@thanh-binh"] {
            t.as_(nobody).await.post("/dossiers", birth(TAN_LONG)).await.problem(403, "forbidden");
        }
        t.anonymous().post("/dossiers", birth(TAN_LONG)).await.problem(401, "unauthenticated");
        t.as_client_with("dossiers:read")
            .await
            .post("/dossiers", birth(TAN_LONG))
            .await
            .problem(403, "forbidden");
        assert_eq!(t.count("dossiers"), 1);
    }

    async fn a_late_entry_carries_its_time_and_its_actions(t: Test) {
        t.at("2019-03-06T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        let late = with(
            birth(TAN_LONG),
            json!({
                "received_at": "2019-03-04T10:30:00+07:00", "late_entry_reason": "Mất điện",
                "actions": [{"action": "request_supplement", "occurred_at": "2019-03-04T11:00:00+07:00", "items": [{"code": "GCS"}], "reason": "Thiếu giấy"}],
            }),
        );
        let dossier = clerk.post("/dossiers", late).await.expect(201);
        assert_eq!(dossier["code"], format!("{TAN_LONG}-190304-0001"), "the code of that day");
        assert_eq!(
            (dossier["received_at"].as_str(), dossier["status"].as_str()),
            (Some("2019-03-04T10:30:00+07:00"), Some("awaiting_supplement"))
        );
        assert!(dossier["marks"].as_array().unwrap().contains(&"late_entry".into()));
        let events = clerk.get(&format!("/dossiers/{}/events", text(&dossier, "/code"))).await.expect(200);
        assert_eq!(events["items"][0]["occurred_at"], "2019-03-04T10:30:00+07:00");
        assert_eq!(events["items"][0]["recorded_at"], "2019-03-06T09:00:00+07:00");
    }

    async fn a_late_entry_has_limits(t: Test) {
        t.at("2019-03-06T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        let late = |at: &str, reason: Option<&str>| {
            with(birth(TAN_LONG), json!({"received_at": at, "late_entry_reason": reason}))
        };
        for (at, reason, fault) in [
            ("2019-03-06T09:00:01+07:00", Some("x"), "/received_at in_the_future"),
            ("2019-02-28T16:00:00+07:00", Some("x"), "/received_at too_far_back"),
            ("2019-03-05T09:00:00+07:00", None, "/late_entry_reason late_entry_reason_required"),
        ] {
            assert_eq!(clerk.post("/dossiers", late(at, reason)).await.faults(), [fault]);
        }
        clerk.post("/dossiers", late("2019-03-01T07:00:00+07:00", Some("x"))).await.expect(201);
    }

    async fn newborns_and_organisations_have_no_identity_number(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        for changes in [
            json!({"applicant": {"kind": "person", "full_name": "Nguyễn Văn Sơ Sinh"}}),
            json!({"applicant": {"kind": "person", "full_name": "John Doe", "identity_document": {"type": "passport", "number": "C1234567"}}}),
            json!({"applicant": {"kind": "organization", "full_name": "Hợp tác xã Tân Long", "tax_code": "1400123456"}}),
        ] {
            clerk.post("/dossiers", with(birth(TAN_LONG), changes)).await.expect(201);
        }
        let nine = with(applicant(), json!({"identity_number": "341234567"}));
        clerk.post("/dossiers", with(birth(TAN_LONG), json!({"applicant": nine}))).await.expect(201);
    }

    async fn a_district_takes_in_for_itself(t: Test) {
        let clerk = t.as_("clerk@thanh-binh").await;
        let dossier = clerk.post("/dossiers", crate::support::business()).await.expect(201);
        assert_eq!(dossier["agency"]["code"], DISTRICT);
        let legs: Vec<&str> =
            dossier["legs"].as_array().unwrap().iter().map(|leg| leg["key"].as_str().unwrap()).collect();
        assert_eq!(legs, ["tckh", "thue"]);
    }
}
