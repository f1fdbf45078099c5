//! What a form's columns can count, and sums of it. Pure.

use std::fmt;
use std::str::FromStr;

use super::super::Figures;
use super::super::facts::Fact;
use crate::db::text_enum;
use crate::dossiers::Channel;

text_enum! {
    /// A count, by its path. Those of a statistics row have the same meaning here; `moved.<channel>` is what corrections
    /// carried, and `.in_time`/`.late` of the withdrawn and stopped say how they ended against the date judged by.
    pub enum Measure {
        CarriedOver = "carried_over",
        Received = "received.total",
        ReceivedAtCounter = "received.counter",
        ReceivedOnline = "received.online",
        ReceivedByPost = "received.postal",
        ReceivedAtPostOffice = "received.post_office",
        ReceivedAtHome = "received.at_home",
        Moved = "moved.total",
        MovedAtCounter = "moved.counter",
        MovedOnline = "moved.online",
        MovedByPost = "moved.postal",
        MovedAtPostOffice = "moved.post_office",
        MovedAtHome = "moved.at_home",
        Resolved = "resolved.total",
        ResolvedEarly = "resolved.early",
        ResolvedOnTime = "resolved.on_time",
        ResolvedLate = "resolved.late",
        Withdrawn = "withdrawn.total",
        WithdrawnInTime = "withdrawn.in_time",
        WithdrawnLate = "withdrawn.late",
        Stopped = "stopped.total",
        StoppedInTime = "stopped.in_time",
        StoppedLate = "stopped.late",
        Pending = "pending.total",
        PendingInTime = "pending.in_time",
        PendingOverdue = "pending.overdue",
        PendingPaused = "pending.paused",
        Submissions = "submissions.total",
        SubmissionsDeclined = "submissions.declined",
        /// Procedures of the agencies' levels that are in force at the period's end.
        Procedures = "procedures.total",
        /// Of those: offered online, in part or in full.
        ProceduresOnline = "procedures.online",
        /// Of these: those by which a dossier came in online during the period.
        ProceduresOnlineUsed = "procedures.online_used",
    }
}

/// How many procedures there are; counted from the catalogue, not from dossiers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::statistics) struct ProcedureCounts {
    pub(in crate::statistics) total: i64,
    pub(in crate::statistics) online: i64,
    pub(in crate::statistics) online_used: i64,
}

/// Sums of cells.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::statistics) struct Amounts {
    before: Figures,
    during: Figures,
    /// Received and moved, by channel in the order of [`Channel::ALL`].
    by_channel: [(i64, i64); 5],
    withdrawn_late: i64,
    stopped_late: i64,
    pub(in crate::statistics) procedures: ProcedureCounts,
}

impl Amounts {
    /// The sums of these cells.
    pub(in crate::statistics) fn of<'f>(facts: impl IntoIterator<Item = &'f Fact>) -> Self {
        let mut amounts = Self::default();
        facts.into_iter().for_each(|fact| amounts.add(fact));
        amounts
    }

    /// Sums that were not kept apart by channel, nor by how the withdrawn and stopped ended.
    pub(in crate::statistics) fn whole((before, during): (Figures, Figures)) -> Self {
        Self { before, during, ..Self::default() }
    }

    pub(in crate::statistics) fn add(&mut self, fact: &Fact) {
        self.before += fact.before;
        self.during += fact.during;
        self.withdrawn_late += fact.withdrawn_late;
        self.stopped_late += fact.stopped_late;
        let (received, moved) = self.channel_mut(fact.channel);
        *received += fact.during.received;
        *moved += fact.during.moved;
    }

    fn channel_mut(&mut self, channel: Channel) -> &mut (i64, i64) {
        let [counter, online, postal, post_office, at_home] = &mut self.by_channel;
        match channel {
            Channel::Counter => counter,
            Channel::Online => online,
            Channel::Postal => postal,
            Channel::PostOffice => post_office,
            Channel::AtHome => at_home,
        }
    }

    /// One of the sums.
    pub(in crate::statistics) fn get(&self, measure: Measure) -> i64 {
        let [counter, online, postal, post_office, at_home] = self.by_channel;
        let (flow, before) = (self.during, self.before);
        let pending = before.open + flow.open;
        let overdue = before.overdue + flow.overdue;
        match measure {
            Measure::CarriedOver => before.open,
            Measure::Received => flow.received,
            Measure::ReceivedAtCounter => counter.0,
            Measure::ReceivedOnline => online.0,
            Measure::ReceivedByPost => postal.0,
            Measure::ReceivedAtPostOffice => post_office.0,
            Measure::ReceivedAtHome => at_home.0,
            Measure::Moved => flow.moved,
            Measure::MovedAtCounter => counter.1,
            Measure::MovedOnline => online.1,
            Measure::MovedByPost => postal.1,
            Measure::MovedAtPostOffice => post_office.1,
            Measure::MovedAtHome => at_home.1,
            Measure::Resolved => flow.early + flow.on_time + flow.late,
            Measure::ResolvedEarly => flow.early,
            Measure::ResolvedOnTime => flow.on_time,
            Measure::ResolvedLate => flow.late,
            Measure::Withdrawn => flow.withdrawn,
            Measure::WithdrawnInTime => flow.withdrawn - self.withdrawn_late,
            Measure::WithdrawnLate => self.withdrawn_late,
            Measure::Stopped => flow.stopped,
            Measure::StoppedInTime => flow.stopped - self.stopped_late,
            Measure::StoppedLate => self.stopped_late,
            Measure::Pending => pending,
            Measure::PendingInTime => pending - overdue,
            Measure::PendingOverdue => overdue,
            Measure::PendingPaused => before.paused + flow.paused,
            Measure::Submissions => flow.submitted,
            Measure::SubmissionsDeclined => flow.declined,
            Measure::Procedures => self.procedures.total,
            Measure::ProceduresOnline => self.procedures.online,
            Measure::ProceduresOnlineUsed => self.procedures.online_used,
        }
    }
}

/// A sum and difference of measures: `carried_over + received.total - moved.total`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::statistics) struct Formula(Vec<(i64, Measure)>);

impl Formula {
    /// What it comes to.
    pub(in crate::statistics) fn of(&self, amounts: &Amounts) -> i64 {
        self.0.iter().map(|(sign, measure)| sign * amounts.get(*measure)).sum()
    }

    /// The measure, when it is a single one.
    pub(in crate::statistics) fn single(&self) -> Option<Measure> {
        match self.0.as_slice() {
            [(1, measure)] => Some(*measure),
            _ => None,
        }
    }
}

/// The words of a sum with their signs: `a + b - c`.
pub(super) fn terms(text: &str) -> Option<Vec<(i64, &str)>> {
    let mut terms = Vec::new();
    let mut sign = Some(1);
    for word in text.split_whitespace() {
        match (word, sign) {
            ("+", None) => sign = Some(1),
            ("-", None) => sign = Some(-1),
            ("+" | "-", Some(_)) | (_, None) => return None,
            (word, Some(given)) => {
                terms.push((given, word));
                sign = None;
            }
        }
    }
    (sign.is_none()).then_some(terms)
}

impl FromStr for Formula {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let terms = terms(text)
            .ok_or_else(|| format!("`{text}` is no sum such as `carried_over + received.total`"))?;
        let measures = terms.into_iter().map(|(sign, word)| {
            word.parse().map(|measure| (sign, measure)).map_err(|_| format!("there is no measure `{word}`"))
        });
        measures.collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (sign, measure)) in self.0.iter().enumerate() {
            match (at, sign) {
                (0, _) => {}
                (_, -1) => out.write_str(" - ")?,
                _ => out.write_str(" + ")?,
            }
            measure.fmt(out)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agencies::Kind;

    fn fact(channel: Channel, during: Figures) -> Fact {
        Fact {
            agency: "A".to_owned(),
            level: Kind::Commune,
            field: "F".to_owned(),
            procedure: "P".to_owned(),
            channel,
            before: Figures { received: 4, open: 4, overdue: 1, ..Figures::default() },
            during,
            withdrawn_late: 1,
            stopped_late: 0,
        }
    }

    #[test]
    fn sums_of_cells() {
        let online = fact(
            Channel::Online,
            Figures { received: 5, moved: -1, withdrawn: 2, open: 2, ..Figures::default() },
        );
        let desk = fact(
            Channel::Counter,
            Figures { received: 3, moved: 1, early: 1, withdrawn: 1, open: 2, ..Figures::default() },
        );
        let amounts = Amounts::of([&online, &desk]);
        for (formula, expected) in [
            ("carried_over", 8),
            ("received.online + moved.online", 4),
            ("received.counter + moved.counter", 4),
            ("withdrawn.in_time", 1),
            ("withdrawn.late + resolved.early", 3),
            ("pending.total", 12),
            ("pending.in_time - pending.overdue", 8),
            (
                "carried_over + received.total + moved.total - resolved.total - withdrawn.total - stopped.total - pending.total",
                0,
            ),
        ] {
            assert_eq!(formula.parse::<Formula>().unwrap().of(&amounts), expected, "{formula}");
            assert_eq!(formula.parse::<Formula>().unwrap().to_string(), formula);
        }
    }

    #[test]
    fn what_is_no_formula_is_said() {
        for (text, told) in [
            ("", "no sum"),
            ("+ pending.total", "no sum"),
            ("pending.total +", "no sum"),
            ("a b", "no sum"),
            ("pendig.total", "`pendig.total`"),
        ] {
            assert!(text.parse::<Formula>().unwrap_err().contains(told), "{text}");
        }
        assert_eq!("pending.total".parse::<Formula>().unwrap().single(), Some(Measure::Pending));
        assert_eq!("pending.total + moved.total".parse::<Formula>().unwrap().single(), None);
    }
}
