//! `motcua keys rotate`: a new key signs the access tokens; the old ones still verify. `motcua keys rotate-data`: a new key
//! seals personal data, and everything that is there is sealed anew. Servers that run take both over by themselves.

use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};

use super::{Failure, serve};
use crate::{
    App,
    access::{self, Resealed, Vault, keys},
    clock::Clock,
    config::Config,
    db::Conn,
    dossiers,
    http::Problem,
    post,
};

/// What to do with keys.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a new signing key
    Rotate,
    /// Make a new data key and seal all personal data anew
    RotateData,
}

/// Does it.
#[expect(clippy::print_stdout, reason = "a command's answer")]
pub fn perform(config: Config, command: &Command) -> Result<ExitCode, Failure> {
    let failed = |error| Failure::new("cannot rotate the keys", error);
    match command {
        Command::Rotate => println!("{}", keys::rotate(&config.keys).map_err(failed)?),
        Command::RotateData => {
            // Keys from the environment are made and handed to every copy by whoever keeps them there.
            if config.given_keys.data.is_empty() {
                keys::add_data_key(&config.keys).map_err(failed)?;
                // Copies that run look for rows by their numbers with the new key as well, as soon as they know it.
                std::thread::sleep(keys::SETTLING);
            }
            let app = serve::app(config, Clock::system())?;
            let vault = app.keys.vault();
            let rows = reseal(&app, vault).map_err(|error| Failure::new("cannot seal anew", error))?;
            println!(
                "{rows} rows sealed anew with data key {}; older data keys are not needed any more",
                vault.current()
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Seals everything anew that another key has sealed; gives the number of rows. It may be broken off and begun again.
///
/// # Errors
/// Those of the database; what does not open.
pub fn reseal(app: &App, vault: &Vault) -> Result<u64, Problem> {
    type Step = fn(&mut Conn, &Vault, i64) -> Result<Resealed, Problem>;
    let steps: [(&str, Step); 4] = [
        ("dossiers", dossiers::reseal_contents),
        ("events", dossiers::reseal_private_parts),
        ("recipients", post::reseal_recipients),
        ("readings", access::reseal_reasons),
    ];
    let mut rows = 0;
    for (name, step) in steps {
        let bar = bar(name);
        let mut after = i64::MIN;
        loop {
            let done = app.bulk(|conn, _| step(conn, vault, after))?;
            rows += done.rows;
            bar.inc(done.rows);
            match done.last {
                Some(last) => after = last,
                None => break,
            }
        }
        bar.finish_and_clear();
    }
    Ok(rows)
}

/// Shown on a terminal only.
fn bar(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::no_length().with_message(what);
    match ProgressStyle::with_template("{msg}: {pos} sealed anew {elapsed}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
