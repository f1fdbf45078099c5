//! What an anchor's hash is over, how it is written down, and where a chain of them breaks.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use data_encoding::HEXLOWER;
use hmac::Mac;

use crate::db::Instant;
use crate::dossiers::{AnchorMac, DossierId, Secrets};

/// A day's anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The local day that had ended when it was made.
    pub day: NaiveDate,
    /// When it was made: the heads are those of this moment.
    pub made_at: Instant,
    /// Key of the last event that there was.
    pub last_event_id: i64,
    /// How many histories had gone on since the anchor before.
    pub heads: i64,
    /// HMAC-SHA-256 over their heads.
    pub heads_digest: Vec<u8>,
    /// HMAC-SHA-256 over all this and the anchor before.
    pub hash: Vec<u8>,
}

impl Anchor {
    /// The hash that it must have after the anchor with hash `before`; nothing before the first.
    #[must_use]
    pub fn hash_after(&self, secrets: &Secrets, before: &[u8]) -> Vec<u8> {
        let line =
            format!("anchor|{}|{}|{}|{}|", self.day, self.made_at.micros(), self.last_event_id, self.heads);
        let mac = secrets.anchor().chain_update(before).chain_update(line).chain_update(&self.heads_digest);
        mac.finalize().into_bytes().to_vec()
    }
}

/// The digest of heads that come one after another, by dossier.
pub(super) struct HeadsDigest(AnchorMac);

impl HeadsDigest {
    pub(super) fn new(secrets: &Secrets) -> Self {
        Self(secrets.anchor().chain_update("heads|"))
    }

    /// The next head: how many events the dossier had, and the hash of the last one.
    pub(super) fn add(&mut self, dossier: DossierId, seq: i64, hash: &[u8]) {
        self.0.update(&dossier.to_be_bytes());
        self.0.update(&seq.to_be_bytes());
        self.0.update(hash);
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0.finalize().into_bytes().to_vec()
    }
}

/// The days whose anchors do not follow from themselves and the one before them; `anchors` in their order. An anchor that was
/// taken out of the middle shows at the one after it.
#[must_use]
pub fn broken(secrets: &Secrets, anchors: &[Anchor]) -> Vec<NaiveDate> {
    let mut before: &[u8] = &[];
    let mut days = Vec::new();
    for anchor in anchors {
        if anchor.hash_after(secrets, before) != anchor.hash {
            days.push(anchor.day);
        }
        before = &anchor.hash;
    }
    days
}

/// An anchor as it is kept outside the database: `2019-03-04 128 9f86d0…`, a line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its day.
    pub day: NaiveDate,
    /// How many heads it is over.
    pub heads: i64,
    /// Its hash.
    pub hash: Vec<u8>,
}

impl From<&Anchor> for Kept {
    fn from(anchor: &Anchor) -> Self {
        Self { day: anchor.day, heads: anchor.heads, hash: anchor.hash.clone() }
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.day, self.heads, HEXLOWER.encode(&self.hash))
    }
}

impl FromStr for Kept {
    type Err = &'static str;

    fn from_str(line: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "must be a day, a number and 64 hexadecimal digits";
        let mut words = line.split_whitespace();
        let mut word = || words.next().ok_or(FORM);
        let kept = Self {
            day: word()?.parse().map_err(|_| FORM)?,
            heads: word()?.parse().map_err(|_| FORM)?,
            hash: HEXLOWER.decode(word()?.as_bytes()).map_err(|_| FORM)?,
        };
        if words.next().is_none() && kept.hash.len() == 32 { Ok(kept) } else { Err(FORM) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Keys;

    fn secrets() -> Secrets {
        Secrets::new(&Keys::load_or_create(tempfile::tempdir().unwrap().path()).unwrap())
    }

    /// Three days, each after the one before.
    fn chain(secrets: &Secrets) -> Vec<Anchor> {
        let mut anchors: Vec<Anchor> = Vec::new();
        for day in 4..7 {
            let before = anchors.last().map_or_else(Vec::new, |anchor| anchor.hash.clone());
            let mut digest = HeadsDigest::new(secrets);
            digest.add(day, 2, &[7; 32]);
            let mut anchor = Anchor {
                day: NaiveDate::from_ymd_opt(2019, 3, u32::try_from(day).unwrap()).unwrap(),
                made_at: "2019-03-05T00:10:00+07:00".parse().unwrap(),
                last_event_id: day * 10,
                heads: 1,
                heads_digest: digest.finish(),
                hash: Vec::new(),
            };
            anchor.hash = anchor.hash_after(secrets, &before);
            anchors.push(anchor);
        }
        anchors
    }

    #[test]
    fn whatever_is_changed_in_a_chain_shows_on_its_day() {
        let secrets = secrets();
        let whole = chain(&secrets);
        assert_eq!(broken(&secrets, &whole), []);
        let changes: [fn(&mut Anchor); 6] = [
            |it| it.day = it.day.pred_opt().unwrap(),
            |it| it.made_at = Instant::MIN,
            |it| it.last_event_id += 1,
            |it| it.heads += 1,
            |it| it.heads_digest[0] ^= 1,
            |it| it.hash[31] ^= 1,
        ];
        for change in changes {
            let mut anchors = whole.clone();
            change(&mut anchors[1]);
            assert!(broken(&secrets, &anchors).contains(&anchors[1].day));
        }
        let without_the_middle = [whole[0].clone(), whole[2].clone()];
        assert_eq!(broken(&secrets, &without_the_middle), [whole[2].day]);
        assert_eq!(broken(&self::secrets(), &whole).len(), 3, "another key");
    }

    #[test]
    fn what_is_kept_elsewhere_is_read_back() {
        let anchor = &chain(&secrets())[0];
        let line = Kept::from(anchor).to_string();
        assert_eq!(line.parse(), Ok(Kept::from(anchor)));
        for bad in ["", "2019-03-04", "2019-03-04 1 ff", &format!("{line} more"), &line.replace("2019", "x")]
        {
            assert!(bad.parse::<Kept>().is_err(), "{bad}");
        }
    }
}
