//! `motcua anchors`: prints the daily anchors, to be kept where nobody who can change the database can change them.

use std::process::ExitCode;

use super::{Failure, serve};
use crate::{
    audit::{self, Kept},
    clock::Clock,
    config::Config,
};

/// Prints them, the oldest first: day, number of heads, hash.
#[expect(clippy::print_stdout, reason = "a command's answer")]
pub fn print(config: Config) -> Result<ExitCode, Failure> {
    let app = serve::app(config, Clock::system())?;
    let anchors = app
        .read_blocking(|conn, _| Ok(audit::anchors(conn)?))
        .map_err(|error| Failure::new("cannot read the anchors", error))?;
    for anchor in &anchors {
        println!("{}", Kept::from(anchor));
    }
    Ok(ExitCode::SUCCESS)
}
