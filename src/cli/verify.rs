//! `motcua verify`: proves the figures, chains, custody, ledgers and identities of a database against its events.

use std::{path::PathBuf, process::ExitCode};

use super::{Failure, migrate::open};
use crate::{access::Keys, config::Config, statistics};

/// What to hold against what.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A file of exported anchors: the chains must still lead to them
    #[arg(long)]
    anchors: Option<PathBuf>,
}

/// Verifies; exit code 1 when anything differs.
#[expect(clippy::print_stdout, reason = "a command's answer")]
pub fn verify(config: &Config, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let db = open(config)?;
    let keys = Keys::load_or_create(&config.keys).map_err(|error| Failure::new("cannot load the keys", error))?;
    let anchors = match &arguments.anchors {
        None => None,
        Some(path) => {
            let failed = |error| Failure::new(format!("cannot read {}", path.display()), error);
            Some(std::fs::read_to_string(path).map_err(failed)?)
        }
    };
    let findings = statistics::verify::verify(&db, &keys, anchors.as_deref())
        .map_err(|error| Failure::new("cannot verify", error))?;
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        println!("everything agrees");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}
