//! Dossiers of sensitive procedures: names are for the agencies that handle them, whoever else asks and however.

use serde_json::{Value, json};

use crate::support::{
    Client, DISTRICT, POST_TAN_LONG, TAN_LONG, Test, address, intake, marital_status, on_both_engines, text,
    with,
};

/// Recognition of a poor household: sensitive, and may go by post.
const POVERTY: &str = "1.011607";
/// Percent-encoded: "Kiểm tra theo kế hoạch".
const REASON: &str = "Ki%E1%BB%83m%20tra%20theo%20k%E1%BA%BF%20ho%E1%BA%A1ch";

/// What must not be told: of the applicant, who stands in for him, and who gets the papers.
const PERSONAL: [&str; 8] = [
    "Nguyễn Thị Hoa",
    "Trần Văn Sáu",
    "Lê Thị Bảy",
    "087190001234",
    "901234567",
    "Ấp Tân Hòa",
    "ghi chú riêng",
    "Hoàn cảnh",
];

async fn components(clerk: &Client) -> Vec<String> {
    let procedure = clerk.get(&format!("/procedures/{POVERTY}")).await.expect(200);
    let all = procedure["components"].as_array().unwrap();
    all.iter().map(|it| text(it, "/code").to_owned()).collect()
}

/// A sensitive dossier with a history and a manifest, and beside it an ordinary one of the same applicant.
async fn lived(t: &Test) -> (Value, Value, String) {
    let (clerk, officer) = (t.as_("clerk@tan-long").await, t.as_("officer@tan-long").await);
    let codes = components(&clerk).await;
    let filing = with(
        intake(POVERTY, TAN_LONG, &codes.iter().map(String::as_str).collect::<Vec<_>>()),
        json!({
            "representative": {"full_name": "Trần Văn Sáu", "phone": "0901234567", "relation": "con"},
            "note": "ghi chú riêng",
        }),
    );
    let dossier = clerk.post("/dossiers", filing).await.expect(201);
    let plain = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
    let resolve = json!([{"action": "start"}, {"action": "resolve", "result": "refused", "reason": "Hoàn cảnh đã khá"}]);
    officer.act(&dossier, resolve).await.expect(200);
    let handoff = json!({"direction": "to_post", "office": POST_TAN_LONG, "agency": TAN_LONG, "items": [
        {"dossier": address(&dossier), "recipient": {"full_name": "Lê Thị Bảy"}},
    ]});
    let manifest = clerk.post("/postal/handoffs", handoff).await.expect(201);
    (dossier, plain, text(&manifest, "/id").to_owned())
}

/// Those outside who see much: an inspector with a reason, and the province's machine.
async fn outsiders(t: &Test) -> [(&'static str, Client); 2] {
    [("inspector", t.as_("inspector@thanh-binh").await), ("machine", t.as_client().await)]
}

on_both_engines! {
    async fn outside_the_handling_agencies_nobody_is_named(t: Test) {
        let (dossier, plain, manifest) = lived(&t).await;
        let code = address(&dossier);
        for (who, caller) in outsiders(&t).await {
            for path in [
                format!("/dossiers/{code}"),
                format!("/dossiers/{}", text(&dossier, "/id")),
                format!("/dossiers/{code}/events"),
                format!("/dossiers/{code}/deadline"),
                format!("/dossiers/{code}/legs"),
                format!("/dossiers/{code}/custody"),
                format!("/dossiers?procedure={POVERTY}"),
                format!("/dossiers?agency={DISTRICT}&status=resolved"),
                format!("/postal/handoffs/{manifest}"),
            ] {
                for answer in [caller.get(&path).await, caller.get(&path).header("X-Access-Reason", REASON).await] {
                    // A machine has no custody and no manifests.
                    assert!(answer.status == 200 || who == "machine" && answer.status == 403, "{path}: {answer:?}");
                    for personal in PERSONAL {
                        assert!(!answer.text.contains(personal), "{who} {path}: {personal} in {}", answer.text);
                    }
                }
            }
            let seen = caller.see(&dossier).header("X-Access-Reason", REASON).await.expect(200);
            assert_eq!((&seen["view"], &seen["applicant"]["full_name"]), (&json!("masked"), &json!("***")), "{who}");
            assert_eq!(seen["applicant"]["identity_number"], "*********234");
            let other = caller.see(&plain).header("X-Access-Reason", REASON).await.expect(200);
            assert_eq!((&other["view"], &other["applicant"]["full_name"]), (&json!("full"), &json!("Nguyễn Thị Hoa")));
        }
        for handling in ["clerk@tan-long", "leader@tan-long", "leader@thanh-binh", "post_clerk@buu-dien-tan-long"] {
            let seen = t.as_(handling).await.see(&dossier).await.expect(200);
            assert_eq!((&seen["view"], &seen["applicant"]["full_name"]), (&json!("full"), &json!("Nguyễn Thị Hoa")));
        }
        let own = t.as_("clerk@tan-long").await.get(&format!("/postal/handoffs/{manifest}")).await.expect(200);
        assert_eq!(own["items"][0]["recipient"]["full_name"], "Lê Thị Bảy");
    }

    async fn a_name_or_a_number_does_not_find_it_for_them(t: Test) {
        let (dossier, plain, _) = lived(&t).await;
        let code = address(&dossier);
        for (who, caller) in outsiders(&t).await {
            for q in ["nguyen thi", "Hoa", "%25%25"] {
                let list = caller.get(&format!("/dossiers?count=true&q={q}")).header("X-Access-Reason", REASON).await;
                let list = list.expect(200);
                let expected = i64::from(q != "%25%25");
                assert_eq!(list["total"], expected, "{who} {q}: {list}");
                assert!(!list["items"].to_string().contains(code), "{who} {q}");
            }
            for number in [json!({"identity_number": "087190001234"}), json!({"phone": "0901234567"})] {
                let search = with(number, json!({"count": true}));
                let found = caller.post("/dossiers/search", search.clone()).header("X-Access-Reason", REASON).await;
                let found = found.expect(200);
                assert_eq!((&found["total"], &found["items"][0]["code"]), (&json!(1), &plain["code"]), "{who} {search}");
            }
            // Its code is no name.
            let tail = &code[code.len() - 11..];
            let list = caller.get(&format!("/dossiers?count=true&q={tail}")).await.expect(200);
            assert_eq!((&list["total"], &list["items"][0]["code"]), (&json!(1), &json!(code)), "{who}");
        }
        let clerk = t.as_("clerk@tan-long").await;
        assert_eq!(clerk.get("/dossiers?count=true&q=hoa").await.expect(200)["total"], 2);
        let search = json!({"identity_number": "087190001234", "count": true});
        assert_eq!(clerk.post("/dossiers/search", search).await.expect(200)["total"], 2);
    }

    async fn a_machine_acts_for_an_applicant_whose_name_it_is_not_shown(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let codes = components(&clerk).await;
        let filing = intake(POVERTY, TAN_LONG, &codes.iter().map(String::as_str).collect::<Vec<_>>());
        let dossier = clerk.post("/dossiers", filing).await.expect(201);
        let portal = t.as_client().await;
        let asked = portal.act(&dossier, json!({"action": "request_withdrawal", "reason": "Đổi ý"})).await.expect(200);
        assert_eq!((&asked["status"], &asked["view"]), (&json!("withdrawal_requested"), &json!("masked")));
        assert_eq!(asked["applicant"]["full_name"], "***");
        let inspector = t.as_("inspector@thanh-binh").await;
        inspector.act(&dossier, json!({"action": "keep", "reason": "x"})).await.problem(403, "forbidden");
    }
}
