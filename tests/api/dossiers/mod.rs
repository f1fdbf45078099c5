//! Dossiers: intake, the state machine, history, deadlines, lists, the public's look-up.

mod batches;
mod deadlines;
mod history;
mod intake;
mod ledger;
mod lists;
mod lookup;
mod recompute;
mod refusals;
mod sensitive;
mod transitions;
