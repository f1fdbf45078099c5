"""What SQLite can do at most on this machine: the rows of an intake, again and again, prepared, and nothing else."""
import hashlib, sqlite3, time

FIGURES = ["received", "early", "on_time", "late", "withdrawn", "stopped", "moved", "open", "overdue", "paused", "submitted", "declined", "waiting", "waiting_late", "control"]
TABLES = ["dossiers", "events", "event_private", "custody", "legs", "bookings", "idempotency"]


def bare_loop(database, per_commit, seconds):
    """Writes the rows of an intake again and again, prepared, nothing else. Keys rise or lie at random as those of an intake do."""
    db = sqlite3.connect(database, isolation_level=None, cached_statements=200)
    db.execute("PRAGMA journal_mode=WAL"), db.execute("PRAGMA synchronous=FULL"), db.execute("PRAGMA foreign_keys=ON"), db.execute("PRAGMA wal_autocheckpoint=4000")
    last = db.execute("SELECT max(id) FROM dossiers WHERE id < 10000000000").fetchone()[0]
    rows = []
    for table in TABLES:
        columns = [it[1] for it in db.execute(f"PRAGMA table_info({table})")]
        if table == "idempotency":
            found = db.execute("SELECT * FROM idempotency ORDER BY created_at DESC LIMIT 1").fetchall()
        elif table == "event_private":
            found = db.execute("SELECT * FROM event_private WHERE event_id IN (SELECT id FROM events WHERE dossier_id = ?)", (last,)).fetchall()
        else:
            key = "id" if table == "dossiers" else "dossier_id"
            found = db.execute(f"SELECT * FROM {table} WHERE {key} = ?", (last,)).fetchall()
        insert = f"INSERT INTO {table} VALUES ({','.join('?' * len(columns))})"
        rows += [(insert, columns, list(row)) for row in found]
    counts = {}
    for agency, day, procedure, channel, *booked in db.execute(f"SELECT agency_id, day, procedure_id, channel, {', '.join(FIGURES)} FROM bookings WHERE dossier_id = ?", (last,)):
        month, year = day[:8] + "01", day[:5] + "01-01"
        for key in [
            ("counter_days", "day", agency, day, channel, procedure), ("counter_months", "month", agency, month, channel, procedure),
            ("counter_agency_months", "month", agency, month, channel), ("counter_years", "year", agency, year, channel, procedure),
            ("counter_agency_years", "year", agency, year, channel),
        ]:
            counts[key] = [one + more for one, more in zip(counts.get(key, [0] * len(FIGURES)), booked)]
    adds = ", ".join(f"{name} = {name} + ?" for name in FIGURES)
    counts = [(f"UPDATE {table} SET {adds} WHERE agency_id = ? AND {unit} = ? AND channel = ?" + (" AND procedure_id = ?" if len(cell) == 4 else ""), [*booked, *cell]) for (table, unit, *cell), booked in counts.items()]
    agency, day = db.execute("SELECT agency_id, day FROM bookings WHERE dossier_id = ? ORDER BY day LIMIT 1", (last,)).fetchone()
    number = keys = db.execute("SELECT max(id) FROM dossiers").fetchone()[0] + 10_000_000_000
    unique = {"public_id", "code", "reference"}
    done, begin, until = 0, time.monotonic(), time.monotonic() + seconds
    while time.monotonic() < until:
        db.execute("BEGIN IMMEDIATE")
        for _ in range(per_commit):
            number += 1
            db.execute("UPDATE numbers SET last = last + 1 WHERE agency_id = ? AND day = ?", (agency, day))
            for insert, columns, row in rows:
                values = list(row)
                for at, column in enumerate(columns):
                    if column == "dossier_id" or (column == "id" and "INTO dossiers" in insert):
                        values[at] = number
                    elif column == "event_id" or (column == "id" and "INTO events" in insert):
                        values[at] = number
                    elif column == "id":
                        keys += 1
                        values[at] = keys
                    elif column == "key_hash":
                        values[at] = hashlib.sha256(b"%d" % number).hexdigest()
                    elif column in unique and values[at] is not None:
                        values[at] = f"{number}"
                db.execute(insert, values)
            for update, values in counts:
                db.execute(update, values)
            done += 1
        db.execute("COMMIT")
    return done / (time.monotonic() - begin)
