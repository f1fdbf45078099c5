//! What reports are asked for: an agency within the caller's reach, a period, groups. Shared by all of them.

use chrono::{Months, NaiveDate};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::cube::GroupBy;
use crate::World;
use crate::access::{Identity, Role};
use crate::agencies::Agency;
use crate::dossiers::AsOf;
use crate::http::{Code, Faults, Problem};

/// The longest period, in months.
const LONGEST: u32 = 20 * 12;

/// A question about an agency and a period, and what else a report may be asked (`more`): one query string.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct PeriodQuery<T> {
    #[serde(flatten)]
    asked: AgencyAndPeriod,
    #[serde(flatten)]
    pub(super) more: T,
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AgencyAndPeriod {
    /// First local day of the period.
    #[param(example = "2019-01-01")]
    from: NaiveDate,
    /// The day after its last day; at most twenty years after `from`.
    #[param(example = "2020-01-01")]
    to: NaiveDate,
    /// Code of the agency, with all below it; the caller's own when left out.
    #[param(min_length = 1, max_length = 35, example = "000.00.31.H20")]
    agency: Option<String>,
}

/// That only the agency itself is meant.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    /// Only that agency, without those below it.
    pub(super) own: Option<bool>,
}

impl<T: IntoParams> IntoParams for PeriodQuery<T> {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut all = AgencyAndPeriod::into_params(&place);
        all.extend(T::into_params(&place));
        all
    }
}

impl<T> PeriodQuery<T> {
    /// First day of the period.
    pub(super) fn from(&self) -> NaiveDate {
        self.asked.from
    }

    /// The day after its last day.
    pub(super) fn to(&self) -> NaiveDate {
        self.asked.to
    }

    /// Code of the agency, where one is named.
    pub(super) fn agency(&self) -> Option<&str> {
        self.asked.agency.as_deref()
    }

    /// Whose figures are wanted, when period, agency and all that was checked before are in order.
    ///
    /// # Errors
    /// 422 `invalid_query` with all faults, 403 `agency_out_of_reach`.
    pub(super) fn scope<'w>(
        &self,
        world: &'w World,
        caller: &Identity,
        own: Option<bool>,
        mut faults: Faults,
    ) -> Result<Scope<'w>, Problem> {
        check_period(self.from(), self.to(), &mut faults);
        scope(world, caller, self.agency(), own, faults)
    }
}

/// Whose figures: an agency's, with those of all below it unless `own`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'w> {
    pub(super) agency: &'w Agency,
    pub(super) own: bool,
}

/// Notes a period that is none, or too long.
pub(super) fn check_period(from: NaiveDate, to: NaiveDate, faults: &mut Faults) {
    let longest = from.checked_add_months(Months::new(LONGEST));
    if to <= from || longest.is_none_or(|longest| to > longest) {
        faults.add(
            "/query/to",
            Code::OutOfRange,
            ("sau `from` và nhiều nhất hai mươi năm", "after `from`, and at most twenty years after it"),
        );
    }
}

/// Notes more groups than two, or one twice.
pub(super) fn check_groups(groups: &[GroupBy], faults: &mut Faults) {
    if groups.len() > 2 {
        faults.add("/query/group_by", Code::TooManyItems, ("nhiều nhất hai nhóm", "at most two"));
    }
    if groups.iter().enumerate().any(|(at, group)| groups.iter().take(at).any(|other| other == group)) {
        faults.add("/query/group_by", Code::Duplicate, ("mỗi nhóm một lần", "each group once"));
    }
}

/// The state of knowledge asked for, or a fault.
pub(super) fn check_as_of(text: Option<&str>, faults: &mut Faults) -> Option<AsOf> {
    let parsed = text?.parse::<AsOf>();
    faults.take("/query/as_of", parsed.map_err(|expected| (Code::InvalidFormat, expected)))
}

/// The agency asked for (the caller's own when none is named), when all that was asked is in order and within reach: a
/// clerk's own agency alone, for all others theirs with all below it.
///
/// # Errors
/// 422 `invalid_query` with all faults, 403 `agency_out_of_reach`.
pub(super) fn scope<'w>(
    world: &'w World,
    caller: &Identity,
    agency: Option<&str>,
    own: Option<bool>,
    mut faults: Faults,
) -> Result<Scope<'w>, Problem> {
    let tree = &world.catalogue.tree;
    let found = match agency {
        None => Some(tree.agency(caller.agency_id)?),
        Some(code) => tree.by_code(code),
    };
    let Some(agency) = found.filter(|_| faults.is_empty()) else {
        if found.is_none() {
            faults.note("/query/agency", Code::UnknownAgency);
        }
        return Err(Problem::new(Code::InvalidQuery).faults(faults.into_vec()));
    };
    let sees_below = [Role::Leader, Role::Inspector, Role::Integration].iter().any(|role| caller.has(*role));
    let is_within =
        if sees_below { tree.is_within(agency.id, caller.agency_id) } else { agency.id == caller.agency_id };
    if !is_within {
        return Err(Problem::new(Code::AgencyOutOfReach));
    }
    Ok(Scope { agency, own: own == Some(true) || !sees_below })
}

/// The agency of a question that asks for nothing else, as [`scope`] finds it.
///
/// # Errors
/// 422 `invalid_query`, 403 `agency_out_of_reach`.
pub(super) fn agency<'w>(
    world: &'w World,
    caller: &Identity,
    code: Option<&str>,
) -> Result<&'w Agency, Problem> {
    Ok(scope(world, caller, code, None, Faults::default())?.agency)
}

/// The agency with this code, whoever asks.
///
/// # Errors
/// 422 `invalid_query`.
pub(super) fn named<'w>(world: &'w World, code: &str) -> Result<&'w Agency, Problem> {
    world.catalogue.tree.by_code(code).ok_or_else(|| {
        Problem::new(Code::InvalidQuery).error(
            "/query/agency",
            Code::UnknownAgency,
            Code::UnknownAgency.title(),
        )
    })
}
