//! What a form looks like as JSON; CSV and spreadsheets are written from the same.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::layout::Format;
use super::table::{Value, plain};
use crate::db::Instant;
use crate::dossiers::{AgencyName, AsOf};
use crate::statistics::periods::{ClosingState, PeriodKind};

/// Which form is asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::statistics) struct ReportQuery {
    /// A year, half-year, nine months, quarter or month: `2019`, `2019-H1`, `2019-9M`, `2019-Q3`, `2019-07`.
    #[param(min_length = 4, max_length = 7, example = "2019-Q1")]
    pub(in crate::statistics) period: String,
    /// Where it begins and ends: with the calendar's months, or from the 15th to the 14th.
    #[param(inline)]
    pub(in crate::statistics) period_kind: Option<PeriodKind>,
    /// Code of the reporting agency; the caller's own when left out.
    #[param(min_length = 1, max_length = 35, example = "000.00.31.H20")]
    pub(in crate::statistics) agency: Option<String>,
}

/// A column of a form.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"name": "received_online", "number": "(4)", "headings": ["Số hồ sơ nhận giải quyết", "Trong kỳ", "Trực tuyến"], "format": "count"}))]
pub(in crate::statistics) struct ReportColumn {
    /// For programs.
    pub(super) name: String,
    /// Its number on the printed form.
    pub(super) number: String,
    /// From the outermost to its own.
    pub(super) headings: Vec<String>,
    pub(super) format: Format,
}

/// A number of a form: whole where dossiers are counted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub(in crate::statistics) enum ReportValue {
    Count(i64),
    Number(f64),
}

/// As it stands in a row, where it may be unknown.
impl PartialSchema for ReportValue {
    fn schema() -> RefOr<Schema> {
        let types = SchemaType::from_iter([Type::Number, Type::Null]);
        ObjectBuilder::new().schema_type(types).description(Some("Null: cannot be known")).into()
    }
}

impl ToSchema for ReportValue {}

impl From<Value> for ReportValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Count(count) => Self::Count(count),
            Value::Number(number) => Self::Number(number),
        }
    }
}

impl From<ReportValue> for Value {
    fn from(value: ReportValue) -> Self {
        match value {
            ReportValue::Count(count) => Self::Count(count),
            ReportValue::Number(number) => Self::Number(number),
        }
    }
}

/// A row of a form.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "no": "1", "name": "Hộ tịch", "is_section": false, "group": {"field": "ho-tich"},
    "values": {"received_total": 120, "carried_over": 4}, "links": {"carried_over": "/api/v1/dossiers?figure=carried_over&figure_from=2019-01-01&figure_to=2019-04-01&units=then&field=ho-tich&agency=000.33.31.H20&own=true"},
    "differences": {}
}))]
pub(in crate::statistics) struct ReportRow {
    /// As printed.
    pub(super) no: String,
    pub(super) name: String,
    /// A heading over the rows that follow it, with their sum.
    pub(super) is_section: bool,
    /// Codes of the groups.
    pub(super) group: BTreeMap<&'static str, String>,
    /// By the names of the columns; null: cannot be known.
    #[schema(value_type = BTreeMap<String, ReportValue>)]
    pub(super) values: BTreeMap<String, Option<ReportValue>>,
    /// For columns that are a single figure: the dossiers behind it.
    pub(super) links: BTreeMap<String, String>,
    /// In a closed period: what has come to the frozen number since, by column. Empty when nothing has.
    pub(super) differences: BTreeMap<String, i64>,
}

impl ReportRow {
    /// What stands in a column, in words.
    pub(super) fn text(&self, column: &ReportColumn) -> String {
        match (column.format, column.name.as_str()) {
            (Format::Text, "no") => self.no.clone(),
            (Format::Text, _) => self.name.clone(),
            (format, name) => {
                let value = self.values.get(name).copied().flatten();
                value.map_or_else(String::new, |value| plain(value.into(), format))
            }
        }
    }
}

/// How a closed period stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "state": "accepted", "revision": 1, "signed_by": "leader@tan-long", "closed_at": "2019-04-02T08:10:00+07:00",
    "seal": "5f0a3c1de2b94b7f8a6d0c9e1b2a3f4455667788990011223344556677889900"
}))]
pub(in crate::statistics) struct Frozen {
    pub(super) state: ClosingState,
    /// 1, and one more after each return for correction.
    pub(super) revision: i64,
    pub(super) signed_by: String,
    pub(super) closed_at: Instant,
    /// HMAC-SHA-256 over the frozen figures, their signer and moment.
    pub(super) seal: String,
}

/// A filled form.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "form": "06a", "number": "Biểu số II.06a/VPCP/KSTT",
    "title": "Tình hình, kết quả giải quyết TTHC tại cơ quan, đơn vị trực tiếp giải quyết TTHC",
    "basis": "Ban hành kèm theo Thông tư số 01/2020/TT-VPCP", "unit": "Đơn vị tính: Hồ sơ TTHC",
    "agency": {"code": "000.33.31.H20", "name": "Xã Tân Long"}, "recipient": {"code": "000.00.31.H20", "name": "Huyện Thanh Bình"},
    "period": "2019-Q1", "period_kind": "admin_15_14", "period_name": "Quý I năm 2019", "from": "2018-12-15", "to": "2019-03-15",
    "as_of": "2019-03-14", "closing": null,
    "columns": [{"name": "received_total", "number": "(3)", "headings": ["Số hồ sơ nhận giải quyết", "Tổng số"], "format": "count"}],
    "rows": [{"no": "1", "name": "Hộ tịch", "is_section": false, "group": {"field": "ho-tich"}, "values": {"received_total": 120}, "links": {}, "differences": {}}],
    "total": {"no": "", "name": "Tổng cộng", "is_section": true, "group": {}, "values": {"received_total": 120}, "links": {}, "differences": {}},
    "notes": [], "signatures": ["Người lập biểu", "Thủ trưởng đơn vị"]
}))]
pub(in crate::statistics) struct ReportView {
    pub(super) form: String,
    /// As printed.
    pub(super) number: String,
    pub(super) title: String,
    /// The text that prescribes it.
    pub(super) basis: String,
    /// What is counted.
    pub(super) unit: String,
    /// Who reports.
    pub(super) agency: AgencyName,
    /// To whom: the agency above.
    pub(super) recipient: Option<AgencyName>,
    #[schema(example = "2019-Q1")]
    pub(super) period: String,
    pub(super) period_kind: PeriodKind,
    pub(super) period_name: String,
    pub(super) from: NaiveDate,
    /// The day after its last one.
    pub(super) to: NaiveDate,
    /// Where the figures stand: before the end while the period lasts.
    #[schema(value_type = String, example = "2019-03-14")]
    pub(super) as_of: AsOf,
    /// Null: the period was not closed, and the figures are those of now.
    pub(super) closing: Option<Frozen>,
    pub(super) columns: Vec<ReportColumn>,
    pub(super) rows: Vec<ReportRow>,
    /// Null on forms of indicators.
    pub(super) total: Option<ReportRow>,
    pub(super) notes: Vec<String>,
    pub(super) signatures: Vec<String>,
}
