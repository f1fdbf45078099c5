//! Loads the sample year into the database of the settings, on either engine, as `motcua demo` does on SQLite.

use motcua::{
    access::passwords,
    cli::serve,
    clock::Clock,
    config::Config,
    demo::{load, plan::Figures, world},
};

/// Everybody's password and the client's secret.
pub const PASSWORD: &str = "load-test-password";

/// Loads it, or a hundredth of it.
pub fn fill(small: bool) {
    let app = serve::app(Config::from_env().unwrap(), Clock::system()).unwrap();
    let figures = Figures::load().unwrap();
    let figures = if small { figures.small() } else { figures };
    let hash = passwords::hash(PASSWORD).unwrap();
    let before = "2018-12-28T08:00:00+07:00".parse().unwrap();
    let cast = app.bulk(|conn, _| world::load(conn, &hash, before)).unwrap();
    load::load(&app, &cast, &figures).unwrap();
}
