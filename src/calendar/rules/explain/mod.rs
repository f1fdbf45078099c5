//! A due date explained day by day: every day from reception to due, whether it counts, and why.
//!
//! The date itself comes from [`Deadline`], as for a real dossier; this file only tells the story, and leaves its words
//! to whoever shows it. The lines that count add up to the limit (whole days), the days lost by a restart don't count.

mod line;
mod story;

use super::deadline::{ClockRefusal, Deadline};
use super::limit::TimeLimit;
use super::local_time::local_day;
use super::prepared::Calendar;
use super::{Fault, Missing};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use story::{Began, Story, Stretch};

pub use line::{DayLine, Part};

/// What the end of a pause does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The limit starts again from zero.
    Restart,
    /// What was left goes on.
    Resume,
}

/// A pause of a preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseSpan {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub then: Then,
}

/// A due date and its explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub due_at: DateTime<Utc>,
    /// Every day from reception to due.
    pub explanation: Vec<DayLine>,
}

/// Why there is no preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExplainError {
    Missing(Missing),
    /// Pointers are relative to the list of pauses (`/0/from`).
    Pauses(Vec<Fault>),
}

impl From<Missing> for ExplainError {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

/// The due date of a reception with these pauses, and what each day until then is.
pub fn explain(
    calendar: &Calendar,
    received_at: DateTime<Utc>,
    limit: TimeLimit,
    pauses: &[PauseSpan],
) -> Result<Preview, ExplainError> {
    let faults = check_pauses(received_at, pauses);
    if !faults.is_empty() {
        return Err(ExplainError::Pauses(faults));
    }
    let mut deadline = Deadline::received(calendar, received_at, limit)?;
    let mut stretches = vec![Stretch::new(Began::Received, received_at, deadline.due)];
    for (index, pause) in pauses.iter().enumerate() {
        if pause.from > deadline.due.due_at {
            let detail = "Tạm dừng phải bắt đầu trước khi hết hạn";
            let fault = Fault::new(format!("/{index}/from"), "after_due", detail);
            return Err(ExplainError::Pauses(vec![fault]));
        }
        deadline = run_pause(calendar, &deadline, pause, index)?;
        if let Some(open) = stretches.last_mut() {
            open.until = pause.from;
        }
        if pause.then == Then::Restart {
            for lost in &mut stretches {
                lost.is_kept = false;
            }
        }
        let began = match pause.then {
            Then::Restart => Began::Restarted,
            Then::Resume => Began::Resumed,
        };
        stretches.push(Stretch::new(began, pause.to, deadline.due));
    }
    let story = Story { calendar, limit, due: deadline.due, stretches };
    Ok(Preview { due_at: deadline.due.due_at, explanation: story.tell(local_day(received_at))? })
}

fn check_pauses(received_at: DateTime<Utc>, pauses: &[PauseSpan]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut last_end = None;
    for (index, pause) in pauses.iter().enumerate() {
        let mut fault =
            |member, code, detail| faults.push(Fault::new(format!("/{index}/{member}"), code, detail));
        if pause.to < pause.from {
            fault("to", "reversed", "Tạm dừng phải kết thúc sau khi bắt đầu");
        }
        if pause.from < received_at {
            fault("from", "before_reception", "Tạm dừng không thể bắt đầu trước khi tiếp nhận");
        }
        if last_end.is_some_and(|end| pause.from < end) {
            fault("from", "overlapping", "Các lần tạm dừng phải theo thứ tự và không chồng nhau");
        }
        last_end = last_end.max(Some(pause.to));
    }
    faults
}

fn run_pause(
    calendar: &Calendar,
    deadline: &Deadline,
    pause: &PauseSpan,
    index: usize,
) -> Result<Deadline, ExplainError> {
    let ended = deadline.pause(calendar, pause.from).and_then(|paused| match pause.then {
        Then::Resume => paused.resume(calendar, pause.to),
        Then::Restart => paused.restart(calendar, pause.to),
    });
    ended.map_err(|refusal| match refusal {
        ClockRefusal::Missing(missing) => ExplainError::Missing(missing),
        // `check_pauses` has kept these away; told all the same rather than assumed.
        ClockRefusal::AlreadyPaused | ClockRefusal::NotPaused | ClockRefusal::TimeGoesBack => {
            let detail = "Tạm dừng không khớp với trình tự thời gian";
            ExplainError::Pauses(vec![Fault::new(format!("/{index}"), "out_of_order", detail)])
        }
    })
}
