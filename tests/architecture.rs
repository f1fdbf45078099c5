//! The architecture as rules that fail the build. Each rule reads the sources and names what breaks it; whatever is
//! allowed to break one stands in `EXCEPTIONS` with its reason, and an exception that nothing needs any more fails too.

#![allow(
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test says shortly what must hold"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// The folders and files below `src/`, from the ground up: each may import those before it, and itself.
const ORDER: [&str; 17] = [
    "db",
    "http",
    "clock",
    "access",
    "config",
    "agencies",
    "calendar",
    "procedures",
    "app",
    "dossiers",
    "routing",
    "post",
    "statistics",
    "audit",
    "demo",
    "cli",
    "main",
];

/// What may break which rule, and why: rule, file (or folder, with a slash at its end), what it uses, reason.
const EXCEPTIONS: &[(&str, &str, &str, &str)] =
    &[("downwards", "app.rs", "dossiers", "the effects of higher capabilities are handed down through App")];

/// Where dossiers may be queried: everything else asks these, so that no query can forget who may see what.
/// `due`, `recompute` and `reseal` act for nobody who reads: the watch, the metrics, an administrator who sees codes and
/// dates only, a change of the data key; `audit` asks for readings of what an inspector's subtree received; the backlog counts
/// for whoever may see an agency's figures.
const QUERIES_DOSSIERS: [&str; 10] = [
    "access/predicate.rs",
    "access/sight.rs",
    "dossiers/store.rs",
    "dossiers/row.rs",
    "dossiers/due.rs",
    "dossiers/recompute/store.rs",
    "statistics/backlog/store.rs",
    "statistics/verify/",
    "dossiers/reseal.rs",
    "audit/store.rs",
];

#[test]
fn imports_go_downwards() {
    let place = |name: &str| ORDER.iter().position(|it| *it == name);
    check("downwards", |source| {
        let own = place(source.home())?;
        let above: BTreeSet<String> = source
            .imports()
            .into_iter()
            .map(|it| it.split("::").next().unwrap_or_default().to_owned())
            .collect();
        Some(above.into_iter().filter(|name| place(name).is_some_and(|other| other > own)).collect())
    });
}

#[test]
fn every_folder_has_its_place() {
    let known: BTreeSet<&str> = ORDER.into_iter().chain(["lib"]).collect();
    let homes: BTreeSet<String> = sources().into_iter().map(|source| source.home().to_owned()).collect();
    let unknown: Vec<&String> = homes.iter().filter(|home| !known.contains(home.as_str())).collect();
    assert!(unknown.is_empty(), "not in ORDER: {unknown:?}");
}

/// Rules are pure: std, chrono, serde, other rules, and words of the own capability.
#[test]
fn rules_know_no_input_or_output() {
    check("pure", |source| {
        if !source.is("rules") {
            return None;
        }
        let outside =
            ["diesel", "actix_web", "utoipa", "tokio", "reqwest", "rand", "std::fs", "std::net", "std::env"];
        let mut used = source.uses_any(&outside);
        used.extend(source.imports().into_iter().filter(|path| {
            let (home, rest) = path.split_once("::").unwrap_or((path, ""));
            home == "db"
                && !["Instant", "PublicId", "Json", "text_enum", "text_newtype", "fold"].contains(&rest)
                || home == "app"
                || ["App", "World"].contains(&home)
        }));
        Some(used)
    });
}

/// What the document says of an operation's callers and what its handler demands are one constant.
#[test]
fn x_roles_are_what_the_handler_demands() {
    check("x-roles", |source| {
        let handlers = source.text.split("#[utoipa::path(").skip(1);
        Some(handlers.filter_map(wrong_roles).collect())
    });
}

/// What is wrong with the roles of one handler: its attribute, and what follows up to the next.
fn wrong_roles(handler: &str) -> Option<String> {
    let (_, said) = handler.split_once("\"x-roles\" = json!(")?;
    let said = said.split(')').next().unwrap_or_default();
    let demanded = handler.split_once("Caller<").map(|(_, set)| set.split('>').next().unwrap_or_default());
    let agree = match (said.strip_suffix("::NAMES"), demanded) {
        (Some(set), Some(demanded)) => set == demanded,
        (None, None) => said == "[\"public\"]",
        _ => false,
    };
    (!agree).then(|| format!("json!({said}) with Caller<{}>", demanded.unwrap_or_default()))
}

#[test]
fn handlers_know_no_sql() {
    check("no SQL in api", |source| {
        source.is("api").then(|| source.uses_any(&["diesel", "schema::", "db::dialect", "sql_query"]))
    });
}

#[test]
fn stores_know_no_http() {
    check("no HTTP in store", |source| {
        source.is("store").then(|| source.uses_any(&["actix_web", "HttpRequest", "Caller<", "StatusCode"]))
    });
}

#[test]
fn nobody_knows_the_command_line() {
    check("no cli", |source| {
        (!["cli", "main"].contains(&source.home())).then(|| source.uses_any(&["crate::cli", "clap::"]))
    });
}

#[test]
fn dossiers_are_queried_in_few_places() {
    check("dossiers::table", |source| {
        let may = QUERIES_DOSSIERS.iter().any(|place| source.path.starts_with(place));
        (!may && source.path != "db/schema.rs").then(|| queries_of_dossiers(&source.code))
    });
}

/// Nor is a query that begins with the predicate widened afterwards.
#[test]
fn no_predicate_is_widened() {
    check("or_filter", |source| Some(source.uses_any(&["or_filter", "or_having", "belonging_to"])));
}

/// Every way in which code gets at rows of `dossiers`: diesel's table, under whatever name, and SQL of its own, where the
/// table is named other than to say whose column is meant.
fn queries_of_dossiers(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let flat: String = code.split_whitespace().collect::<Vec<_>>().join(" ");
    for way in
        ["dossiers::table", "dossiers::dsl", "dossiers::star", "schema::dossiers::*", "schema::dossiers as "]
    {
        if flat.contains(way) {
            found.push(way.to_owned());
        }
    }
    // `use schema::{dossiers as d}`, `use schema::dossiers::{id, table}`, `alias!(dossiers as d)`.
    for (group, words) in [
        ("schema::{", ["dossiers as ", "dossiers::{"]),
        ("schema::dossiers::{", ["table", "dsl"]),
        ("alias!(", ["dossiers as ", "dossiers as "]),
    ] {
        for (at, _) in flat.match_indices(group) {
            let members = flat[at + group.len()..].split([';', ')']).next().unwrap_or_default();
            let words = words.iter().filter(|word| members.contains(**word));
            found.extend(words.map(|word| format!("{group}{word}")));
        }
    }
    let texts = code.split('"').skip(1).step_by(2).map(str::to_lowercase);
    found.extend(
        texts.filter(|text| names_dossiers_as_table(text)).map(|text| text.chars().take(60).collect()),
    );
    found
}

/// Whether a text is SQL that names the table `dossiers` itself, not only one of its columns.
fn names_dossiers_as_table(text: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let words: BTreeSet<&str> = text.split(|c| !is_word(c)).collect();
    let is_sql = ["select", "insert", "update", "delete", "join", "from", "truncate"]
        .iter()
        .any(|it| words.contains(it));
    is_sql
        && text.match_indices("dossiers").any(|(at, found)| {
            let (before, after) = (text[..at].chars().next_back(), &text[at + found.len()..]);
            !before.is_some_and(is_word)
                && !after.starts_with(is_word)
                && !after.trim_start().starts_with('.')
        })
}

#[test]
fn no_way_to_dossiers_is_overlooked() {
    for code in [
        "dossiers::table.filter(x)",
        "legs::table.inner_join(dossiers::table.on(y))",
        "use crate::db::schema::dossiers as d; d::table.into_boxed()",
        "use crate::db::schema::{legs, dossiers as d};",
        "use crate::db::schema::dossiers::dsl::*;",
        "use crate::db::schema::dossiers::{id, table};",
        "use crate::db::schema::dossiers::*;",
        "let d = diesel::alias!(dossiers as other);",
        r#"raw! { both: "SELECT id FROM dossiers WHERE id = :id" }"#,
        r#""select l.id from legs l join dossiers d on d.id = l.dossier_id""#,
        "\"SELECT 1\n  FROM\n  dossiers\"",
        r#""SELECT count(*) FROM legs, dossiers WHERE 1 = 1""#,
        r#""WITH x AS (SELECT * FROM public.dossiers) SELECT * FROM x""#,
        r#""DELETE FROM dossiers""#,
    ] {
        assert!(!queries_of_dossiers(code).is_empty(), "{code}");
    }
    for code in [
        "use crate::db::schema::{dossiers, legs}; dossiers::agency_id.eq(x)",
        "use crate::dossiers::{self, Dossier}; dossiers::find_visible(conn)",
        r#""SELECT max(seq) FROM events WHERE dossier_id = dossiers.id""#,
        r#""/api/v1/dossiers/{code}""#,
        r#""No dossiers here""#,
    ] {
        assert!(queries_of_dossiers(code).is_empty(), "{code}: {:?}", queries_of_dossiers(code));
    }
}

/// A dossier's due dates are set by `dossiers/row.rs` alone and written with its row; a leg's by `routing/legs.rs`. Nothing
/// else assigns them, builds a row with them, or names them in an update.
#[test]
fn due_dates_are_written_in_one_place() {
    const DATES: [&str; 5] = ["due_at", "judged_due_at", "first_due_at", "expected_due_at", "accept_due_at"];
    const ROWS: [&str; 2] = ["NewDossier {", "NewLeg {"];
    const SET: [&str; 1] = ["dossiers/row.rs"];
    const WRITTEN: [&str; 2] = ["dossiers/store.rs", "routing/legs.rs"];
    check("due dates", |source| {
        let code = &source.code;
        let is_set = |date: &str| {
            code.match_indices(&format!(".{date} =")).any(|(at, found)| {
                // A comparison is no assignment.
                !code[at + found.len()..].starts_with('=')
            })
        };
        let is_written = |date: &str| {
            ["dossiers", "legs"].iter().any(|table| code.contains(&format!("{table}::{date}.eq(")))
                || code.contains(&format!("SET {date}"))
        };
        let is_built = |date: &str| {
            ROWS.iter().flat_map(|row| code.match_indices(row)).any(|(at, _)| {
                let body = &code[at..];
                let body = &body[..body.find("}\n").unwrap_or(body.len())];
                body.lines()
                    .filter_map(|line| line.trim().strip_prefix(&format!("{date}: ")))
                    .any(|value| value != "None," && !value.starts_with("Option<"))
            })
        };
        let set = DATES.iter().filter(|date| !SET.contains(&source.path.as_str()) && is_set(date));
        let written =
            DATES.iter().filter(|date| !WRITTEN.contains(&source.path.as_str()) && is_written(date));
        let built = DATES.iter().filter(|date| source.path != "routing/legs.rs" && is_built(date));
        Some(set.chain(written).chain(built).map(|date| (*date).to_owned()).collect())
    });
}

/// An insert that leaves out what is null is another statement for each set of nulls: it is never found prepared.
#[test]
fn inserts_name_every_column() {
    check("inserts name every column", |source| {
        let inserted = source.code.match_indices("Insertable").filter_map(|(at, _)| {
            let item = source.code[at..].split_once("\n}").map_or(&source.code[at..], |(item, _)| item);
            let (attributes, _) = item.split_once("struct ")?;
            let is_derive = attributes.contains(")]") && attributes.contains("table_name");
            (is_derive && !attributes.contains("treat_none_as_default_value = false"))
                .then(|| "treat_none_as_default_value".to_owned())
        });
        Some(inserted.collect())
    });
}

/// What holds a secret, or what a password can be guessed from, cannot be printed by accident.
#[test]
fn secrets_have_no_debug() {
    let is_secret = |name: &str| {
        ["password", "secret", "token"].iter().any(|it| {
            name == *it
                || name == format!("{it}_hash")
                || name.strip_suffix(it).is_some_and(|it| it.ends_with('_'))
        })
    };
    let derived = |source: &Source| -> Vec<String> {
        let mut found = Vec::new();
        for (at, _) in source.code.match_indices("#[derive(") {
            let item = &source.code[at..];
            let item = &item[..item.find("\n}").unwrap_or(item.len())];
            let derives = &item[..item.find(")]").unwrap_or(item.len())];
            let is_struct = item.lines().find(|line| !line.starts_with("#[") && !line.trim().is_empty());
            if !derives.contains("Debug") || !is_struct.is_some_and(|line| line.contains("struct ")) {
                continue;
            }
            let fields = item.lines().filter_map(|line| line.trim().split_once(": "));
            found.extend(fields.filter_map(|(name, kind)| {
                let name = name.rsplit(' ').next().unwrap_or_default();
                let is_text = ["String", "Option<String>", "Vec<u8>"].contains(&kind.trim_end_matches(','));
                (is_secret(name) && is_text).then(|| name.to_owned())
            }));
        }
        found
    };
    check("Debug of secrets", |source| Some(derived(source)));
    let bad =
        "#[derive(Clone, Debug)]\npub struct Reset {\n    pub(super) new_password: Option<String>,\n}\n";
    let bad = Source { path: "x/y.rs".into(), text: bad.into(), code: bare(bad) };
    assert_eq!(derived(&bad), ["new_password"]);
}

#[test]
fn only_the_clock_asks_for_the_time() {
    check("clock", |source| {
        (source.path != "clock.rs").then(|| source.uses_any(&["Utc::now", "Local::now", "SystemTime::now"]))
    });
}

/// Local time is Vietnam's: due dates are the same whatever zone the machine is in. `tests/run` runs the rules in others.
#[test]
fn nobody_asks_for_the_time_zone_of_the_machine() {
    let zones = [
        "chrono::Local",
        "Local::",
        "Local,",
        "Local>",
        "Local}",
        "Local;",
        "chrono_tz",
        "localtime",
        "tzset",
    ];
    check("time zone", |source| Some(source.uses_any(&zones)));
}

#[test]
fn only_the_settings_read_the_environment() {
    check("environment", |source| {
        (source.path != "config.rs").then(|| source.uses_any(&["env::var", "env::vars"]))
    });
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| source.path)
        .collect();
    assert!(silent.is_empty(), "no //! at the beginning of {silent:#?}");
}

/// A capability is a folder of sources, a tag and a folder (or file) of tests, all under one name.
#[test]
fn every_capability_has_tests_through_http() {
    let tests = root().join("tests/api");
    let capabilities: BTreeSet<String> = sources()
        .into_iter()
        .filter(|source| source.is("api") && source.home() != "cli")
        .map(|source| source.home().to_owned())
        .collect();
    let untested: Vec<&String> = capabilities
        .iter()
        .filter(|it| !tests.join(it).is_dir() && !tests.join(format!("{it}.rs")).exists())
        .collect();
    assert!(untested.is_empty(), "no tests/api/<capability> for {untested:?}");
}

#[test]
fn both_engines_have_the_same_migrations() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = root().join("migrations").join(engine);
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

// --- how it is read ----------------------------------------------------------------------------------------------------

/// A source file below `src/`.
struct Source {
    /// `dossiers/rules/table.rs`
    path: String,
    text: String,
    /// The text without comments, texts in quotation marks and unit tests.
    code: String,
}

impl Source {
    /// The folder or file directly below `src/`: `dossiers`, `clock`.
    fn home(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Whether it is the capability's file of this kind, or lies in its folder of this kind.
    fn is(&self, kind: &str) -> bool {
        self.path.ends_with(&format!("/{kind}.rs")) || self.path.contains(&format!("/{kind}/"))
    }

    /// Paths below `crate::`, as far as they are written: `db::Instant`, `dossiers::apply`.
    fn imports(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices("crate::") {
            let before = self.code[..at].chars().next_back();
            if !before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                expand("", &self.code[at + "crate::".len()..], &mut found);
            }
        }
        found
    }

    fn uses_any(&self, words: &[&str]) -> Vec<String> {
        let is_used = |word: &&&str| {
            self.code.match_indices(**word).any(|(at, _)| {
                let before = self.code[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
            })
        };
        words.iter().filter(is_used).map(|word| (*word).to_owned()).collect()
    }
}

/// Spreads a use tree out: `{a, b::{c, d}}` gives `a`, `b::c`, `b::d`. Gives what is left after the tree.
fn expand<'a>(prefix: &str, tree: &'a str, found: &mut Vec<String>) -> &'a str {
    let tree = tree.trim_start();
    if let Some(mut rest) = tree.strip_prefix('{') {
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix('}') {
                return after;
            }
            let left = expand(prefix, rest, found).trim_start();
            rest = left.strip_prefix(',').unwrap_or(left);
            if rest.len() == left.len() && !left.starts_with('}') {
                // `self as x`, a glob: to the next member.
                rest = &left[left.find([',', '}']).unwrap_or(left.len())..];
                rest = rest.strip_prefix(',').unwrap_or(rest);
                if rest.is_empty() {
                    return rest;
                }
            }
        }
    }
    let end = tree.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(tree.len());
    let (name, rest) = tree.split_at(end);
    let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}::{name}") };
    match rest.strip_prefix("::") {
        Some(deeper) if !name.is_empty() => expand(&path, deeper, found),
        _ => {
            if !name.is_empty() {
                found.push(path);
            }
            rest
        }
    }
}

/// Holds every source against a rule, which gives what breaks it (`None`: the rule is not about this file).
fn check(rule: &str, breaks: impl Fn(&Source) -> Option<Vec<String>>) {
    let allowed: Vec<_> = EXCEPTIONS.iter().filter(|(it, ..)| *it == rule).collect();
    let mut needed = vec![false; allowed.len()];
    let mut broken: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources() {
        for thing in breaks(&source).unwrap_or_default() {
            let exception = allowed
                .iter()
                .position(|(_, place, what, _)| source.path.starts_with(place) && thing.starts_with(what));
            match exception {
                Some(index) => needed[index] = true,
                None => broken.entry(source.path.clone()).or_default().push(thing),
            }
        }
    }
    let mut told = String::new();
    for (path, things) in &broken {
        let _ = writeln!(told, "  src/{path} uses {}", things.join(", "));
    }
    for ((_, place, what, _), _) in allowed.iter().zip(&needed).filter(|(_, needed)| !**needed) {
        let _ = writeln!(told, "  the exception for {place} and {what} is not needed any more");
    }
    assert!(told.is_empty(), "rule `{rule}`:\n{told}");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// All sources but unit tests in files of their own (`tests.rs`, `tests/`), which may use whatever they need.
fn sources() -> Vec<Source> {
    let mut all = Vec::new();
    read(&root().join("src"), "", &mut all);
    all.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(all.len() > 50, "where are the sources?");
    all
}

fn read(folder: &Path, prefix: &str, all: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{prefix}{name}");
        if entry.file_type().unwrap().is_dir() {
            if name != "tests" {
                read(&entry.path(), &format!("{path}/"), all);
            }
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let text = fs::read_to_string(entry.path()).unwrap();
            let code = bare(&text);
            all.push(Source { path, text, code });
        }
    }
}

/// The code alone: no comments, nothing in quotation marks, nothing after `#[cfg(test)]` on a line of its own, which in
/// this project is followed by the file's tests.
fn bare(text: &str) -> String {
    let text = match text.find("\n#[cfg(test)]\nmod tests {") {
        Some(at) => &text[..at],
        None => text,
    };
    let mut code = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '/' if letters.peek() == Some(&'/') => {
                for skipped in letters.by_ref() {
                    if skipped == '\n' {
                        code.push('\n');
                        break;
                    }
                }
            }
            // A character in apostrophes may be a quotation mark; a lifetime has no second apostrophe.
            '\'' => {
                code.push(letter);
                let mut ahead = letters.clone();
                if let (Some(one), Some(two)) = (ahead.next(), ahead.next())
                    && (two == '\'' || one == '\\')
                {
                    letters.next();
                    if one == '\\' {
                        letters.next();
                    }
                    letters.next();
                }
            }
            '"' => {
                code.push('"');
                // SQL is code: what it names is looked for as well.
                while let Some(inner) = letters.next() {
                    if inner == '\\' {
                        letters.next();
                    } else if inner == '"' {
                        break;
                    } else {
                        code.push(inner);
                    }
                }
                code.push('"');
            }
            _ => code.push(letter),
        }
    }
    code
}

#[test]
fn use_trees_are_read() {
    let source = |code: &str| Source { path: "x/y.rs".into(), text: code.into(), code: bare(code) };
    let read = source(
        "use crate::{access::{Caller, roles::{self as r, Admin}}, db::Conn as C, http::*};\n\
         // crate::cli\nfn f() { crate::post::g(\"crate::statistics\"); my_crate::z() }",
    );
    let imports = read.imports();
    for path in ["access::Caller", "access::roles::self", "access::roles::Admin", "db::Conn", "post::g"] {
        assert!(imports.iter().any(|it| it == path), "{path} in {imports:?}");
    }
    assert!(!imports.iter().any(|it| it.starts_with("cli") || it.starts_with('z')), "{imports:?}");
}
