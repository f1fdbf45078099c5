//! `motcua verify`: proves the figures, chains, custody, ledgers, identities and anchors of a database against its events.

use std::{fs, path::PathBuf, process::ExitCode};

use indicatif::{ProgressBar, ProgressStyle};

use super::{Failure, serve};
use crate::{
    App, World,
    audit::{self, Kept},
    clock::Clock,
    config::Config,
    db::Conn,
    http::Problem,
    statistics::verify::{Progress, Report, verify as recount},
};

/// Against what.
#[derive(Debug, Default, clap::Args)]
pub struct Arguments {
    /// A file with what `motcua anchors` printed earlier: anchors that are gone or others now are told
    #[arg(long)]
    anchors: Option<PathBuf>,
}

/// Verifies; exit code 1 when anything differs.
#[expect(clippy::print_stdout, reason = "a command's answer")]
pub fn verify(config: Config, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let kept = arguments.anchors.as_deref().map(read).transpose()?.unwrap_or_default();
    let app = serve::app(config, Clock::system())?;
    let bar = bar();
    let report = report(&app, &kept, |progress| {
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
    let anchors = app
        .read_blocking(|conn, _| Ok(audit::anchors(conn)?.len()))
        .map_err(|error| Failure::new("cannot verify", error))?;
    let verdict = if report.is_clean() { "everything agrees" } else { "something differs" };
    println!("{verdict}: {dossiers} dossiers, {events} events, {counters} counters, {anchors} anchors");
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the recount finds in the database of `app`, in one snapshot; `kept` are anchors that were kept elsewhere.
///
/// # Errors
/// Those of the database.
pub fn report(app: &App, kept: &[Kept], mut progress: impl FnMut(Progress)) -> Result<Report, Failure> {
    let look = |conn: &mut Conn, world: &World| {
        let mut report = recount(conn, world, &mut progress)?;
        let differences = audit::prove(conn, &world.secrets, kept)?;
        for difference in differences {
            report.differs(difference);
        }
        Ok::<_, Problem>(report)
    };
    app.read_blocking(look).map_err(|error| Failure::new("cannot verify", error))
}

/// The anchors in a file, a line each.
fn read(path: &std::path::Path) -> Result<Vec<Kept>, Failure> {
    let name = path.display();
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("cannot read the anchors in {name}"), error))?;
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    lines
        .map(|(line, number)| {
            line.parse().map_err(|wrong| Failure::because(format!("{name}, line {number}: {wrong}")))
        })
        .collect()
}

/// Shown on a terminal only.
fn bar() -> ProgressBar {
    let bar = ProgressBar::no_length().with_message("dossiers");
    match ProgressStyle::with_template("{msg} [{wide_bar}] {pos}/{len} {elapsed}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
