//! The worker that watches deadlines beside the server. The time by which it judges is the app's; only how often it looks is
//! the machine's.

use std::time::Duration;

use actix_web::rt;
use futures_util::future::{Either, select};
use tokio::sync::watch;

use crate::{App, routing};

/// A worker that runs until it is stopped.
#[derive(Debug)]
pub(super) struct Watch {
    stop: watch::Sender<bool>,
    task: rt::task::JoinHandle<()>,
}

impl Watch {
    /// Looks now and then every so often. Must run inside an actix system.
    pub(super) fn start(app: App, every: Duration) -> Self {
        let (stop, told) = watch::channel(false);
        Self { stop, task: rt::spawn(run(app, every, told)) }
    }

    /// Lets it finish the dossier that it has in hand.
    pub(super) async fn stop(self) {
        // Nobody listens when it has ended by itself, and then there is nothing to stop.
        let _ = self.stop.send(true);
        if let Err(error) = self.task.await {
            log::error!("the watch over deadlines broke off: {error}");
        }
    }
}

async fn run(app: App, every: Duration, mut told: watch::Receiver<bool>) {
    let mut ticks = rt::time::interval(every);
    loop {
        {
            let stop = std::pin::pin!(told.changed());
            let tick = std::pin::pin!(ticks.tick());
            if let Either::Left(_) = select(stop, tick).await {
                return;
            }
        }
        let is_told_to_stop = || *told.borrow();
        match routing::call_all(&app, &is_told_to_stop).await {
            Ok(0) => {}
            Ok(made) => log::info!("called for {made} deadlines"),
            // It looks again at the next tick, and finds what it missed.
            Err(problem) => log::warn!("deadlines could not be watched: {problem}"),
        }
        if is_told_to_stop() {
            return;
        }
    }
}
