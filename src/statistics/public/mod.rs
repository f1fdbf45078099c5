//! Published figures, for everybody: totals of a period, by agency, channel, field or procedure.
//!
//! What is counted of a sensitive procedure may point at a person where it is few. Such cells are withheld, and others with
//! them, so that no total and no other answer gives them away (`rules`). By field and procedure figures are published for
//! years that are over only: a table that grows from day to day would tell each single dossier.
//!
//! | file | owns |
//! | --- | --- |
//! | `rules` | what has to be withheld; pure |
//! | `views` | what the endpoint takes and gives |
//! | `service`, `api` | the figures; the endpoint |

pub(super) mod api;
mod rules;
mod service;
mod views;
