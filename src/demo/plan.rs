//! From the published figures to single dossiers: which agency, procedure, channel and fate. Pure.
//!
//! What the figures say is met exactly, by largest remainders; the mix of procedures and the weight of each commune are
//! made up, and chosen so that early, on time and late follow from the rules: a same-day case is early only when it was
//! received after 15:00 and resolved on that day.

use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use serde::Deserialize;

use crate::dossiers::Channel;

/// How a dossier of the year ends, or stands at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    Early,
    OnTime,
    Late,
    Withdrawn,
    Stopped,
    OpenInTime,
    OpenPaused,
    OpenOverdue,
}

impl Fate {
    /// All, in the order of the weights below.
    pub const ALL: [Self; 8] = [
        Self::Early,
        Self::OnTime,
        Self::Late,
        Self::Withdrawn,
        Self::Stopped,
        Self::OpenInTime,
        Self::OpenPaused,
        Self::OpenOverdue,
    ];

    /// As the table of the sample year heads its column.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Early => "early",
            Self::OnTime => "on time",
            Self::Late => "late",
            Self::Withdrawn => "withdrawn",
            Self::Stopped => "stopped",
            Self::OpenInTime => "open",
            Self::OpenPaused => "paused",
            Self::OpenOverdue => "overdue",
        }
    }

    /// Whether it is counted as resolved.
    #[must_use]
    pub fn is_resolved(self) -> bool {
        matches!(self, Self::Early | Self::OnTime | Self::Late)
    }
}

/// A dossier to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Code of the receiving agency.
    pub agency: &'static str,
    /// Code of the procedure.
    pub procedure: &'static str,
    pub channel: Channel,
    pub fate: Fate,
}

/// The figures of `year-2019.json`.
#[derive(Debug, Deserialize)]
pub struct Figures {
    published: Published,
    assumed: Assumed,
}

#[derive(Debug, Deserialize)]
struct Published {
    communes: PublishedCommunes,
}

#[derive(Debug, Deserialize)]
struct PublishedCommunes {
    received: u32,
    resolved: u32,
    early: u32,
    on_time: u32,
}

#[derive(Debug, Deserialize)]
struct Assumed {
    communes: AssumedCommunes,
    district: AssumedDistrict,
}

#[derive(Debug, Deserialize)]
struct AssumedCommunes {
    open: Open,
}

#[derive(Debug, Deserialize)]
struct AssumedDistrict {
    early: u32,
    on_time: u32,
    late: u32,
    withdrawn: u32,
    stopped: u32,
    open: Open,
    channels: DistrictChannels,
}

#[derive(Debug, Deserialize)]
struct Open {
    in_time: u32,
    paused_of_which: u32,
    overdue: u32,
}

#[derive(Debug, Deserialize)]
struct DistrictChannels {
    post_office: u32,
    online: u32,
    postal: u32,
    at_home: u32,
}

/// The district.
pub const DISTRICT: &str = "000.00.31.H20";

/// Communes with their made-up weights, and whether their desk went to the post in the pilot.
pub const COMMUNES: [(&str, u32, bool); 13] = [
    ("000.21.31.H20", 14, false),
    ("000.22.31.H20", 6, false),
    ("000.23.31.H20", 5, false),
    ("000.24.31.H20", 9, false),
    ("000.25.31.H20", 6, false),
    ("000.26.31.H20", 8, false),
    ("000.27.31.H20", 5, false),
    ("000.28.31.H20", 8, false),
    ("000.29.31.H20", 8, false),
    ("000.30.31.H20", 10, true),
    ("000.31.31.H20", 4, false),
    ("000.32.31.H20", 10, true),
    ("000.33.31.H20", 7, true),
];

/// A procedure's made-up weights for each [`Fate`], and whether the post may take it in.
struct Mix {
    procedure: &'static str,
    weights: [u32; 8],
    postal: bool,
    online: bool,
}

const fn mix(procedure: &'static str, weights: [u32; 8], postal: bool, online: bool) -> Mix {
    Mix { procedure, weights, postal, online }
}

#[rustfmt::skip]
const COMMUNE_MIX: [Mix; 21] = [
    //                early on_time late wdrawn stopped in_time paused overdue
    mix("1.001193", [10, 60, 0, 0, 0, 0, 0, 0], true, true),
    mix("1.000656", [3, 15, 0, 0, 0, 0, 0, 0], true, false),
    mix("2.000635", [8, 70, 0, 0, 0, 0, 0, 0], true, true),
    mix("2.000815", [40, 480, 0, 0, 0, 0, 0, 0], false, false),
    mix("2.000884", [10, 90, 0, 0, 0, 0, 0, 0], false, false),
    mix("1.004873", [120, 10, 20, 0, 0, 2, 0, 0], true, true),
    mix("1.000894", [60, 8, 10, 0, 0, 4, 0, 0], true, false),
    mix("2.001035", [140, 40, 30, 0, 0, 4, 0, 0], false, false),
    mix("1.001022", [5, 1, 2, 0, 0, 0, 0, 0], true, false),
    mix("1.004837", [2, 1, 1, 0, 0, 0, 0, 0], true, false),
    mix("1.004859", [25, 5, 8, 0, 0, 2, 0, 0], true, false),
    mix("1.004884", [15, 3, 6, 0, 0, 4, 0, 0], true, false),
    mix("2.000986", [20, 2, 8, 0, 0, 40, 2, 0], true, false),
    mix("TB.DAT-01", [30, 4, 15, 0, 0, 60, 4, 0], true, false),
    mix("1.012784", [8, 1, 6, 0, 0, 30, 3, 0], true, false),
    mix("1.012812", [3, 1, 2, 0, 0, 20, 0, 0], false, false),
    mix("1.001731", [6, 1, 3, 0, 0, 8, 0, 0], true, false),
    mix("1.001776", [10, 1, 6, 0, 0, 30, 2, 0], true, false),
    mix("1.001699", [3, 1, 1, 0, 0, 10, 1, 0], true, false),
    mix("1.011607", [8, 1, 2, 0, 0, 15, 0, 0], true, false),
    mix("2.001263", [1, 0, 0, 0, 0, 1, 0, 0], false, false),
];

#[rustfmt::skip]
const DISTRICT_MIX: [Mix; 10] = [
    //                early on_time late wdrawn stopped in_time paused overdue
    mix("2.000635", [10, 150, 0, 0, 0, 0, 0, 0], true, true),
    mix("2.000815", [30, 500, 0, 0, 0, 0, 0, 0], false, false),
    mix("2.000884", [8, 100, 0, 0, 0, 0, 0, 0], false, false),
    mix("1.001612", [90, 8, 10, 20, 0, 10, 0, 0], true, true),
    mix("2.000720", [40, 4, 5, 10, 0, 5, 0, 0], true, true),
    mix("1.001266", [30, 3, 4, 5, 0, 5, 0, 0], true, true),
    mix("1.009994", [60, 4, 20, 40, 10, 60, 120, 20], true, true),
    mix("1.013227", [6, 1, 2, 3, 1, 4, 5, 2], true, false),
    mix("1.012783", [120, 8, 30, 120, 30, 120, 1400, 50], true, false),
    mix("TB.DAT-02", [30, 2, 12, 60, 15, 80, 400, 28], true, false),
];

impl Figures {
    /// The figures that are checked in.
    ///
    /// # Errors
    /// When the file does not have the members above.
    pub fn load() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("year-2019.json"))
    }

    /// How many dossiers of each fate the communes have.
    #[must_use]
    pub fn communes(&self) -> [u32; 8] {
        let published = &self.published.communes;
        let open = &self.assumed.communes.open;
        let late = published.resolved - published.early - published.on_time;
        debug_assert_eq!(published.received, published.resolved + open.in_time + open.overdue);
        [
            published.early,
            published.on_time,
            late,
            0,
            0,
            open.in_time - open.paused_of_which,
            open.paused_of_which,
            open.overdue,
        ]
    }

    /// The same for the district.
    #[must_use]
    pub fn district(&self) -> [u32; 8] {
        let assumed = &self.assumed.district;
        [
            assumed.early,
            assumed.on_time,
            assumed.late,
            assumed.withdrawn,
            assumed.stopped,
            assumed.open.in_time - assumed.open.paused_of_which,
            assumed.open.paused_of_which,
            assumed.open.overdue,
        ]
    }

    /// A hundredth of everything, what is not zero at least one.
    #[must_use]
    pub fn small(mut self) -> Self {
        let hundredth = |figure: &mut u32| {
            if *figure > 0 {
                *figure = (*figure / 100).max(1);
            }
        };
        let district = &mut self.assumed.district;
        for figure in [
            &mut self.published.communes.early,
            &mut self.published.communes.on_time,
            &mut district.early,
            &mut district.on_time,
            &mut district.late,
            &mut district.withdrawn,
            &mut district.stopped,
            &mut district.channels.post_office,
            &mut district.channels.online,
            &mut district.channels.postal,
            &mut district.channels.at_home,
        ] {
            hundredth(figure);
        }
        for open in [&mut self.assumed.communes.open, &mut district.open] {
            let mut running = open.in_time - open.paused_of_which;
            hundredth(&mut running);
            hundredth(&mut open.paused_of_which);
            hundredth(&mut open.overdue);
            open.in_time = running + open.paused_of_which;
        }
        let communes = &mut self.published.communes;
        let open = &self.assumed.communes.open;
        communes.resolved = communes.early + communes.on_time + 1;
        communes.received = communes.resolved + open.in_time + open.overdue;
        self
    }
}

/// Every dossier of the year, in no order of time.
#[must_use]
pub fn plan(figures: &Figures, rng: &mut Xoshiro256PlusPlus) -> Vec<Planned> {
    let mut all = communes(figures, rng);
    all.extend(district(figures, rng));
    all
}

fn communes(figures: &Figures, rng: &mut Xoshiro256PlusPlus) -> Vec<Planned> {
    let weights: Vec<u32> = COMMUNES.iter().map(|(_, weight, _)| *weight).collect();
    let mut of_commune: Vec<Vec<Planned>> = COMMUNES.iter().map(|_| Vec::new()).collect();
    for (index, (fate, total)) in Fate::ALL.into_iter().zip(figures.communes()).enumerate() {
        // Shuffled, so that what is rare does not all fall to the heaviest commune.
        let mut procedures =
            spread(total, COMMUNE_MIX.iter().map(|mix| mix.weights.get(index).copied().unwrap_or(0)))
                .into_iter()
                .zip(&COMMUNE_MIX)
                .flat_map(|(count, mix)| std::iter::repeat_n(mix.procedure, count))
                .collect::<Vec<_>>();
        procedures.shuffle(rng);
        let mut procedures = procedures.into_iter();
        for (dossiers, ((agency, ..), count)) in
            of_commune.iter_mut().zip(COMMUNES.iter().zip(spread(total, weights.iter().copied())))
        {
            dossiers.extend(procedures.by_ref().take(count).map(|procedure| Planned {
                agency,
                procedure,
                channel: Channel::Counter,
                fate,
            }));
        }
    }
    for (dossiers, (.., is_pilot)) in of_commune.iter_mut().zip(COMMUNES) {
        if is_pilot {
            let tenth = (dossiers.len() + 5) / 10;
            dossiers.shuffle(rng);
            give(dossiers, Channel::PostOffice, tenth, |planned| is_postal(&COMMUNE_MIX, planned));
        }
    }
    of_commune.into_iter().flatten().collect()
}

fn district(figures: &Figures, rng: &mut Xoshiro256PlusPlus) -> Vec<Planned> {
    let mut dossiers = Vec::new();
    for (index, (fate, total)) in Fate::ALL.into_iter().zip(figures.district()).enumerate() {
        let counts =
            spread(total, DISTRICT_MIX.iter().map(|mix| mix.weights.get(index).copied().unwrap_or(0)));
        for (count, mix) in counts.into_iter().zip(&DISTRICT_MIX) {
            dossiers.extend(std::iter::repeat_n(
                Planned { agency: DISTRICT, procedure: mix.procedure, channel: Channel::Counter, fate },
                count,
            ));
        }
    }
    dossiers.shuffle(rng);
    let channels = &figures.assumed.district.channels;
    let online = |planned: &Planned| {
        planned.fate.is_resolved()
            && DISTRICT_MIX.iter().any(|mix| mix.procedure == planned.procedure && mix.online)
    };
    // All online ones were resolved; so are, by assumption, the one at home and those that came by post.
    give(&mut dossiers, Channel::Online, size(channels.online), online);
    give(&mut dossiers, Channel::AtHome, size(channels.at_home), |planned| planned.fate == Fate::Early);
    give(&mut dossiers, Channel::Postal, size(channels.postal), |planned| {
        // A manifest comes in the morning, when a same-day case cannot be early.
        let takes_days = planned.procedure != "2.000635";
        matches!(planned.fate, Fate::Early | Fate::Late) && takes_days && is_postal(&DISTRICT_MIX, planned)
    });
    give(&mut dossiers, Channel::PostOffice, size(channels.post_office), |planned| {
        is_postal(&DISTRICT_MIX, planned)
    });
    dossiers
}

/// Gives the first `count` fitting counter dossiers another channel.
fn give(dossiers: &mut [Planned], channel: Channel, count: usize, fits: impl Fn(&Planned) -> bool) {
    let fitting = dossiers.iter_mut().filter(|planned| planned.channel == Channel::Counter && fits(planned));
    for planned in fitting.take(count) {
        planned.channel = channel;
    }
}

fn is_postal(mixes: &[Mix], planned: &Planned) -> bool {
    mixes.iter().any(|mix| mix.procedure == planned.procedure && mix.postal)
}

fn size(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Divides `total` in proportion to `weights`, whole numbers, by largest remainders; ties go to the first.
fn spread(total: u32, weights: impl Iterator<Item = u32>) -> Vec<usize> {
    let weights: Vec<u64> = weights.map(u64::from).collect();
    let sum: u64 = weights.iter().sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let mut parts: Vec<(usize, u64, u64)> = weights
        .iter()
        .enumerate()
        .map(|(index, weight)| (index, u64::from(total) * weight / sum, u64::from(total) * weight % sum))
        .collect();
    let given: u64 = parts.iter().map(|(_, whole, _)| whole).sum();
    parts.sort_by_key(|(index, _, remainder)| (std::cmp::Reverse(*remainder), *index));
    for part in parts.iter_mut().take(usize::try_from(u64::from(total) - given).unwrap_or(0)) {
        part.1 += 1;
    }
    parts.sort_by_key(|(index, ..)| *index);
    parts.into_iter().map(|(_, whole, _)| usize::try_from(whole).unwrap_or(usize::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn count(all: &[Planned], matches: impl Fn(&Planned) -> bool) -> usize {
        all.iter().filter(|planned| matches(planned)).count()
    }

    #[test]
    fn the_year_has_the_published_figures() {
        let all = plan(&Figures::load().unwrap(), &mut Xoshiro256PlusPlus::seed_from_u64(2019));
        let district = |planned: &Planned| planned.agency == DISTRICT;
        let commune = |planned: &Planned| planned.agency != DISTRICT;
        assert_eq!(count(&all, commune), 87_971);
        for (fate, expected) in [(Fate::Early, 32_357), (Fate::OnTime, 55_279), (Fate::Late, 121)] {
            assert_eq!(count(&all, |p| commune(p) && p.fate == fate), expected);
        }
        assert_eq!(count(&all, district), 15_380);
        for (channel, expected) in [
            (Channel::Counter, 12_633),
            (Channel::PostOffice, 2_500),
            (Channel::Online, 73),
            (Channel::Postal, 173),
            (Channel::AtHome, 1),
        ] {
            assert_eq!(count(&all, |p| district(p) && p.channel == channel), expected, "{channel}");
        }
    }

    #[test]
    fn the_small_year_keeps_every_figure() {
        let all = plan(&Figures::load().unwrap().small(), &mut Xoshiro256PlusPlus::seed_from_u64(2019));
        for fate in [Fate::Early, Fate::OnTime, Fate::Late, Fate::Withdrawn, Fate::Stopped, Fate::OpenOverdue]
        {
            assert!(count(&all, |p| p.fate == fate) > 0, "{fate:?}");
        }
        for channel in [Channel::PostOffice, Channel::Online, Channel::Postal, Channel::AtHome] {
            assert!(count(&all, |p| p.channel == channel) > 0, "{channel}");
        }
    }

    #[test]
    fn spreading_loses_nothing() {
        assert_eq!(spread(10, [1, 1, 1].into_iter()), [4, 3, 3]);
        assert_eq!(spread(0, [1, 2].into_iter()), [0, 0]);
        assert_eq!(spread(7, [0, 5].into_iter()), [0, 7]);
    }
}
