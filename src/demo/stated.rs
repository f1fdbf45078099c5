//! What is known of the sample year from outside: published, derived from that, or assumed so that every dossier has a fate.

use serde_json::Value;

use super::plan::DISTRICT;
use crate::World;
use crate::agencies::Kind;
use crate::db::Conn;
use crate::http::Problem;
use crate::statistics::{Basis, Qualifier, StatedFigure, SummaryFigure as F, insert_stated};

/// The year that is stated.
const YEAR: i64 = 2019;

/// Where each figure stands in `year-2019.json`.
const EXACT: [(Kind, F, Basis, &str); 20] = [
    (Kind::District, F::Received, Basis::Published, "/published/district/received"),
    (Kind::District, F::ReceivedByPost, Basis::Published, "/published/district/public_post"),
    (Kind::District, F::ReceivedAtHome, Basis::Published, "/published/district/at_home"),
    (Kind::District, F::CarriedOver, Basis::Assumed, "/assumed/district/carried_over"),
    (Kind::District, F::ResolvedEarly, Basis::Assumed, "/assumed/district/early"),
    (Kind::District, F::ResolvedOnTime, Basis::Assumed, "/assumed/district/on_time"),
    (Kind::District, F::ResolvedLate, Basis::Assumed, "/assumed/district/late"),
    (Kind::District, F::Withdrawn, Basis::Assumed, "/assumed/district/withdrawn"),
    (Kind::District, F::Stopped, Basis::Assumed, "/assumed/district/stopped"),
    (Kind::District, F::PendingPaused, Basis::Assumed, "/assumed/district/open/paused_of_which"),
    (Kind::District, F::PendingOverdue, Basis::Assumed, "/assumed/district/open/overdue"),
    (Kind::District, F::ReceivedAtCounter, Basis::Assumed, "/assumed/district/channels/counter"),
    (Kind::District, F::ReceivedAtPostOffice, Basis::Assumed, "/assumed/district/channels/post_office"),
    (Kind::Commune, F::Received, Basis::Published, "/published/communes/received"),
    (Kind::Commune, F::Resolved, Basis::Published, "/published/communes/resolved"),
    (Kind::Commune, F::ResolvedEarly, Basis::Published, "/published/communes/early"),
    (Kind::Commune, F::ResolvedOnTime, Basis::Published, "/published/communes/on_time"),
    (Kind::Commune, F::ResolvedLate, Basis::Derived, "/derived/communes/late"),
    (Kind::Commune, F::Pending, Basis::Derived, "/derived/communes/open"),
    (Kind::Commune, F::PendingPaused, Basis::Assumed, "/assumed/communes/open/paused_of_which"),
];

/// Who states the published ones.
const SOURCE: &str = "Tổng kết công tác cải cách hành chính năm 2019 của huyện Thanh Bình";

/// Keeps what is known, for comparison.
///
/// # Errors
/// Those of the database; a member that the file lacks.
pub fn load(conn: &mut Conn, world: &World) -> Result<(), Problem> {
    let known: Value = serde_json::from_str(include_str!("year-2019.json")).map_err(Problem::internal)?;
    let district = world.catalogue.tree.by_code(DISTRICT).ok_or_else(|| Problem::internal("no district"))?;
    let mut state = |level, figure, basis, qualifier, value| {
        let stated = StatedFigure {
            agency_id: district.id,
            year: YEAR,
            level,
            figure,
            value,
            qualifier,
            basis,
            source: match basis {
                Basis::Published | Basis::Derived => SOURCE.to_owned(),
                Basis::Assumed => "Giả định của dữ liệu mẫu".to_owned(),
            },
        };
        Ok::<_, Problem>(insert_stated(conn, &stated)?)
    };
    let number = |pointer: &str| {
        let value = known.pointer(pointer).and_then(Value::as_i64);
        value.ok_or_else(|| Problem::internal(format!("year-2019.json has no number {pointer}")))
    };
    for (level, figure, basis, pointer) in EXACT {
        state(level, figure, basis, Qualifier::Exactly, number(pointer)?)?;
    }
    let communes = number("/published/communes/early")? + number("/published/communes/on_time")?;
    state(Kind::Commune, F::ResolvedTimely, Basis::Derived, Qualifier::Exactly, communes)?;
    let (early, on_time) = (number("/assumed/district/early")?, number("/assumed/district/on_time")?);
    let resolved = early + on_time + number("/assumed/district/late")?;
    state(Kind::District, F::Resolved, Basis::Assumed, Qualifier::Exactly, resolved)?;
    let open = number("/assumed/district/open/in_time")? + number("/assumed/district/open/overdue")?;
    state(Kind::District, F::Pending, Basis::Assumed, Qualifier::Exactly, open)?;
    let words = |pointer: &str| known.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let timely = leading(words("/published/district/early_or_on_time").trim_start_matches("more than "))?;
    state(Kind::District, F::ResolvedTimely, Basis::Published, Qualifier::MoreThan, timely)?;
    // "73 received and resolved"
    let online = leading(words("/published/district/online_level_3"))?;
    state(Kind::District, F::ReceivedOnline, Basis::Published, Qualifier::Exactly, online)?;
    state(Kind::District, F::ResolvedOnline, Basis::Published, Qualifier::Exactly, online)
}

/// The number that a text begins with.
fn leading(text: &str) -> Result<i64, Problem> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().map_err(|_| Problem::internal(format!("`{text}` begins with no number")))
}
