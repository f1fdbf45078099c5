//! SQLite's one writer: closures wait in a queue, one thread takes all that wait into one transaction, each in a savepoint of
//! its own, commits once and only then answers.
//!
//! SQLite allows one writer at a time, and what costs is the flush to the disk. Connections that compete for the lock wait
//! by sleeping (a p99 of a second was measured); one thread that shares a flush among all who wait is four times as fast.
//!
//! Must not answer before the commit, and must not let one closure's failure reach another.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::connection::TransactionManager;
use diesel::r2d2::R2D2Connection;
use tokio::sync::{mpsc, oneshot};

use super::checkpoint::Checkpointer;
use super::connection::{Role, open_sqlite};
use super::transaction::{self, Mode};
use super::{Conn, Error, Options};

/// How many closures share one commit. More would make the first of them wait for the last without saving much.
const BATCH: usize = 64;

/// The handle to the writer thread, which ends with it, after all that has been queued.
pub(super) struct Writer {
    /// `None` only while being dropped.
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    patience: Duration,
}

impl Writer {
    pub(super) fn start(path: PathBuf, options: &Options, gate: Arc<Mutex<()>>) -> Result<Self, Error> {
        let conn = open_sqlite(&path, Role::Writer, options)?;
        let (sender, receiver) = mpsc::channel(options.queue.max(1));
        let checkpointer = Checkpointer::start(&path, options, Arc::clone(&gate))?;
        let mut desk = Desk { conn, path, options: options.clone(), gate, checkpointer };
        let thread = std::thread::Builder::new()
            .name("motcua-writer".to_owned())
            .spawn(move || desk.serve(receiver))
            .map_err(|error| Error::Unavailable(error.to_string()))?;
        Ok(Self { queue: Some(sender), thread: Some(thread), patience: options.busy_timeout })
    }

    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: Fn(&mut Conn) -> Result<T, E> + Send + 'static,
        E: From<Error> + Send + 'static,
        T: Send + 'static,
    {
        let (task, answer) = Task::new(work);
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        queue.send_timeout(task, self.patience).await.map_err(|error| match error {
            mpsc::error::SendTimeoutError::Timeout(_) => Error::Busy,
            mpsc::error::SendTimeoutError::Closed(_) => gone(),
        })?;
        answer.await.unwrap_or_else(|_| Err(gone().into()))
    }

    pub(super) fn write_blocking<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: Fn(&mut Conn) -> Result<T, E> + Send + 'static,
        E: From<Error> + Send + 'static,
        T: Send + 'static,
    {
        let (task, answer) = Task::new(work);
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        let deadline = Instant::now() + self.patience;
        let mut task: Box<dyn Job> = task;
        loop {
            match queue.try_send(task) {
                Ok(()) => break,
                Err(mpsc::error::TrySendError::Full(back)) if Instant::now() < deadline => {
                    task = back;
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(mpsc::error::TrySendError::Full(_)) => return Err(Error::Busy.into()),
                Err(mpsc::error::TrySendError::Closed(_)) => return Err(gone().into()),
            }
        }
        answer.blocking_recv().unwrap_or_else(|_| Err(gone().into()))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            // The last handle may be dropped by a closure on the writer itself, which cannot wait for its own end.
            && thread.thread().id() != std::thread::current().id()
            && thread.join().is_err()
        {
            log::error!("the writer thread panicked");
        }
    }
}

fn gone() -> Error {
    Error::Unavailable("the writer has stopped".to_owned())
}

/// A closure in the queue, with its types hidden.
trait Job: Send {
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
    /// Runs the closure, keeps what it returns and tells whether to keep what it wrote. May be called again.
    fn run(&mut self, conn: &mut Conn) -> bool;
    /// Sends what the closure returned, or why it could not be made durable.
    fn answer(self: Box<Self>, durable: Result<(), Error>);
}

struct Task<T, E, F> {
    work: F,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Task<T, E, F> {
    fn new(work: F) -> (Box<Self>, oneshot::Receiver<Result<T, E>>) {
        let (reply, answer) = oneshot::channel();
        (Box::new(Self { work, outcome: None, reply }), answer)
    }
}

impl<T, E, F> Job for Task<T, E, F>
where
    F: Fn(&mut Conn) -> Result<T, E> + Send,
    E: From<Error> + Send,
    T: Send,
{
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(&mut self, conn: &mut Conn) -> bool {
        let outcome = transaction::guarded(conn, &self.work);
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn answer(self: Box<Self>, durable: Result<(), Error>) {
        let answer = match (self.outcome, durable) {
            // It wrote nothing, so its own error stays true whatever became of the others.
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(error.into()),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(Error::internal("a queued closure was not run").into()),
        };
        // The caller may have gone; what was written stays written.
        drop(self.reply.send(answer));
    }
}

/// The writer thread's side.
struct Desk {
    conn: Conn,
    path: PathBuf,
    options: Options,
    gate: Arc<Mutex<()>>,
    checkpointer: Checkpointer,
}

impl Desk {
    fn serve(&mut self, mut queue: mpsc::Receiver<Box<dyn Job>>) {
        let mut batch = Vec::with_capacity(BATCH);
        while queue.blocking_recv_many(&mut batch, BATCH) > 0 {
            let jobs: Vec<_> = batch.drain(..).filter(|job| !job.is_abandoned()).collect();
            let changes = jobs.len();
            let gate = Arc::clone(&self.gate);
            let _gate = gate.lock().unwrap_or_else(PoisonError::into_inner);
            self.commit_together(jobs);
            self.checkpointer.committed(changes);
            self.replace_broken();
        }
    }

    fn commit_together(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        let durable = if jobs.len() > 1 { self.run_all(&mut jobs) } else { Ok(()) };
        // Deferred constraints are checked by COMMIT only, and it does not say whose they are: each must stand alone.
        let alone = jobs.len() == 1 || matches!(durable, Err(Error::Reference));
        for job in jobs {
            if alone {
                self.commit_alone(job);
            } else {
                job.answer(durable.clone());
            }
        }
    }

    /// One transaction, a savepoint for each closure, one commit.
    fn run_all(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), Error> {
        transaction::begin(&mut self.conn, Mode::Write)?;
        for job in jobs {
            // A savepoint that cannot be closed means that SQLite has undone the whole transaction (a full disk, say).
            if let Err(error) = in_savepoint(&mut self.conn, job.as_mut()) {
                if let Err(undo) = transaction::unwind(&mut self.conn, 0) {
                    log::warn!("a batch could not be undone: {undo}");
                }
                return Err(error);
            }
        }
        transaction::commit(&mut self.conn)
    }

    fn commit_alone(&mut self, mut job: Box<dyn Job>) {
        let result = transaction::run(&mut self.conn, Mode::Write, |conn| {
            if job.run(conn) { Ok(()) } else { Err(Undone(None)) }
        });
        job.answer(match result {
            Err(Undone(Some(error))) => Err(error),
            Ok(()) | Err(Undone(None)) => Ok(()),
        });
    }

    /// A connection whose transactions are in an unknown state is of no use; a new one starts clean.
    fn replace_broken(&mut self) {
        if !self.conn.is_broken() {
            return;
        }
        match open_sqlite(&self.path, Role::Writer, &self.options) {
            Ok(conn) => self.conn = conn,
            Err(error) => log::error!("the writer cannot open its database again: {error}"),
        }
    }
}

/// Why [`Desk::commit_alone`] kept nothing: the closure's own error (inside the job), or a failed begin or commit.
struct Undone(Option<Error>);

impl From<Error> for Undone {
    fn from(error: Error) -> Self {
        Self(Some(error))
    }
}

/// Fails only when the batch as a whole is lost.
fn in_savepoint(conn: &mut Conn, job: &mut dyn Job) -> Result<(), Error> {
    <Conn as TransactionManager<Conn>>::begin_transaction(conn)?;
    if job.run(conn) {
        transaction::expect_depth(conn, 2)?;
        <Conn as TransactionManager<Conn>>::commit_transaction(conn)?;
    } else {
        transaction::unwind(conn, 1)?;
    }
    transaction::expect_depth(conn, 1)
}
