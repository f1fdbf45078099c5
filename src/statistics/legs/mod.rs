//! The legs: how much of the working time each agency used for each step, against its share, and who used up the time of the
//! dossiers that came late.
//!
//! Decisions, "Legs": lateness is attributed to the legs that used more than their share. Every leg is weighed once, when it
//! ends ([`routing`](crate::routing) writes what it used, what its share was and what it saved or overran), so that a later
//! change of the calendar blames nobody.

mod report;
mod store;

pub(super) use report::{LegsQuery, LegsReport, legs};
