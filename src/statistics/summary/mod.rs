//! The annual summary: the year's figures, compared with the year before and with what others have stated, and the paragraph
//! that is read out at the summing-up conference.
//!
//! Figures come from the counters. What a source states (an article, an older report) is kept beside them in `stated_figures`,
//! with how it is known: published, derived from what was published by arithmetic, or assumed. A figure that rests on an
//! assumption is marked as made up wherever it is shown.
//!
//! | file | owns |
//! | --- | --- |
//! | `figure` | which figures, and what people call them; pure |
//! | `stated` | what sources state |
//! | `words` | the paragraphs; pure |
//! | `markdown` | the summary to be read; pure |
//! | `views` | the summary for programs |
//! | `service`, `api` | the year's figures; the endpoint |

pub(super) mod api;
mod figure;
mod markdown;
mod service;
mod stated;
mod views;
mod words;

pub use figure::SummaryFigure;
pub use stated::{Basis, Qualifier, StatedFigure, insert_stated};
