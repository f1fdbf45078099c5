//! Making anchors, and proving all of them.

use chrono::{NaiveDate, Timelike};

use super::rules::{Anchor, HeadsDigest, Kept, broken};
use super::store;
use crate::World;
use crate::db::{Conn, Error};
use crate::dossiers::{Secrets, addresses};

/// A day is anchored when it has been over for so long: what was begun before midnight has been written by then.
const MINUTES_AFTER_MIDNIGHT: u32 = 10;

/// How many lost heads are told one by one.
const TOLD: i64 = 1_000;

/// Makes the anchor of the day before today, if its time has come and nobody has made it. Days on which no server ran have
/// none of their own: what happened then stands under the next one.
///
/// # Errors
/// Those of the database.
pub fn anchor_ended_day(conn: &mut Conn, world: &World) -> Result<Option<Anchor>, Error> {
    let now = world.now.to_local();
    let is_time = now.hour() > 0 || now.minute() >= MINUTES_AFTER_MIDNIGHT;
    let Some(day) = now.date_naive().pred_opt().filter(|_| is_time) else { return Ok(None) };
    let latest = store::latest_anchors(conn, 2)?;
    if latest.first().is_some_and(|anchor| anchor.day >= day) {
        return Ok(None);
    }
    // A transaction that began before the last anchor was made may have ended after it: those since the one before it are
    // looked at again, and those that it has are passed over.
    let after = latest.get(1).map_or(0, |anchor| anchor.last_event_id);
    let last_event_id = store::last_event(conn)?;
    if !store::insert_anchor(conn, day, world.now, last_event_id)? {
        return Ok(None);
    }
    store::insert_heads(conn, day, after)?;
    let (heads, heads_digest) = digest(conn, &world.secrets, day)?;
    let mut anchor = Anchor { day, made_at: world.now, last_event_id, heads, heads_digest, hash: Vec::new() };
    let before = latest.first().map_or(&[][..], |anchor| &anchor.hash);
    anchor.hash = anchor.hash_after(&world.secrets, before);
    store::finish_anchor(conn, &anchor)?;
    Ok(Some(anchor))
}

/// All anchors, the oldest first.
///
/// # Errors
/// Those of the database.
pub fn anchors(conn: &mut Conn) -> Result<Vec<Anchor>, Error> {
    store::all_anchors(conn)
}

/// Proves all anchors: each follows from the heads that it is over and from the one before it, each head is an event of that
/// history, and those that were `kept` elsewhere are there as they were. Gives what differs, each with its place.
///
/// # Errors
/// Those of the database. What differs is no error.
pub fn prove(conn: &mut Conn, secrets: &Secrets, kept: &[Kept]) -> Result<Vec<String>, Error> {
    let all = store::all_anchors(conn)?;
    let mut differences: Vec<String> = broken(secrets, &all)
        .into_iter()
        .map(|day| format!("anchor of {day}: its hash does not follow from it and the anchor before it"))
        .collect();
    for anchor in &all {
        if digest(conn, secrets, anchor.day)? != (anchor.heads, anchor.heads_digest.clone()) {
            differences
                .push(format!("anchor of {}: the heads under it are not those it was made over", anchor.day));
        }
    }
    let lost = store::lost_heads(conn, TOLD)?;
    let names = addresses(conn, lost.iter().map(|(_, dossier, _)| *dossier).collect())?;
    differences.extend(lost.into_iter().map(|(day, dossier, seq)| {
        let name = names.get(&dossier).map_or("?", String::as_str);
        format!("{name}, event {seq}: the anchor of {day} knows it, and it is missing or another one")
    }));
    for line in kept {
        match all.iter().find(|anchor| anchor.day == line.day) {
            None => {
                differences
                    .push(format!("anchor of {}: it was kept elsewhere and is missing here", line.day));
            }
            Some(anchor) if Kept::from(anchor) != *line => {
                differences
                    .push(format!("anchor of {}: it is not the one that was kept elsewhere", line.day));
            }
            Some(_) => {}
        }
    }
    Ok(differences)
}

/// How many heads stand under a day's anchor, and their digest.
fn digest(conn: &mut Conn, secrets: &Secrets, day: NaiveDate) -> Result<(i64, Vec<u8>), Error> {
    let mut digest = HeadsDigest::new(secrets);
    let heads = store::each_head(conn, day, |head| digest.add(head.dossier_id, head.seq, &head.hash))?;
    Ok((heads, digest.finish()))
}
