//! The program without its figures: the same operations, rules and rows, but no ledger and no counters.

use motcua::{App, cli::serve, clock::Clock, config::Config, dossiers::Effect, post::Post, routing::Routing};

/// Serves by the settings until it is stopped.
pub fn serve() {
    let effects: Vec<Box<dyn Effect>> = vec![Box::new(Routing), Box::new(Post)];
    let app = serve::app(Config::from_env().unwrap(), Clock::system()).unwrap();
    serve::run(App { effects: effects.into(), ..app }).unwrap();
}
