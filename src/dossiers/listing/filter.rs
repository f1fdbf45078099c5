//! What a list of dossiers can be narrowed and ordered by, as callers say it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::super::{Channel, ClockState, Mark, Status, figure::Units};
use super::posted::Posted;
use crate::agencies::Kind;
use crate::calendar::rules::Outcome;
use crate::db::{Cursor, Instant, Limit, text_enum};

text_enum! {
    /// The order of a list; `-` is descending. Dossiers that lack the column are left out.
    pub enum Sort {
        Newest = "-id",
        Oldest = "id",
        ReceivedAt = "received_at",
        ReceivedAtDescending = "-received_at",
        DueAt = "due_at",
        DueAtDescending = "-due_at",
        FinishedAt = "finished_at",
        FinishedAtDescending = "-finished_at",
    }
}

text_enum! {
    /// How a dossier's course ended.
    pub enum Ended {
        Resolved = "resolved",
        Withdrawn = "withdrawn",
        Stopped = "stopped",
    }
}

/// What a list of dossiers can be narrowed by. Periods are half-open `[from, to)` by local day.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"agency": "000.00.31.H20", "status": "processing", "overdue": true, "sort": "due_at"}))]
pub struct DossierFilter {
    /// Receiving agency, with all below it.
    #[param(max_length = 35)]
    #[schema(max_length = 35)]
    pub agency: Option<String>,
    /// Only `agency` itself, without those below.
    pub own: Option<bool>,
    /// Agency that has it.
    #[param(max_length = 35)]
    #[schema(max_length = 35)]
    pub holder: Option<String>,
    /// Username of the officer in the lead.
    #[param(max_length = 100)]
    #[schema(max_length = 100)]
    pub assignee: Option<String>,
    /// Where it stands.
    #[param(inline)]
    pub status: Option<Status>,
    /// Code of the procedure.
    #[param(max_length = 40)]
    #[schema(max_length = 40)]
    pub procedure: Option<String>,
    /// Code of the field (lĩnh vực).
    #[param(max_length = 60)]
    #[schema(max_length = 60)]
    pub field: Option<String>,
    /// Level of the receiving agency: the nearest of province, district, commune upward from it.
    #[param(inline)]
    pub level: Option<Kind>,
    /// How it came in.
    #[param(inline)]
    pub channel: Option<Channel>,
    /// Handed in on or after this day.
    pub submitted_from: Option<NaiveDate>,
    /// Handed in before this day.
    pub submitted_to: Option<NaiveDate>,
    /// Received on or after this day.
    pub received_from: Option<NaiveDate>,
    /// Received before this day.
    pub received_to: Option<NaiveDate>,
    /// Promised for this day or later.
    pub due_from: Option<NaiveDate>,
    /// Promised for an earlier day.
    pub due_to: Option<NaiveDate>,
    /// To be judged by this day or a later one.
    pub judged_from: Option<NaiveDate>,
    /// To be judged by an earlier day.
    pub judged_to: Option<NaiveDate>,
    /// Resolved, withdrawn or stopped on or after this day.
    pub finished_from: Option<NaiveDate>,
    /// Resolved, withdrawn or stopped before this day.
    pub finished_to: Option<NaiveDate>,
    /// How its resolution is judged.
    #[param(inline)]
    pub outcome: Option<Outcome>,
    /// How its course ended; `resolved` includes returned ones.
    #[param(inline)]
    pub ended: Option<Ended>,
    /// Open at this moment.
    #[param(inline)]
    pub open_at: Option<Instant>,
    /// Open at this moment, past the date that it was then judged by, and not in a pause begun in time: as the figures have
    /// it, by what was recorded by then; a later moment: if nothing happens until then.
    #[param(inline)]
    pub overdue_at: Option<Instant>,
    /// Awaiting papers or money at this moment, also while a withdrawal is requested.
    #[param(inline)]
    pub paused_at: Option<Instant>,
    /// Overdue now (or not).
    pub overdue: Option<bool>,
    /// Open, and what its clock does.
    #[param(inline)]
    pub clock: Option<ClockState>,
    /// The moment as of which `clock`, `judged_from` and `judged_to` are meant, by what was recorded by then; now when left
    /// out.
    #[param(inline)]
    pub clock_as_of: Option<Instant>,
    /// With this mark.
    #[param(inline)]
    pub mark: Option<Mark>,
    /// Marked on or after this day, with `mark` or with any.
    pub marked_from: Option<NaiveDate>,
    /// Marked before this day.
    pub marked_to: Option<NaiveDate>,
    /// Submissions that the desk should have answered by now (or that still have time).
    pub waiting_late: Option<bool>,
    /// Open, not overdue, and to be judged by a date within so many working hours of the caller's agency.
    #[param(minimum = 0, maximum = 10000)]
    #[schema(minimum = 0, maximum = 10000)]
    pub due_within: Option<u32>,
    /// The dossiers behind a statistics figure, as booked, such as `received.online`.
    #[param(max_length = 40)]
    #[schema(max_length = 40)]
    pub figure: Option<String>,
    /// First day of the figure's period.
    pub figure_from: Option<NaiveDate>,
    /// Day after the figure's period.
    pub figure_to: Option<NaiveDate>,
    /// The figure as it was at this moment.
    #[param(inline)]
    pub figure_as_of: Option<Instant>,
    /// `then`: the figure as booked; `today`: what merged agencies had counts for their heirs.
    #[param(inline)]
    pub units: Option<Units>,
    /// That went by the post: the dossiers behind a figure of the report on the post, such as `to_post.delivered`.
    #[param(inline)]
    pub posted: Option<Posted>,
    /// Of `posted`: by this post office.
    #[param(max_length = 35)]
    #[schema(max_length = 35)]
    pub posted_office: Option<String>,
    /// Of `posted`: in a shipment that was booked on or after this day.
    pub posted_from: Option<NaiveDate>,
    /// Of `posted`: in a shipment that was booked before this day.
    pub posted_to: Option<NaiveDate>,
    /// With a leg that has this key in the route; all `leg_` parameters speak of one and the same leg.
    #[param(max_length = 60)]
    #[schema(max_length = 60)]
    pub leg: Option<String>,
    /// With a leg of this agency.
    #[param(max_length = 35)]
    #[schema(max_length = 35)]
    pub leg_agency: Option<String>,
    /// With a leg that ended on or after this day.
    pub leg_ended_from: Option<NaiveDate>,
    /// With a leg that ended before this day.
    pub leg_ended_to: Option<NaiveDate>,
    /// With a leg that used more than its share of the time (or without any such leg that did).
    pub leg_overran: Option<bool>,
    /// With a leg that has a share of the time (or with one that has none).
    pub leg_has_share: Option<bool>,
    /// Part of the applicant's name, accents ignored, or of the code.
    #[param(min_length = 2, max_length = 100)]
    #[schema(min_length = 2, max_length = 100)]
    pub q: Option<String>,
    /// Reference of a submission.
    #[param(max_length = 60)]
    #[schema(max_length = 60)]
    pub reference: Option<String>,
    /// The order; newest first when not said.
    #[param(inline)]
    pub sort: Option<Sort>,
}

/// What `/dossiers/search` takes: the list's filters, and numbers that must not stand in URLs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchDossiers {
    #[serde(flatten)]
    pub filter: DossierFilter,
    #[serde(flatten)]
    pub numbers: SearchedNumbers,
}

/// What a search has beside the filters of a list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SearchedNumbers {
    /// The applicant's, exactly.
    #[schema(max_length = 20)]
    pub identity_number: Option<String>,
    /// The applicant's, exactly; E.164 or national.
    #[schema(max_length = 20)]
    pub phone: Option<String>,
    pub limit: Option<Limit>,
    pub cursor: Option<Cursor>,
    /// Whether to count them all (`total`).
    pub count: Option<bool>,
}

/// One flat object of both, so that an unknown member is refused as everywhere.
impl PartialSchema for SearchDossiers {
    fn schema() -> RefOr<Schema> {
        let mut whole = DossierFilter::schema();
        if let (RefOr::T(Schema::Object(whole)), RefOr::T(Schema::Object(numbers))) =
            (&mut whole, SearchedNumbers::schema())
        {
            whole.properties.extend(numbers.properties);
            whole.example = Some(
                serde_json::json!({"identity_number": "087190001234", "status": "processing", "limit": 20}),
            );
        }
        whole
    }
}

impl ToSchema for SearchDossiers {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        DossierFilter::schemas(schemas);
        SearchedNumbers::schemas(schemas);
    }
}
