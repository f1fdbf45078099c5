//! Writes: durable when answered, alone in their failures, counted right when many come at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::columns::{NewLetter, insert_letter, letter};
use super::statements::NextNumber;
use super::{TestDb, counters, databases, letters, open, sql};
use crate::db::{Conn, Db, Error, Options, savepoint};

fn add_hit(conn: &mut Conn) -> Result<(), Error> {
    // Read, then write: only right when nobody comes between, or when the row is locked by the update itself.
    diesel::update(counters::table.find("hits"))
        .set(counters::value.eq(counters::value + 1))
        .execute(conn)?;
    Ok(())
}

fn hits(one: &TestDb) -> i64 {
    one.db
        .read_blocking(|conn| {
            counters::table.find("hits").select(counters::value).first(conn).map_err(Error::from)
        })
        .unwrap()
}

fn next_number(conn: &mut Conn) -> Result<i32, Error> {
    let day = NaiveDate::from_ymd_opt(2019, 3, 4).unwrap_or_default();
    Ok(NextNumber { agency_id: 1, day, kind: "intake" }.get_result(conn)?)
}

/// Holds SQLite's writer, so that what is queued meanwhile becomes one batch.
struct Hold(Arc<AtomicBool>, std::thread::JoinHandle<()>);

impl Hold {
    fn new(db: &Db) -> Self {
        let free = Arc::new(AtomicBool::new(false));
        let held = Arc::new(Barrier::new(2));
        let (db, wait, started) = (db.clone(), Arc::clone(&free), Arc::clone(&held));
        let thread = std::thread::spawn(move || {
            let held: Result<(), Error> = db.write_blocking(move |_| {
                started.wait();
                while !wait.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Ok(())
            });
            held.unwrap();
        });
        held.wait();
        Self(free, thread)
    }

    fn release(self) {
        self.0.store(true, Ordering::SeqCst);
        self.1.join().unwrap();
    }
}

#[actix_web::test]
async fn a_failing_neighbour_hurts_nobody_in_the_batch() {
    for one in databases() {
        let hold = Hold::new(&one.db);
        let writes = (0..30).map(|index| {
            let db = one.db.clone();
            async move {
                db.write(move |tx| {
                    add_hit(tx)?;
                    match index % 5 {
                        1 => Err(Error::NotFound),
                        2 => panic!("on purpose"),
                        3 => {
                            insert_letter(tx, &NewLetter { code: letter(1).code, ..letter(index) }).map(drop)
                        }
                        // A statement that fails and is not told.
                        4 => savepoint(tx, |tx| sql(tx, "SELECT nothing FROM nowhere")).or(Ok(())),
                        _ => Ok(()),
                    }
                })
                .await
            }
        });
        let writes = futures_util::future::join_all(writes);
        let release = async {
            actix_web::rt::time::sleep(Duration::from_millis(100)).await;
            actix_web::web::block(|| hold.release()).await.unwrap();
        };
        let (results, ()) = futures_util::future::join(writes, release).await;
        let count = |wanted: fn(&Result<(), Error>) -> bool| results.iter().filter(|one| wanted(one)).count();
        assert_eq!(count(|one| matches!(one, Err(Error::NotFound))), 6);
        assert_eq!(count(|one| matches!(one, Err(Error::Internal(_)))), 6);
        assert_eq!(count(|one| matches!(one, Err(error) if error.violates("letters.code"))), 5);
        assert_eq!(count(Result::is_ok), 13);
        assert_eq!(hits(&one), 13);
    }
}

#[test]
fn an_answer_means_that_others_can_see_it() {
    for one in databases() {
        let other = open(&one.url);
        std::thread::scope(|scope| {
            for thread in 0..8_i64 {
                let (db, other) = (one.db.clone(), other.clone());
                scope.spawn(move || {
                    for round in 0..20 {
                        let number = thread * 100 + round;
                        let id = db.write_blocking(move |tx| insert_letter(tx, &letter(number))).unwrap();
                        let seen = other.read_blocking(|conn| {
                            letters::table
                                .find(id)
                                .select(letters::code)
                                .first::<String>(conn)
                                .map_err(Error::from)
                        });
                        assert_eq!(seen.unwrap(), format!("L-{number}"));
                    }
                });
            }
        });
    }
}

#[test]
fn nothing_is_seen_before_the_commit() {
    for one in databases() {
        let other = open(&one.url);
        let seen = one.db.write_blocking(move |tx| {
            add_hit(tx)?;
            other.read_blocking(|conn| {
                Ok::<i64, Error>(counters::table.find("hits").select(counters::value).first(conn)?)
            })
        });
        assert_eq!(seen.unwrap(), 0);
        assert_eq!(hits(&one), 1);
    }
}

#[test]
fn thirty_two_writers_count_right() {
    for one in databases() {
        std::thread::scope(|scope| {
            for _ in 0..32 {
                let db = one.db.clone();
                scope.spawn(move || (0..25).for_each(|_| db.write_blocking(add_hit).unwrap()));
            }
        });
        assert_eq!(hits(&one), 32 * 25);
    }
}

#[test]
fn numbers_have_no_gaps_and_no_doubles() {
    for one in databases() {
        let mut numbers: Vec<i32> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..32)
                .map(|thread| {
                    let db = one.db.clone();
                    scope.spawn(move || {
                        let mut mine = Vec::new();
                        for round in 0..20 {
                            let result = db.write_blocking(move |tx| {
                                let number = next_number(tx)?;
                                match (thread + round) % 4 {
                                    0 => Err(Error::NotFound),
                                    1 if round == 5 => panic!("on purpose"),
                                    _ => Ok(number),
                                }
                            });
                            mine.extend(result.ok());
                        }
                        mine
                    })
                })
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        numbers.sort_unstable();
        let expected: Vec<i32> = (1..=i32::try_from(numbers.len()).unwrap()).collect();
        assert!(numbers.len() > 400);
        assert_eq!(numbers, expected);
    }
}

#[test]
fn a_deferred_constraint_stops_only_its_owner() {
    for one in databases() {
        let hold = Hold::new(&one.db);
        let results: Vec<Result<i64, Error>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..10)
                .map(|number| {
                    let db = one.db.clone();
                    let answers_id = (number == 4).then_some(1_000_000);
                    scope.spawn(move || {
                        db.write_blocking(move |tx| {
                            insert_letter(tx, &NewLetter { answers_id, ..letter(number) })
                        })
                    })
                })
                .collect();
            std::thread::sleep(Duration::from_millis(100));
            hold.release();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for (number, result) in results.iter().enumerate() {
            assert_eq!(matches!(result, Err(Error::Reference)), number == 4, "{number}: {result:?}");
            assert_eq!(result.is_ok(), number != 4);
        }
    }
}

#[test]
fn refusals_have_the_same_name_on_both_engines() {
    for one in databases() {
        one.db.write_blocking(|tx| insert_letter(tx, &letter(1))).unwrap();
        let refused = |new: NewLetter| one.db.write_blocking(move |tx| insert_letter(tx, &new)).unwrap_err();
        assert!(refused(NewLetter { code: letter(1).code, ..letter(2) }).violates("letters.code"));
        let twin = NewLetter { code: "L-2".parse().unwrap(), ..letter(1) };
        assert!(refused(twin).violates("letters.channel,received_at"));
        assert!(refused(NewLetter { pages: 0, ..letter(2) }).violates("letters_pages"));
        let null =
            one.db.write_blocking(|tx| sql(tx, "INSERT INTO counters (name, value) VALUES ('x', NULL)"));
        assert!(null.unwrap_err().violates("counters.value"));
        let none = one.db.read_blocking(|conn| {
            counters::table.find("none").select(counters::value).first::<i64>(conn).map_err(Error::from)
        });
        assert!(matches!(none, Err(Error::NotFound)));
    }
}

#[test]
fn a_swallowed_failure_is_not_a_success_on_postgres() {
    for one in databases().into_iter().filter(super::is_postgres) {
        let result: Result<(), Error> = one.db.write_blocking(|tx| {
            add_hit(tx)?;
            drop(sql(tx, "SELECT nothing FROM nowhere"));
            Ok(())
        });
        assert!(result.is_err());
        assert_eq!(hits(&one), 0);
    }
}

#[test]
fn deadlocks_are_tried_again() {
    for one in databases() {
        let tries = Arc::new(AtomicUsize::new(0));
        let meet = Arc::new(Barrier::new(2));
        // Without a second writer at the same time there is nothing to meet.
        let both_run = super::is_postgres(&one);
        std::thread::scope(|scope| {
            for (first, second) in [("hits", "other"), ("other", "hits")] {
                let (db, tries, meet) = (one.db.clone(), Arc::clone(&tries), Arc::clone(&meet));
                scope.spawn(move || {
                    let met = AtomicBool::new(false);
                    let add = |tx: &mut Conn, name: &str| {
                        diesel::update(counters::table.find(name))
                            .set(counters::value.eq(counters::value + 1))
                            .execute(tx)
                    };
                    db.write_blocking(move |tx| {
                        tries.fetch_add(1, Ordering::SeqCst);
                        add(tx, first)?;
                        if both_run && !met.swap(true, Ordering::SeqCst) {
                            meet.wait();
                        }
                        add(tx, second)?;
                        Ok::<_, Error>(())
                    })
                    .unwrap();
                });
            }
        });
        assert_eq!(hits(&one), 2);
        assert_eq!(tries.load(Ordering::SeqCst), if both_run { 3 } else { 2 });
    }
}

#[test]
fn bulk_is_one_transaction_and_may_borrow() {
    for one in databases() {
        let mut done = 0;
        one.db
            .bulk(|tx| {
                for number in 0..50 {
                    insert_letter(tx, &letter(number))?;
                    done += 1;
                }
                Ok::<_, Error>(())
            })
            .unwrap();
        assert_eq!(done, 50);
        let undone: Result<(), Error> = one.db.bulk(|tx| {
            add_hit(tx)?;
            Err(Error::NotFound)
        });
        assert!(undone.is_err());
        let panicked: Result<(), Error> = one.db.bulk(|tx| {
            add_hit(tx)?;
            panic!("on purpose")
        });
        assert!(matches!(panicked, Err(Error::Internal(_))));
        assert_eq!(hits(&one), 0);
        one.db.write_blocking(add_hit).unwrap();
    }
}

#[actix_web::test]
async fn a_full_queue_is_busy() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let options = Options { queue: 1, busy_timeout: Duration::from_millis(50), ..Options::default() };
    let db = Db::open(&url, &options).unwrap();
    let hold = Hold::new(&db);
    let queued = db.clone();
    let queued = std::thread::spawn(move || queued.write_blocking(|_| Ok::<_, Error>(())));
    actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    assert!(matches!(db.write(|_| Ok::<_, Error>(())).await, Err(Error::Busy)));
    let blocking = db.clone();
    let refused = std::thread::spawn(move || blocking.write_blocking(|_| Ok::<_, Error>(()))).join().unwrap();
    assert!(matches!(refused, Err(Error::Busy)));
    hold.release();
    queued.join().unwrap().unwrap();
    db.write(|_| Ok::<_, Error>(())).await.unwrap();
}

#[actix_web::test]
async fn the_last_handle_waits_for_what_is_queued() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("test.db");
    let db = open(&format!("sqlite:{}", file.display()));
    let inner = db.clone();
    // A closure that holds the database must not make its end wait for itself.
    db.write(move |tx| {
        sql(tx, "CREATE TABLE IF NOT EXISTS x (y)")?;
        drop(inner.clone());
        Ok::<_, Error>(())
    })
    .await
    .unwrap();
    drop(db);
}

/// What the log held is in the file itself soon after enough was written, without waiting for the last connection to close.
#[test]
fn the_log_is_copied_beside_the_writer() {
    for one in databases() {
        let Some(file) = one.db.file() else { continue };
        for _ in 0..1_100 {
            one.db.write_blocking(add_hit).unwrap();
        }
        let copied = || {
            let folder = tempfile::tempdir().unwrap();
            let alone = folder.path().join("alone.db");
            // By another program: whoever closes a file gives up all locks that his own has on it.
            let copy = std::process::Command::new("cp").arg(file).arg(&alone).status().unwrap();
            assert!(copy.success());
            Db::open(&format!("sqlite:{}", alone.display()), &Options::default())?.read_blocking(|conn| {
                counters::table.find("hits").select(counters::value).first::<i64>(conn).map_err(Error::from)
            })
        };
        // A copy of a file that is being written may be anything for a moment.
        let is_copied = (0..50).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            copied().is_ok_and(|hits| hits >= 1_000)
        });
        assert!(is_copied, "the log was not copied");
        assert_eq!(hits(&one), 1_100);
    }
}
