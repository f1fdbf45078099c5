//! `authorization.txt`, read: which status each caller gets from each operation at each place.

use std::collections::BTreeMap;

/// Where a caller is, seen from the agency that the thing belongs to.
pub const PLACES: [&str; 4] = ["own", "below", "sibling", "parent"];

/// The roles that people have.
pub const ROLES: [&str; 6] = ["admin", "clerk", "officer", "leader", "post_clerk", "inspector"];

/// The scopes that machines have.
pub const SCOPES: [&str; 6] =
    ["dossiers:read", "dossiers:write", "events:read", "postal:write", "statistics:read", "catalog:write"];

/// What a caller gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// This status; with 200 the thing is in the answer.
    Is(u16),
    /// 200, and nothing of the thing in it.
    Without,
    /// An answer, even if it is that there is no such thing: no 401, no 403 `forbidden`, no failure of the server.
    LetIn,
}

/// What a class says of a caller at a place, before the operation's line has said what being let in looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    In,
    Out(u16),
    Without,
}

/// The callers whom a line of a class is about, with a mark for each place.
type Row = (Vec<String>, [Mark; 4]);

/// A line about an operation.
#[derive(Debug)]
pub struct Operation {
    /// As `x-roles` has them, in their order.
    pub roles: Vec<String>,
    is_list: bool,
    /// The status of being let in.
    status: u16,
    /// The status of a refusal, where it is not the class's.
    refusal: Option<u16>,
    /// None: it was only said who is let in.
    class: Option<Vec<Row>>,
    exceptions: BTreeMap<String, [Cell; 4]>,
}

/// The whole file: method and path, as the document writes them, to the line.
pub type Table = BTreeMap<(String, String), Operation>;

/// Reads the file beside this folder.
pub fn table() -> Table {
    let mut classes: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
    let mut table = Table::new();
    for line in include_str!("../authorization.txt").lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            [first, ..] if first.starts_with('#') => {}
            ["class", name, callers, marks @ ..] => {
                let marks: Vec<Mark> = marks.iter().map(|mark| read_mark(mark)).collect();
                let marks = marks.try_into().unwrap_or_else(|_| panic!("four places in `{line}`"));
                classes
                    .entry(name)
                    .or_default()
                    .push((callers.split(',').map(str::to_owned).collect(), marks));
            }
            [method, path, roles, more @ ..] => {
                let path = path
                    .strip_prefix("//")
                    .map_or_else(|| format!("/api/v1{path}"), |root| format!("/{root}"));
                let mut operation = Operation::new(roles);
                let usual = usual_class(method, &path);
                operation.read(more.iter().copied().chain(usual.filter(|_| more.is_empty())), &classes);
                assert!(table.insert(((*method).to_owned(), path), operation).is_none(), "twice: {line}");
            }
            _ => panic!("cannot be read: {line}"),
        }
    }
    table
}

/// What a line without a class is: all that hangs on a dossier is read by the one predicate.
fn usual_class(method: &str, path: &str) -> Option<&'static str> {
    (method == "GET" && path.starts_with("/api/v1/dossiers/{code}")).then_some("dossier")
}

fn read_mark(mark: &str) -> Mark {
    match mark {
        "+" => Mark::In,
        "-" => Mark::Without,
        status => Mark::Out(status.parse().unwrap_or_else(|_| panic!("no mark: {status}"))),
    }
}

impl Operation {
    fn new(roles: &str) -> Operation {
        Operation {
            roles: roles.split(',').map(str::to_owned).collect(),
            is_list: false,
            status: 200,
            refusal: None,
            class: None,
            exceptions: BTreeMap::new(),
        }
    }

    fn read<'a>(&mut self, words: impl Iterator<Item = &'a str>, classes: &BTreeMap<&str, Vec<Row>>) {
        for word in words {
            // `role:own,below,sibling,parent`; a scope has colons of its own.
            if let Some((caller, cells)) = word.rsplit_once(':').filter(|(_, cells)| cells.contains(',')) {
                let cells: Vec<Cell> = cells.split(',').map(|mark| self.cell_of(read_mark(mark))).collect();
                self.exceptions.insert(caller.to_owned(), cells.try_into().expect("four places"));
                continue;
            }
            let (name, statuses) = word.split_once('=').unwrap_or((word, "200"));
            let (status, refusal) = statuses.split_once('/').unzip();
            self.status = status.unwrap_or(statuses).parse().expect("a status after `=`");
            self.refusal = refusal.map(|refusal| refusal.parse().expect("a status after `/`"));
            self.is_list = name.ends_with('*');
            let rows = classes.get(name.trim_end_matches('*'));
            self.class = Some(rows.unwrap_or_else(|| panic!("no class {name}")).clone());
        }
    }

    fn cell_of(&self, mark: Mark) -> Cell {
        match mark {
            Mark::In => Cell::Is(self.status),
            Mark::Without => Cell::Without,
            Mark::Out(_) if self.is_list => Cell::Without,
            Mark::Out(status) => Cell::Is(self.refusal.unwrap_or(status)),
        }
    }

    /// Whether it asks for no login.
    pub fn is_public(&self) -> bool {
        self.roles.iter().any(|role| role == "public")
    }

    /// Whether the caller has one of its roles.
    pub fn admits(&self, caller: &str) -> bool {
        self.is_public() || self.roles.iter().any(|role| role == "any" || role == caller)
    }

    /// What a caller gets at each place.
    pub fn cells(&self, caller: &str) -> [Cell; 4] {
        if !self.admits(caller) {
            return [Cell::Is(403); 4];
        }
        if let Some(cells) = self.exceptions.get(caller) {
            return *cells;
        }
        let Some(rows) = &self.class else { return [Cell::LetIn; 4] };
        let kind = if caller.starts_with("integration:") { "integration" } else { caller };
        let is_about = |row: &&Row| row.0.iter().any(|it| it == "any" || it == kind || it == caller);
        let row = rows.iter().find(is_about).unwrap_or_else(|| panic!("the class says nothing of {caller}"));
        row.1.map(|mark| self.cell_of(mark))
    }
}
