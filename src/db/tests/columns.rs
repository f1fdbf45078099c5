//! Column types go in and come out the same, alone and in conditions.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::dsl::{max, min};
use diesel::prelude::*;

use super::{databases, letters};
use crate::db::types::{text_enum, text_newtype};
use crate::db::{Conn, Cursor, Error, Instant, Json, Limit, MultiBackend, Page, PublicId, keyset};

text_enum! {
    /// How a letter came in.
    pub(super) enum Channel {
        /// At the counter.
        Counter = "counter",
        /// Through the portal.
        PostOffice = "post_office",
    }
}

text_newtype! {
    /// The code of a letter.
    pub(super) struct LetterCode(parse_code), example = "L-1";
}

fn parse_code(text: &str) -> Result<String, &'static str> {
    if text.starts_with("L-") { Ok(text.to_owned()) } else { Err("must begin with L-") }
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = letters)]
pub(super) struct NewLetter {
    pub code: LetterCode,
    pub channel: Channel,
    pub received_at: Instant,
    pub closed_at: Option<Instant>,
    pub received_on: NaiveDate,
    pub is_urgent: bool,
    pub details: Json<BTreeMap<String, i64>>,
    pub public_id: PublicId,
    pub answers_id: Option<i64>,
    pub pages: i32,
}

#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = letters, check_for_backend(MultiBackend))]
pub(super) struct LetterRow {
    pub id: i64,
    pub code: LetterCode,
    pub channel: Channel,
    pub received_at: Instant,
    pub closed_at: Option<Instant>,
    pub received_on: NaiveDate,
    pub is_urgent: bool,
    pub details: Json<BTreeMap<String, i64>>,
    pub public_id: PublicId,
}

pub(super) fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(super) fn letter(number: i64) -> NewLetter {
    let received_at = instant("2019-03-04T08:30:00+07:00") + TimeDelta::hours(number);
    NewLetter {
        code: format!("L-{number}").parse().unwrap(),
        channel: if number % 2 == 0 { Channel::Counter } else { Channel::PostOffice },
        received_at,
        closed_at: (number % 3 == 0).then(|| received_at + TimeDelta::microseconds(1)),
        received_on: received_at.local_day(),
        is_urgent: number % 2 == 1,
        details: Json(BTreeMap::from([("number".to_owned(), number)])),
        public_id: PublicId::with_random(received_at, [7; 10]),
        answers_id: None,
        pages: 1,
    }
}

pub(super) fn insert_letter(conn: &mut Conn, new: &NewLetter) -> Result<i64, Error> {
    Ok(diesel::insert_into(letters::table).values(new).returning(letters::id).get_result(conn)?)
}

#[test]
fn rows_come_back_as_they_went_in() {
    for one in databases() {
        let new = letter(3);
        let sent = new.clone();
        let id = one.db.write_blocking(move |tx| insert_letter(tx, &sent)).unwrap();
        let row: LetterRow = one
            .db
            .read_blocking(|conn| {
                letters::table.find(id).select(LetterRow::as_select()).first(conn).map_err(Error::from)
            })
            .unwrap();
        let expected = LetterRow {
            id,
            code: new.code,
            channel: new.channel,
            received_at: new.received_at,
            closed_at: new.closed_at,
            received_on: new.received_on,
            is_urgent: new.is_urgent,
            details: new.details,
            public_id: new.public_id,
        };
        assert_eq!(row, expected);
    }
}

#[test]
fn instants_keep_every_microsecond_and_their_order() {
    for one in databases() {
        let times = [
            Instant::MIN,
            instant("1969-12-31T23:59:59.999999Z"),
            instant("1970-01-01T00:00:00Z"),
            instant("1999-12-31T23:59:59.999999Z"),
            instant("2019-03-04T08:30:00.000001+07:00"),
            instant("2019-03-04T08:30:00.000002+07:00"),
            Instant::MAX,
        ];
        let written = one.db.write_blocking(move |tx| {
            for (number, time) in (0_i64..).zip(times.into_iter().rev()) {
                insert_letter(tx, &NewLetter { received_at: time, closed_at: None, ..letter(number) })?;
            }
            Ok::<_, Error>(())
        });
        written.unwrap();
        one.db
            .read_blocking(|conn| {
                let read: Vec<Instant> =
                    letters::table.select(letters::received_at).order(letters::received_at).load(conn)?;
                assert_eq!(read, times);
                let ends: (Option<Instant>, Option<Instant>) = letters::table
                    .select((min(letters::received_at), max(letters::received_at)))
                    .first(conn)?;
                assert_eq!(ends, (Some(Instant::MIN), Some(Instant::MAX)));
                let between: i64 = letters::table
                    .filter(letters::received_at.gt(times[3]).and(letters::received_at.le(times[5])))
                    .filter(letters::received_at.ne(times[5]))
                    .filter(letters::received_at.eq_any(times))
                    .count()
                    .get_result(conn)?;
                assert_eq!(between, 1);
                let open: i64 =
                    letters::table.filter(letters::closed_at.is_null()).count().get_result(conn)?;
                assert_eq!(open, 7);
                Ok::<_, Error>(())
            })
            .unwrap();
        let closed = one.db.write_blocking(move |tx| {
            diesel::update(letters::table.filter(letters::received_at.lt(times[2])))
                .set(letters::closed_at.eq(Some(times[2])))
                .execute(tx)?;
            let back: usize = diesel::update(letters::table.filter(letters::closed_at.eq(times[2])))
                .set(letters::closed_at.eq(None::<Instant>))
                .execute(tx)?;
            Ok::<_, Error>(back)
        });
        assert_eq!(closed.unwrap(), 2);
    }
}

#[test]
fn boxed_filters_and_keyset_pages_reach_every_row_once() {
    fn page(
        conn: &mut Conn,
        channel: Option<Channel>,
        after: Option<&Cursor>,
    ) -> Result<Page<LetterRow>, Error> {
        let limit = Limit::try_from(3).unwrap();
        let mut query = letters::table
            .select(LetterRow::as_select())
            .order((letters::received_at.desc(), letters::id.desc()))
            .limit(limit.rows())
            .into_boxed::<MultiBackend>();
        if let Some(channel) = channel {
            query = query.filter(letters::channel.eq(channel));
        }
        if let Some(cursor) = after {
            let (at, id): (Instant, i64) = cursor.key("-received_at").unwrap();
            query = query.filter(keyset!(lt; (letters::received_at, at), (letters::id, id)));
        }
        Page::of(query.load(conn)?, limit, |row| Cursor::after("-received_at", &(row.received_at, row.id)))
    }
    for one in databases() {
        one.db
            .write_blocking(|tx| (0..20).try_for_each(|number| insert_letter(tx, &letter(number)).map(drop)))
            .unwrap();
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let found =
                one.db.read_blocking(|conn| page(conn, Some(Channel::Counter), cursor.as_ref())).unwrap();
            assert!(found.items.len() <= 3);
            seen.extend(found.items.into_iter().map(|row| row.code.to_string()));
            cursor = found.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let expected: Vec<_> = (0..10).rev().map(|half| format!("L-{}", half * 2)).collect();
        assert_eq!(seen, expected);
    }
}

#[test]
fn cursors_are_good_for_one_order_only() {
    let cursor = Cursor::after("-received_at", &(Instant::MIN, 7)).unwrap();
    assert!(cursor.key::<(Instant, i64)>("due_at").is_err());
    assert!(cursor.key::<i64>("-received_at").is_err());
    assert!(Cursor::from("hello".to_owned()).key::<i64>("id").is_err());
    assert_eq!(cursor.key("-received_at"), Ok((Instant::MIN, 7)));
    assert!(Limit::try_from(0).is_err() && Limit::try_from(201).is_err());
}

#[test]
fn instants_read_any_offset_and_write_vietnams() {
    let json = |text: &str| serde_json::from_str::<Instant>(&format!("{text:?}"));
    let time = json("2019-03-04T01:30:00Z").unwrap();
    assert_eq!(time, json("2019-03-04T08:30:00+07:00").unwrap());
    assert_eq!(serde_json::to_string(&time).unwrap(), "\"2019-03-04T08:30:00+07:00\"");
    let fine = json("2019-03-04T08:30:00.1234567+07:00").unwrap();
    assert_eq!(fine.to_string(), "2019-03-04T08:30:00.123456+07:00");
    assert_eq!(time.local_day(), NaiveDate::from_ymd_opt(2019, 3, 4).unwrap());
    assert_eq!(Instant::from(DateTime::<Utc>::from(time)), time);
    assert!(json("2019-03-04T08:30:00").is_err() && json("2019-03-04").is_err() && json("").is_err());
    assert_eq!(Instant::MAX.to_string(), "9999-12-31T23:59:59.999999+07:00");
    assert_eq!(Instant::MAX.to_string().parse(), Ok(Instant::MAX));
    assert_eq!(Instant::MIN.to_string().parse(), Ok(Instant::MIN));
    assert_eq!(Instant::MAX + TimeDelta::MAX, Instant::MAX);
    assert_eq!(Instant::MIN - TimeDelta::MAX, Instant::MIN);
}

#[test]
fn enums_have_one_text_everywhere() {
    assert_eq!(serde_json::to_string(Channel::ALL).unwrap(), r#"["counter","post_office"]"#);
    assert_eq!("post_office".parse(), Ok(Channel::PostOffice));
    assert_eq!(
        "PostOffice".parse::<Channel>().unwrap_err().to_string(),
        "must be one of: counter, post_office"
    );
    assert!(serde_json::from_str::<Channel>("\"PostOffice\"").is_err());
    let schema = serde_json::to_value(<Channel as utoipa::PartialSchema>::schema()).unwrap();
    assert_eq!(schema["enum"], serde_json::json!(["counter", "post_office"]));
    assert_eq!(schema["type"], "string");
    let schema = serde_json::to_value(<Instant as utoipa::PartialSchema>::schema()).unwrap();
    assert_eq!((schema["type"].as_str(), schema["format"].as_str()), (Some("string"), Some("date-time")));
    assert_eq!(schema["examples"][0], "2019-03-04T08:30:00+07:00");
}

#[test]
fn newtypes_are_made_by_their_parser_only() {
    assert_eq!(serde_json::from_str::<LetterCode>("\"L-9\"").unwrap().as_str(), "L-9");
    assert_eq!("X".parse::<LetterCode>().unwrap_err().to_string(), "must begin with L-");
    assert!(serde_json::from_str::<LetterCode>("\"X\"").is_err());
}

#[test]
fn public_ids_sort_by_time() {
    let at = instant("2019-03-04T08:30:00+07:00");
    let early = PublicId::with_random(at, [255; 10]);
    let late = PublicId::with_random(at + TimeDelta::milliseconds(1), [0; 10]);
    assert!(early < late && early.to_string() < late.to_string());
    assert_eq!(early.to_string().parse(), Ok(early));
    assert_ne!(PublicId::new(at), PublicId::new(at));
}
