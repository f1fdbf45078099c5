//! The sample year: the agencies, procedures and people of Thanh Bình district in 2019, and the dossiers of that year. What
//! is published and what is made up is told in `year-2019.json` and in `plan`.

mod life;
mod plan;
pub mod world;
