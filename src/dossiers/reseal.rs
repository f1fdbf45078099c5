//! Sealing anew what applicants brought and the personal parts of events, after another data key was made. What is read stays
//! the same: no version, no event, no digest changes.

use diesel::prelude::*;

use super::content::Content;
use super::events::{Private, place_of_private};
use super::row::place_of_content;
use crate::access::{Resealed, Sealed, Vault};
use crate::db::schema::{dossiers, event_private, events};
use crate::db::{self, Conn};
use crate::http::Problem;

/// Seals anew what the applicants of some dossiers brought, and indexes their numbers with the key that seals now.
///
/// # Errors
/// Those of the database; what does not open.
pub fn reseal_contents(conn: &mut Conn, vault: &Vault, after: i64) -> Result<Resealed, Problem> {
    let rows: Vec<(i64, String, Sealed<Content>)> = dossiers::table
        .filter(dossiers::id.gt(after))
        .order(dossiers::id)
        .limit(Resealed::AT_ONCE)
        .select((dossiers::id, dossiers::public_id, dossiers::content))
        .load(conn)
        .map_err(db::Error::from)?;
    let mut done = Resealed::up_to(rows.last().map(|row| row.0));
    for (id, public_id, old) in rows.into_iter().filter(|row| row.2.is_outdated(vault)) {
        let place = place_of_content(&public_id);
        let content = old.open(vault, &place)?;
        let index = |number: &Option<String>| number.as_deref().map(|number| vault.blind_index(number));
        // Whoever changed it in the meantime has sealed it with the new key.
        diesel::update(dossiers::table.filter(dossiers::id.eq(id).and(dossiers::content.eq(&old))))
            .set((
                dossiers::content.eq(Sealed::seal(vault, &place, &content).map_err(Problem::internal)?),
                dossiers::identity_hash.eq(index(&content.applicant.identity_number)),
                dossiers::phone_hash.eq(index(&content.applicant.phone)),
            ))
            .execute(conn)
            .map_err(db::Error::from)?;
        done.rows += 1;
    }
    Ok(done)
}

/// Seals the personal parts of some events anew. Their digests are over the text, and stay.
///
/// # Errors
/// Those of the database; what does not open.
pub fn reseal_private_parts(conn: &mut Conn, vault: &Vault, after: i64) -> Result<Resealed, Problem> {
    let rows: Vec<(i64, Option<Vec<u8>>, Private)> = event_private::table
        .inner_join(events::table.on(events::id.eq(event_private::event_id)))
        .filter(event_private::event_id.gt(after))
        .order(event_private::event_id)
        .limit(Resealed::AT_ONCE)
        .select((event_private::event_id, events::private_digest, event_private::data))
        .load(conn)
        .map_err(db::Error::from)?;
    let mut done = Resealed::up_to(rows.last().map(|row| row.0));
    for (id, digest, old) in rows.into_iter().filter(|row| row.2.is_outdated(vault)) {
        let place = place_of_private(&digest.unwrap_or_default());
        let text = old.open_text(vault, &place)?;
        diesel::update(event_private::table.find(id))
            .set(event_private::data.eq(Private::seal_text(vault, &place, &text)))
            .execute(conn)
            .map_err(db::Error::from)?;
        done.rows += 1;
    }
    Ok(done)
}
