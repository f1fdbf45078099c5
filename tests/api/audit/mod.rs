//! The audit: who read what, and whether every history is the one that was written.

mod anchors;
mod readings;
mod tampering;

use serde_json::{Value, json};

use crate::support::{TAN_LONG, Test, marital_status};

/// A dossier with a history of four events, the last of them with a personal part.
async fn lived(t: &Test) -> Value {
    let clerk = t.as_("clerk@tan-long").await;
    let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
    let actions = json!([
        {"action": "start"},
        {"action": "propose", "result": "refused", "reason": "Bí mật nhỏ"},
        {"action": "resolve", "result": "refused", "reason": "Bí mật nhỏ"},
    ]);
    t.as_("officer@tan-long").await.act(&dossier, actions).await.expect(200);
    dossier
}

/// Makes the anchor that is due; its day and how many histories it is over.
fn anchor(t: &Test) -> Option<(String, i64)> {
    let made = t.app().bulk(|conn, world| Ok(motcua::audit::anchor_ended_day(conn, world)?)).unwrap();
    made.map(|anchor| (anchor.day.to_string(), anchor.heads))
}
