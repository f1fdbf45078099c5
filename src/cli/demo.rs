//! `motcua demo`: the sample year on SQLite, ready to be looked at.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use super::{Failure, serve};
use crate::{
    App,
    access::passwords,
    audit,
    clock::Clock,
    config::Config,
    db::{Instant, revision},
    demo::{
        load::{self, Table},
        plan::{Fate, Figures},
        world::{self, Cast},
    },
    http::Problem,
};

/// Where and how much.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where to listen; loopback unless told otherwise
    #[arg(long, default_value = "127.0.0.1:8080")]
    addr: SocketAddr,
    /// Folder of the database and the keys; kept and used again [default: demo in the user's data folder]
    #[arg(long)]
    data: Option<PathBuf>,
    /// A hundredth of the dossiers
    #[arg(long)]
    small: bool,
}

/// What the year is loaded before: everything in it is in its past.
const BEFORE: &str = "2018-12-28T08:00:00+07:00";

/// Loads the year unless it is there, tells what there is, and serves it.
pub fn demo(config: Config, arguments: Arguments) -> Result<ExitCode, Failure> {
    let Arguments { addr, data, small } = arguments;
    let folder = data.unwrap_or_else(|| config.data.join(if small { "demo-small" } else { "demo" }));
    // Nobody is there any more to be called for what 2019 left open.
    let config = Config { watch_every: None, ..config.at(addr, &folder) };
    let password = config.demo_password.clone();
    let app = serve::app(config, Clock::system())?;
    let is_loaded = app
        .db
        .read_blocking(|conn| revision::current(conn, DONE))
        .map_err(|error| Failure::new("cannot read the database", error))?
        .is_some();
    if is_loaded {
        tell_again(addr, password.is_some());
    } else {
        let password = password.unwrap_or_else(new_password);
        let (cast, table) = make(&app, &password, small).map_err(|problem| {
            let cause = problem.cause_chain().unwrap_or_else(|| problem.code().name().to_owned());
            Failure::because(format!("cannot load the sample year: {cause}"))
        })?;
        tell(addr, &password, &cast, &table);
    }
    serve::run(app)
}

/// The revision that is drawn when the year is complete; a load that was cut off is refused, not half served.
const DONE: &str = "sample-year";

fn make(app: &App, password: &str, small: bool) -> Result<(Cast, Table), Problem> {
    let hash = passwords::hash(password).map_err(Problem::internal)?;
    let now: Instant = BEFORE.parse().map_err(Problem::internal)?;
    let figures = Figures::load().map_err(Problem::internal)?;
    let figures = if small { figures.small() } else { figures };
    let cast = app.bulk(|conn, _| world::load(conn, &hash, now))?;
    let table = load::load(app, &cast, &figures)?;
    app.bulk(|conn, world| {
        audit::anchor_ended_day(conn, world)?;
        Ok(revision::bump(conn, DONE)?)
    })?;
    Ok((cast, table))
}

/// 80 bits, in letters that cannot be misread.
fn new_password() -> String {
    crate::dossiers::new_lookup_secret().to_lowercase()
}

#[expect(clippy::print_stdout, reason = "a command's answer")]
fn tell_again(addr: SocketAddr, is_set: bool) {
    println!("The sample year is loaded already; accounts and passwords are those of its first start.");
    if is_set {
        println!("MOTCUA_DEMO_PASSWORD counts only when the year is loaded: it changes nothing now.");
    }
    print_requests(addr, "…");
}

#[expect(clippy::print_stdout, reason = "a command's answer")]
fn tell(addr: SocketAddr, password: &str, cast: &Cast, table: &Table) {
    println!(
        "\nThanh Bình 2019. Published: the communes' received 87,971, resolved 87,757, early 32,357, on time 55,279;"
    );
    println!(
        "the district's received 15,380, online 73, public post 173, at home 1, early or on time more than 11,000."
    );
    println!(
        "By arithmetic: 121 late and 214 open in the communes. Made up: names, times, the mix of procedures, the"
    );
    println!(
        "shares of the communes, which dossiers went by the post's desks, and the district's other figures.\n"
    );
    println!(
        "{:<10}{:<12}{}",
        "level",
        "procedure",
        Fate::ALL.map(|fate| format!("{:>10}", fate.name())).join("")
    );
    for ((level, procedure), fates) in table {
        let counts = Fate::ALL.map(|fate| format!("{:>10}", fates.get(&fate).copied().unwrap_or(0)));
        println!("{level:<10}{procedure:<12}{}", counts.join(""));
    }
    println!("\nAccounts, all with the password {password}:");
    for (name, agency) in &cast.accounts {
        println!("  {name:<32}{agency}");
    }
    println!("  client province (secret: the password), all scopes\n");
    print_requests(addr, password);
}

#[expect(clippy::print_stdout, reason = "a command's answer")]
fn print_requests(addr: SocketAddr, password: &str) {
    println!("http://{addr}   Swagger UI: http://{addr}/swagger-ui/\n");
    println!("To try:");
    println!(
        "  curl -s http://{addr}/api/v1/auth/token -d grant_type=password -d username=leader@thanh-binh \\"
    );
    println!("    --data-urlencode 'password={password}'");
    println!("  curl -s -H \"Authorization: Bearer $TOKEN\" \\");
    println!(
        "    'http://{addr}/api/v1/statistics/on-time?from=2019-01-01&to=2020-01-01&agency=000.00.31.H20&group_by=level'"
    );
    println!(
        "  curl -s -H \"Authorization: Bearer $TOKEN\" 'http://{addr}/api/v1/dossiers?outcome=late&limit=5'"
    );
}
