"""A PostgreSQL cluster of its own for `tests/load/run`: started, filled from a SQLite database, and asked what one intake says to it."""
import datetime, os, pathlib, re, shutil, sqlite3, subprocess, sys, time


class Postgres:
    """A cluster of its own, durable as in production."""

    def __init__(self, folder, port):
        bins = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda it: float(it.parent.name))
        self.bin = bins[-1] if bins else pathlib.Path(shutil.which("initdb") or "/nowhere/initdb").resolve().parent
        if not (self.bin / "initdb").exists():
            sys.exit("tests/load/run: no PostgreSQL server found")
        self.folder, self.port = folder, port
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(folder, "postgres")
        self.run("initdb", "-D", f"{folder}/data", "-U", "motcua", "-A", "trust", "-E", "UTF8", "--no-locale")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c shared_buffers=256MB -c max_wal_size=4GB"
        self.run("pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/log", "-w", "-o", options, "start")
        self.url = f"postgres://motcua@127.0.0.1:{self.port}/postgres"

    def run(self, tool, *arguments, **more):
        return subprocess.run([*self.user, self.bin / tool, *arguments], check=True, cwd="/", stdout=subprocess.PIPE, **more).stdout

    def sql(self, text):
        return self.run("psql", "-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-p", str(self.port), "-U", "motcua", "-c", text, "postgres").decode()

    def statements(self, intake):
        """What one intake (a call that makes it) says to the database, as a script for pgbench."""
        log = self.folder / "log"
        self.sql("ALTER SYSTEM SET log_min_duration_statement = 0"), self.sql("SELECT pg_reload_conf()")
        time.sleep(1)
        begin = len(log.read_bytes())
        intake()
        time.sleep(0.5)
        said = log.read_bytes()[begin:].decode(errors="replace")
        self.sql("ALTER SYSTEM RESET log_min_duration_statement"), self.sql("SELECT pg_reload_conf()")
        return to_pgbench(said, self.sql("SELECT max(id) FROM dossiers").strip(), self.sql("SELECT max(id) FROM events").strip())

    def pgbench(self, script, clients, seconds):
        path = self.folder / "intake.sql"
        path.write_text(script)
        path.chmod(0o644)
        out = self.run("pgbench", "-n", "-M", "prepared", "-f", path, "-c", str(clients), "-j", "2", "-T", str(seconds), "-h", "127.0.0.1", "-p", str(self.port), "-U", "motcua", "postgres").decode()
        per_second, latency = re.search(r"tps = ([\d.]+)", out)[1], re.search(r"latency average = ([\d.]+)", out)[1]
        return float(per_second), float(latency)

    def take_over(self, database, migrate):
        """All rows of a SQLite database, table by table with COPY: statement by statement the year takes far longer. `migrate` makes the tables."""
        migrate()
        db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        listed = "SELECT table_name, column_name, data_type FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name, ordinal_position"
        tables = {}
        for line in self.sql(listed).splitlines():
            table, column, kind = line.split("|")
            tables.setdefault(table, []).append((column, kind))
        del tables["__diesel_schema_migrations"]
        self.sql(f"TRUNCATE {', '.join(tables)}")
        for table, columns in tables.items():
            names = ", ".join(name for name, _ in columns)
            command = f"SET session_replication_role = replica; COPY {table} ({names}) FROM STDIN"
            psql = subprocess.Popen([*self.user, self.bin / "psql", "-X", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "motcua", "-c", command, "postgres"], cwd="/", stdin=subprocess.PIPE, text=True)
            for row in db.execute(f"SELECT {names} FROM {table}"):
                psql.stdin.write("\t".join(as_text(value, kind) for value, (_, kind) in zip(row, columns)) + "\n")
            psql.stdin.close()
            if psql.wait():
                sys.exit(f"tests/load/run: {table} was not copied")
            if any(name == "id" for name, _ in columns):
                self.sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT COALESCE(MAX(id), 1) FROM {table})) WHERE pg_get_serial_sequence('{table}', 'id') IS NOT NULL")
        db.close()
        self.sql("ANALYZE")

    def seconds(self, sql):
        """How long the server works on a statement."""
        return float(re.search(r"Execution Time: ([\d.]+) ms", self.sql(f"EXPLAIN (ANALYZE, TIMING OFF) {sql}"))[1]) / 1000

    def stop(self):
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-m", "fast", "-w", "stop")


def as_text(value, kind):
    """A value of SQLite as COPY reads it."""
    if value is None:
        return "\\N"
    if kind == "timestamp with time zone":
        return f"{datetime.datetime.fromtimestamp(value // 1_000_000, datetime.UTC):%Y-%m-%d %H:%M:%S}.{value % 1_000_000:06}+00"
    if kind == "boolean":
        return "t" if value else "f"
    if kind == "bytea":
        return "\\\\x" + value.hex()
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r") if isinstance(value, str) else str(value)


def to_pgbench(said, dossier, event):
    """The intake's transaction from the log, parameters as literals; keys and codes are new in each round."""
    by_session = {}
    for entry in re.split(r"\n(?=\d{4}-\d\d-\d\d )", said):
        head = re.match(r"\S+ \S+ \S+ \[(\d+)\] (LOG|DETAIL):\s+(.*)", entry, re.S)
        if not head:
            continue
        statements = by_session.setdefault(head[1], [])
        if found := re.match(r"duration: [\d.]+ ms\s+(?:execute [^:]*|statement): (.*)", head[3], re.S):
            statements.append(re.sub(r"\s+", " ", found[1]).strip())
        elif statements and (given := re.match(r"parameters: (.*)", head[3], re.S | re.I)) and "$1" in statements[-1]:
            # pgbench would take `:null` within a JSON text for a variable of its own.
            known = re.sub(r":(?=[A-Za-z_])", ": ", given[1])
            literals = dict(re.findall(r"\$(\d+) = (NULL|'(?:[^']|'')*')", known))
            statements[-1] = re.sub(r"\$(\d+)", lambda it: literals[it[1]], statements[-1])
    for statements in by_session.values():
        text = "\n".join(statements)
        if found := re.search(r"^BEGIN[^\n]*\n(?:(?!COMMIT|BEGIN)[^\n]*\n)*INSERT INTO \"dossiers\".*?^COMMIT$", text, re.S | re.M):
            statements = found[0].split("\n")
            break
    else:
        sys.exit("tests/load/run: the log has no intake in it")
    script = ["\\set n random(1, 1000000000000000)"]
    for sql in statements:
        sql = sql.replace(f"'{dossier}'", ":dossier_id").replace(f"'{event}'", ":event_id")
        if sql.startswith('INSERT INTO "dossiers"'):
            sql = re.sub(r"'[0-9A-Z.]+-\d{6}-\d{4,}'", "('code-' || :n)", sql)
            sql = re.sub(r"'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}'", "('id-' || :n)", sql, count=1)
            script.append(sql + " \\gset dossier_")
        elif sql.startswith('INSERT INTO "events"'):
            script.append(sql + " \\gset event_")
        elif "INTO idempotency" in sql or "UPDATE idempotency" in sql:
            script.append(re.sub(r"'[0-9a-f]{64}'", "('key-' || :n)", sql, count=1) + ";")
        else:
            script.append(sql + ";")
    return "\n".join(script) + "\n"
