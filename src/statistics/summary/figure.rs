//! The figures of a summary, each counted for one level of agencies. Pure.

use super::super::facts::Fact;
use super::super::reports::measure::{Amounts, Measure};
use super::super::reports::table::share;
use crate::agencies::Kind;
use crate::db::text_enum;
use crate::dossiers::{Channel, Figure};
use crate::http::Text;

text_enum! {
    /// A figure of a summary.
    pub enum SummaryFigure {
        CarriedOver = "carried_over",
        Received = "received.total",
        ReceivedAtCounter = "received.counter",
        ReceivedOnline = "received.online",
        ReceivedByPost = "received.postal",
        ReceivedAtPostOffice = "received.post_office",
        ReceivedAtHome = "received.at_home",
        Resolved = "resolved.total",
        ResolvedOnline = "resolved.online",
        ResolvedTimely = "resolved.timely",
        ResolvedEarly = "resolved.early",
        ResolvedOnTime = "resolved.on_time",
        ResolvedLate = "resolved.late",
        Withdrawn = "withdrawn",
        Stopped = "stopped",
        Pending = "pending.total",
        PendingOverdue = "pending.overdue",
        PendingPaused = "pending.paused",
    }
}

impl SummaryFigure {
    /// The figure of GET `/dossiers` that lists what is counted, and the channel that it is narrowed to.
    pub(super) fn listed(self) -> (Figure, Option<Channel>) {
        let figure = match self {
            Self::CarriedOver => Figure::CarriedOver,
            Self::Received => Figure::Received,
            Self::ReceivedAtCounter => Figure::ReceivedAtCounter,
            Self::ReceivedOnline => Figure::ReceivedOnline,
            Self::ReceivedByPost => Figure::ReceivedByPost,
            Self::ReceivedAtPostOffice => Figure::ReceivedAtPostOffice,
            Self::ReceivedAtHome => Figure::ReceivedAtHome,
            Self::Resolved => Figure::Resolved,
            Self::ResolvedOnline => return (Figure::Resolved, Some(Channel::Online)),
            Self::ResolvedTimely => Figure::ResolvedTimely,
            Self::ResolvedEarly => Figure::ResolvedEarly,
            Self::ResolvedOnTime => Figure::ResolvedOnTime,
            Self::ResolvedLate => Figure::ResolvedLate,
            Self::Withdrawn => Figure::Withdrawn,
            Self::Stopped => Figure::Stopped,
            Self::Pending => Figure::Pending,
            Self::PendingOverdue => Figure::PendingOverdue,
            Self::PendingPaused => Figure::PendingPaused,
        };
        (figure, None)
    }

    /// What people call it.
    pub(super) fn name(self) -> Text<'static> {
        let (vi, en) = match self {
            Self::CarriedOver => ("Kỳ trước chuyển qua", "Carried over"),
            Self::Received => ("Tiếp nhận trong năm", "Received"),
            Self::ReceivedAtCounter => ("Tiếp nhận trực tiếp", "Received at the counter"),
            Self::ReceivedOnline => ("Tiếp nhận trực tuyến", "Received online"),
            Self::ReceivedByPost => ("Gửi qua dịch vụ bưu chính công ích", "Sent by the public post"),
            Self::ReceivedAtPostOffice => ("Tiếp nhận tại bưu cục", "Received at a post office"),
            Self::ReceivedAtHome => ("Hẹn giờ tiếp nhận tại nhà", "Received at home by appointment"),
            Self::Resolved => ("Đã giải quyết", "Resolved"),
            Self::ResolvedOnline => ("Hồ sơ trực tuyến đã giải quyết", "Of those received online: resolved"),
            Self::ResolvedTimely => ("Giải quyết trước và đúng hạn", "Resolved early or on time"),
            Self::ResolvedEarly => ("Giải quyết trước hạn", "Resolved early"),
            Self::ResolvedOnTime => ("Giải quyết đúng hạn", "Resolved on time"),
            Self::ResolvedLate => ("Giải quyết quá hạn", "Resolved late"),
            Self::Withdrawn => ("Công dân rút hồ sơ", "Withdrawn"),
            Self::Stopped => ("Dừng giải quyết", "Stopped"),
            Self::Pending => ("Đang giải quyết cuối năm", "Pending at the end"),
            Self::PendingOverdue => ("Đang giải quyết, đã quá hạn", "Of those pending: overdue"),
            Self::PendingPaused => ("Đang giải quyết, tạm dừng chờ công dân", "Of those pending: paused"),
        };
        Text { vi, en }
    }
}

/// What one level of agencies counts in a year.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LevelYear {
    all: Amounts,
    online: Amounts,
}

impl LevelYear {
    pub(super) fn of(facts: &[Fact], level: Kind) -> Self {
        let here = || facts.iter().filter(|fact| fact.level == level);
        Self {
            all: Amounts::of(here()),
            online: Amounts::of(here().filter(|fact| fact.channel == Channel::Online)),
        }
    }

    pub(super) fn get(&self, figure: SummaryFigure) -> i64 {
        use SummaryFigure as F;
        let measure = match figure {
            F::ResolvedOnline => return self.online.get(Measure::Resolved),
            F::ResolvedTimely => {
                return self.all.get(Measure::ResolvedEarly) + self.all.get(Measure::ResolvedOnTime);
            }
            F::CarriedOver => Measure::CarriedOver,
            F::Received => Measure::Received,
            F::ReceivedAtCounter => Measure::ReceivedAtCounter,
            F::ReceivedOnline => Measure::ReceivedOnline,
            F::ReceivedByPost => Measure::ReceivedByPost,
            F::ReceivedAtPostOffice => Measure::ReceivedAtPostOffice,
            F::ReceivedAtHome => Measure::ReceivedAtHome,
            F::Resolved => Measure::Resolved,
            F::ResolvedEarly => Measure::ResolvedEarly,
            F::ResolvedOnTime => Measure::ResolvedOnTime,
            F::ResolvedLate => Measure::ResolvedLate,
            F::Withdrawn => Measure::Withdrawn,
            F::Stopped => Measure::Stopped,
            F::Pending => Measure::Pending,
            F::PendingOverdue => Measure::PendingOverdue,
            F::PendingPaused => Measure::PendingPaused,
        };
        self.all.get(measure)
    }

    /// Early and on time, of those resolved.
    pub(super) fn on_time_rate(&self) -> Option<f64> {
        share(self.get(SummaryFigure::ResolvedTimely), self.get(SummaryFigure::Resolved))
    }

    pub(super) fn is_empty(&self) -> bool {
        SummaryFigure::ALL.iter().all(|figure| self.get(*figure) == 0)
    }
}
