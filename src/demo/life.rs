//! A plausible life for a planned dossier: when it came in, what was done to it, by whom and when. Pure: it asks the same
//! rules as the program does for due dates, and picks moments in office hours so that the fate comes out.

use chrono::{DateTime, NaiveDate, Utc};
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

use super::plan::{Fate, Planned};
use crate::agencies::{AgencyId, Kind};
use crate::calendar::rules::{self as working_time, Calendar, Deadline, Missing, local_day};
use crate::db::Instant;
use crate::dossiers::{Channel, Recipient, RequestedItem, ResultKind, ReturnBy, Transition};
use crate::http::Problem;
use crate::procedures::{Approval, Catalogue, Version};

/// Who does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    Clerk(AgencyId),
    Officer(AgencyId),
    Leader(AgencyId),
    PostClerk(AgencyId),
}

/// One action in a life.
#[derive(Debug, Clone)]
pub struct Act {
    pub at: Instant,
    pub by: By,
    pub transition: Transition,
}

/// What becomes of a dossier after reception.
#[derive(Debug, Clone)]
pub struct Life {
    pub received_at: Instant,
    pub acts: Vec<Act>,
}

/// Where lives take place.
pub struct Stage<'a> {
    pub catalogue: &'a Catalogue,
    /// The year's working days.
    pub working_days: &'a [NaiveDate],
    /// The last moment of the year at which somebody works.
    pub end: DateTime<Utc>,
    /// Agency that leads the district's departments and communes.
    pub district: AgencyId,
}

/// How often a moment is picked anew before the fate is given up; far more than ever needed.
const TRIES: u32 = 200;

/// Makes a life that leads to the planned fate; `received_at` when that is fixed already, as by a manifest.
///
/// # Errors
/// A year without a calendar. None when no moment was found, which a test rules out for the sample year.
pub fn live(
    stage: &Stage<'_>,
    planned: &Planned,
    agency: AgencyId,
    post_office: Option<AgencyId>,
    version: &Version,
    received_at: Option<DateTime<Utc>>,
    rng: &mut Xoshiro256PlusPlus,
) -> Result<Option<Life>, Problem> {
    let calendar = stage.catalogue.calendars.for_agency(agency)?;
    let days = Days { stage, calendar: &calendar, version };
    for _ in 0..TRIES {
        let Some((received_at, until)) = days.pick(planned.fate, received_at, rng)? else { continue };
        let acts = acts(&days, planned, agency, post_office, received_at, until, rng)?;
        return Ok(Some(Life { received_at: received_at.into(), acts }));
    }
    Ok(None)
}

/// From reception to the end, or to the year's last act.
type Span = (DateTime<Utc>, DateTime<Utc>);

struct Days<'a> {
    stage: &'a Stage<'a>,
    calendar: &'a Calendar,
    version: &'a Version,
}

impl Days<'_> {
    /// Moments of reception and of the end (or of the year's last act) that fit the fate.
    fn pick(
        &self,
        fate: Fate,
        received_at: Option<DateTime<Utc>>,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Result<Option<Span>, Missing> {
        let received_at = match received_at {
            Some(given) => given,
            None => self.reception(fate, rng)?,
        };
        let clock = Deadline::received(self.calendar, received_at, self.version.content.time_limit)?;
        let due_at = clock.due.due_at;
        let due_on = local_day(due_at);
        let opening = self.calendar.opening_time(due_on)?.unwrap_or(due_at);
        let end = match fate {
            Fate::Early | Fate::Withdrawn | Fate::Stopped => {
                let last = self.calendar.subtract_working_days(due_on, 1)?;
                let closing = self.calendar.closing_time(last)?.unwrap_or(received_at);
                self.moment(received_at, closing, rng)?
            }
            Fate::OnTime => self.moment(received_at.max(opening), due_at, rng)?,
            Fate::Late => {
                let day = self.calendar.add_working_days(due_on, rng.random_range(1..=4))?;
                let from = self.calendar.opening_time(day)?.unwrap_or(due_at);
                self.moment(from, self.calendar.closing_time(day)?.unwrap_or(due_at), rng)?
            }
            Fate::OpenInTime if due_at > self.stage.end => self.moment(received_at, self.stage.end, rng)?,
            Fate::OpenPaused if due_at < self.stage.end => self.moment(received_at, due_at, rng)?,
            Fate::OpenPaused => self.moment(received_at, self.stage.end, rng)?,
            Fate::OpenOverdue if due_at < self.stage.end => self.moment(received_at, self.stage.end, rng)?,
            Fate::OpenInTime | Fate::OpenOverdue => None,
        };
        let Some(end) = end.filter(|end| *end <= self.stage.end) else { return Ok(None) };
        let fits = match fate {
            Fate::Early | Fate::OnTime | Fate::Late => {
                let outcome = clock.outcome(self.calendar, end)?;
                matches!(
                    (fate, outcome),
                    (Fate::Early, working_time::Outcome::Early)
                        | (Fate::OnTime, working_time::Outcome::OnTime)
                        | (Fate::Late, working_time::Outcome::Late)
                )
            }
            _ => true,
        };
        Ok(fits.then_some((received_at, end)))
    }

    /// A moment of reception in office hours. Open cases came in late in the year; a same-day case that is to be early came
    /// after 15:00.
    fn reception(&self, fate: Fate, rng: &mut Xoshiro256PlusPlus) -> Result<DateTime<Utc>, Missing> {
        let days = self.stage.working_days;
        let first = match fate {
            Fate::OpenInTime => days.len().saturating_sub(self.length().min(days.len())),
            _ => 0,
        };
        let last = match fate {
            Fate::OpenInTime | Fate::OpenPaused => days.len(),
            _ => days.len().saturating_sub(self.length().min(days.len() / 2)).max(first + 1),
        };
        let day = days.get(rng.random_range(first..last.max(first + 1))).copied().unwrap_or_default();
        let opening = self.calendar.opening_time(day)?.unwrap_or_default();
        let minutes = self
            .calendar
            .opening_minutes_between(opening, self.calendar.closing_time(day)?.unwrap_or_default())?;
        let is_same_day = self.version.content.time_limit.unit() == working_time::Unit::SameDay;
        let minute = match (is_same_day, fate) {
            // 15:00 is 360 opening minutes after 07:00 in the usual hours; the last ten minutes are left for the work.
            (true, Fate::Early) => rng.random_range(361..minutes.saturating_sub(10).max(362)),
            (true, Fate::OnTime) => rng.random_range(5..355),
            _ => rng.random_range(5..minutes.saturating_sub(5).max(6)),
        };
        self.calendar.add_opening_minutes(opening, minute)
    }

    /// About how many working days the limit takes.
    fn length(&self) -> usize {
        usize::from(self.version.content.time_limit.amount().halves() / 2).max(1)
    }

    /// A moment of opening time in `(from, until]`, rather late than soon; None when there is none.
    fn moment(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Result<Option<DateTime<Utc>>, Missing> {
        let minutes = self.calendar.opening_minutes_between(from, until.max(from))?;
        if minutes < 2 {
            return Ok(None);
        }
        let soonest = (minutes / 3).max(1);
        Ok(Some(self.calendar.add_opening_minutes(from, rng.random_range(soonest..minutes))?))
    }
}

/// What is done between reception and `until`, and after it.
fn acts(
    days: &Days<'_>,
    planned: &Planned,
    agency: AgencyId,
    post_office: Option<AgencyId>,
    received_at: DateTime<Utc>,
    until: DateTime<Utc>,
    rng: &mut Xoshiro256PlusPlus,
) -> Result<Vec<Act>, Missing> {
    let way = way(days, agency, local_day(received_at));
    let mut steps: Vec<(By, Transition)> = way.steps;
    let clerk = By::Clerk(agency);
    match planned.fate {
        Fate::Early | Fate::OnTime | Fate::Late => steps.push(resolve(days, way.holder)),
        Fate::Withdrawn => {
            steps.truncate(rng.random_range(0..=1));
            steps.push((
                clerk,
                Transition::RequestWithdrawal { reason: "Người nộp xin rút hồ sơ".to_owned() },
            ));
            steps.push((clerk, Transition::Withdraw { reason: "Đồng ý cho rút hồ sơ".to_owned() }));
        }
        Fate::Stopped => {
            steps.clear();
            let reason = "Hồ sơ trùng với hồ sơ đang giải quyết".to_owned();
            steps.push((leader(days, agency), Transition::Stop { reason }));
        }
        Fate::OpenInTime | Fate::OpenOverdue => {
            steps.truncate(rng.random_range(0..=steps.len()));
        }
        Fate::OpenPaused => pause(&mut steps, agency, &way.first_work, rng),
    }
    let mut acts = Vec::with_capacity(steps.len() + 2);
    let minutes = days.calendar.opening_minutes_between(received_at, until)?;
    let count = u32::try_from(steps.len()).unwrap_or(1).max(1);
    for (index, (by, transition)) in (1..).zip(steps) {
        // Evenly over the opening time, so that the last one falls on `until`.
        let at = if index == count {
            until
        } else {
            days.calendar.add_opening_minutes(received_at, minutes * index / count)?
        };
        acts.push(Act { at: at.into(), by, transition });
    }
    if planned.fate.is_resolved() {
        let mut at = until;
        if way.holder != agency {
            at = days.calendar.add_opening_minutes(at, rng.random_range(15..120))?;
            acts.push(Act {
                at: at.into(),
                by: clerk,
                transition: Transition::Acknowledge { missing: None },
            });
        }
        at = days.calendar.add_opening_minutes(at, rng.random_range(3..240))?;
        acts.push(Act {
            at: at.into(),
            by: post_office.map_or(clerk, By::PostClerk),
            transition: give_back(planned),
        });
    }
    Ok(acts)
}

/// The way along the route up to the last agency.
struct Way {
    steps: Vec<(By, Transition)>,
    /// Who has it at the end.
    holder: AgencyId,
    /// How many steps lead to the first work on it, and who does it.
    first_work: (usize, AgencyId),
}

fn way(days: &Days<'_>, agency: AgencyId, on: NaiveDate) -> Way {
    let content = &days.version.content;
    let tree = &days.stage.catalogue.tree;
    let mut steps = Vec::new();
    let mut holder = agency;
    let mut first_work = None;
    for (index, step) in content.route.iter().enumerate().filter(|(_, step)| step.parallel_with.is_none()) {
        let to = tree.resolve_step(agency, &step.agency, on).unwrap_or(agency);
        if to == holder {
            steps.push((By::Officer(to), Transition::Start {}));
        } else {
            let sender = if index == 0 { By::Clerk(holder) } else { By::Officer(holder) };
            steps.push((sender, Transition::Forward { to_agency: None, note: None, slip: None }));
            steps.push((By::Officer(to), Transition::Acknowledge { missing: None }));
        }
        holder = to;
        first_work.get_or_insert((steps.len(), to));
        for beside in content.route.iter().filter(|other| other.parallel_with.as_deref() == Some(&step.key)) {
            let of = tree.resolve_step(agency, &beside.agency, on).unwrap_or(agency);
            steps.push((By::Officer(of), Transition::FinishLeg { key: beside.key.clone(), note: None }));
        }
    }
    if content.route.is_empty() {
        steps.push((worker(days, agency), Transition::Start {}));
    }
    if content.approval == Approval::Leader {
        steps.push((By::Officer(holder), Transition::Propose { result: ResultKind::Granted, reason: None }));
    }
    let first_work = first_work.unwrap_or((1, agency));
    Way { steps, holder, first_work }
}

/// The applicant is asked for money at the first agency that works on it, or for papers by the desk.
fn pause(
    steps: &mut Vec<(By, Transition)>,
    agency: AgencyId,
    first_work: &(usize, AgencyId),
    rng: &mut Xoshiro256PlusPlus,
) {
    if rng.random_bool(0.7) {
        steps.truncate(first_work.0);
        let amount = i64::from(rng.random_range(5_u32..400)) * 10_000;
        let reason = "Thông báo nộp nghĩa vụ tài chính".to_owned();
        steps.push((By::Officer(first_work.1), Transition::RequestPayment { amount, reason }));
    } else {
        steps.clear();
        let items =
            vec![RequestedItem { code: "GCN".to_owned(), note: Some("Bản sao chưa rõ".to_owned()) }];
        let reason = "Thành phần hồ sơ chưa đầy đủ".to_owned();
        steps.push((By::Clerk(agency), Transition::RequestSupplement { items, reason, respond_by: None }));
    }
}

fn resolve(days: &Days<'_>, holder: AgencyId) -> (By, Transition) {
    let by = match days.version.content.approval {
        Approval::Officer => worker(days, holder),
        Approval::Leader => leader(days, holder),
    };
    (by, Transition::Resolve { result: ResultKind::Granted, reason: None, documents: None })
}

/// Who works on a case at an agency. The district has no officers of its own, only its departments have.
fn worker(days: &Days<'_>, agency: AgencyId) -> By {
    if agency == days.stage.district { By::Leader(agency) } else { By::Officer(agency) }
}

/// A commune has its own leader; the district's leads its departments and the agencies beside them.
fn leader(days: &Days<'_>, agency: AgencyId) -> By {
    match days.stage.catalogue.tree.get(agency).map(|agency| agency.kind) {
        Some(Kind::Commune) => By::Leader(agency),
        _ => By::Leader(days.stage.district),
    }
}

fn give_back(planned: &Planned) -> Transition {
    let by = match planned.channel {
        Channel::AtHome => ReturnBy::AtHome,
        Channel::Postal => ReturnBy::Postal,
        Channel::Counter | Channel::PostOffice | Channel::Online => ReturnBy::Counter,
    };
    let recipient = Recipient {
        full_name: "Người nộp hồ sơ".to_owned(),
        identity_number: None,
        phone: None,
        address: None,
    };
    Transition::ReturnResult { by, recipient, tracking_code: None }
}
