//! The sample year: the agencies, procedures and people of Thanh Bình district in 2019, and the dossiers of that year. What
//! is published and what is made up is told in `year-2019.json` and in [`plan`].
//!
//! | file | owns |
//! | --- | --- |
//! | `plan` | from the published figures to single dossiers, each with a fate; pure |
//! | `life`, `people` | when, by whom and for whom; pure |
//! | [`world`] | agencies, calendar, procedures, delegations, accounts |
//! | [`stated`] | what is known of the year from outside, for comparison |
//! | [`load`] | the year through the same rules and store code as live requests |

mod life;
pub mod load;
mod people;
pub mod plan;
pub mod stated;
pub mod world;

pub use life::By;
