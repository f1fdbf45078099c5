//! Each action of the contract's table: from which states, by whom, with what effect.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{
    BIRTH, Client, DISTRICT, TAN_LONG, TAN_MY, Test, address, birth, business, marital_status,
    on_both_engines, with,
};

/// Every action with a body that is right in form.
fn every_action() -> Vec<(&'static str, Value)> {
    let person = json!({"full_name": "Nguyễn Thị Hoa"});
    vec![
        ("ask_completion", json!({"items": [{"code": "TK"}], "reason": "Thiếu chữ ký"})),
        ("accept", json!({})),
        ("decline", json!({"reason": "Không thuộc thẩm quyền"})),
        ("request_withdrawal", json!({"reason": "Không cần nữa"})),
        ("withdraw", json!({"reason": "Theo yêu cầu"})),
        ("keep", json!({"reason": "Đổi ý"})),
        ("start", json!({})),
        ("assign", json!({"lead": "officer@tan-long"})),
        ("forward", json!({"to_agency": DISTRICT})),
        ("recall", json!({"reason": "Gửi nhầm"})),
        ("acknowledge", json!({})),
        ("send_back", json!({"reason": "Chưa đủ"})),
        ("open_leg", json!({"key": "y-kien", "name": "Ý kiến", "agency": TAN_MY})),
        ("finish_leg", json!({"key": "y-kien"})),
        ("request_supplement", json!({"items": [{"code": "LH"}], "reason": "Thiếu giấy"})),
        ("supplement", json!({})),
        ("request_payment", json!({"amount": 15000, "reason": "Lệ phí"})),
        ("confirm_payment", json!({"receipt_number": "0012"})),
        ("propose", json!({"result": "granted"})),
        ("extend", json!({"new_due_at": "2019-03-11T17:00:00+07:00", "reason": "Xác minh"})),
        ("resolve", json!({"result": "granted"})),
        ("replace_result", json!({"reason": "Sai tên"})),
        ("return_result", json!({"by": "counter", "recipient": person})),
        ("hand_back", json!({})),
        (
            "correct",
            json!({"reason": "Nhập sai", "procedure": BIRTH, "components": [{"code": "TK", "originals": 1}, {"code": "GCS", "originals": 1}]}),
        ),
        ("stop", json!({"reason": "Hết căn cứ"})),
    ]
}

fn act(name: &str) -> Value {
    let (_, body) = every_action().into_iter().find(|(it, _)| *it == name).unwrap();
    with(body, json!({"action": name}))
}

/// The desk and the officer of Tân Long, and the leader above them all: together they may do whatever is possible.
struct Staff {
    clerk: Client,
    officer: Client,
    leader: Client,
}

impl Staff {
    async fn of(t: &Test) -> Staff {
        Staff {
            clerk: t.as_("clerk@tan-long").await,
            officer: t.as_("officer@tan-long").await,
            leader: t.as_("leader@thanh-binh").await,
        }
    }

    /// What any of them may do now.
    async fn allowed(&self, dossier: &Value) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for caller in [&self.clerk, &self.officer, &self.leader] {
            let seen = caller.see(dossier).await.expect(200);
            let allowed = seen["allowed_transitions"].as_array().cloned().unwrap_or_default();
            all.extend(allowed.iter().map(|it| it["action"].as_str().unwrap().to_owned()));
        }
        all
    }

    /// A new dossier that these actions were done to, each by whoever of them may.
    async fn dossier(&self, intake: Value, actions: &[&str]) -> Value {
        let mut dossier = self.clerk.post("/dossiers", intake).await.expect(201);
        for name in actions {
            let mut done = None;
            for caller in [&self.officer, &self.clerk, &self.leader] {
                let answer = caller.act(&dossier, act(name)).await;
                if answer.status == 200 {
                    done = Some(answer.json());
                    break;
                }
                assert!(answer.is_one_of(&[403]), "{name}: {answer:?}");
            }
            dossier = done.unwrap_or_else(|| panic!("nobody may {name}"));
        }
        dossier
    }
}

/// The contract's table: how a state is reached, and what leads on from it.
fn states() -> Vec<(&'static str, bool, &'static [&'static str], &'static [&'static str])> {
    vec![
        ("submitted", false, &[], &["ask_completion", "accept", "decline", "request_withdrawal"]),
        (
            "received",
            true,
            &[],
            &[
                "request_withdrawal",
                "start",
                "assign",
                "forward",
                "request_supplement",
                "extend",
                "resolve",
                "correct",
                "stop",
            ],
        ),
        ("declined", false, &["decline"], &["hand_back"]),
        (
            "in_transfer",
            true,
            &["forward"],
            &["request_withdrawal", "assign", "recall", "acknowledge", "send_back", "correct", "stop"],
        ),
        (
            "processing",
            true,
            &["start"],
            &[
                "request_withdrawal",
                "assign",
                "forward",
                "open_leg",
                "finish_leg",
                "request_supplement",
                "request_payment",
                "propose",
                "extend",
                "resolve",
                "correct",
                "stop",
                "send_back",
            ],
        ),
        (
            "awaiting_supplement",
            true,
            &["request_supplement"],
            &["request_withdrawal", "assign", "supplement", "correct", "stop"],
        ),
        (
            "awaiting_payment",
            true,
            &["start", "request_payment"],
            &["request_withdrawal", "assign", "confirm_payment", "correct", "stop"],
        ),
        (
            "withdrawal_requested",
            true,
            &["request_withdrawal"],
            &["withdraw", "keep", "assign", "correct", "stop"],
        ),
        ("withdrawn", true, &["request_withdrawal", "withdraw"], &["hand_back"]),
        ("stopped", true, &["stop"], &["hand_back"]),
        ("resolved", true, &["start", "resolve"], &["return_result", "replace_result", "hand_back"]),
        ("returned", true, &["start", "resolve", "return_result"], &["replace_result", "hand_back"]),
    ]
}

on_both_engines! {
    async fn every_action_from_every_state(t: Test) {
        let staff = Staff::of(&t).await;
        for (state, accepted, way, leads_on) in states() {
            let intake = with(marital_status(TAN_LONG), json!({"accept": accepted}));
            for (name, _) in every_action() {
                let dossier = staff.dossier(intake.clone(), way).await;
                assert_eq!(dossier["status"], state);
                let allowed = staff.allowed(&dossier).await;
                let mut answers = Vec::new();
                for caller in [&staff.clerk, &staff.officer, &staff.leader] {
                    let answer = caller.act(&dossier, act(name)).await;
                    let status = answer.status;
                    answers.push(answer);
                    if status == 200 {
                        break;
                    }
                }
                let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
                if !leads_on.contains(&name) {
                    assert!(statuses.iter().all(|status| *status == 409), "{name} from {state}: {answers:?}");
                    let problem = answers[0].problem(409, "transition_not_allowed");
                    assert!(problem["allowed_transitions"].is_array(), "{problem}");
                    assert!(!allowed.contains(name), "{name} is offered in {state}");
                } else if allowed.contains(name) {
                    // Offered: then somebody may. (finish_leg and send_back need more than the state: they are not.)
                    assert!(statuses.contains(&200) || statuses.contains(&422), "{name} from {state}: {answers:?}");
                }
                // Whatever happened, nobody got a 500, and what was refused changed nothing.
                assert!(statuses.iter().all(|status| *status < 500), "{name} from {state}: {answers:?}");
            }
        }
    }

    async fn a_certified_copy_goes_over_the_desk_in_one_call(t: Test) {
        let staff = Staff::of(&t).await;
        let dossier = staff.clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let done = staff.officer.act(&dossier, json!([{"action": "start"}, act("resolve")])).await.expect(200);
        assert_eq!((done["status"].as_str(), done["national_status"].as_i64(), done["version"].as_i64()), (Some("resolved"), Some(9), Some(3)));
        let returned = staff.clerk.act(&dossier, act("return_result")).await.expect(200);
        assert_eq!((returned["status"].as_str(), returned["national_status"].as_i64()), (Some("returned"), Some(10)));
        assert_eq!(returned["custody"]["party"]["kind"], "citizen");
    }

    async fn an_array_is_done_whole_or_not_at_all(t: Test) {
        let staff = Staff::of(&t).await;
        let dossier = staff.clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let answer = staff.officer.act(&dossier, json!([{"action": "start"}, act("propose"), act("return_result")])).await;
        assert!(answer.is_one_of(&[403, 409]), "{answer:?}");
        let same = staff.officer.see(&dossier).await.expect(200);
        assert_eq!((same["status"].as_str(), same["version"].as_i64()), (Some("received"), Some(1)));
        let events = staff.officer.get(&format!("/dossiers/{}/events", address(&dossier))).await.expect(200);
        assert_eq!(events["items"].as_array().unwrap().len(), 1);
    }

    async fn who_does_what(t: Test) {
        let staff = Staff::of(&t).await;
        let inspector = t.as_("inspector@thanh-binh").await;
        let dossier = staff.clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        staff.clerk.act(&dossier, act("start")).await.problem(403, "wrong_role");
        staff.clerk.act(&dossier, act("resolve")).await.problem(403, "wrong_role");
        staff.officer.act(&dossier, act("stop")).await.problem(403, "wrong_role");
        staff.officer.act(&dossier, act("extend")).await.problem(403, "wrong_role");
        staff.officer.act(&dossier, act("start")).await.expect(200);
        staff.officer.act(&dossier, act("correct")).await.problem(403, "wrong_role");
        inspector.act(&dossier, act("stop")).await.problem(403, "forbidden");
        // The leader of the district acts for any agency below his own; the neighbour's does not even see it.
        staff.leader.act(&dossier, act("extend")).await.expect(200);
        t.as_("leader@tan-my").await.act(&dossier, act("stop")).await.problem(404, "not_found");
        // A machine does what an applicant may.
        let client = t.as_client().await;
        client.act(&dossier, act("resolve")).await.problem(403, "wrong_role");
        client.act(&dossier, act("request_withdrawal")).await.expect(200);
    }

    async fn a_leader_approves_where_the_version_says_so(t: Test) {
        let clerk = t.as_("clerk@thanh-binh").await;
        let officer = t.as_("officer@tckh").await;
        let leader = t.as_("leader@thanh-binh").await;
        let dossier = clerk.post("/dossiers", business()).await.expect(201);
        clerk.act(&dossier, json!({"action": "forward"})).await.expect(200);
        officer.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        officer.act(&dossier, act("resolve")).await.problem(403, "approval_required");
        officer.act(&dossier, act("propose")).await.expect(200);
        let done = leader.act(&dossier, act("resolve")).await.expect(200);
        assert_eq!((done["status"].as_str(), done["result"].as_str()), (Some("resolved"), Some("granted")));
    }

    async fn a_refusal_is_a_result(t: Test) {
        let staff = Staff::of(&t).await;
        let dossier = staff.dossier(marital_status(TAN_LONG), &["start"]).await;
        let refused = staff.officer.act(&dossier, json!({"action": "resolve", "result": "refused", "reason": "Không đủ điều kiện"})).await.expect(200);
        assert_eq!((refused["status"].as_str(), refused["result"].as_str(), refused["outcome"].as_str()), (Some("resolved"), Some("refused"), Some("early")));
    }

    async fn a_withdrawal_is_granted_or_not(t: Test) {
        let staff = Staff::of(&t).await;
        let dossier = staff.dossier(marital_status(TAN_LONG), &["request_supplement", "request_withdrawal"]).await;
        assert_eq!((dossier["national_status"].as_i64(), dossier["is_paused"].as_bool()), (Some(7), Some(true)), "the clock stays as it was");
        let kept = staff.clerk.act(&dossier, act("keep")).await.expect(200);
        assert_eq!((kept["status"].as_str(), kept["is_paused"].as_bool()), (Some("awaiting_supplement"), Some(true)));
        staff.clerk.act(&dossier, act("request_withdrawal")).await.expect(200);
        let gone = staff.clerk.act(&dossier, act("withdraw")).await.expect(200);
        assert_eq!((gone["status"].as_str(), gone["national_status"].as_i64(), gone["outcome"].is_null()), (Some("withdrawn"), Some(8), true));
        let back = staff.clerk.act(&dossier, act("hand_back")).await.expect(200);
        assert_eq!((back["status"].as_str(), back["custody"]["party"]["kind"].as_str()), (Some("withdrawn"), Some("citizen")));
    }

    async fn a_completion_is_asked_once(t: Test) {
        let staff = Staff::of(&t).await;
        let dossier = staff.clerk.post("/dossiers", with(birth(TAN_LONG), json!({"channel": "online"}))).await.expect(201);
        let asked = staff.clerk.act(&dossier, act("ask_completion")).await.expect(200);
        assert_eq!((asked["status"].as_str(), asked["is_paused"].as_bool()), (Some("submitted"), Some(false)));
        staff.clerk.act(&dossier, act("ask_completion")).await.problem(409, "transition_not_allowed");
        let accepted = staff.clerk.act(&dossier, json!({"action": "accept", "components": [{"code": "TK", "originals": 1}, {"code": "GCS", "originals": 2}]})).await.expect(200);
        assert_eq!(accepted["components"][1]["originals"], 2);
    }

    async fn assigning_names_an_officer_of_the_holder(t: Test) {
        let staff = Staff::of(&t).await;
        let leader = t.as_("leader@tan-long").await;
        let dossier = staff.clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        let assigned = leader.act(&dossier, json!({"action": "assign", "lead": "officer@tan-long", "following": ["leader@tan-long"]})).await.expect(200);
        assert_eq!((assigned["assignee"].as_str(), assigned["status"].as_str()), (Some("officer@tan-long"), Some("received")));
        for nobody in ["officer@tan-my", "clerk@nowhere", "clerk@tan-long"] {
            let answer = leader.act(&dossier, json!({"action": "assign", "lead": nobody})).await;
            assert_eq!(answer.status, 422, "{nobody}: {answer:?}");
        }
        let mine = staff.officer.get("/dossiers?assignee=officer@tan-long&count=true").await.expect(200);
        assert_eq!(mine["total"], 1);
    }

    async fn a_wrong_result_is_replaced_and_the_outcome_stays(t: Test) {
        let staff = Staff::of(&t).await;
        let dossier = staff.dossier(marital_status(TAN_LONG), &["start", "resolve", "return_result"]).await;
        t.at("2019-03-20T09:00");
        let leader = t.as_("leader@thanh-binh").await;
        let replaced = leader.act(&dossier, act("replace_result")).await.expect(200);
        assert_eq!((replaced["status"].as_str(), replaced["outcome"].as_str()), (Some("returned"), Some("early")));
        assert_eq!(replaced["finished_at"], dossier["finished_at"]);
    }

    async fn corrections_move_what_was_entered_wrongly(t: Test) {
        let staff = Staff::of(&t).await;
        let dossier = staff.clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        let name = json!({"action": "correct", "reason": "Sai tên", "applicant": {"kind": "person", "full_name": "Nguyễn Thị Hòa"}});
        let corrected = staff.clerk.act(&dossier, name).await.expect(200);
        assert_eq!((corrected["applicant"]["full_name"].as_str(), corrected["code"].as_str()), (Some("Nguyễn Thị Hòa"), dossier["code"].as_str()));
        let other = staff.clerk.act(&dossier, act("correct")).await.expect(200);
        assert_eq!((other["procedure"]["code"].as_str(), other["due_at"].as_str()), (Some(BIRTH), Some("2019-03-04T17:00:00+07:00")));
        let channel = json!({"action": "correct", "reason": "Nộp tại nhà", "channel": "at_home"});
        assert_eq!(staff.clerk.act(&dossier, channel).await.expect(200)["channel"], "at_home");
        let faults = staff.clerk.act(&dossier, json!({"action": "correct", "reason": "x", "applicant": {"kind": "person", "full_name": "H", "phone": "x"}})).await.faults();
        assert_eq!(faults, ["/applicant/phone invalid_phone"]);
        let nothing = staff.clerk.act(&dossier, json!({"action": "correct", "reason": "x", "procedure": "0.000000"})).await.faults();
        assert_eq!(nothing, ["/procedure unknown_procedure"]);
    }

    async fn two_who_act_at_once_do_not_both_win(t: Test) {
        let staff = Staff::of(&t).await;
        let dossier = staff.dossier(marital_status(TAN_LONG), &["start"]).await;
        let answers = crate::support::all((0..6).map(|_| {
            let (officer, dossier) = (staff.officer.clone(), dossier.clone());
            async move { officer.act(&dossier, act("resolve")).await }
        }))
        .await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
        assert!(answers.iter().all(|answer| answer.is_one_of(&[200, 409])), "{answers:?}");
    }

    async fn actions_without_a_form_of_their_own_are_not_for_callers(t: Test) {
        let staff = Staff::of(&t).await;
        let dossier = staff.clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        for body in [
            json!({"action": "submit"}),
            json!({"action": "refuse_transfer", "reason": "x"}),
            json!({"action": "handoff", "manifest": "x", "office": "x", "to_post": true}),
            json!({"action": "forward", "slip": 1}),
        ] {
            assert_eq!(staff.clerk.act(&dossier, body.clone()).await.status, 422, "{body}");
        }
    }
}
