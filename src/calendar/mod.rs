//! Working time, holidays, due dates and their explanation.
//!
//! `rules` is the pure library that every due date comes from; nothing else in the program counts days. Around it stand
//! the calendars of each year, of the country and of single agencies, and what an agency's calendar comes to.
//!
//! | file | owns |
//! | --- | --- |
//! | `rules` | due dates, pauses, outcomes; pure |
//! | `words` | an explanation's words, in Vietnamese and English |
//! | `outlook` | how long the loaded calendars last |
//! | `statutory` | which days off the law wants, for warnings; pure |
//! | `calendars` | [`Calendars`]: every agency's working time, part of the catalogue's snapshot |
//! | `views` | what the endpoints take and give |
//! | `open_deadlines` | the question which open deadlines a change would move; answered by `dossiers` |
//! | `faults` | refusals of the rules as problems |
//! | `store`, `service`, `api` | SQL; use cases; endpoints |

mod api;
mod calendars;
mod faults;
mod open_deadlines;
mod outlook;
pub mod rules;
mod service;
mod statutory;
mod store;
mod views;
mod words;

#[cfg(test)]
mod tests;

pub use api::configure;
pub use calendars::{BadHours, Calendars};
pub use faults::{missing, to_faults};
pub use open_deadlines::{MovedDeadline, MovedLeg, MovingDate, OpenDeadlines, WouldMove};
pub use outlook::{Outlook, WARN_BEFORE_DAYS};
pub use service::put_year;
pub use store::load_years;
pub use views::{LimitUnit, SubmitTimeLimit};
