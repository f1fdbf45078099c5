//! SQLite's checkpoints, beside the writer: what its log holds is copied into the database by a thread of its own.
//!
//! By itself SQLite copies within the commit that fills the log, and whoever waits for that commit waits for the copying too.
//! Here the writer goes on meanwhile, and stops only for the last of it, so that it begins its log anew. The log's file keeps
//! its length: to write over it costs the disk less than to let it grow.
//!
//! Knows nothing of what is written. Should it fail, the writer copies by itself at last (`connection`).

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use diesel::sql_types::Integer;

use super::connection::{Role, open_sqlite};
use super::dialect::raw;
use super::{Conn, Error, Options};

/// After how many changes the log is copied. A change of a dossier writes about four pages: a log of 4,000 of them is still
/// quick to look a page up in, and many changes of a page are one copy.
const CHANGES: usize = 1_000;

/// What the writer wrote during a copy is copied again; each time it is less, and what is on the disk by then the writer does
/// not wait for.
const PASSES: usize = 3;

/// At so many pages the log begins anew even if readers must be waited for.
const LONG: i32 = 16_000;

raw! {
    /// Copies what no reader still needs; gives whether it was hindered, the log's pages, and those that are copied.
    struct Copy {} -> (Integer, Integer, Integer);
    sqlite: "PRAGMA wal_checkpoint(PASSIVE)",
    postgres: "SELECT 0, 0, 0"
}

raw! {
    /// Copies all and waits until nobody reads from the log.
    struct Empty {} -> (Integer, Integer, Integer);
    sqlite: "PRAGMA wal_checkpoint(RESTART)",
    postgres: "SELECT 0, 0, 0"
}

/// The writer's handle to the thread, which ends with it.
pub(super) struct Checkpointer {
    changes: usize,
    /// `None` only while being dropped.
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// `gate` is held by whoever writes.
    pub(super) fn start(path: &Path, options: &Options, gate: Arc<Mutex<()>>) -> Result<Self, Error> {
        let (wake, woken) = sync_channel(1);
        let mut copying = Copying { conn: open_sqlite(path, Role::Checkpointer, options)?, gate };
        let thread = std::thread::Builder::new()
            .name("motcua-log".to_owned())
            .spawn(move || {
                while woken.recv().is_ok() {
                    if let Err(error) = copying.begin_anew() {
                        log::warn!("the log could not be copied into the database: {error}");
                    }
                }
            })
            .map_err(|error| Error::Unavailable(error.to_string()))?;
        Ok(Self { changes: 0, wake: Some(wake), thread: Some(thread) })
    }

    /// To be called after a commit of so many changes.
    pub(super) fn committed(&mut self, changes: usize) {
        self.changes += changes;
        if self.changes >= CHANGES
            && let Some(wake) = &self.wake
        {
            self.changes = 0;
            // One that is under way will copy this too, or leave it to the next.
            let _ = wake.try_send(());
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("the thread that copies the log panicked");
        }
    }
}

/// The thread's side.
struct Copying {
    conn: Conn,
    gate: Arc<Mutex<()>>,
}

impl Copying {
    /// Copies the log and lets the writer begin it anew.
    fn begin_anew(&mut self) -> Result<(), Error> {
        for _ in 0..PASSES {
            self.copy()?;
        }
        let gate = Arc::clone(&self.gate);
        let _gate = gate.lock().unwrap_or_else(PoisonError::into_inner);
        // A writer that finds all copied, and no reader in the log, writes over it.
        if self.copy()? >= LONG {
            // Given up when a reader stays in the way; then it is the next one's.
            Empty {}.get_result::<(i32, i32, i32)>(&mut self.conn)?;
        }
        Ok(())
    }

    /// Gives the length of the log in pages.
    fn copy(&mut self) -> Result<i32, Error> {
        let (_, length, _): (i32, i32, i32) = Copy {}.get_result(&mut self.conn)?;
        Ok(length)
    }
}
