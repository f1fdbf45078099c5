//! `motcua verify`: proves the figures, chains, custody, ledgers and identities of a database against its events.

use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};

use super::{Failure, serve};
use crate::{
    App,
    clock::Clock,
    config::Config,
    http::Problem,
    statistics::verify::{Progress, Report, verify as recount},
};

/// Verifies; exit code 1 when anything differs.
#[expect(clippy::print_stdout, reason = "a command's answer")]
pub fn verify(config: Config) -> Result<ExitCode, Failure> {
    let app = serve::app(config, Clock::system())?;
    let bar = bar();
    let report = report(&app, |progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.done);
    })?;
    bar.finish_and_clear();
    for difference in &report.differences {
        println!("{difference}");
    }
    if report.untold > 0 {
        println!("… and {} more", report.untold);
    }
    if let Some(first) = report.not_of_this_calendar.first() {
        println!(
            "{} deadlines would be others by the calendar as it is now, such as {first}: POST /deadlines/recompute moves those \
             that are open",
            report.not_of_this_calendar.len()
        );
    }
    let Report { dossiers, events, counters, .. } = report;
    let verdict = if report.is_clean() { "everything agrees" } else { "something differs" };
    println!("{verdict}: {dossiers} dossiers, {events} events, {counters} counters");
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the recount finds in the database of `app`, in one snapshot.
///
/// # Errors
/// Those of the database.
pub fn report(app: &App, mut progress: impl FnMut(Progress)) -> Result<Report, Failure> {
    app.read_blocking(|conn, world| recount(conn, world, &mut progress).map_err(Problem::from))
        .map_err(|error| Failure::new("cannot verify", error))
}

/// Shown on a terminal only.
fn bar() -> ProgressBar {
    let bar = ProgressBar::no_length().with_message("dossiers");
    match ProgressStyle::with_template("{msg} [{wide_bar}] {pos}/{len} {elapsed}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
