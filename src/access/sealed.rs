//! A sealed column: JSON that only a [`Vault`] opens. Without one a row can be read, moved and compared, and tells nothing.

use std::fmt;
use std::sync::Arc;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Unopened, Vault};
use crate::db::MultiBackend;
use crate::http::Problem;

/// A `T` that is sealed for the row in which it stands.
#[derive(AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Sealed<T> {
    text: String,
    /// What was sealed just now, with its place: whoever shows what he has just written need not open it again. None when it
    /// was read.
    known: Option<Arc<(String, T)>>,
}

/// Why a sealed column could not be read.
#[derive(Debug, thiserror::Error)]
pub enum BadSeal {
    /// It does not open.
    #[error(transparent)]
    Unopened(#[from] Unopened),
    /// What it holds is something else.
    #[error("sealed data does not hold what it should: {0}")]
    Json(#[from] serde_json::Error),
}

impl From<BadSeal> for Problem {
    fn from(bad: BadSeal) -> Self {
        Problem::internal(bad)
    }
}

impl<T: Serialize + Clone> Sealed<T> {
    /// Seals a value for the place that `place` names.
    ///
    /// # Errors
    /// A value that is no JSON.
    pub fn seal(vault: &Vault, place: &str, value: &T) -> Result<Self, serde_json::Error> {
        let sealed = Self::seal_text(vault, place, &serde_json::to_string(value)?);
        Ok(Self { known: Some(Arc::new((place.to_owned(), value.clone()))), ..sealed })
    }
}

impl<T: DeserializeOwned + Clone> Sealed<T> {
    /// The value.
    ///
    /// # Errors
    /// [`BadSeal`].
    pub fn open(&self, vault: &Vault, place: &str) -> Result<T, BadSeal> {
        if let Some((_, value)) = self.known.as_deref().filter(|(known, _)| known == place) {
            return Ok(value.clone());
        }
        Ok(serde_json::from_str(&self.open_text(vault, place)?)?)
    }
}

impl<T> Sealed<T> {
    /// Seals JSON whose text must stay as it is, because something was hashed over it.
    #[must_use]
    pub fn seal_text(vault: &Vault, place: &str, json: &str) -> Self {
        Self::of_text(vault.seal(place, json.as_bytes()))
    }

    /// The JSON text as it was sealed.
    ///
    /// # Errors
    /// [`BadSeal`].
    pub fn open_text(&self, vault: &Vault, place: &str) -> Result<String, BadSeal> {
        // Rows of a database that is older than the sealing: `motcua keys rotate-data` seals them.
        if self.is_clear() {
            return Ok(self.text.clone());
        }
        let plain = vault.open(place, &self.text)?;
        Ok(String::from_utf8(plain).map_err(|_| Unopened::Damaged)?)
    }

    fn of_text(text: String) -> Self {
        Self { text, known: None }
    }

    fn is_clear(&self) -> bool {
        self.text.starts_with('{')
    }

    /// Whether another key than the vault's current one sealed it, or none.
    #[must_use]
    pub fn is_outdated(&self, vault: &Vault) -> bool {
        self.is_clear() || Vault::sealed_with(&self.text) != Some(vault.current())
    }
}

/// Nothing yet: it opens nowhere.
impl<T> Default for Sealed<T> {
    fn default() -> Self {
        Self::of_text(String::new())
    }
}

impl<T> Clone for Sealed<T> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), known: self.known.clone() }
    }
}

/// Equal when it is the same sealing: the same value sealed twice is not.
impl<T> PartialEq for Sealed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<T> Eq for Sealed<T> {}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}

impl<T> ToSql<Text, Pg> for Sealed<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <str as ToSql<Text, Pg>>::to_sql(&self.text, out)
    }
}

impl<T> ToSql<Text, Sqlite> for Sealed<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        <str as ToSql<Text, Sqlite>>::to_sql(&self.text, out)
    }
}

impl<T: Send + Sync + 'static> ToSql<Text, MultiBackend> for Sealed<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((Text, self));
        Ok(IsNull::No)
    }
}

impl<DB, T> FromSql<Text, DB> for Sealed<T>
where
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::of_text(String::from_sql(value)?))
    }
}
