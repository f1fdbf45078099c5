//! The time plan of a route: how long its longest path is and whether it fits into the total.
//!
//! Steps follow each other in order; a step with `parallel_with` runs beside the step it names.

use super::Fault;
use super::limit::{Amount, TimeLimit, Unit};

/// What the time plan needs to know of a route's step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteStep<'a> {
    pub key: &'a str,
    pub time_limit: TimeLimit,
    /// The key of an earlier step that it runs beside.
    pub parallel_with: Option<&'a str>,
}

/// The longest path in halves of the unit: the sum over stages of the longest step of each. Faults are steps with
/// a key that stands twice, or beside a step that doesn't come earlier (`/1/parallel_with`).
pub fn longest_path(steps: &[RouteStep<'_>]) -> Result<u32, Vec<Fault>> {
    let mut faults = Vec::new();
    // Each step's stage; a stage holds the halves of its longest step.
    let mut stage_of: Vec<(&str, usize)> = Vec::new();
    let mut stages: Vec<u32> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let find = |key: &str| stage_of.iter().find(|(known, _)| *known == key).map(|(_, stage)| *stage);
        if find(step.key).is_some() {
            faults.push(Fault::new(format!("/{index}/key"), "duplicate", "Mã bước đã có trong quy trình"));
            continue;
        }
        let stage = match step.parallel_with {
            None => stages.len(),
            Some(key) => find(key).unwrap_or_else(|| {
                let pointer = format!("/{index}/parallel_with");
                faults.push(Fault::new(
                    pointer,
                    "unknown_step",
                    "Bước song song phải là một bước đứng trước",
                ));
                stages.len()
            }),
        };
        let halves = u32::from(step.time_limit.amount().halves());
        match stages.get_mut(stage) {
            Some(longest) => *longest = halves.max(*longest),
            None => stages.push(halves),
        }
        stage_of.push((step.key, stage));
    }
    if faults.is_empty() { Ok(stages.iter().sum()) } else { Err(faults) }
}

/// Checks a route against the total: each step in the total's unit, and the longest path at most the total less
/// half a working day for the desk. Hours leave the desk nothing; same-day steps all end on that day.
pub fn check_route(total: TimeLimit, steps: &[RouteStep<'_>]) -> Result<(), Vec<Fault>> {
    let mut faults: Vec<Fault> = steps
        .iter()
        .enumerate()
        .filter(|(_, step)| step.time_limit.unit() != total.unit())
        .map(|(index, _)| {
            let pointer = format!("/{index}/time_limit/unit");
            Fault::new(pointer, "unit_differs", "Đơn vị thời hạn của bước phải như của cả quy trình")
        })
        .collect();
    match longest_path(steps) {
        Err(more) => faults.extend(more),
        Ok(_) if !faults.is_empty() || steps.is_empty() => {}
        Ok(halves) if halves > budget(total) => {
            faults.push(Fault::new(
                String::new(),
                "route_too_long",
                "Tổng thời hạn các bước vượt thời hạn giải quyết",
            ));
        }
        Ok(_) => {}
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Halves of the unit that a route may use.
fn budget(total: TimeLimit) -> u32 {
    let halves = u32::from(Amount::halves(total.amount()));
    match total.unit() {
        Unit::WorkingDays | Unit::CalendarDays => halves - 1, // an amount is at least one half
        Unit::WorkingHours => halves,
        Unit::SameDay => u32::MAX,
    }
}
