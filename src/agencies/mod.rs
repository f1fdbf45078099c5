//! Agencies: the tree of who receives and decides, their days of validity, and their opening hours.
//!
//! A province, its districts and communes, their departments, post offices, and agencies of other branches (`external`)
//! that take part in a route. An agency is never deleted: it ends on a day, and dossiers keep pointing at it.
//!
//! | file | owns |
//! | --- | --- |
//! | `tree` | [`Tree`]: all agencies in memory, part of the catalogue's snapshot |
//! | `rules` | the form of codes, what may stand below what, what a route's step may name |
//! | `succession` | who may follow whom |
//! | `hours` | opening hours of a week, from a day on, inherited along the tree |
//! | `listing` | pages of what the catalogue knows by heart |
//! | `views` | what the endpoints take and give |
//! | `store`, `service`, `api` | SQL; use cases; endpoints |
//!
//! Law: QCVN 102:2016/BTTTT and Decision 20/2020/QĐ-TTg (codes).

mod api;
mod hours;
mod listing;
mod rules;
mod service;
mod store;
mod succession;
mod tree;
mod views;

#[cfg(test)]
pub(crate) mod tests;

use chrono::NaiveDate;
use diesel::prelude::{Queryable, Selectable};

pub use api::configure;
pub use hours::{HoursFrom, InForce, Period, Week, WeekRefusal, in_force as hours_in_force};
pub use listing::page_by_code;
pub use rules::{CODE_MAX, CodeForm, StepAgency, is_function};
pub use service::{insert_agency, may_manage, put_working_hours};
pub use store::{load_hours, load_tree};
pub use tree::{Tree, Unknown};
pub use views::{SubmitAgency, SubmitWorkingHours};

use crate::db::{MultiBackend, schema::agencies, types::text_enum};

/// Names a row of `agencies`.
pub type AgencyId = i64;

/// The name of the catalogue's revision: whoever writes agencies, hours, calendars or procedures bumps it.
pub const CATALOGUE: &str = "catalogue";

text_enum! {
    /// What sort of agency it is.
    pub enum Kind {
        /// People's committee of a province; the root of a tree.
        Province = "province",
        /// Of a district (until 2025-07-01).
        District = "district",
        /// Of a commune, ward or township.
        Commune = "commune",
        /// A department or office of one of these.
        Department = "department",
        /// A post office that takes in and returns dossiers.
        PostOffice = "post_office",
        /// An agency of another branch, such as tax, police, insurance.
        External = "external",
    }
}

impl Kind {
    /// Whether it is one of the three levels that procedures and figures are kept by.
    #[must_use]
    pub const fn is_level(self) -> bool {
        match self {
            Kind::Province | Kind::District | Kind::Commune => true,
            Kind::Department | Kind::PostOffice | Kind::External => false,
        }
    }
}

/// An agency.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = agencies, check_for_backend(MultiBackend))]
pub struct Agency {
    /// Its key.
    pub id: AgencyId,
    /// Its code, by which the world knows it.
    pub code: String,
    /// Whether an authority gave the code.
    pub official: bool,
    /// Its name.
    pub name: String,
    /// What sort it is.
    pub kind: Kind,
    /// What it does, in the words of routes (`parent/<function>`).
    pub function: Option<String>,
    /// The agency above it; only a province has none.
    #[diesel(column_name = parent_id)]
    pub parent: Option<AgencyId>,
    /// The first day on which it is in force; `None`: since ever.
    pub valid_from: Option<NaiveDate>,
    /// The first day on which it is no longer in force.
    pub valid_to: Option<NaiveDate>,
    /// For questions of citizens.
    pub hotline: Option<String>,
    /// For questions of citizens.
    pub email: Option<String>,
    /// Where it is.
    pub address: Option<String>,
    /// The General Statistics Office's code of its area.
    pub gso_code: Option<String>,
    /// Its place on the map (WGS 84).
    pub latitude: Option<f64>,
    /// Its place on the map (WGS 84).
    pub longitude: Option<f64>,
    /// Whether a reception after 15:00 counts as one of the next working day.
    pub after_cutoff_counts_next_day: bool,
    /// Raised at each change.
    pub version: i64,
    /// The agency that its people belong to from `valid_to` on.
    #[diesel(column_name = successor_id)]
    pub successor: Option<AgencyId>,
}

impl Agency {
    /// Whether it is in force on a day.
    #[must_use]
    pub fn is_open_on(&self, day: NaiveDate) -> bool {
        rules::is_open(self.valid_from, self.valid_to, day)
    }

    /// One for a test.
    #[cfg(test)]
    pub(crate) fn sample(id: AgencyId, code: &str, kind: Kind, parent: Option<AgencyId>) -> Agency {
        Agency {
            id,
            code: code.to_owned(),
            official: false,
            name: format!("Cơ quan {code}"),
            kind,
            function: None,
            parent,
            valid_from: None,
            valid_to: None,
            hotline: None,
            email: None,
            address: None,
            gso_code: None,
            latitude: None,
            longitude: None,
            after_cutoff_counts_next_day: false,
            version: 1,
            successor: None,
        }
    }
}
