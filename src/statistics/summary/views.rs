//! The summary for programs.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::figure::SummaryFigure;
use super::stated::{Basis, Qualifier};
use crate::agencies::Kind;
use crate::dossiers::{AgencyName, AsOf};

/// Which year is wanted.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::statistics) struct SummaryQuery {
    /// The calendar year.
    #[param(minimum = 1945, maximum = 2999, example = 2019)]
    pub(super) year: i32,
    /// Code of the agency, with all below it; the caller's own when left out.
    #[param(min_length = 1, max_length = 35, example = "000.00.31.H20")]
    pub(super) agency: Option<String>,
}

/// What a source states of a figure.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"value": 87757, "qualifier": "exactly", "basis": "published", "source": "Báo cáo tổng kết năm 2019", "agrees": true}))]
pub(in crate::statistics) struct StatedView {
    pub(super) value: i64,
    pub(super) qualifier: Qualifier,
    pub(super) basis: Basis,
    pub(super) source: String,
    /// Whether the counted figure is what the source says.
    pub(super) agrees: bool,
}

/// A figure of the year.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "key": "commune.resolved.late", "level": "commune", "figure": "resolved.late", "name": "Giải quyết quá hạn", "value": 121,
    "previous": null, "change": null, "is_made_up": false,
    "link": "/api/v1/dossiers?figure=resolved.late&figure_from=2019-01-01&figure_to=2020-01-01&units=then&agency=000.00.31.H20&level=commune",
    "stated": {"value": 121, "qualifier": "exactly", "basis": "derived", "source": "Tổng kết cải cách hành chính 2019", "agrees": true}
}))]
pub(in crate::statistics) struct SummaryItem {
    /// Level and figure: what pieces of paragraphs name.
    pub(super) key: String,
    pub(super) level: Kind,
    pub(super) figure: SummaryFigure,
    /// For people.
    pub(super) name: String,
    pub(super) value: i64,
    /// A year before; null where nobody knows.
    pub(super) previous: Option<i64>,
    /// What came to it since then.
    pub(super) change: Option<i64>,
    /// It rests on an assumption: nobody ever published it.
    pub(super) is_made_up: bool,
    /// GET `/dossiers` with exactly the dossiers behind it.
    pub(super) link: String,
    /// What a source states of it, if any does.
    pub(super) stated: Option<StatedView>,
}

/// How a level kept to its time.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"level": "commune", "name": "Cấp xã", "on_time_rate": 0.9986, "previous": null}))]
pub(in crate::statistics) struct LevelRate {
    pub(super) level: Kind,
    pub(super) name: String,
    /// (early + on time) / resolved, to four decimals; null when nothing was resolved.
    pub(super) on_time_rate: Option<f64>,
    /// A year before; null where nobody knows.
    pub(super) previous: Option<f64>,
}

/// A piece of a paragraph: words, or a figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"text": "87.971", "figure": "commune.received.total"}))]
pub(in crate::statistics) struct Piece {
    pub(super) text: String,
    /// The `key` of the figure.
    pub(super) figure: Option<String>,
}

/// A paragraph.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "text": "Cấp xã tiếp nhận 87.971 hồ sơ.",
    "pieces": [{"text": "Cấp xã tiếp nhận ", "figure": null}, {"text": "87.971", "figure": "commune.received.total"}, {"text": " hồ sơ.", "figure": null}]
}))]
pub(in crate::statistics) struct Paragraph {
    /// All of it; what is made up has an asterisk.
    pub(super) text: String,
    /// The same, piece by piece.
    pub(super) pieces: Vec<Piece>,
}

/// The year in figures and words.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "agency": {"code": "000.00.31.H20", "name": "Huyện Thanh Bình"}, "year": 2019, "as_of": "2019-12-31",
    "title": "Kết quả tiếp nhận và giải quyết thủ tục hành chính năm 2019 – Huyện Thanh Bình",
    "paragraphs": [{"text": "Cấp xã tiếp nhận 87.971 hồ sơ.", "pieces": [{"text": "87.971", "figure": "commune.received.total"}]}],
    "rates": [{"level": "commune", "name": "Cấp xã", "on_time_rate": 0.9986, "previous": null}],
    "items": [{"key": "commune.resolved.late", "level": "commune", "figure": "resolved.late", "name": "Giải quyết quá hạn", "value": 121,
        "previous": null, "change": null, "is_made_up": false, "link": "/api/v1/dossiers?figure=resolved.late&figure_from=2019-01-01&figure_to=2020-01-01&units=then&agency=000.00.31.H20&level=commune",
        "stated": {"value": 121, "qualifier": "exactly", "basis": "derived", "source": "Tổng kết cải cách hành chính 2019", "agrees": true}}]
}))]
pub(in crate::statistics) struct SummaryView {
    pub(super) agency: AgencyName,
    pub(super) year: i32,
    /// Where the figures stand.
    #[schema(value_type = String, example = "2019-12-31")]
    pub(super) as_of: AsOf,
    pub(super) title: String,
    /// In Vietnamese, as they are read out.
    pub(super) paragraphs: Vec<Paragraph>,
    pub(super) rates: Vec<LevelRate>,
    pub(super) items: Vec<SummaryItem>,
}

impl SummaryView {
    pub(super) fn item(&self, key: &str) -> Option<&SummaryItem> {
        self.items.iter().find(|item| item.key == key)
    }
}
