//! SQLite's checkpoints, beside the writer: what its log holds is copied into the database by a thread of its own.
//!
//! By itself SQLite copies within the commit that fills the log, and whoever waits for that commit waits for the copying too.
//! Here the writer goes on meanwhile, and stops only for the rest, when the log is emptied.
//!
//! Knows nothing of what is written. Should it fail, the writer copies by itself at last (`connection`).

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;

use super::connection::{Role, open_sqlite};
use super::{Conn, Error, Options};

/// From how many bytes on the log is copied: many changes of a page are then one copy, and looking a page up in the log is
/// still quick.
const FULL: u64 = 32 * 1024 * 1024;

/// What the writer wrote during a copy is copied again, as long as that takes longer than the writer should be stopped for.
const SHORT: Duration = Duration::from_millis(4);

/// But not for ever.
const PASSES: usize = 5;

/// The writer's handle to the thread, which ends with it.
pub(super) struct Checkpointer {
    log: PathBuf,
    /// The log's length at which there is something to do.
    due: u64,
    /// `None` only while being dropped. The thread answers with the length that it has left.
    thread: Option<(SyncSender<()>, Receiver<u64>, JoinHandle<()>)>,
}

impl Checkpointer {
    /// `gate` is held by whoever writes.
    pub(super) fn start(path: &Path, options: &Options, gate: Arc<Mutex<()>>) -> Result<Self, Error> {
        let mut name = path.as_os_str().to_owned();
        name.push("-wal");
        let log = PathBuf::from(name);
        let (wake, woken) = sync_channel(1);
        let (done, left) = sync_channel(1);
        let mut copying =
            Copying { conn: open_sqlite(path, Role::Checkpointer, options)?, log: log.clone(), gate };
        let thread = std::thread::Builder::new()
            .name("motcua-checkpoint".to_owned())
            .spawn(move || {
                while woken.recv().is_ok() {
                    copying.empty_log();
                    if done.send(length(&copying.log)).is_err() {
                        break;
                    }
                }
            })
            .map_err(|error| Error::Unavailable(error.to_string()))?;
        Ok(Self { log, due: FULL, thread: Some((wake, left, thread)) })
    }

    /// To be called after a commit.
    pub(super) fn committed(&mut self) {
        let Some((wake, left, _)) = &self.thread else { return };
        if let Ok(left) = left.try_recv() {
            // What a long reader still needs stays in the log; it is tried again when as much has come to it.
            self.due = left + FULL;
        }
        if self.due != u64::MAX && length(&self.log) >= self.due && wake.try_send(()).is_ok() {
            self.due = u64::MAX;
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        if let Some((wake, left, thread)) = self.thread.take() {
            drop((wake, left));
            if thread.join().is_err() {
                log::error!("the checkpoint thread panicked");
            }
        }
    }
}

fn length(log: &Path) -> u64 {
    std::fs::metadata(log).map_or(0, |log| log.len())
}

/// The thread's side.
struct Copying {
    conn: Conn,
    log: PathBuf,
    gate: Arc<Mutex<()>>,
}

impl Copying {
    fn empty_log(&mut self) {
        for _ in 0..PASSES {
            let begun = Instant::now();
            self.copy("PASSIVE");
            if begun.elapsed() < SHORT {
                break;
            }
        }
        let gate = Arc::clone(&self.gate);
        let _gate = gate.lock().unwrap_or_else(PoisonError::into_inner);
        self.copy("TRUNCATE");
    }

    /// A reader that is in the way is no error; the rest stays in the log then.
    fn copy(&mut self, how: &str) {
        if let Err(error) = self.conn.batch_execute(&format!("PRAGMA wal_checkpoint({how})")) {
            log::warn!("the log could not be copied into the database: {error}");
        }
    }
}
