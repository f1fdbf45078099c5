//! The report on the post.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::figures::{Fate, Shipments};
use super::store::{self, Whose};
use crate::World;
use crate::access::{Identity, Role};
use crate::agencies::AgencyId;
use crate::calendar::rules::at;
use crate::db::Conn;
use crate::dossiers::{AgencyName, agency_name};
use crate::http::{Faults, NoFilter, Problem};
use crate::post::Direction;
use crate::statistics::asked::{PeriodQuery, Scope};
use crate::statistics::links::List;

/// What a report on the post is asked for; the agency of a post clerk is his office.
pub(in crate::statistics) type PostalQuery = PeriodQuery<NoFilter>;

/// Shipments of one post office.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "office": {"code": "VNPOST.30166", "name": "Bưu cục Tân Long"},
    "to_post": {"total": 120, "delivered": 111, "returned": 2, "lost": 0, "damaged": 1, "cancelled": 3, "under_way": 3,
        "cod": 5_400_000, "cod_delivered": 5_100_000,
        "dossiers": {"total": 115, "delivered": 111, "returned": 2, "lost": 0, "damaged": 1, "under_way": 3}},
    "from_post": {"total": 0, "delivered": 0, "returned": 0, "lost": 0, "damaged": 0, "cancelled": 0, "under_way": 0,
        "cod": 0, "cod_delivered": 0,
        "dossiers": {"total": 0, "delivered": 0, "returned": 0, "lost": 0, "damaged": 0, "under_way": 0}},
    "links": {
        "to_post.damaged": "/api/v1/postal/shipments?direction=to_post&state=damaged&created_from=2019-01-01&created_to=2020-01-01&office=VNPOST.30166",
        "to_post.dossiers.damaged": "/api/v1/dossiers?posted=to_post.damaged&posted_from=2019-01-01&posted_to=2020-01-01&posted_office=VNPOST.30166"
    }
}))]
pub(in crate::statistics) struct PostalRow {
    /// Null in the total.
    office: Option<AgencyName>,
    /// From the agency to the applicant.
    to_post: Shipments,
    /// From the applicant to the agency.
    from_post: Shipments,
    /// By the path of a figure that counts dossiers (`to_post.dossiers.lost`): GET `/dossiers` with exactly these; of one that
    /// counts shipments (`to_post.lost`): GET `/postal/shipments` with exactly these, for those who may list them: post clerks
    /// and inspectors.
    links: BTreeMap<String, String>,
}

/// What went by the post. States are those of now, whenever the shipments were booked in the period.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::statistics) struct PostalReport {
    from: NaiveDate,
    to: NaiveDate,
    /// By post office.
    items: Vec<PostalRow>,
    total: PostalRow,
}

impl PostalRow {
    fn of(office: Option<AgencyName>, links: BTreeMap<String, String>) -> Self {
        Self { office, to_post: Shipments::default(), from_post: Shipments::default(), links }
    }

    fn direction(&mut self, direction: Direction) -> &mut Shipments {
        match direction {
            Direction::ToPost => &mut self.to_post,
            Direction::FromPost => &mut self.from_post,
        }
    }
}

/// Reports on the post of an agency and those below it; to a post clerk, on his office.
///
/// # Errors
/// 422 `invalid_query`, 403 `agency_out_of_reach`.
pub(in crate::statistics) fn postal(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    query: &PostalQuery,
) -> Result<PostalReport, Problem> {
    let scope = query.scope(world, caller, None, Faults::default())?;
    // A post clerk's reach is his office, whose shipments are other agencies'.
    let whose = Whose { agency: scope.agency.id, is_office: scope.own && caller.has(Role::PostClerk) };
    let span = (at(query.from(), 0).into(), at(query.to(), 0).into());
    let lists = Lists { scope, is_office: whose.is_office, query, shipments: may_list(caller, whose) };
    let mut total = PostalRow::of(None, lists.links(None));
    let mut rows: BTreeMap<AgencyId, PostalRow> = BTreeMap::new();
    for count in store::count(conn, whose, span)? {
        total.direction(count.direction).add(&count);
        let row = match rows.entry(count.office_id) {
            Entry::Occupied(row) => row.into_mut(),
            Entry::Vacant(place) => {
                let office = agency_name(world, count.office_id)?;
                let links = lists.links(Some(&office.code));
                place.insert(PostalRow::of(Some(office), links))
            }
        };
        row.direction(count.direction).add(&count);
    }
    for carried in store::count_carried(conn, whose, span)? {
        // What carried them has made a row of its office.
        if let Some(row) = rows.get_mut(&carried.office_id).or((carried.office_id == 0).then_some(&mut total))
        {
            row.direction(carried.direction).set_dossiers(&carried);
        }
    }
    Ok(PostalReport { from: query.from(), to: query.to(), items: rows.into_values().collect(), total })
}

/// Whether the caller is shown a list of these shipments: a post clerk his office's, an inspector those of his subtree.
fn may_list(caller: &Identity, whose: Whose) -> bool {
    whose.is_office || caller.has(Role::Inspector)
}

/// Where the lists behind a report's figures are.
struct Lists<'a> {
    scope: Scope<'a>,
    is_office: bool,
    query: &'a PostalQuery,
    /// The caller may list shipments.
    shipments: bool,
}

impl Lists<'_> {
    /// The lists behind the figures of one office's row, or of the total.
    fn links(&self, office: Option<&str>) -> BTreeMap<String, String> {
        let mut links = BTreeMap::new();
        for direction in Direction::ALL {
            for fate in Fate::ALL {
                if self.shipments {
                    links.insert(format!("{direction}.{fate}"), self.of_shipments(*direction, *fate, office));
                }
                if *fate != Fate::Cancelled {
                    let path = format!("{direction}.dossiers.{fate}");
                    links.insert(path, self.of_dossiers(*direction, *fate, office));
                }
            }
        }
        links
    }

    fn of_shipments(&self, direction: Direction, fate: Fate, office: Option<&str>) -> String {
        let list = List::default().with("direction", direction.as_str());
        let list = match fate {
            Fate::Total => list,
            Fate::UnderWay => list.with("under_way", "true"),
            Fate::Delivered | Fate::Returned | Fate::Lost | Fate::Damaged | Fate::Cancelled => {
                list.with("state", fate.as_str())
            }
        };
        let booked = list
            .with("created_from", &self.query.from().to_string())
            .with("created_to", &self.query.to().to_string());
        let below = (!self.is_office).then_some("true");
        self.within(booked, "office", office).with_some("below", below).address_of_shipments()
    }

    fn of_dossiers(&self, direction: Direction, fate: Fate, office: Option<&str>) -> String {
        let posted = List::default()
            .with("posted", &format!("{direction}.{fate}"))
            .with("posted_from", &self.query.from().to_string())
            .with("posted_to", &self.query.to().to_string());
        self.within(posted, "posted_office", office).address()
    }

    /// Narrowed down to the row's office, and to the agency asked for unless that is an office.
    fn within(&self, list: List, name: &str, office: Option<&str>) -> List {
        let asked = self.scope.agency.code.as_str();
        if self.is_office {
            return list.with(name, asked);
        }
        list.with_some(name, office).with("agency", asked)
    }
}
