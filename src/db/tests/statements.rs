//! Hand-written and portable statements.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Integer, Nullable, Text};

use super::columns::{Channel, NewLetter, instant, letter};
use super::{counters, databases, letters};
use crate::db::dialect::{on_engine, portable, raw};
use crate::db::parameters::{Piece, count, cut};
use crate::db::{Error, Instant, InstantSql};

raw! {
    /// The next number of an agency's day.
    pub(super) struct NextNumber<'a> {
        agency_id: i64 => BigInt,
        day: NaiveDate => Date,
        kind: &'a str => Text,
    } -> Integer;
    both: "INSERT INTO counted (agency_id, day, kind, last) VALUES (:agency_id, :day, :kind, 1)
           ON CONFLICT (agency_id, day, kind) DO UPDATE SET last = counted.last + 1 RETURNING last"
}

raw! {
    struct Window {
        from: Instant => InstantSql,
        until: Option<Instant> => Nullable<InstantSql>,
        channel: Channel => Text,
    } -> (BigInt, Text, InstantSql);
    sqlite: "SELECT id, code, received_at FROM letters
             WHERE channel = :channel AND received_at >= :from AND (:until IS NULL OR received_at < :until) ORDER BY id",
    postgres: "SELECT id, code, received_at FROM letters
               WHERE channel = :channel AND received_at >= :from
                 AND (:until::timestamptz IS NULL OR received_at < :until) ORDER BY id"
}

#[derive(Debug, PartialEq, Queryable)]
struct Found {
    id: i64,
    code: String,
    received_at: Instant,
}

#[test]
fn statements_are_cut_at_their_parameters() {
    const TEXT: &str = "a = :one::text AND :two_2";
    let pieces: [Piece; count(TEXT)] = cut(TEXT, &["two_2", "one"]);
    let expected = [
        Piece::Sql("a = "),
        Piece::Parameter(1),
        Piece::Sql("::text AND "),
        Piece::Parameter(0),
        Piece::Sql(""),
    ];
    assert_eq!(pieces, expected);
    assert_eq!(count("'12:30'"), 1);
    assert_eq!(cut("'12:30'", &[]), [Piece::Sql("'12:30'")]);
}

#[test]
fn an_upsert_counts_up() {
    for one in databases() {
        let day = NaiveDate::from_ymd_opt(2019, 3, 4).unwrap();
        for expected in 1..4 {
            let number = one.db.write_blocking(move |tx| {
                Ok::<i32, Error>(NextNumber { agency_id: 1, day, kind: "intake" }.get_result(tx)?)
            });
            assert_eq!(number.unwrap(), expected);
        }
    }
}

#[test]
fn parameters_may_stand_in_any_order_and_twice() {
    for one in databases() {
        let rows: Vec<NewLetter> = (0..10).map(letter).collect();
        let count = one.db.write_blocking(move |tx| {
            Ok::<_, Error>(on_engine!(tx, native => {
                diesel::insert_into(letters::table).values(&rows).execute(native)
            })?)
        });
        assert_eq!(count.unwrap(), 10);
        let from = instant("2019-03-04T12:00:00+07:00");
        for (until, expected) in
            [(None, vec!["L-4", "L-6", "L-8"]), (Some(letter(8).received_at), vec!["L-4", "L-6"])]
        {
            let found: Vec<Found> = one
                .db
                .read_blocking(|conn| {
                    Window { from, until, channel: Channel::Counter }.load(conn).map_err(Error::from)
                })
                .unwrap();
            let codes: Vec<_> = found.iter().map(|row| row.code.as_str()).collect();
            assert_eq!(codes, expected);
            assert_eq!(found.first().map(|row| row.received_at), Some(letter(4).received_at));
            assert!(found.iter().all(|row| row.id > 0));
        }
    }
}

#[test]
fn conflicts_are_handled_by_portable_statements() {
    for one in databases() {
        let value = one.db.write_blocking(|tx| {
            for by in [2_i64, 3] {
                let added: i64 = portable(
                    diesel::insert_into(counters::table)
                        .values((counters::name.eq("new"), counters::value.eq(by)))
                        .on_conflict(counters::name)
                        .do_update()
                        .set(counters::value.eq(counters::value + by))
                        .returning(counters::value),
                )
                .get_result(tx)?;
                if by == 3 {
                    return Ok(added);
                }
            }
            Err(Error::NotFound)
        });
        assert_eq!(value.unwrap(), 5);
    }
}
