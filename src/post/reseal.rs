//! Sealing the recipients of manifests anew, after another data key was made.

use diesel::prelude::*;

use super::manifests::place_of_recipients;
use crate::access::{Resealed, Sealed, Vault};
use crate::db::schema::{handoff_lines, handoffs};
use crate::db::{self, Conn, PublicId};
use crate::dossiers::Recipient;
use crate::http::Problem;

/// Seals the recipients of some lines anew.
///
/// # Errors
/// Those of the database; what does not open.
pub fn reseal_recipients(conn: &mut Conn, vault: &Vault, after: i64) -> Result<Resealed, Problem> {
    let rows: Vec<(i64, PublicId, Option<Sealed<Recipient>>)> = handoff_lines::table
        .inner_join(handoffs::table.on(handoffs::id.eq(handoff_lines::handoff_id)))
        .filter(handoff_lines::id.gt(after))
        .order(handoff_lines::id)
        .limit(Resealed::AT_ONCE)
        .select((handoff_lines::id, handoffs::public_id, handoff_lines::recipient))
        .load(conn)
        .map_err(db::Error::from)?;
    let mut done = Resealed::up_to(rows.last().map(|row| row.0));
    for (id, manifest, old) in rows {
        let Some(old) = old.filter(|old| old.is_outdated(vault)) else { continue };
        let place = place_of_recipients(manifest);
        let recipient = Sealed::seal(vault, &place, &old.open(vault, &place)?).map_err(Problem::internal)?;
        diesel::update(handoff_lines::table.find(id))
            .set(handoff_lines::recipient.eq(recipient))
            .execute(conn)
            .map_err(db::Error::from)?;
        done.rows += 1;
    }
    Ok(done)
}
