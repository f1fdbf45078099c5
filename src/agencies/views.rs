//! What the agencies' endpoints take and give.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Agency, Kind, Tree, Week, hours::InForce};
use crate::{
    access::{Role, accounts::Officer},
    db::{PublicId, fold},
};

/// An agency.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "000.21.31.H20", "official": false, "name": "Thị trấn Thanh Bình", "kind": "commune", "function": null,
    "parent": "000.00.31.H20", "valid_from": null, "valid_to": "2025-07-01", "hotline": "02773833123",
    "email": "thitran@thanhbinh.example", "address": "Quốc lộ 30, Thanh Bình, Đồng Tháp", "gso_code": "30130",
    "latitude": 10.55546, "longitude": 105.491_758, "after_cutoff_counts_next_day": false, "successor": "H20.91",
    "version": 1
}))]
pub struct AgencyView {
    /// Its code (QCVN 102:2016, Decision 20/2020, or one of its own).
    pub code: String,
    /// Whether an authority gave the code.
    pub official: bool,
    /// Its name.
    pub name: String,
    /// What sort of agency it is.
    pub kind: Kind,
    /// What it does, in the words of routes (`parent/<function>`).
    pub function: Option<String>,
    /// The code of the agency above it; `null` for a province.
    pub parent: Option<String>,
    /// The first day on which it is in force; `null`: since ever.
    pub valid_from: Option<NaiveDate>,
    /// The first day on which it is no longer in force; `null`: no end.
    pub valid_to: Option<NaiveDate>,
    /// Phone for questions of citizens.
    pub hotline: Option<String>,
    /// E-mail for questions of citizens.
    pub email: Option<String>,
    /// Where it is.
    pub address: Option<String>,
    /// The General Statistics Office's code of its area.
    pub gso_code: Option<String>,
    /// Degrees north (WGS 84).
    pub latitude: Option<f64>,
    /// Degrees east (WGS 84).
    pub longitude: Option<f64>,
    /// Whether a reception after 15:00 counts as one of the next working day.
    pub after_cutoff_counts_next_day: bool,
    /// The code of the agency that its people belong to from `valid_to` on.
    pub successor: Option<String>,
    /// Raised at each change; the number in the `ETag`.
    pub version: i64,
}

impl AgencyView {
    pub(super) fn of(agency: &Agency, tree: &Tree) -> AgencyView {
        let code_of = |id| tree.get(id).map(|agency| agency.code.clone());
        AgencyView {
            code: agency.code.clone(),
            official: agency.official,
            name: agency.name.clone(),
            kind: agency.kind,
            function: agency.function.clone(),
            parent: agency.parent.and_then(code_of),
            valid_from: agency.valid_from,
            valid_to: agency.valid_to,
            hotline: agency.hotline.clone(),
            email: agency.email.clone(),
            address: agency.address.clone(),
            gso_code: agency.gso_code.clone(),
            latitude: agency.latitude,
            longitude: agency.longitude,
            after_cutoff_counts_next_day: agency.after_cutoff_counts_next_day,
            successor: agency.successor.and_then(code_of),
            version: agency.version,
        }
    }
}

/// A new agency.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "000.34.31.H20", "name": "Xã Tân Mỹ", "kind": "commune", "parent": "000.00.31.H20",
    "valid_from": "2019-01-01", "hotline": "02773833456", "gso_code": "30145"
}))]
pub struct SubmitAgency {
    /// Its code: groups of digits and capital letters with dots between. It never changes.
    #[schema(min_length = 1, max_length = 35, pattern = "^[0-9A-Z]+(\\.[0-9A-Z]+)*$")]
    pub code: String,
    /// Whether an authority gave the code; it then has the form of QCVN 102:2016 or Decision 20/2020.
    #[serde(default)]
    #[schema(default = false)]
    pub official: bool,
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What sort of agency it is. It never changes.
    pub kind: Kind,
    /// What it does, in the words of routes, such as `tu-phap`.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub function: Option<String>,
    /// The code of the agency above it.
    #[schema(min_length = 1, max_length = 35)]
    pub parent: Option<String>,
    /// The first day on which it is in force; left out: since ever.
    pub valid_from: Option<NaiveDate>,
    /// The first day on which it is no longer in force.
    pub valid_to: Option<NaiveDate>,
    /// Phone for questions of citizens.
    #[schema(min_length = 3, max_length = 30)]
    pub hotline: Option<String>,
    /// E-mail for questions of citizens.
    #[schema(format = "email", max_length = 254)]
    pub email: Option<String>,
    /// Where it is.
    #[schema(min_length = 1, max_length = 300)]
    pub address: Option<String>,
    /// The General Statistics Office's code of its area.
    #[schema(min_length = 1, max_length = 10, pattern = "^[0-9]+$")]
    pub gso_code: Option<String>,
    /// Degrees north (WGS 84), together with `longitude`.
    #[schema(minimum = -90, maximum = 90)]
    pub latitude: Option<f64>,
    /// Degrees east (WGS 84), together with `latitude`.
    #[schema(minimum = -180, maximum = 180)]
    pub longitude: Option<f64>,
    /// Whether a reception after 15:00 counts as one of the next working day.
    #[serde(default)]
    #[schema(default = false)]
    pub after_cutoff_counts_next_day: bool,
}

/// Changes to an agency: what is left out stays, `null` clears. Code and kind never change.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"hotline": "02773833999", "email": null}))]
pub struct ChangeAgency {
    /// Whether an authority gave the code.
    #[schema(value_type = bool, required = false)]
    pub official: Option<bool>,
    /// Its name.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// What it does, in the words of routes.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, required = false, min_length = 1, max_length = 40, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub function: Option<Option<String>>,
    /// The code of the agency that it stands below from now on. Merging and dividing is what succession is for.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 35)]
    pub parent: Option<String>,
    /// The first day on which it is in force.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<NaiveDate>, required = false)]
    pub valid_from: Option<Option<NaiveDate>>,
    /// The first day on which it is no longer in force.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<NaiveDate>, required = false)]
    pub valid_to: Option<Option<NaiveDate>>,
    /// Phone for questions of citizens.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, required = false, min_length = 3, max_length = 30)]
    pub hotline: Option<Option<String>>,
    /// E-mail for questions of citizens.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, required = false, format = "email", max_length = 254)]
    pub email: Option<Option<String>>,
    /// Where it is.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, required = false, min_length = 1, max_length = 300)]
    pub address: Option<Option<String>>,
    /// The General Statistics Office's code of its area.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, required = false, min_length = 1, max_length = 10, pattern = "^[0-9]+$")]
    pub gso_code: Option<Option<String>>,
    /// Degrees north (WGS 84).
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<f64>, required = false, minimum = -90, maximum = 90)]
    pub latitude: Option<Option<f64>>,
    /// Degrees east (WGS 84).
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<f64>, required = false, minimum = -180, maximum = 180)]
    pub longitude: Option<Option<f64>>,
    /// Whether a reception after 15:00 counts as one of the next working day.
    #[schema(value_type = bool, required = false)]
    pub after_cutoff_counts_next_day: Option<bool>,
    /// The code of the agency that its people belong to from `valid_to` on: they sign in as before and reach what that
    /// agency reaches.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, required = false, min_length = 1, max_length = 35)]
    pub successor: Option<Option<String>>,
}

/// What is there, `null` included; what is left out never comes here.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Which agencies are wanted.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListAgencies {
    /// Only agencies of this kind.
    #[param(inline)]
    kind: Option<Kind>,
    /// Only those directly below this agency.
    #[param(min_length = 1, max_length = 35)]
    pub(super) parent: Option<String>,
    /// Only this agency and all below it.
    #[param(min_length = 1, max_length = 35)]
    pub(super) within: Option<String>,
    /// A part of the name or code; case and accents don't matter.
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
    /// Only those in force on this day.
    open_on: Option<NaiveDate>,
}

impl ListAgencies {
    /// Whether an agency is wanted; `parent` and `within` as keys.
    pub(super) fn wants(
        &self,
        agency: &Agency,
        tree: &Tree,
        parent: Option<i64>,
        within: Option<i64>,
    ) -> bool {
        self.kind.is_none_or(|kind| kind == agency.kind)
            && parent.is_none_or(|parent| agency.parent == Some(parent))
            && within.is_none_or(|ancestor| tree.is_within(agency.id, ancestor))
            && self.open_on.is_none_or(|day| agency.is_open_on(day))
            && self.q.as_deref().is_none_or(|q| {
                let wanted = fold(q);
                fold(&agency.name).contains(&wanted) || fold(&agency.code).contains(&wanted)
            })
    }
}

/// Somebody whom a dossier can be assigned to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22", "username": "officer@tu-phap", "full_name": "Nguyễn Văn An",
    "roles": ["officer"]
}))]
pub struct OfficerView {
    /// The account's key.
    pub id: PublicId,
    /// The user name, which `assign` takes.
    pub username: String,
    /// The name, if the account has one.
    pub full_name: Option<String>,
    /// What the account is trusted with.
    pub roles: Vec<Role>,
}

impl From<Officer> for OfficerView {
    fn from(officer: Officer) -> OfficerView {
        OfficerView {
            id: officer.public_id,
            username: officer.username,
            full_name: officer.full_name,
            roles: officer.roles.0,
        }
    }
}

/// The people whom a dossier can be assigned to at one agency.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "items": [{
        "id": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22", "username": "officer@tu-phap", "full_name": "Nguyễn Văn An",
        "roles": ["officer"]
    }]
}))]
pub struct OfficersView {
    /// By user name.
    pub items: Vec<OfficerView>,
}

/// Opening hours from a day on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HoursView {
    /// The first day; `null`: since ever.
    pub effective_from: Option<NaiveDate>,
    /// The first day on which the next hours hold; `null`: no end.
    pub effective_to: Option<NaiveDate>,
    /// The code of the agency above that set them; `null`: the agency itself, or nobody.
    pub inherited_from: Option<String>,
    /// Whether nobody set any, so that the usual hours hold.
    pub is_usual: bool,
    /// The week.
    pub hours: Week,
}

/// The opening hours that hold for an agency.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "agency": "000.21.31.H20",
    "items": [{
        "effective_from": null, "effective_to": null, "inherited_from": null, "is_usual": true,
        "hours": {
            "monday": [{"from": "07:00", "to": "11:30"}, {"from": "13:30", "to": "17:00"}],
            "tuesday": [{"from": "07:00", "to": "11:30"}, {"from": "13:30", "to": "17:00"}],
            "wednesday": [{"from": "07:00", "to": "11:30"}, {"from": "13:30", "to": "17:00"}],
            "thursday": [{"from": "07:00", "to": "11:30"}, {"from": "13:30", "to": "17:00"}],
            "friday": [{"from": "07:00", "to": "11:30"}, {"from": "13:30", "to": "17:00"}],
            "saturday": [], "sunday": []
        }
    }],
    "version": 0
}))]
pub struct WorkingHoursView {
    /// The agency's code.
    pub agency: String,
    /// The hours by rising day, each until the next; the first since ever.
    pub items: Vec<HoursView>,
    /// Raised at each change of the agency's own hours; 0 before the first.
    pub version: i64,
}

impl WorkingHoursView {
    pub(super) fn of(agency: &Agency, layers: Vec<InForce<i64>>, version: i64, tree: &Tree) -> Self {
        let ends: Vec<_> = layers.iter().skip(1).map(|layer| layer.from).chain([None]).collect();
        let view = |(layer, effective_to): (InForce<i64>, Option<NaiveDate>)| HoursView {
            effective_from: layer.from,
            effective_to,
            inherited_from: layer
                .owner
                .filter(|owner| *owner != agency.id)
                .and_then(|owner| tree.get(owner))
                .map(|owner| owner.code.clone()),
            is_usual: layer.owner.is_none(),
            hours: layer.week,
        };
        let items = layers.into_iter().zip(ends).map(view).collect();
        WorkingHoursView { agency: agency.code.clone(), items, version }
    }
}

/// Opening hours that an agency, and all below it without hours of their own, has from a day on.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "effective_from": "2019-06-01",
    "hours": {
        "monday": [{"from": "07:30", "to": "11:30"}, {"from": "13:00", "to": "17:00"}],
        "tuesday": [{"from": "07:30", "to": "11:30"}, {"from": "13:00", "to": "17:00"}],
        "wednesday": [{"from": "07:30", "to": "11:30"}, {"from": "13:00", "to": "17:00"}],
        "thursday": [{"from": "07:30", "to": "11:30"}, {"from": "13:00", "to": "17:00"}],
        "friday": [{"from": "07:30", "to": "11:30"}, {"from": "13:00", "to": "17:00"}],
        "saturday": [{"from": "07:30", "to": "11:30"}]
    }
}))]
pub struct SubmitWorkingHours {
    /// The first day; hours set from the same day are replaced.
    pub effective_from: NaiveDate,
    /// The week; `null` or left out: the hours of the agency above, from this day on.
    pub hours: Option<Week>,
}
