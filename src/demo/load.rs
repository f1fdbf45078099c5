//! Loads the sample year through the same rules and store code as live requests, in large transactions.
//!
//! Every event is recorded at the time it happened, which only imports and this loader may do.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};
use indicatif::{ProgressBar, ProgressStyle};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::life::{By, Life, Stage, live};
use super::people;
use super::plan::{DISTRICT, Fate, Figures, Planned, plan};
use super::world::Cast;
use crate::access::Identity;
use crate::agencies::AgencyId;
use crate::calendar::rules::at;
use crate::db::{Conn, Instant};
use crate::dossiers::{
    Actor, At, Channel, Dossier, DossierId, Effect, Effects, ReturnBy, SubmitDossier, Transition, apply,
    prepare, submit,
};
use crate::http::Problem;
use crate::post::{Direction, Item, NewManifest, Post, accept, dispatch, draw_up};
use crate::routing::Routing;
use crate::statistics::Accumulator;
use crate::{App, World};

/// Always the same year.
const SEED: u64 = 2019;
/// Entries of one transaction.
const CHUNK: usize = 2_000;

/// How many dossiers of which procedure ended how: what the program prints beside the published figures.
pub type Table = BTreeMap<(String, String), BTreeMap<Fate, usize>>;

/// What comes in at one moment: a dossier, or a manifest of what was sent by post.
enum Entry {
    One(Planned, Life),
    Manifest(Vec<(Planned, Life)>),
}

/// Loads the year; gives the table procedure × fate.
///
/// # Errors
/// What the rules refuse, which a test rules out.
pub fn load(app: &App, cast: &Cast, figures: &Figures) -> Result<Table, Problem> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let planned = plan(figures, &mut rng);
    let world = app.read_blocking(|_, world| Ok(world.clone()))?;
    let mut table = Table::new();
    for dossier in &planned {
        let level = if dossier.agency == DISTRICT { "district" } else { "commune" };
        *table
            .entry((level.to_owned(), dossier.procedure.to_owned()))
            .or_default()
            .entry(dossier.fate)
            .or_default() += 1;
    }
    let entries = schedule(&world, cast, planned, &mut rng)?;
    let bar = progress(entries.len());
    let mut entries = entries.into_iter().peekable();
    while entries.peek().is_some() {
        let chunk: Vec<Entry> = entries.by_ref().take(CHUNK).collect();
        let size = chunk.len();
        let seed: u64 = rng.random();
        app.bulk(|conn, world| {
            let figures = Accumulator::default();
            let world = World { effects: with_figures(&figures), ..world.clone() };
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
            let mut loader = Loader { conn, world: &world, cast, rng: &mut rng };
            chunk.iter().try_for_each(|entry| loader.enter(entry))?;
            Ok(figures.write(conn)?)
        })?;
        bar.inc(u64::try_from(size).unwrap_or(0));
    }
    bar.finish_and_clear();
    Ok(table)
}

/// The effects of live requests, with counters that are written once a transaction.
fn with_figures(figures: &Accumulator) -> Effects {
    let all: [Box<dyn Effect>; 3] = [Box::new(Routing), Box::new(Post), Box::new(figures.clone())];
    all.into()
}

/// Shown on a terminal only.
fn progress(length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} [{wide_bar}] {pos}/{len} {elapsed}");
    let bar = ProgressBar::new(u64::try_from(length).unwrap_or(0)).with_message("dossiers of 2019");
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Every dossier with its life, in the order in which they come in.
fn schedule(
    world: &World,
    cast: &Cast,
    planned: Vec<Planned>,
    rng: &mut Xoshiro256PlusPlus,
) -> Result<Vec<Entry>, Problem> {
    let catalogue = &world.catalogue;
    let district = agency_id(world, DISTRICT)?;
    let calendar = catalogue.calendars.for_agency(district)?;
    let mut working_days = Vec::new();
    let mut day = NaiveDate::from_ymd_opt(2019, 1, 1).unwrap_or_default();
    while day.year() == 2019 {
        if calendar.is_working_day(day)? {
            working_days.push(day);
        }
        day = day.succ_opt().unwrap_or(NaiveDate::MAX);
    }
    let last = working_days.last().copied().unwrap_or_default();
    let end = calendar.closing_time(last)?.unwrap_or_default();
    let stage = Stage { catalogue, working_days: &working_days, end, district };
    let mut pickups = Pickups::new(&working_days);
    let mut entries: Vec<(DateTime<Utc>, Entry)> = Vec::with_capacity(planned.len());
    let mut manifests: BTreeMap<DateTime<Utc>, Vec<(Planned, Life)>> = BTreeMap::new();
    for dossier in planned {
        let agency = agency_id(world, dossier.agency)?;
        let version = catalogue
            .procedures
            .current(dossier.procedure, last)
            .ok_or_else(|| Problem::internal(format!("{} is not in force", dossier.procedure)))?;
        let office =
            cast.post_offices.get(&agency).copied().filter(|_| dossier.channel == Channel::PostOffice);
        let fixed = (dossier.channel == Channel::Postal).then(|| pickups.next());
        let life = live(&stage, &dossier, agency, office, version, fixed, rng)?
            .ok_or_else(|| Problem::internal(format!("no life leads to {dossier:?}")))?;
        match fixed {
            Some(signed_at) => manifests.entry(signed_at).or_default().push((dossier, life)),
            None => entries.push((life.received_at.into(), Entry::One(dossier, life))),
        }
    }
    entries.extend(manifests.into_iter().map(|(signed_at, lines)| (signed_at, Entry::Manifest(lines))));
    entries.sort_by_key(|(received_at, _)| *received_at);
    Ok(entries.into_iter().map(|(_, entry)| entry).collect())
}

/// The post hands over on Wednesdays at half past nine, until the end of November.
struct Pickups {
    moments: Vec<DateTime<Utc>>,
    next: usize,
}

impl Pickups {
    fn new(working_days: &[NaiveDate]) -> Self {
        let moments = working_days
            .iter()
            .filter(|day| day.weekday() == Weekday::Wed && day.month() < 12)
            .map(|day| at(*day, 9 * 60 + 30))
            .collect();
        Self { moments, next: 0 }
    }

    fn next(&mut self) -> DateTime<Utc> {
        let moment = self.moments.get(self.next % self.moments.len().max(1)).copied().unwrap_or_default();
        self.next += 1;
        moment
    }
}

fn agency_id(world: &World, code: &str) -> Result<AgencyId, Problem> {
    let agency = world.catalogue.tree.by_code(code);
    agency.map(|agency| agency.id).ok_or_else(|| Problem::internal(format!("no agency {code}")))
}

fn listed(dossier: DossierId) -> Item {
    Item { dossier, tracking_code: None, recipient: None, cod_amount: 0, fees: 0, papers: Vec::new() }
}

struct Loader<'a> {
    conn: &'a mut Conn,
    world: &'a World,
    cast: &'a Cast,
    rng: &'a mut Xoshiro256PlusPlus,
}

impl Loader<'_> {
    fn enter(&mut self, entry: &Entry) -> Result<(), Problem> {
        match entry {
            Entry::One(planned, life) => self.one(planned, life),
            Entry::Manifest(lines) => self.manifest(lines),
        }
    }

    /// The world at a moment of the year.
    fn world_at(&self, moment: Instant) -> World {
        World { now: moment, ..self.world.clone() }
    }

    fn one(&mut self, planned: &Planned, life: &Life) -> Result<(), Problem> {
        let agency = agency_id(self.world, planned.agency)?;
        let clerk = By::Clerk(agency);
        let dossier = match planned.channel {
            Channel::Counter | Channel::AtHome => {
                self.submit(planned, self.caller(clerk)?, life.received_at)?
            }
            Channel::PostOffice => {
                let office = self.cast.post_offices.get(&agency).copied().unwrap_or_default();
                self.submit(planned, self.caller(By::PostClerk(office))?, life.received_at)?
            }
            Channel::Online | Channel::Postal => {
                // Sent in the evening before; the desk accepts within its eight hours.
                let minutes = self.rng.random_range(8 * 60..14 * 60);
                let sent_at = life.received_at - TimeDelta::minutes(minutes);
                let submission = self.submit(planned, self.cast.client.clone(), sent_at)?;
                self.act(submission, clerk, Transition::Accept { components: None }, life.received_at)?
            }
        };
        self.live_on(dossier, life)
    }

    /// What citizens sent by post during the week comes with one manifest; its second signature is their acceptance.
    fn manifest(&mut self, lines: &[(Planned, Life)]) -> Result<(), Problem> {
        let Some((first, life)) = lines.first() else { return Ok(()) };
        let agency = agency_id(self.world, first.agency)?;
        let office = self.cast.post_offices.get(&agency).copied().unwrap_or_default();
        let post_clerk = self.caller(By::PostClerk(office))?;
        let clerk = self.caller(By::Clerk(agency))?;
        let signed_at = life.received_at;
        let mut submissions = Vec::with_capacity(lines.len());
        for (planned, _) in lines {
            let sent_at = signed_at - TimeDelta::minutes(self.rng.random_range(18 * 60..22 * 60));
            submissions.push(self.submit(planned, post_clerk.clone(), sent_at)?);
        }
        let form = NewManifest {
            direction: Direction::FromPost,
            office,
            agency,
            items: submissions.iter().map(|dossier| listed(dossier.id)).collect(),
        };
        let (giver, taker) = (Actor::from(&post_clerk), Actor::from(&clerk));
        let dispatched_at = signed_at - TimeDelta::minutes(20);
        let manifest = draw_up(self.conn, &self.world_at(dispatched_at), &giver, &form, dispatched_at)?;
        let manifest = dispatch(self.conn, &giver, &manifest, dispatched_at)?;
        accept(self.conn, &self.world_at(signed_at), &taker, &manifest, &[], At::now(signed_at))?;
        for (submission, (_, life)) in submissions.into_iter().zip(lines) {
            let dossier = crate::dossiers::get(self.conn, submission.id)?;
            self.live_on(dossier, life)?;
        }
        Ok(())
    }

    fn live_on(&mut self, mut dossier: Dossier, life: &Life) -> Result<(), Problem> {
        for act in &life.acts {
            dossier = self.act(dossier, act.by, act.transition.clone(), act.at)?;
        }
        Ok(())
    }

    fn submit(&mut self, planned: &Planned, caller: Identity, moment: Instant) -> Result<Dossier, Problem> {
        let place =
            self.world.catalogue.tree.by_code(planned.agency).map_or("", |agency| agency.name.as_str());
        let command = SubmitDossier {
            procedure: planned.procedure.to_owned(),
            agency: planned.agency.to_owned(),
            competent_agency: None,
            channel: planned.channel,
            applicant: people::applicant(place, self.rng),
            representative: None,
            components: None,
            fees: None,
            return_by: Some(match planned.channel {
                Channel::AtHome => ReturnBy::AtHome,
                Channel::Postal => ReturnBy::Postal,
                Channel::Counter | Channel::PostOffice | Channel::Online => ReturnBy::Counter,
            }),
            external_references: None,
            note: None,
            accept: None,
            received_at: None,
            late_entry_reason: None,
            actions: None,
        };
        let world = self.world_at(moment);
        let ready = prepare(&world, &caller, command, At::now(moment))?;
        Ok(submit(self.conn, &world, &caller, ready)?.change.after)
    }

    fn act(
        &mut self,
        dossier: Dossier,
        by: By,
        transition: Transition,
        moment: Instant,
    ) -> Result<Dossier, Problem> {
        let actor = Actor::from(&self.caller(by)?);
        let world = self.world_at(moment);
        Ok(apply(self.conn, &world, &actor, dossier, transition, At::now(moment))?.after)
    }

    fn caller(&self, by: By) -> Result<Identity, Problem> {
        let found = self.cast.identity(by).cloned();
        found.ok_or_else(|| Problem::internal(format!("nobody is {by:?}")))
    }
}
