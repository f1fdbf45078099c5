//! The tables: both engines have those of `src/db/schema.rs`, with the same columns, types and nullability, and still have
//! them after going back and forward again.

use std::collections::BTreeMap;

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Bool, Text},
};
use motcua::db::{Db, Error};

use crate::support::{Engine, on_both_engines};

/// Table → column → type, with `?` where it may be null.
type Tables = BTreeMap<String, BTreeMap<String, String>>;

/// What `src/db/schema.rs` says, read as text: the types of the macro are gone at run time.
fn declared() -> Tables {
    let source = include_str!("../../src/db/schema.rs");
    let mut tables: Tables = source.split("diesel::table! {").skip(1).map(table).collect();
    // Within the macro of tables of figures: what all of them have.
    let figures = tables.remove("$table").unwrap();
    let figures = figures.into_iter().filter(|(column, _)| !column.starts_with('$'));
    let figures: Vec<(String, String)> = figures.collect();
    for (name, mut columns) in source.split("\nwith_figures! {").skip(1).map(table) {
        columns.extend(figures.iter().cloned());
        tables.insert(name, columns);
    }
    tables
}

/// Name and columns of the table that a block begins with.
fn table(block: &str) -> (String, BTreeMap<String, String>) {
    let mut lines = block.lines().map(str::trim).filter(|line| !line.is_empty());
    let head = lines.find(|line| line.ends_with('{') && line.contains('(')).unwrap();
    let (name, _) = head.split_once(" (").unwrap();
    let columns = lines.take_while(|line| *line != "}").filter_map(|line| line.split_once(" -> "));
    let columns = columns.map(|(column, kind)| {
        let kind = kind.trim_end_matches(',');
        let kind = kind.strip_prefix("Nullable<").map_or_else(|| kind.to_owned(), |it| it.replace('>', "?"));
        (column.to_owned(), kind)
    });
    (name.to_owned(), columns.collect())
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    data_type: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

/// What the database has, in its own words.
fn found(db: &Db, engine: Engine) -> Tables {
    let sql = match engine {
        Engine::Sqlite => {
            "SELECT t.name AS table_name, c.name AS column_name, c.type AS data_type, c.\"notnull\" = 0 AS nullable
             FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\'
             AND t.name NOT LIKE 'sqlite%'"
        }
        Engine::Postgres => {
            "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' AS nullable
             FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT LIKE '\\_\\_%'"
        }
    };
    let columns: Vec<Column> =
        db.read_blocking(|conn| sql_query(sql).load(conn).map_err(Error::from)).unwrap();
    let mut tables = Tables::new();
    for column in columns {
        let kind = format!("{}{}", column.data_type, if column.nullable { "?" } else { "" });
        tables.entry(column.table_name).or_default().insert(column.column_name, kind);
    }
    tables
}

/// The engine's word for a type of `schema.rs`.
fn word(kind: &str, engine: Engine) -> String {
    let (kind, null) = kind.strip_suffix('?').map_or((kind, ""), |kind| (kind, "?"));
    let (sqlite, postgres) = match kind {
        "BigInt" => ("INTEGER", "bigint"),
        "Integer" => ("INTEGER", "integer"),
        "Bool" => ("INTEGER", "boolean"),
        "InstantSql" => ("INTEGER", "timestamp with time zone"),
        "Date" => ("TEXT", "date"),
        "Text" => ("TEXT", "text"),
        "Binary" => ("BLOB", "bytea"),
        "Double" => ("REAL", "double precision"),
        other => panic!("{other} has no word here"),
    };
    let word = if engine == Engine::Sqlite { sqlite } else { postgres };
    format!("{word}{null}")
}

fn expected(engine: Engine) -> Tables {
    let mut tables = declared();
    for kind in tables.values_mut().flat_map(BTreeMap::values_mut) {
        *kind = word(kind, engine);
    }
    tables
}

on_both_engines! {
    async fn tables_are_as_the_program_says(t: Test) {
        assert!(declared().len() > 20);
        assert_eq!(found(&t.db(), t.engine()), expected(t.engine()));
    }

    async fn back_and_forward_again(t: Test) {
        let db = t.db();
        let undone = db.revert_all().unwrap();
        assert!(undone.len() > 5);
        assert_eq!(found(&db, t.engine()), Tables::new(), "nothing is left");
        let mut done = db.migrate().unwrap();
        done.reverse();
        assert_eq!(done, undone);
        assert_eq!(found(&db, t.engine()), expected(t.engine()));
    }
}
