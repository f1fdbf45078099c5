//! Random lives of dossiers, through the API.

use serde_json::{Value, json};

use crate::support::{
    DISTRICT, FUNERAL_AID, POST_DISTRICT, POST_TAN_LONG, TAN_LONG, TAN_MY, Test, address, business, intake,
    land_use, marital_status, text, with,
};

/// Recognition of a poor household, which is sensitive, and what it needs.
pub const POVERTY: (&str, [&str; 1]) = ("1.011607", ["GDN"]);
pub const TAN_THANH: &str = "000.30.31.H20";

/// Numbers that look random and are the same in each run (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    pub fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// A dossier of some sort somewhere.
pub async fn take_in(t: &Test, dice: &mut Dice) -> Option<Value> {
    let commune = *dice.of(&[TAN_LONG, TAN_MY, TAN_THANH]);
    let place = match commune {
        TAN_LONG => "tan-long",
        TAN_MY => "tan-my",
        _ => "tan-thanh",
    };
    let (who, body) = match dice.below(7) {
        0 => ("clerk@thanh-binh".to_owned(), business()),
        1 => ("clerk@thanh-binh".to_owned(), land_use()),
        2 => (format!("clerk@{place}"), intake(FUNERAL_AID, commune, &["TK", "KT"])),
        3 => (format!("clerk@{place}"), intake(POVERTY.0, commune, &POVERTY.1)),
        4 if place != "tan-my" => (
            format!("post_clerk@buu-dien-{place}"),
            with(marital_status(commune), json!({"channel": "post_office"})),
        ),
        5 => {
            ("post_clerk@buu-dien-thanh-binh".to_owned(), with(business(), json!({"channel": "post_office"})))
        }
        _ => (format!("clerk@{place}"), marital_status(commune)),
    };
    let made = t.as_(&who).await.post("/dossiers", body.clone()).await;
    assert!(made.status == 201 || body["procedure"] == POVERTY.0, "{who}: {made:?}");
    (made.status == 201).then(|| made.json())
}

/// Sent to a department that has not acknowledged it, if it can be: its slip is all that leads there.
pub async fn send_off(t: &Test, dice: &mut Dice, dossier: &Value) {
    let leader = t.as_("leader@thanh-binh").await;
    let department = format!("000.0{}.31.H20", 1 + dice.below(5));
    for action in [json!({"action": "start"}), json!({"action": "forward", "to_agency": department})] {
        leader.act(dossier, action).await;
    }
}

/// Something is tried with a dossier; what is not possible is refused and no matter.
pub async fn try_something(t: &Test, dice: &mut Dice, dossier: &Value) {
    let leader = t.as_("leader@thanh-binh").await;
    let department = format!("000.0{}.31.H20", 1 + dice.below(5));
    let action = match dice.below(9) {
        0 | 1 => json!({"action": "start"}),
        2 => json!({"action": "forward"}),
        3 => json!({"action": "forward", "to_agency": department}),
        4 | 5 => json!({"action": "acknowledge"}),
        6 => json!({"action": "recall", "reason": "Gửi nhầm"}),
        7 => json!({
            "action": "open_leg", "key": format!("y-kien-{}", dice.below(3)), "name": "Ý kiến", "agency": department,
            "time_limit": {"amount": 1, "unit": "working_days"},
        }),
        _ => json!({"action": "resolve", "result": "granted"}),
    };
    leader.act(dossier, action).await;
    if dice.below(6) == 0 {
        leader
            .act(dossier, json!({"action": "finish_leg", "key": format!("y-kien-{}", dice.below(3))}))
            .await;
    }
    if dice.below(5) == 0 {
        let seen = leader.see(dossier).await.expect(200);
        let (agency, clerk) = match text(&seen, "/agency/code") {
            TAN_LONG => (TAN_LONG, "clerk@tan-long"),
            TAN_MY => (TAN_MY, "clerk@tan-my"),
            TAN_THANH => (TAN_THANH, "clerk@tan-thanh"),
            _ => (DISTRICT, "clerk@thanh-binh"),
        };
        let office = *dice.of(&[POST_DISTRICT, POST_TAN_LONG, "VNPOST.30157"]);
        let clerk = t.as_(clerk).await;
        let body = json!({"direction": "to_post", "office": office, "agency": agency, "items": [{"dossier": address(dossier)}]});
        let made = clerk.post("/postal/handoffs", body).await;
        if made.status == 201 && dice.below(3) == 0 {
            let path = format!("/postal/handoffs/{}/cancel", text(&made.json(), "/id"));
            clerk.post(&path, json!({})).await.expect(200);
        }
    }
}
