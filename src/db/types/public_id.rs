//! The identity that a row shows to the outside where it has no code of its own.

use std::fmt;
use std::str::FromStr;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use super::{BadText, Instant};
use crate::db::MultiBackend;

/// A UUID of version 7: sortable by the time that it was made, the rest random. Kept as text, so that it reads the same in
/// both databases, in logs and in addresses.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow,
)]
#[serde(transparent)]
#[diesel(sql_type = Text)]
pub struct PublicId(Uuid);

impl PublicId {
    /// A new one, made at the given moment.
    #[must_use]
    pub fn new(at: Instant) -> Self {
        Self::with_random(at, rand::random())
    }

    /// With the random part given, for what must come out the same each time (the demo's year).
    #[must_use]
    pub fn with_random(at: Instant, random: [u8; 10]) -> Self {
        // Version 7 cannot say anything before 1970; nor was anything made then.
        let millis = u64::try_from(at.micros() / 1000).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }
}

impl fmt::Display for PublicId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(out)
    }
}

impl FromStr for PublicId {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, BadText> {
        Uuid::parse_str(text).map(Self).map_err(|_| BadText::new("PublicId", "must be a UUID"))
    }
}

impl PartialSchema for PublicId {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::Custom("uuid".to_owned())))
            .examples(["01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22"])
            .into()
    }
}

impl ToSchema for PublicId {}

impl ToSql<Text, Pg> for PublicId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        use std::io::Write;
        let mut text = Uuid::encode_buffer();
        out.write_all(self.0.hyphenated().encode_lower(&mut text).as_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<Text, Sqlite> for PublicId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.to_string());
        Ok(IsNull::No)
    }
}

impl ToSql<Text, MultiBackend> for PublicId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((Text, self));
        Ok(IsNull::No)
    }
}

impl<DB> FromSql<Text, DB> for PublicId
where
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(String::from_sql(value)?.parse()?)
    }
}
