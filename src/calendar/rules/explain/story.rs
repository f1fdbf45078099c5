//! The walk from reception to due: which stretch of running clock a day belongs to, and what that makes of it.

use super::DayLine;
use super::words::{date, hours, name_of, rule_of, time_of};
use crate::calendar::rules::Missing;
use crate::calendar::rules::limit::{Due, TimeLimit, Unit};
use crate::calendar::rules::local_time::{LAST_MINUTE, at, local_day};
use crate::calendar::rules::prepared::{Calendar, DayKind};
use chrono::{DateTime, NaiveDate, Utc};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Began {
    Received,
    Resumed,
    Restarted,
}

/// A stretch of running clock: from reception or the end of a pause until the next pause or the due moment.
pub(super) struct Stretch {
    began: Began,
    /// When it was received, resumed or restarted.
    began_on: NaiveDate,
    /// Its local day is day 0 of the stretch.
    from: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
    /// The day on which its count would end; what comes after it only moves the end.
    nominal_on: NaiveDate,
    /// False when a later restart made it count for nothing.
    pub(super) is_kept: bool,
}

impl Stretch {
    pub(super) fn new(began: Began, began_at: DateTime<Utc>, due: Due) -> Self {
        let began_on = local_day(began_at);
        Self {
            began,
            began_on,
            from: due.counts_from,
            until: due.due_at,
            nominal_on: due.nominal_on,
            is_kept: true,
        }
    }

    /// Whether a day lies after its day 0 and not after its end.
    fn covers(&self, day: NaiveDate) -> bool {
        local_day(self.from) < day && day <= local_day(self.until)
    }

    /// The part of a day that it runs for.
    fn part_of(&self, day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        (self.from.max(at(day, 0)), self.until.min(at(day, LAST_MINUTE)))
    }
}

pub(super) struct Story<'a> {
    pub(super) calendar: &'a Calendar,
    pub(super) limit: TimeLimit,
    pub(super) due: Due,
    pub(super) stretches: Vec<Stretch>,
}

/// Rule, whether it counts, text.
type Told = (&'static str, bool, String);

impl Story<'_> {
    pub(super) fn tell(&self, received_on: NaiveDate) -> Result<Vec<DayLine>, Missing> {
        let last_on = local_day(self.due.due_at);
        let mut used = 0;
        let mut lines = Vec::new();
        for on in received_on.iter_days().take_while(|day| *day <= last_on) {
            let (rule, counts, mut why) = match self.limit.unit() {
                Unit::WorkingHours => self.tell_hours(on, &mut used)?,
                Unit::WorkingDays | Unit::CalendarDays | Unit::SameDay => self.tell_day(on, &mut used)?,
            };
            if on == last_on {
                why = format!("{why}; hẹn trả lúc {}", time_of(self.due.due_at));
            }
            lines.push(DayLine { on, counts, rule, why });
        }
        Ok(lines)
    }

    /// A day of a limit in days. `used` counts halves.
    fn tell_day(&self, on: NaiveDate, used: &mut u32) -> Result<Told, Missing> {
        let kind = self.calendar.kind(on)?;
        if let Some(stretch) = self.stretches.iter().find(|stretch| stretch.covers(on) && stretch.is_kept) {
            return Ok(self.tell_covered(on, kind, stretch, used));
        }
        if let Some(stretch) = self.started_on(on) {
            return Ok(self.tell_start(on, stretch));
        }
        if self.stretches.iter().any(|stretch| stretch.covers(on)) {
            let why = format!("{}: không tính, vì thời hạn được tính lại từ đầu", name_of(on, kind));
            return Ok(("discarded", false, why));
        }
        let waits =
            self.stretches.iter().any(|stretch| stretch.began_on < on && on < local_day(stretch.from));
        if waits {
            return Ok((rule_of(kind), false, format!("{}: không tính", name_of(on, kind))));
        }
        Ok(("paused", false, format!("{}: tạm dừng, không tính", name_of(on, kind))))
    }

    /// Several pauses may end on one day: the last one tells where the count goes on, but a resumption on the
    /// day of reception leaves that day what it was.
    fn started_on(&self, on: NaiveDate) -> Option<&Stretch> {
        let on_first_day = self.stretches.first().is_some_and(|first| first.began_on == on);
        self.stretches.iter().rev().find(|stretch| {
            let begins = stretch.began_on == on || local_day(stretch.from) == on;
            begins && !(on_first_day && stretch.began == Began::Resumed)
        })
    }

    fn tell_covered(&self, on: NaiveDate, kind: &DayKind, stretch: &Stretch, used: &mut u32) -> Told {
        let name = name_of(on, kind);
        let past_nominal = on > stretch.nominal_on;
        if past_nominal && kind.is_working() {
            let nominal = date(stretch.nominal_on);
            let why = format!("{name}: hạn {nominal} chuyển sang ngày làm việc kế tiếp này");
            return ("moved", false, why);
        }
        let counts = !past_nominal && (self.limit.unit() == Unit::CalendarDays || kind.is_working());
        if !counts {
            return (rule_of(kind), false, format!("{name}: không tính"));
        }
        let all = u32::from(self.limit.amount().halves());
        *used = (*used + 2).min(all);
        let comma = if used.is_multiple_of(2) { "" } else { ",5" };
        ("counted", true, format!("{name}: tính {}{comma}/{}", *used / 2, self.limit.amount()))
    }

    /// The day on which a stretch begins; it never counts.
    fn tell_start(&self, on: NaiveDate, stretch: &Stretch) -> Told {
        let ends_here = on == local_day(self.due.due_at);
        let counts_from_here = local_day(stretch.from) == on;
        match stretch.began {
            _ if !counts_from_here => {
                let why =
                    "Tiếp nhận sau 15 giờ hoặc vào ngày không làm việc: ngày làm việc kế tiếp là ngày 0";
                ("after_cutoff", false, why.to_owned())
            }
            Began::Received | Began::Restarted if self.limit.unit() == Unit::SameDay && ends_here => {
                ("same_day", false, "Tiếp nhận trước hoặc lúc 15 giờ: giải quyết trong ngày".to_owned())
            }
            Began::Received if self.limit.unit() == Unit::SameDay => {
                let why = "Tiếp nhận sau 15 giờ hoặc vào ngày không làm việc: trả vào ngày làm việc kế tiếp";
                ("day_zero", false, why.to_owned())
            }
            Began::Received => ("day_zero", false, "Ngày 0 (ngày tiếp nhận): không tính".to_owned()),
            Began::Restarted => {
                let why = "Hết tạm dừng, thời hạn tính lại từ đầu: ngày này là ngày 0, không tính";
                ("restarted", false, why.to_owned())
            }
            Began::Resumed if self.due.nominal_on == on => {
                let why = "Hết tạm dừng, không còn ngày nào: hạn là cuối ngày này hoặc ngày làm việc kế tiếp";
                ("resumed", false, why.to_owned())
            }
            Began::Resumed => {
                let why = "Hết tạm dừng, tính tiếp phần còn lại: ngày này là ngày 0, không tính";
                ("resumed", false, why.to_owned())
            }
        }
    }

    /// A day of a limit in working hours. `used` counts minutes.
    fn tell_hours(&self, on: NaiveDate, used: &mut u32) -> Result<Told, Missing> {
        let kind = self.calendar.kind(on)?;
        let name = name_of(on, kind);
        let mut minutes = 0;
        for stretch in self.stretches.iter().filter(|stretch| stretch.is_kept) {
            let (from, until) = stretch.part_of(on);
            minutes += self.calendar.opening_minutes_between(from, until)?;
        }
        if minutes > 0 {
            *used += minutes;
            let all = u32::from(self.limit.amount().halves()) * 30;
            let why = format!("{name}: tính {}, cộng {}/{}", hours(minutes), hours(*used), hours(all));
            return Ok(("counted", true, why));
        }
        if !kind.is_working() {
            return Ok((rule_of(kind), false, format!("{name}: không tính")));
        }
        let runs = |stretch: &&Stretch| local_day(stretch.from) <= on && on <= local_day(stretch.until);
        Ok(match self.stretches.iter().find(runs) {
            Some(stretch) if !stretch.is_kept => {
                ("discarded", false, format!("{name}: không tính, vì thời hạn được tính lại từ đầu"))
            }
            Some(_) => ("outside_hours", false, format!("{name}: không có giờ mở cửa nào được tính")),
            None if self.stretches.first().is_some_and(|first| on < local_day(first.from)) => (
                "after_cutoff",
                false,
                format!("{name}: tiếp nhận sau 15 giờ, tính từ ngày làm việc kế tiếp"),
            ),
            None => ("paused", false, format!("{name}: tạm dừng, không tính")),
        })
    }
}
