//! Keyset pages: a list goes on after the last row of the page before, in a stable order, never by counting rows.

use data_encoding::BASE64URL_NOPAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The place where a page ended. Opaque to clients; inside, the order's name and the sort key of the last row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

/// The text is not a cursor of this list in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor does not belong to this list")]
pub struct BadCursor;

impl Cursor {
    /// A cursor for the list ordered by `order` (a fixed name such as `-received_at`), after the row with `key`: the tuple of
    /// its sort columns, the last of them unique.
    ///
    /// # Errors
    /// [`Error::Internal`](super::Error::Internal) when the key cannot be written as JSON.
    pub fn after<K: Serialize>(order: &str, key: &K) -> Result<Self, super::Error> {
        let json = serde_json::to_vec(&(order, key)).map_err(super::Error::internal)?;
        Ok(Self(BASE64URL_NOPAD.encode(&json)))
    }

    /// The sort key to go on after.
    ///
    /// # Errors
    /// [`BadCursor`] when it was made for another order or by somebody else.
    pub fn key<K: DeserializeOwned>(&self, order: &str) -> Result<K, BadCursor> {
        let json = BASE64URL_NOPAD.decode(self.0.as_bytes()).map_err(|_| BadCursor)?;
        let (made_for, key): (String, K) = serde_json::from_slice(&json).map_err(|_| BadCursor)?;
        if made_for == order { Ok(key) } else { Err(BadCursor) }
    }

    /// As it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Cursor {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl PartialSchema for Cursor {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .max_length(Some(2048))
            .description(Some("Opaque; taken from `next_cursor` of the page before."))
            .into()
    }
}

impl ToSchema for Cursor {}

/// How many items a page may have: 1 to 200, 50 when not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Limit(i64);

impl Limit {
    /// The most items of a page.
    pub const MAX: i64 = 200;

    /// The number of items.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }

    /// What to ask the database for: one row more tells whether another page follows.
    #[must_use]
    pub fn rows(self) -> i64 {
        self.0 + 1
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<i64> for Limit {
    type Error = &'static str;

    fn try_from(limit: i64) -> Result<Self, Self::Error> {
        if (1..=Self::MAX).contains(&limit) { Ok(Self(limit)) } else { Err("limit must be from 1 to 200") }
    }
}

impl From<Limit> for i64 {
    fn from(limit: Limit) -> Self {
        limit.0
    }
}

impl PartialSchema for Limit {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(200))
            .default(Some(50.into()))
            .into()
    }
}

impl ToSchema for Limit {}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins; null on the last.
    pub next_cursor: Option<Cursor>,
    /// How many items all pages have together; only with `count=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
}

impl<T> Page<T> {
    /// Makes a page of the rows that were loaded with [`Limit::rows`]; `cursor` makes the cursor after a row.
    ///
    /// # Errors
    /// What `cursor` returns.
    pub fn of<E>(
        mut rows: Vec<T>,
        limit: Limit,
        cursor: impl Fn(&T) -> Result<Cursor, E>,
    ) -> Result<Self, E> {
        let size = usize::try_from(limit.get()).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        let next_cursor = if more { rows.last().map(cursor).transpose()? } else { None };
        Ok(Self { items: rows, next_cursor, total: None })
    }

    /// The same page with other items, such as views of rows.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(make).collect(),
            next_cursor: self.next_cursor,
            total: self.total,
        }
    }
}

/// The condition of the rows that come after a key, in the form that uses an index on the columns:
/// `keyset!(lt; (received_at, at), (id, last_id))` for descending, `gt` for ascending order. No column may be null.
macro_rules! keyset {
    ($compare:ident; ($first:expr, $key:expr), ($second:expr, $unique:expr)) => {
        $crate::db::keyset!(@$compare; $first, $key, $second, $unique)
    };
    (@lt; $first:expr, $key:expr, $second:expr, $unique:expr) => {
        // The redundant first half is what SQLite's planner can seek with.
        $first.le($key).and($first.lt($key).or($second.lt($unique)))
    };
    (@gt; $first:expr, $key:expr, $second:expr, $unique:expr) => {
        $first.ge($key).and($first.gt($key).or($second.gt($unique)))
    };
}
pub(crate) use keyset;

/// One page of a table's rows in the order of their keys, `desc` (the newest first) or `asc`: `wanted` is a closure that makes the
/// boxed query, for the rows and once more for their number.
///
/// ```text
/// page_by_id!(conn, handoffs => Manifest, desc, wanted, (cursor, limit, count))
/// ```
macro_rules! page_by_id {
    ($conn:expr, $table:ident => $row:ty, $order:ident, $wanted:expr, ($cursor:expr, $limit:expr, $count:expr)) => {{
        let order = concat!("id ", stringify!($order));
        let mut query = $wanted().order($table::id.$order());
        if let Some(cursor) = $cursor {
            let last: i64 = $crate::db::Cursor::key(cursor, order)?;
            query = query.filter($crate::db::page_by_id!(@$order $table::id, last));
        }
        let rows: Vec<$row> = query
            .select(<$row>::as_select())
            .limit($limit.rows())
            .load($conn)
            .map_err($crate::db::Error::from)?;
        let mut page = $crate::db::Page::of(rows, $limit, |row| $crate::db::Cursor::after(order, &row.id))?;
        if $count {
            page.total = Some($wanted().count().get_result($conn).map_err($crate::db::Error::from)?);
        }
        Ok(page)
    }};
    (@desc $id:expr, $last:expr) => { $id.lt($last) };
    (@asc $id:expr, $last:expr) => { $id.gt($last) };
}
pub(crate) use page_by_id;
