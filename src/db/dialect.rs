//! Statements that differ between the engines, or that diesel's common part of both cannot say.
//! The only file that chooses by the engine; `connection`, `transaction` and `migrate` do so for what is not a statement.
//!
//! Three ways, the first that fits:
//! 1. [`portable`]: a diesel statement that both engines know and only their union does not (`on_conflict`).
//! 2. [`raw!`](crate::db::dialect::raw): SQL by hand, one text for both engines or one for each, prepared once a connection.
//! 3. [`on_engine!`](crate::db::dialect::on_engine): the same expression compiled for either connection: batch inserts,
//!    [`among`] and [`load_among!`](crate::db::dialect::load_among), and what is asked in every request, since it then needs
//!    not be written as text to be found prepared.

use diesel::expression::{AppearsOnTable, Expression, ValidGrouping};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Bool, Text};
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl};

use super::{Conn, MultiBackend};

/// See [`portable`].
#[derive(Debug, Clone, Copy, QueryId)]
pub struct Portable<Q>(Q);

/// Lets a statement that is valid on both engines run on [`Conn`], such as an insert of one row with `on_conflict`:
///
/// ```text
/// portable(insert_into(seen::table).values(&row).on_conflict(seen::code).do_nothing()).execute(conn)?;
/// ```
pub fn portable<Q>(statement: Q) -> Portable<Q> {
    Portable(statement)
}

impl<Q: QueryFragment<Pg> + QueryFragment<Sqlite>> QueryFragment<MultiBackend> for Portable<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(&self.0, pass)
    }
}

impl<Q: Query> Query for Portable<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<Conn> for Portable<Q> {}

/// See [`among`].
#[derive(Debug, Clone, QueryId, ValidGrouping)]
pub struct Among<C> {
    column: C,
    ids: Vec<i64>,
    json: String,
}

/// `column` is one of `ids`, however many, as one statement that stays prepared; `eq_any` is a new one for each number of
/// them on SQLite.
pub fn among<C>(column: C, ids: &[i64]) -> Among<C> {
    let json = serde_json::Value::from(ids).to_string();
    Among { column, ids: ids.to_vec(), json }
}

impl<C: Expression> Expression for Among<C> {
    type SqlType = Bool;
}

impl<C: AppearsOnTable<T>, T> AppearsOnTable<T> for Among<C> where Self: Expression {}

impl<C: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Among<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (SELECT value FROM json_each(");
        out.push_bind_param::<Text, _>(&self.json)?;
        out.push_sql("))");
        Ok(())
    }
}

impl<C: QueryFragment<Pg>> QueryFragment<Pg> for Among<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" = ANY(");
        out.push_bind_param::<Array<BigInt>, _>(&self.ids)?;
        out.push_sql(")");
        Ok(())
    }
}

/// Evaluates one expression with the connection of whichever engine it is:
///
/// ```text
/// on_engine!(conn, native => insert_into(lines::table).values(&rows).execute(native))?;
/// ```
macro_rules! on_engine {
    ($conn:expr, $native:ident => $expression:expr) => {
        match $conn {
            $crate::db::Conn::Pg($native) => $expression,
            $crate::db::Conn::Sqlite($native) => $expression,
        }
    };
}
pub(crate) use on_engine;

/// Loads the rows of a query whose column is one of `ids`; the condition is what the query calls `$these`. A single id, as every
/// view of one thing has it, is compared without the detour through JSON that [`among`] takes.
///
/// ```text
/// load_among!(conn, lines::order_id, ids, these => lines::table.filter(these).select(Line::as_select()))?;
/// ```
macro_rules! load_among {
    ($conn:expr, $column:expr, $ids:expr, $these:ident => $query:expr) => {
        match $ids {
            [id] => {
                let $these = $column.eq(*id);
                $crate::db::dialect::on_engine!($conn, native => $query.load(native))
            }
            ids => {
                let $these = $crate::db::dialect::among($column, ids);
                $crate::db::dialect::on_engine!($conn, native => $query.load(native))
            }
        }
    };
}
pub(crate) use load_among;

/// Declares a hand-written statement as a type: its parameters are fields with the Rust type and, after `=>`, the SQL type.
/// In the text they stand as `:name`, in any order, as often as wanted; a name that is missing on either side does not compile.
///
/// A statement with rows names their SQL types after `->` and is read with `get_result`, `load` and so on into anything
/// `Queryable`; one without is run with `execute`. Each connection prepares it once.
///
/// ```text
/// raw! {
///     /// The next number of the day.
///     struct NextNumber { agency_id: i64 => BigInt, day: NaiveDate => Date } -> BigInt;
///     both: "INSERT INTO numbers (agency_id, day, last) VALUES (:agency_id, :day, 1)
///            ON CONFLICT (agency_id, day) DO UPDATE SET last = numbers.last + 1 RETURNING last"
/// }
/// let number: i64 = NextNumber { agency_id, day }.get_result(conn)?;
/// ```
///
/// `both:` may be replaced by `sqlite: "…", postgres: "…"`. Text must not contain a colon before a letter otherwise, except
/// PostgreSQL's `::`.
macro_rules! raw {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident $(<$life:lifetime>)? {
            $($(#[$field_meta:meta])* $field:ident : $rust:ty => $sql:ty),* $(,)?
        } $(-> $row:ty)?;
        both: $both:expr $(,)?
    ) => {
        $crate::db::dialect::raw! {
            $(#[$meta])*
            $vis struct $name $(<$life>)? { $($(#[$field_meta])* $field: $rust => $sql),* } $(-> $row)?;
            sqlite: $both,
            postgres: $both
        }
    };
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident $(<$life:lifetime>)? {
            $($(#[$field_meta:meta])* $field:ident : $rust:ty => $sql:ty),* $(,)?
        } $(-> $row:ty)?;
        sqlite: $sqlite:expr,
        postgres: $postgres:expr $(,)?
    ) => {
        $(#[$meta])*
        #[derive(Debug)]
        $vis struct $name $(<$life>)? { $($(#[$field_meta])* $vis $field: $rust),* }

        $crate::db::dialect::raw_fragment!(diesel::sqlite::Sqlite, $sqlite, $name $(<$life>)?, $($field => $sql),*);
        $crate::db::dialect::raw_fragment!(diesel::pg::Pg, $postgres, $name $(<$life>)?, $($field => $sql),*);

        impl $(<$life>)? diesel::query_builder::QueryId for $name $(<$life>)? {
            type QueryId = $crate::db::dialect::raw_id!($name $(<$life>)?);
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl $(<$life>)? diesel::RunQueryDsl<diesel::SqliteConnection> for $name $(<$life>)? {}
        impl $(<$life>)? diesel::RunQueryDsl<diesel::PgConnection> for $name $(<$life>)? {}
        $crate::db::dialect::raw_runs!([$vis] [$name] [$(<$life>)?] [$($row)?]);
    };
}
pub(crate) use raw;

/// How a hand-written statement is run: by the connection's own engine, which finds the prepared statement by the type. The
/// union of both engines would write the text anew each time to look it up.
macro_rules! raw_runs {
    ([$vis:vis] [$name:ident] [$($life:tt)*] []) => {
        impl $($life)* $name $($life)* {
            $vis fn execute(self, conn: &mut $crate::db::Conn) -> diesel::QueryResult<usize> {
                $crate::db::dialect::on_engine!(conn, native => diesel::RunQueryDsl::execute(self, native))
            }
        }
    };
    ([$vis:vis] [$name:ident] [$($life:tt)*] [$row:ty]) => {
        impl $($life)* diesel::query_builder::Query for $name $($life)* {
            type SqlType = $row;
        }

        #[allow(dead_code, reason = "a statement is read in one of these ways")]
        impl $($life)* $name $($life)* {
            $vis fn get_result<U>(self, conn: &mut $crate::db::Conn) -> diesel::QueryResult<U>
            where
                U: diesel::deserialize::FromSqlRow<$row, diesel::sqlite::Sqlite>
                    + diesel::deserialize::FromSqlRow<$row, diesel::pg::Pg>
                    + 'static,
            {
                $crate::db::dialect::on_engine!(conn, native => diesel::RunQueryDsl::get_result(self, native))
            }

            $vis fn load<U>(self, conn: &mut $crate::db::Conn) -> diesel::QueryResult<Vec<U>>
            where
                U: diesel::deserialize::FromSqlRow<$row, diesel::sqlite::Sqlite>
                    + diesel::deserialize::FromSqlRow<$row, diesel::pg::Pg>
                    + 'static,
            {
                $crate::db::dialect::on_engine!(conn, native => diesel::RunQueryDsl::load(self, native))
            }
        }
    };
}
pub(crate) use raw_runs;

macro_rules! raw_id {
    ($name:ident) => { $name };
    ($name:ident<$life:lifetime>) => { $name<'static> };
}
pub(crate) use raw_id;

macro_rules! raw_fragment {
    ($backend:ty, $text:expr, $name:ident $(<$life:lifetime>)?, $($field:ident => $sql:ty),*) => {
        impl $(<$life>)? diesel::query_builder::QueryFragment<$backend> for $name $(<$life>)? {
            fn walk_ast<'pass>(
                &'pass self,
                mut out: diesel::query_builder::AstPass<'_, 'pass, $backend>,
            ) -> diesel::QueryResult<()> {
                #[allow(non_camel_case_types, dead_code, reason = "called like the parameters, if there are any")]
                enum Place { $($field),* }
                static PIECES: [$crate::db::parameters::Piece; $crate::db::parameters::count($text)] =
                    $crate::db::parameters::cut($text, &[$(stringify!($field)),*]);
                for piece in &PIECES {
                    match *piece {
                        $crate::db::parameters::Piece::Sql(sql) => out.push_sql(sql),
                        #[allow(clippy::as_conversions, reason = "a place is a number")]
                        $($crate::db::parameters::Piece::Parameter(place) if place == Place::$field as usize => {
                            out.push_bind_param::<$sql, _>(&self.$field)?;
                        })*
                        // There are no others.
                        $crate::db::parameters::Piece::Parameter(_) => {}
                    }
                }
                Ok(())
            }
        }
    };
}
pub(crate) use raw_fragment;
