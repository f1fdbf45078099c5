//! One row of a report: its shape, and the proof that its figures agree.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::cube::{Line, Total};
use super::figures::suspect;
use super::links::Links;

/// How many dossiers were received, and by which channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"total": 15380, "counter": 12633, "online": 73, "postal": 173, "post_office": 2500, "at_home": 1}))]
pub(super) struct ReceivedFigures {
    total: i64,
    counter: i64,
    online: i64,
    postal: i64,
    post_office: i64,
    at_home: i64,
}

/// How many were resolved, against the date that the agency is judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"total": 87757, "early": 32357, "on_time": 55279, "late": 121}))]
pub(super) struct ResolvedFigures {
    total: i64,
    early: i64,
    on_time: i64,
    late: i64,
}

/// How many are open at the end of the period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"total": 214, "in_time": 214, "overdue": 0, "paused": 12}))]
pub(super) struct PendingFigures {
    /// `in_time` and `overdue` together.
    total: i64,
    in_time: i64,
    overdue: i64,
    /// Of those in time: in a pause that began in time.
    paused: i64,
}

/// Submissions that the desk had or has to look at. They are not received yet and stand outside the identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"total": 246, "declined": 0, "waiting": 0, "waiting_late": 0}))]
pub(super) struct SubmissionFigures {
    /// Handed in during the period.
    total: i64,
    declined: i64,
    /// Waiting at the end of the period.
    waiting: i64,
    /// Of those: longer than the desk may take.
    waiting_late: i64,
}

/// The figures of one group. In every row `carried_over + received.total + moved = resolved.total + withdrawn + stopped +
/// pending.total`, each of them counted for itself.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "group": {"level": "commune"}, "names": {"level": "Cấp xã"}, "carried_over": 0,
    "received": {"total": 87971, "counter": 85621, "online": 0, "postal": 0, "post_office": 2350, "at_home": 0},
    "moved": 0, "resolved": {"total": 87757, "early": 32357, "on_time": 55279, "late": 121}, "withdrawn": 0, "stopped": 0,
    "pending": {"total": 214, "in_time": 214, "overdue": 0, "paused": 12}, "on_time_rate": 0.9986,
    "submissions": {"total": 0, "declined": 0, "waiting": 0, "waiting_late": 0},
    "links": {"resolved.late": "/api/v1/dossiers?figure=resolved.late&figure_from=2019-01-01&figure_to=2020-01-01&units=then&agency=000.00.31.H20&level=commune"}
}))]
pub(super) struct StatisticsRow {
    /// Codes, one for each `group_by`; empty in the total.
    group: BTreeMap<&'static str, String>,
    /// The same for people.
    names: BTreeMap<&'static str, String>,
    /// Open when the period began.
    carried_over: i64,
    received: ReceivedFigures,
    /// What corrections and successions carried here from other groups, less what they carried away.
    moved: i64,
    resolved: ResolvedFigures,
    withdrawn: i64,
    stopped: i64,
    pending: PendingFigures,
    /// (early + on time) / resolved, to four decimals; null when nothing was resolved.
    #[schema(minimum = 0, maximum = 1)]
    on_time_rate: Option<f64>,
    submissions: SubmissionFigures,
    /// For each figure but `moved` and `on_time_rate`, by its path: GET `/dossiers` with exactly the dossiers behind it.
    links: BTreeMap<&'static str, String>,
}

/// Why a row must not be given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken {
    /// The figure that is wrong, or that shows it.
    pub(super) figure: &'static str,
}

/// Proves that the figures of a row agree.
///
/// # Errors
/// The first figure that does not.
pub(super) fn prove(before: &Total, during: &Total) -> Result<(), Broken> {
    let end = before.plus(during);
    for sums in [before, during] {
        let difference = sums.control - sums.figures.control();
        if difference != 0 {
            return Err(Broken { figure: suspect(difference).map_or("control", path) });
        }
    }
    let (stock, flow) = (end.figures, during.figures);
    let balanced = [(before.figures.imbalance(), "carried_over"), (flow.imbalance(), "pending.total")];
    let positive = [
        (before.figures.open, "carried_over"),
        (flow.received, "received.total"),
        (flow.early, "resolved.early"),
        (flow.on_time, "resolved.on_time"),
        (flow.late, "resolved.late"),
        (flow.withdrawn, "withdrawn"),
        (flow.stopped, "stopped"),
        (stock.open, "pending.total"),
        (stock.overdue, "pending.overdue"),
        (stock.open - stock.overdue, "pending.in_time"),
        (stock.paused, "pending.paused"),
        (stock.open - stock.overdue - stock.paused, "pending.paused"),
        (flow.submitted, "submissions.total"),
        (flow.declined, "submissions.declined"),
        (stock.waiting, "submissions.waiting"),
        (stock.waiting_late, "submissions.waiting_late"),
        (stock.waiting - stock.waiting_late, "submissions.waiting_late"),
    ];
    let unbalanced = balanced.into_iter().find(|(imbalance, _)| *imbalance != 0);
    let negative = positive.into_iter().find(|(count, _)| *count < 0);
    match unbalanced.or(negative) {
        Some((_, figure)) => Err(Broken { figure }),
        None => Ok(()),
    }
}

/// The figure that a column stands for.
fn path(column: &'static str) -> &'static str {
    match column {
        "received" => "received.total",
        "early" => "resolved.early",
        "on_time" => "resolved.on_time",
        "late" => "resolved.late",
        "open" => "pending.total",
        "overdue" => "pending.overdue",
        "paused" => "pending.paused",
        "submitted" => "submissions.total",
        "declined" => "submissions.declined",
        "waiting" => "submissions.waiting",
        "waiting_late" => "submissions.waiting_late",
        same => same,
    }
}

/// The share of timely ones among `resolved`, to four decimals; None when nothing was resolved.
pub(super) fn on_time_rate(timely: i64, resolved: i64) -> Option<f64> {
    rate(timely, resolved)
}

/// A part of a whole to four decimals; None of nothing.
pub(super) fn rate(part: i64, whole: i64) -> Option<f64> {
    if whole == 0 {
        return None;
    }
    // Rounded half up in whole ten-thousandths, so that it reads the same everywhere.
    let ten_thousandths = (part * 20_000 + whole) / (whole * 2);
    i32::try_from(ten_thousandths).ok().map(|rate| f64::from(rate) / 10_000.0)
}

impl StatisticsRow {
    /// A row, when its figures agree.
    ///
    /// # Errors
    /// The first figure that does not agree.
    pub(super) fn new(
        group: BTreeMap<&'static str, String>,
        names: BTreeMap<&'static str, String>,
        line: &Line<'_>,
        links: &Links,
    ) -> Result<Self, Broken> {
        let Line { before, during, .. } = line;
        prove(before, during)?;
        let (end, flow) = (before.plus(during).figures, during.figures);
        let resolved = flow.early + flow.on_time + flow.late;
        Ok(Self {
            carried_over: before.figures.open,
            received: ReceivedFigures {
                total: flow.received,
                counter: during.counter,
                online: during.online,
                postal: during.postal,
                post_office: during.post_office,
                at_home: during.at_home,
            },
            moved: flow.moved,
            resolved: ResolvedFigures {
                total: resolved,
                early: flow.early,
                on_time: flow.on_time,
                late: flow.late,
            },
            withdrawn: flow.withdrawn,
            stopped: flow.stopped,
            pending: PendingFigures {
                total: end.open,
                in_time: end.open - end.overdue,
                overdue: end.overdue,
                paused: end.paused,
            },
            on_time_rate: on_time_rate(flow.early + flow.on_time, resolved),
            submissions: SubmissionFigures {
                total: flow.submitted,
                declined: flow.declined,
                waiting: end.waiting,
                waiting_late: end.waiting_late,
            },
            links: links.all(),
            group,
            names,
        })
    }

    /// Its code in a group.
    pub(super) fn code(&self, group: &str) -> &str {
        self.group.get(group).map_or("", String::as_str)
    }

    /// What was resolved early, on time and late.
    pub(super) fn resolved(&self) -> [i64; 3] {
        [self.resolved.early, self.resolved.on_time, self.resolved.late]
    }

    /// The share of timely ones among these.
    pub(super) fn on_time_rate(&self) -> Option<f64> {
        self.on_time_rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::Figures;

    fn total(figures: Figures) -> Total {
        Total { figures, control: figures.control(), ..Total::default() }
    }

    #[test]
    fn the_rate_is_never_made_up() {
        assert_eq!(on_time_rate(0, 0), None);
        assert_eq!(on_time_rate(32_357 + 55_279, 87_757), Some(0.9986));
        assert_eq!(on_time_rate(1, 3), Some(0.3333));
        assert_eq!(on_time_rate(2, 3), Some(0.6667));
        assert_eq!(on_time_rate(5, 5), Some(1.0));
        assert_eq!(on_time_rate(0, 5), Some(0.0));
    }

    #[test]
    fn each_changed_column_is_refused_and_named() {
        let before =
            total(Figures { received: 9, on_time: 4, open: 5, overdue: 1, paused: 2, ..Figures::default() });
        let during = total(Figures {
            received: 7,
            late: 3,
            moved: 1,
            open: 5,
            waiting: 2,
            submitted: 2,
            ..Figures::default()
        });
        assert_eq!(prove(&before, &during), Ok(()));
        macro_rules! change {
            ({ $($(#[$doc:meta])* $column:ident: $weight:literal,)+ }) => {
                $(for by in [-1, 1, 5] {
                    let mut wrong = during;
                    wrong.figures.$column += by;
                    assert_eq!(prove(&before, &wrong), Err(Broken { figure: path(stringify!($column)) }));
                    let mut wrong = before;
                    wrong.figures.$column += by;
                    assert_eq!(prove(&wrong, &during), Err(Broken { figure: path(stringify!($column)) }));
                })+
            };
        }
        super::super::figures::columns!(change!);
        let mut wrong = during;
        wrong.control += 1;
        assert_eq!(prove(&before, &wrong), Err(Broken { figure: "control" }));
    }

    #[test]
    fn even_with_a_forged_control_the_identity_shows() {
        let forged = total(Figures { received: 8, late: 3, open: 4, ..Figures::default() });
        assert_eq!(prove(&Total::default(), &forged), Err(Broken { figure: "pending.total" }));
        let overdrawn = total(Figures { received: 1, open: 1, overdue: 1, paused: 1, ..Figures::default() });
        assert_eq!(prove(&Total::default(), &overdrawn), Err(Broken { figure: "pending.paused" }));
    }
}
