//! The reading log: every full reading, no other, and durable when it has to be.

use serde_json::{Value, json};

use crate::support::{
    DISTRICT, TAN_LONG, TAN_MY, Test, address, birth, on_both_engines, text, within_seconds,
};

/// `Kiểm tra theo kế hoạch`
const REASON: &str = "Ki%E1%BB%83m%20tra%20theo%20k%E1%BA%BF%20ho%E1%BA%A1ch";

async fn log(t: &Test, query: &str) -> Vec<Value> {
    let inspector = t.as_("inspector@thanh-binh").await;
    let page = inspector.get(&format!("/audit/access?{query}")).await.expect(200);
    page["items"].as_array().unwrap().clone()
}

/// Who, by what, which.
fn told(items: &[Value]) -> Vec<(&str, &str, &str)> {
    items.iter().map(|it| (text(it, "/caller/name"), text(it, "/operation"), text(it, "/dossier"))).collect()
}

on_both_engines! {
    async fn full_readings_are_logged_and_no_others(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let code = address(&dossier);
        let path = format!("/dossiers/{code}");
        let inspector = t.as_("inspector@thanh-binh").await;
        inspector.get(&path).await.expect(200);
        inspector.get(&format!("{path}/events")).await.expect(200);
        inspector.get("/dossiers").await.expect(200);
        t.as_("clerk@tan-my").await.get(&path).await.problem(404, "not_found");
        clerk.get(&format!("{path}/legs")).await.expect(200);
        assert_eq!(log(&t, "").await, [] as [Value; 0], "intake, masked views and refusals are no full readings");

        // Of the receiver itself: within a second, whatever else happens.
        clerk.get(&path).await.expect(200);
        assert!(within_seconds(2, || async { t.count("readings") == 1 }).await);
        // By whoever inspects: before the answer, with the reason.
        inspector.get(&path).header("X-Access-Reason", REASON).await.expect(200);
        assert_eq!(t.count("readings"), 2);
        inspector.get(&format!("{path}/events")).header("X-Access-Reason", REASON).await.expect(200);
        inspector.get(&format!("{path}/deadline")).header("X-Access-Reason", REASON).await.expect(200);
        inspector.get("/dossiers").header("X-Access-Reason", REASON).await.expect(200);
        inspector.post("/dossiers/search", json!({"q": "Hoa"})).header("X-Access-Reason", REASON).await.expect(200);
        let items = log(&t, "").await;
        assert_eq!(told(&items), [
            ("inspector@thanh-binh", "search_dossiers", code),
            ("inspector@thanh-binh", "list_dossiers", code),
            ("inspector@thanh-binh", "get_dossier_deadline", code),
            ("inspector@thanh-binh", "list_dossier_events", code),
            ("inspector@thanh-binh", "get_dossier", code),
            ("clerk@tan-long", "get_dossier", code),
        ]);
        assert_eq!(items[4]["reason"], "Kiểm tra theo kế hoạch");
        assert_eq!(items[5]["reason"], Value::Null);
        assert_eq!(items[4]["at"], "2019-03-04T08:00:00+07:00");
        assert_eq!(items[4]["caller"]["agency"]["code"], DISTRICT);
        assert_eq!(items[4]["caller"]["kind"], "account");
    }

    async fn another_agency_waits_for_its_line(t: Test) {
        let dossier = t.as_("clerk@tan-long").await.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        // The leader above neither received nor holds it.
        t.as_("leader@thanh-binh").await.see(&dossier).await.expect(200);
        assert_eq!(t.count("readings"), 1);
        t.as_client().await.see(&dossier).await.expect(200);
        assert_eq!(t.count("readings"), 2);
        let items = log(&t, "client=province").await;
        assert_eq!(items[0]["caller"]["kind"], "client");
        assert_eq!(items[0]["caller"]["agency"]["code"], "000.00.00.H20");
    }

    async fn what_waits_is_written_before_the_server_stops(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        clerk.see(&dossier).await.expect(200);
        t.restart().await;
        assert_eq!(t.count("readings"), 1);
    }

    async fn one_line_for_each_dossier_of_a_list(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        for _ in 0..3 {
            clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        }
        clerk.get("/dossiers?limit=2").await.expect(200);
        assert!(within_seconds(2, || async { t.count("readings") == 2 }).await);
        let inspector = t.as_("inspector@thanh-binh").await;
        let first = inspector.get("/audit/access?limit=1&count=true").await.expect(200);
        assert_eq!(first["total"], 2);
        let path = format!("/audit/access?limit=1&cursor={}", text(&first, "/next_cursor"));
        let second = inspector.get(&path).await.expect(200);
        assert_eq!(second["next_cursor"], Value::Null);
        assert_ne!(first["items"][0]["dossier"], second["items"][0]["dossier"]);
    }

    async fn it_is_narrowed_by_every_parameter(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let first = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let second = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let leader = t.as_("leader@thanh-binh").await;
        leader.see(&first).await.expect(200);
        leader.see(&second).await.expect(200);
        t.at("2019-03-05T09:00");
        t.as_("leader@tan-long").await.see(&first).await.expect(200);
        t.as_client().await.get(&format!("/dossiers?agency={TAN_LONG}")).await.expect(200);
        for (query, lines) in [
            (String::new(), 5),
            (format!("dossier={}", address(&first)), 3),
            (format!("dossier={}", text(&second, "/id")), 2),
            ("account=leader@thanh-binh".to_owned(), 2),
            ("client=province".to_owned(), 2),
            (format!("agency={TAN_LONG}"), 1),
            (format!("agency={DISTRICT}"), 3),
            ("operation=list_dossiers".to_owned(), 2),
            ("from=2019-03-05".to_owned(), 3),
            ("to=2019-03-05".to_owned(), 2),
            (format!("from=2019-03-04&to=2019-03-05&account=leader@thanh-binh&dossier={}", address(&first)), 1),
        ] {
            assert_eq!(log(&t, &query).await.len(), lines, "{query}");
        }
        let inspector = t.as_("inspector@thanh-binh").await;
        for (query, fault) in [
            ("account=nobody", "/query/account invalid_value"),
            ("client=nobody", "/query/client invalid_value"),
            ("account=leader@thanh-binh&client=province", "/query/client invalid_value"),
            ("agency=000.99.99.H99", "/query/agency unknown_agency"),
            ("operation=guess", "/query/operation not_one_of"),
            ("from=yesterday", "/query/from invalid_format"),
            ("who=me", "/query/who unknown_field"),
        ] {
            assert_eq!(inspector.get(&format!("/audit/access?{query}")).await.faults(), [fault], "{query}");
        }
        inspector.get("/audit/access?dossier=000.33.31.H20-190304-9999").await.problem(404, "not_found");
        inspector.get("/audit/access?cursor=abc").await.problem(422, "cursor_invalid");
    }

    async fn an_inspector_sees_what_his_subtree_received(t: Test) {
        let theirs = t.as_("clerk@tan-my").await.post("/dossiers", birth(TAN_MY)).await.expect(201);
        let ours = t.as_("clerk@tan-long").await.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let leader = t.as_("leader@thanh-binh").await;
        leader.see(&theirs).await.expect(200);
        leader.see(&ours).await.expect(200);
        assert_eq!(log(&t, "").await.len(), 2);
        t.tamper(&format!(
            "UPDATE accounts SET agency_id = (SELECT id FROM agencies WHERE code = '{TAN_LONG}') \
             WHERE username = 'inspector@thanh-binh'"
        ));
        t.at("2019-03-04T10:00");
        let items = log(&t, "").await;
        assert_eq!(told(&items), [("leader@thanh-binh", "get_dossier", address(&ours))]);
        let inspector = t.as_("inspector@thanh-binh").await;
        let path = format!("/audit/access?dossier={}", address(&theirs));
        inspector.get(&path).await.problem(404, "not_found");
    }

    async fn reasons_lie_sealed(t: Test) {
        let dossier = t.as_("clerk@tan-long").await.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        t.as_("inspector@thanh-binh").await.see(&dossier).header("X-Access-Reason", REASON).await.expect(200);
        assert_eq!(t.count("readings WHERE reason IS NOT NULL"), 1);
        assert_eq!(t.count("readings WHERE reason LIKE '%tra%theo%'"), 0);
    }
}
