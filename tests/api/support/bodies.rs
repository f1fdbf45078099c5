//! Bodies that tests send again and again, all of them right; a test changes what it is about.

use serde_json::{Value, json};

/// The district of the sample world.
pub const DISTRICT: &str = "000.00.31.H20";
/// The commune Tân Long, a pilot with a post office of its own.
pub const TAN_LONG: &str = "000.33.31.H20";
/// The commune Tân Mỹ, its neighbour.
pub const TAN_MY: &str = "000.26.31.H20";
/// The post office of Tân Long.
pub const POST_TAN_LONG: &str = "VNPOST.30166";
/// The post office of the district.
pub const POST_DISTRICT: &str = "VNPOST.874";

/// Same-day, at a commune, without a route; the officer decides.
pub const BIRTH: &str = "1.001193";
/// Three working days, at a commune, without a route; the officer decides.
pub const MARITAL_STATUS: &str = "1.004873";
/// Same-day, certified copies, at commune and district.
pub const CERTIFIED_COPY: &str = "2.000815";
/// Three working days, at the district: tckh, then tax; a leader decides.
pub const BUSINESS: &str = "1.001612";
/// Fifteen calendar days, at the district: tnmt with kt-ht in parallel, then tax; a leader decides.
pub const LAND_USE: &str = "TB.DAT-02";
/// Five working days, at a commune: the commune, then ldtbxh; a leader decides.
pub const FUNERAL_AID: &str = "1.001731";

/// Somebody who applies.
pub fn applicant() -> Value {
    json!({
        "kind": "person",
        "full_name": "Nguyễn Thị Hoa",
        "identity_number": "087190001234",
        "phone": "0901234567",
        "address": "Ấp Tân Hòa, xã Tân Long",
    })
}

/// An intake at the desk.
pub fn intake(procedure: &str, agency: &str, components: &[&str]) -> Value {
    let components: Vec<Value> =
        components.iter().map(|code| json!({"code": code, "originals": 1, "copies": 0})).collect();
    json!({
        "procedure": procedure,
        "agency": agency,
        "channel": "counter",
        "applicant": applicant(),
        "components": components,
    })
}

/// A birth at the desk of a commune.
pub fn birth(agency: &str) -> Value {
    intake(BIRTH, agency, &["TK", "GCS"])
}

/// A confirmation of marital status at the desk of a commune.
pub fn marital_status(agency: &str) -> Value {
    intake(MARITAL_STATUS, agency, &["TK", "LH"])
}

/// A household business at the desk of the district.
pub fn business() -> Value {
    intake(BUSINESS, DISTRICT, &["GDN", "CCCD"])
}

/// A change of land use at the desk of the district, with parallel legs.
pub fn land_use() -> Value {
    intake(LAND_USE, DISTRICT, &["DON", "GCN"])
}

/// The same body with some members replaced; `null` takes one away.
pub fn with(mut body: Value, changes: Value) -> Value {
    let members = body.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    body
}
