//! `motcua keys rotate`: a new key signs the access tokens; the old ones still verify. Servers that run take it over by
//! themselves.

use std::process::ExitCode;

use super::Failure;
use crate::{access::keys, config::Config};

/// What to do with keys.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a new signing key
    Rotate,
}

/// Does it.
#[expect(clippy::print_stdout, reason = "a command's answer")]
pub fn perform(config: &Config, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Rotate => {
            let kid =
                keys::rotate(&config.keys).map_err(|error| Failure::new("cannot rotate the keys", error))?;
            println!("{kid}");
            Ok(ExitCode::SUCCESS)
        }
    }
}
