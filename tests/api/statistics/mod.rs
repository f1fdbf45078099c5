//! Figures, the dossiers behind them, and that nothing wrong is given out.

mod backlog;
mod corruption;
mod histories;
mod integrity;
mod legs;
mod links;
mod on_time;
mod openings;
mod periods;
mod pictures;
mod postal;
mod public;
mod ranking;
mod reports;
mod summary;
mod sums;

use serde_json::{Value, json};

use crate::support::{Client, TAN_LONG, TAN_MY, Test, birth, business, marital_status, with};

/// Asks for the report of the district, or of whatever `query` says.
async fn report(caller: &Client, query: &str) -> Value {
    caller.get(&format!("/statistics/on-time?{query}")).await.expect(200)
}

/// The figure at a path such as `received.online`.
fn figure(row: &Value, path: &str) -> i64 {
    let pointer = format!("/{}", path.replace('.', "/"));
    row.pointer(&pointer).and_then(Value::as_i64).unwrap_or_else(|| panic!("no {path} in {row:#}"))
}

/// The identity that every row keeps.
fn prove(row: &Value) {
    let n = |path: &str| figure(row, path);
    assert_eq!(
        n("carried_over") + n("received.total") + n("moved"),
        n("resolved.total") + n("withdrawn") + n("stopped") + n("pending.total"),
        "{row:#}"
    );
    assert_eq!(
        n("received.total"),
        ["counter", "online", "postal", "post_office", "at_home"]
            .iter()
            .map(|it| n(&format!("received.{it}")))
            .sum::<i64>()
    );
    assert_eq!(n("resolved.total"), n("resolved.early") + n("resolved.on_time") + n("resolved.late"));
    assert_eq!(n("pending.total"), n("pending.in_time") + n("pending.overdue"));
    assert!(n("pending.paused") <= n("pending.in_time"));
    assert_eq!(
        row["on_time_rate"].is_null(),
        n("resolved.total") == 0,
        "never 0, never 100 when nothing was resolved"
    );
}

/// Two weeks of March in three agencies: something of everything. Ends on the 15th at nine.
async fn two_weeks(t: &Test) {
    t.at("2019-03-04T08:00");
    let clerk = t.as_("clerk@tan-long").await;
    let other = t.as_("clerk@tan-my").await;
    let district = t.as_("clerk@thanh-binh").await;
    let client = t.as_client().await;
    let mut made = Vec::new();
    for _ in 0..6 {
        made.push(clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201));
    }
    other.post("/dossiers", birth(TAN_MY)).await.expect(201);
    other.post("/dossiers", with(birth(TAN_MY), json!({"channel": "at_home"}))).await.expect(201);
    district.post("/dossiers", business()).await.expect(201);
    let online = client
        .post("/dossiers", with(marital_status(TAN_LONG), json!({"channel": "online"})))
        .await
        .expect(201);
    let refused = client
        .post("/dossiers", with(marital_status(TAN_LONG), json!({"channel": "online"})))
        .await
        .expect(201);
    client.post("/dossiers", with(birth(TAN_MY), json!({"channel": "online"}))).await.expect(201);
    clerk.act(&online, json!({"action": "accept"})).await.expect(200);
    clerk.act(&refused, json!({"action": "decline", "reason": "Không thuộc thẩm quyền"})).await.expect(200);
    let granted = || json!({"action": "resolve", "result": "granted"});
    t.at("2019-03-06T09:00");
    let officer = t.as_("officer@tan-long").await;
    let clerk = t.as_("clerk@tan-long").await;
    officer.act(&made[0], granted()).await.expect(200);
    clerk
        .act(&made[1], json!({"action": "request_supplement", "items": [{"code": "LH"}], "reason": "Thiếu"}))
        .await
        .expect(200);
    clerk.act(&made[2], json!({"action": "request_withdrawal", "reason": "Thôi"})).await.expect(200);
    clerk.act(&made[2], json!({"action": "withdraw", "reason": "Thôi"})).await.expect(200);
    t.at("2019-03-07T09:00");
    let officer = t.as_("officer@tan-long").await;
    officer.act(&made[3], granted()).await.expect(200);
    t.as_("leader@tan-long")
        .await
        .act(&made[4], json!({"action": "stop", "reason": "Hết căn cứ"}))
        .await
        .expect(200);
    t.at("2019-03-11T09:00");
    let officer = t.as_("officer@tan-long").await;
    officer.act(&made[5], granted()).await.expect(200);
    t.at("2019-03-15T09:00");
}
