"""Grows a SQLite database of the sample year to millions of dossiers over several years.

The year is copied again and again into other years, by SQL alone: dossiers, events, legs, ledger of figures, ledger of marks.
Counters are added up as the copies come, opening balances made of them as their migration does; then every cell is held against
the ledger: days against its sums, months and years against the next finer counters, balances against all days before. Copies have
another key, code and time than their originals, and no sealed content; what only the keys of an installation could make (the
hashes of the histories) is that of the originals, so `motcua verify` takes the copies for forged. Only years without a leap day
are copied into: then every day of a copy lies as far from its original as every other, and months and years stay whole.

    tests/load/scale.py DATABASE DOSSIERS [--no-events]
"""
import argparse, datetime, pathlib, sqlite3, sys, time

OPENINGS = pathlib.Path(__file__).resolve().parents[2] / "migrations/sqlite/00000000000021_openings/up.sql"
YEAR = 2019
YEARS = [2018, 2017, 2015, 2014, 2013, 2011, 2010, 2009]
INSTANTS = {
    "dossiers": ["submitted_at", "accept_due_at", "received_at", "due_at", "judged_due_at", "first_due_at", "expected_due_at",
                 "finished_at", "returned_at", "last_event_at"],
    "events": ["occurred_at", "recorded_at"],
    "legs": ["started_at", "due_at", "judged_due_at", "finished_at"],
    "bookings": ["counts_from"],
    "dossier_marks": ["marked_at"],
}
DAYS = {"dossiers": ["overdue_on", "waiting_late_on"], "bookings": ["day"]}
# What a copy has of its own, by table and column; {k} is its number, {base} and {events} how far keys lie apart.
OWN = {
    "dossiers": {
        "id": "id + {k} * {base}", "public_id": "printf('%08x-0000-7000-8000-%012x', {k}, id)", "code": "code || '-{k}'",
        "reference": "reference || '-{k}'", "content": "''", "slip_id": "NULL", "lookup_hash": "lookup_hash || '{k}'",
    },
    "events": {"id": "id + {k} * {events}", "dossier_id": "dossier_id + {k} * {base}"},
    "legs": {"id": "NULL", "dossier_id": "dossier_id + {k} * {base}"},
    "bookings": {"id": "NULL", "dossier_id": "dossier_id + {k} * {base}"},
    "dossier_marks": {"dossier_id": "dossier_id + {k} * {base}"},
}
CELL, AGENCY_CELL = ["agency_id", "procedure_id", "channel"], ["agency_id", "channel"]
COUNTERS = {
    "counter_days": ("day", CELL), "counter_months": ("month", CELL), "counter_agency_months": ("month", AGENCY_CELL),
    "counter_years": ("year", CELL), "counter_agency_years": ("year", AGENCY_CELL),
}
# Coarser counters, the finer ones that they are the sums of, and the time of a sum.
SUMS = [
    ("counter_months", "counter_days", "substr(day, 1, 7) || '-01'"),
    ("counter_agency_months", "counter_months", "month"),
    ("counter_years", "counter_months", "substr(month, 1, 4) || '-01-01'"),
    ("counter_agency_years", "counter_agency_months", "substr(month, 1, 4) || '-01-01'"),
]
FIGURES = ["received", "early", "on_time", "late", "withdrawn", "stopped", "moved", "open", "overdue", "paused", "submitted",
           "declined", "waiting", "waiting_late", "control"]
# What is carried over into a later year, with the weights of its control.
CARRIED = {"moved": ("received + moved - early - on_time - late - withdrawn - stopped", 131), "open": ("open", 137),
           "overdue": ("overdue", 139), "paused": ("paused", 149), "waiting": ("waiting", 163), "waiting_late": ("waiting_late", 167)}
# How many rows of the ledger are summed at once: they are sorted in memory.
STEP = 500_000


def say(text):
    print(f"tests/load/scale.py: {text}", file=sys.stderr, flush=True)


def columns(db, table):
    return [it[1] for it in db.execute(f"PRAGMA table_info({table})")]


def copy(db, table, number, keys, days):
    """One copy of the originals of a table."""
    own = {name: text.format(k=number, **keys) for name, text in OWN[table].items()}
    for name in INSTANTS.get(table, []):
        own[name] = f"{name} + {days * 86_400_000_000}"
    for name in DAYS.get(table, []):
        own[name] = f"date({name}, '{days} days')"
    names = columns(db, table)
    key, last = ("id", keys["base"]) if table == "dossiers" else ("dossier_id", keys["base"])
    db.execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(own.get(name, name) for name in names)} "
               f"FROM {table} WHERE {key} < {last}")


def count(db, days):
    """The counters of one copy, added to those of others in the same year."""
    for table, (unit, keys) in COUNTERS.items():
        names = [*keys, unit, *FIGURES]
        values = [f"date({name}, '{days} days')" if name == unit else name for name in names]
        add = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in FIGURES)
        db.execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM original_{table} WHERE true "
                   f"ON CONFLICT ({', '.join([*keys, unit])}) DO UPDATE SET {add}")


def open_years(db):
    """Opening balances of all counters, by the statements of the migration that brought them."""
    _, insert, balances = OPENINGS.read_text().partition("INSERT")
    for table in ("opening_agency_years", "opening_years", "openings"):
        db.execute(f"DELETE FROM {table}")
    db.executescript(insert + balances)


def sums(names):
    return ", ".join(f"SUM({name}) AS {name}" for name in names)


def sum_ledger(db):
    """The sums of the ledger by cell and day, in a table of their own."""
    names = [*CELL, "day"]
    db.execute(f"CREATE TEMP TABLE ledger ({', '.join([*names, *FIGURES])}, PRIMARY KEY ({', '.join(names)})) WITHOUT ROWID")
    add = ", ".join(f"{name} = {name} + excluded.{name}" for name in FIGURES)
    last = db.execute("SELECT max(id) FROM bookings").fetchone()[0] or 0
    for after in range(0, last, STEP):
        db.execute(f"INSERT INTO ledger SELECT {', '.join(names)}, {sums(FIGURES)} FROM bookings WHERE id > ? AND id <= ? "
                   f"GROUP BY {', '.join(names)} ON CONFLICT DO UPDATE SET {add}", (after, after + STEP))


def differ(db, expected, table, names):
    """How many cells of a table are not the expected ones, both ways. One in which everything was taken back may be there or not."""
    kept = f"SELECT {', '.join([*names, *FIGURES])} FROM {table}"
    nonzero = " OR ".join(f"{name} <> 0" for name in FIGURES)
    return sum(db.execute(f"SELECT COUNT(*) FROM (SELECT * FROM ({one} EXCEPT {other}) WHERE {nonzero})").fetchone()[0]
               for one, other in ((expected, kept), (kept, expected)))


def differences(db):
    """How many cells of counters and opening balances are not what the ledger sums to."""
    sum_ledger(db)
    found = differ(db, f"SELECT {', '.join([*CELL, 'day', *FIGURES])} FROM ledger", "counter_days", [*CELL, "day"])
    for table, finer, time_of in SUMS:
        unit, keys = COUNTERS[table]
        group = ", ".join([*keys, time_of])
        found += differ(db, f"SELECT {group}, {sums(FIGURES)} FROM {finer} GROUP BY {group}", table, [*keys, unit])
    opened = "SELECT agency_id, year FROM openings"
    booked = "SELECT agency_id, year FROM counter_years"
    for one, other in ((opened, booked), (booked, opened)):
        found += db.execute(f"SELECT COUNT(*) FROM ({one} EXCEPT {other})").fetchone()[0]
    control = " + ".join(f"{weight} * ({sum_of})" for sum_of, weight in CARRIED.values())
    carried = ", ".join(f"SUM({CARRIED[name][0]}) AS {name}" if name in CARRIED else f"0 AS {name}" for name in FIGURES[:-1])
    for table, keys in (("opening_years", CELL), ("opening_agency_years", AGENCY_CELL)):
        cell = ", ".join(key if key != "agency_id" else "ledger.agency_id" for key in keys)
        found += differ(db, f"SELECT {cell}, year, {carried}, SUM({control}) AS control FROM openings JOIN ledger "
                            f"ON ledger.agency_id = openings.agency_id AND day < year GROUP BY {cell}, year", table, [*keys, "year"])
    db.execute("DROP TABLE ledger")
    return found


def grow(path, target, events=True, check=True):
    """Grows it to at least `target` dossiers; gives their number and how many cells of counters and opening balances are wrong."""
    db = sqlite3.connect(path, isolation_level=None, timeout=60)
    # A server that was stopped leaves its log behind; only without it can the journal be turned off.
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -400000", "temp_store = MEMORY"):
        db.execute(f"PRAGMA {pragma}").fetchall()
    begin = time.monotonic()
    state = db.execute("SELECT name FROM sqlite_schema WHERE name = 'load_scale'").fetchone()
    if not state:
        db.execute("CREATE TABLE load_scale AS SELECT max(id) + 1 AS base, (SELECT max(id) + 1 FROM events) AS events, "
                   "count(*) AS dossiers, 0 AS copies FROM dossiers")
        for table in COUNTERS:
            db.execute(f"CREATE TABLE original_{table} AS SELECT * FROM {table}")
    base, event_base, dossiers, copies = db.execute("SELECT base, events, dossiers, copies FROM load_scale").fetchone()
    tables = [table for table in OWN if events or table != "events"]
    marks = ",".join("?" * len(tables))
    indexes = db.execute(f"SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})", tables).fetchall()
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    number = copies
    db.execute("BEGIN")
    while dossiers * (number + 1) < target:
        number += 1
        year = YEARS[(number - 1) % len(YEARS)]
        days = (datetime.date(year, 1, 1) - datetime.date(YEAR, 1, 1)).days
        for table in tables:
            copy(db, table, number, {"base": base, "events": event_base}, days)
        count(db, days)
    db.execute("UPDATE load_scale SET copies = ?", (number,))
    db.execute("COMMIT")
    say(f"{dossiers * (number + 1):,} dossiers after {time.monotonic() - begin:.0f} s")
    open_years(db)
    for _, sql in indexes:
        db.execute(sql)
    say(f"indexes after {time.monotonic() - begin:.0f} s")
    wrong = differences(db) if check else None
    say(f"{wrong} cells of counters and opening balances differ from the ledger, after {time.monotonic() - begin:.0f} s")
    db.execute("PRAGMA journal_mode = WAL").fetchall()
    db.close()
    return dossiers * (number + 1), wrong


def group_by(engine, agency, group):
    """The statement for the figures of 2019 by a GROUP BY over the dossiers of an agency and all below it, as a program without
    counters would ask."""
    since, until = (int(datetime.datetime(year, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=7))).timestamp()) for year in (YEAR, YEAR + 1))
    month = "strftime('%Y-%m', (received_at + 25200000000) / 1000000, 'unixepoch')"
    if engine == "sqlite":
        since, until = since * 1_000_000, until * 1_000_000
    else:
        since, until = f"to_timestamp({since})", f"to_timestamp({until})"
        month = "to_char(received_at AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM')"
    key = {"": "0", "agency": "dossiers.agency_id", "level": "kind", "field": "field_id", "procedure": "procedure_id", "channel": "channel", "month": month}[group]
    in_year = f"finished_at >= {since} AND finished_at < {until}"
    wanted = [f"received_at >= {since}", *(f"outcome = '{outcome}' AND {in_year}" for outcome in ("early", "on_time", "late")),
              f"finished_at IS NULL OR finished_at >= {until}", f"received_at < {since} AND (finished_at IS NULL OR finished_at >= {since})"]
    return f"""SELECT {key}, {', '.join(f'COUNT(*) FILTER (WHERE {it})' for it in wanted)}
        FROM dossiers JOIN agency_closure ON descendant_id = dossiers.agency_id JOIN agencies ON agencies.id = dossiers.agency_id
        JOIN procedures ON procedures.id = dossiers.procedure_id
        WHERE ancestor_id = (SELECT id FROM agencies WHERE code = '{agency}') AND received_at < {until} GROUP BY 1"""


def scan(path, agency, group):
    """Seconds that it takes SQLite."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    begin = time.monotonic()
    db.execute(group_by("sqlite", agency, group)).fetchall()
    took = time.monotonic() - begin
    db.close()
    return took


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database")
    parser.add_argument("dossiers", type=int)
    parser.add_argument("--no-events", action="store_true")
    given = parser.parse_args()
    _, wrong = grow(given.database, given.dossiers, events=not given.no_events)
    sys.exit(1 if wrong else 0)
