//! `motcua migrate`: brings the database to this version without serving. `motcua serve` does the same at its start.

use std::process::ExitCode;

use super::Failure;
use crate::{config::Config, db::Db};

/// What to do.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
}

/// Migrates.
#[expect(clippy::print_stdout, reason = "a command's answer")]
pub fn migrate(config: &Config, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let db = open(config)?;
    let done = if arguments.dry_run { db.pending() } else { db.migrate() }
        .map_err(|error| Failure::new("cannot migrate", error))?;
    for name in &done {
        println!("{name}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens the database of the settings.
pub fn open(config: &Config) -> Result<Db, Failure> {
    Db::open(&config.database_url, &config.db)
        .map_err(|error| Failure::new("cannot open the database", error))
}
