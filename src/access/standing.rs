//! Who somebody is at the moment at which he is given a token: where he belongs, and with whose roles beside his own.
//!
//! The people of an agency that has ended belong to its successor. While somebody is away, his deputy has his roles too.
//! Both change with time, so what is found here is good until a certain moment at most, and a token with it.

use super::store::{self, AccountRow, ClientRow, Station};
use super::{AgencyId, Identity, Scope};
use crate::db::{Conn, Error, Instant};

/// More successors in a line than there are reorganisations in a working life.
const LONGEST_LINE: usize = 32;

/// Somebody, and until when what is said of him holds; nothing: until somebody changes it.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) identity: Identity,
    pub(super) until: Option<Instant>,
}

/// A person, at his agency or its successor, with the roles of those he stands in for; signed in by a provider, or else with
/// his password.
pub(super) fn of_account(
    conn: &mut Conn,
    account: &AccountRow,
    by_provider: bool,
    now: Instant,
) -> Result<Standing, Error> {
    let (station, mut until) = station(conn, account.agency_id, now)?;
    let mut identity = account.identity(station.id, station.code, by_provider);
    for absent in store::list_absent(conn, account.id, now)? {
        for role in absent.roles.0 {
            if !identity.has(role) {
                identity.roles.push(role);
            }
        }
        until = sooner(until, Some(absent.until_at));
    }
    Ok(Standing { identity, until })
}

/// A machine, at its agency or that one's successor.
pub(super) fn of_client(
    conn: &mut Conn,
    client: &ClientRow,
    scopes: Vec<Scope>,
    now: Instant,
) -> Result<Standing, Error> {
    let (station, until) = station(conn, client.agency_id, now)?;
    Ok(Standing { identity: client.identity(station.id, station.code, scopes), until })
}

/// The agency itself, or who follows it when it has ended; and when that will change.
fn station(conn: &mut Conn, agency: AgencyId, now: Instant) -> Result<(Station, Option<Instant>), Error> {
    let mut station = store::get_station(conn, agency)?;
    for _ in 0..LONGEST_LINE {
        let (Some(end), Some(successor)) = (station.valid_to, station.successor_id) else { break };
        let end = Instant::start_of(end);
        if end > now {
            return Ok((station, Some(end)));
        }
        station = store::get_station(conn, successor)?;
    }
    Ok((station, None))
}

fn sooner(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    [one, other].into_iter().flatten().min()
}
