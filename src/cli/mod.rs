//! The command line: what `motcua` can be told to do. Knows everything; nothing knows it.
//!
//! | file | owns |
//! | --- | --- |
//! | `serve` | starting a whole server, for `motcua serve`, the demo and the tests |
//! | `health` | what `/readyz` and `/metrics` tell of the whole program |
//! | `surface` | what is served: the document's words and the operations of all capabilities |
//! | `demo`, `openapi`, `migrate`, `account`, `keys`, `verify`, `anchors`, `help` | one command each |
//! | `failure` | what a command says when it cannot do its work |
//!
//! Answers go to the standard output, everything else to the standard error. Exit codes: 0 done, 1 could not be done
//! (or, for `verify`, something differs), 2 wrong usage or settings.

mod account;
mod anchors;
mod demo;
mod failure;
mod health;
mod help;
pub mod keys;
mod migrate;
mod openapi;
pub mod serve;
pub mod surface;
pub mod verify;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use failure::Failure;

use crate::config::Config;

/// JSON REST API for the Vietnamese electronic one-stop shop.
#[derive(Debug, Parser)]
#[command(name = "motcua", version, about, disable_help_subcommand = true, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API
    Serve,
    /// Serve the sample year: Thanh Bình district in 2019, on SQLite
    Demo(demo::Arguments),
    /// Bring the database to this version
    Migrate(migrate::Arguments),
    /// Write openapi/v1.json
    Openapi(openapi::Arguments),
    /// Accounts of people
    #[command(subcommand)]
    Account(account::Command),
    /// Secret keys
    #[command(subcommand)]
    Keys(keys::Command),
    /// Count every figure again from the events and check chains, custody, ledgers, identities and anchors
    Verify(verify::Arguments),
    /// Print the daily anchors over all histories, to be kept elsewhere
    Anchors,
    /// Explain the commands, or (`help config`) the settings
    Help(help::Arguments),
}

/// Runs the command that the program was started with.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    match perform(arguments.command) {
        Ok(code) => code,
        Err(failure) => {
            failure.tell();
            failure.exit_code()
        }
    }
}

fn perform(command: Command) -> Result<ExitCode, Failure> {
    // These two must work whatever the settings say.
    match command {
        Command::Help(arguments) => return help::help(&arguments),
        Command::Openapi(arguments) => return openapi::write(&arguments),
        _ => {}
    }
    let config = Config::from_env().map_err(Failure::settings)?;
    log_to_standard_error(&config);
    match command {
        Command::Serve => serve::serve(config),
        Command::Demo(arguments) => demo::demo(config, arguments),
        Command::Migrate(arguments) => migrate::migrate(&config, &arguments),
        Command::Account(command) => account::perform(&config, command),
        Command::Keys(command) => keys::perform(config, &command),
        Command::Verify(arguments) => verify::verify(config, &arguments),
        Command::Anchors => anchors::print(config),
        Command::Help(_) | Command::Openapi(_) => Ok(ExitCode::SUCCESS),
    }
}

fn log_to_standard_error(config: &Config) {
    env_logger::Builder::new().parse_filters(&config.log).init();
}
