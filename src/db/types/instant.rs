//! A moment, in whole microseconds: `timestamptz` on PostgreSQL, an integer on SQLite, RFC 3339 with Vietnam's offset outside.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, TimeDelta, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::pg::data_types::PgTimestamp;
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, HasSqlType, SqlOrd, SqlType, Timestamptz};
use diesel::sqlite::Sqlite;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::db::MultiBackend;

/// Vietnam's time, the same all year and in the whole country.
pub const LOCAL: FixedOffset = match FixedOffset::east_opt(7 * 3600) {
    Some(offset) => offset,
    None => panic!("seven hours are an offset"),
};

/// The SQL type of columns that hold an [`Instant`]; `timestamptz` or an integer.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Long"))]
pub struct InstantSql;

impl SqlOrd for InstantSql {}

impl HasSqlType<InstantSql> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<InstantSql>(lookup)
    }
}

/// A moment in whole microseconds, from the year 1 to the year 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = InstantSql)]
pub struct Instant(i64);

impl Instant {
    /// The beginning of the year 1 in UTC.
    pub const MIN: Self = Self(-62_135_596_800_000_000);
    /// The last microsecond of the year 9999 in Vietnam.
    pub const MAX: Self = Self(253_402_275_599_999_999);

    /// From microseconds since 1970 in UTC; `None` outside of the years that RFC 3339 can write.
    #[must_use]
    pub fn from_micros(micros: i64) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0).contains(&micros).then_some(Self(micros))
    }

    /// Microseconds since 1970 in UTC.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0
    }

    /// The same moment for chrono.
    #[must_use]
    pub fn to_utc(self) -> DateTime<Utc> {
        // Chrono's range is wider than ours, so there always is one.
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }

    /// The wall clock in Vietnam.
    #[must_use]
    pub fn to_local(self) -> DateTime<FixedOffset> {
        self.to_utc().with_timezone(&LOCAL)
    }

    /// The day in Vietnam.
    #[must_use]
    pub fn local_day(self) -> NaiveDate {
        self.to_local().date_naive()
    }

    /// The moment at which a day in Vietnam begins.
    #[must_use]
    pub fn start_of(day: NaiveDate) -> Self {
        let local = day.and_time(chrono::NaiveTime::MIN).and_local_timezone(LOCAL);
        // An offset that never changes leaves no gap and no doubt.
        local.single().map_or(Self::MAX, Self::from)
    }

    fn clamp(micros: i64) -> Self {
        Self(micros.clamp(Self::MIN.0, Self::MAX.0))
    }
}

impl<Tz: chrono::TimeZone> From<DateTime<Tz>> for Instant {
    /// Drops what is finer than a microsecond; stops at the ends of the range.
    fn from(time: DateTime<Tz>) -> Self {
        Self::clamp(time.timestamp_micros())
    }
}

impl From<Instant> for DateTime<Utc> {
    fn from(instant: Instant) -> Self {
        instant.to_utc()
    }
}

impl Add<TimeDelta> for Instant {
    type Output = Self;

    /// Stops at the ends of the range.
    fn add(self, span: TimeDelta) -> Self {
        let micros =
            span.num_microseconds().unwrap_or(if span < TimeDelta::zero() { i64::MIN } else { i64::MAX });
        Self::clamp(self.0.saturating_add(micros))
    }
}

impl Sub<TimeDelta> for Instant {
    type Output = Self;

    fn sub(self, span: TimeDelta) -> Self {
        self + -span
    }
}

impl Sub for Instant {
    type Output = TimeDelta;

    fn sub(self, earlier: Self) -> TimeDelta {
        TimeDelta::microseconds(self.0 - earlier.0)
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in Vietnam's time; no fraction when it is zero.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.to_local().to_rfc3339_opts(SecondsFormat::AutoSi, false))
    }
}

impl FromStr for Instant {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time =
            DateTime::parse_from_rfc3339(text).map_err(|_| "must be an RFC 3339 date-time with an offset")?;
        Self::from_micros(time.timestamp_micros()).ok_or("must be from the year 1 to the year 9999")
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for Instant {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339. Any offset is accepted, `+07:00` is answered."))
            .examples(["2019-03-04T08:30:00+07:00"])
            .into()
    }
}

impl ToSchema for Instant {}

impl ToSql<InstantSql, Pg> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        // PostgreSQL counts from the year 2000.
        let since = PgTimestamp(self.0 - PG_EPOCH);
        ToSql::<Timestamptz, Pg>::to_sql(&since, &mut out.reborrow())
    }
}

impl ToSql<InstantSql, Sqlite> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0);
        Ok(IsNull::No)
    }
}

impl ToSql<InstantSql, MultiBackend> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((InstantSql, self));
        Ok(IsNull::No)
    }
}

impl FromSql<InstantSql, Pg> for Instant {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let PgTimestamp(since) = FromSql::<Timestamptz, Pg>::from_sql(value)?;
        from_column(since.checked_add(PG_EPOCH))
    }
}

impl FromSql<InstantSql, Sqlite> for Instant {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        from_column(Some(FromSql::<BigInt, Sqlite>::from_sql(value)?))
    }
}

impl FromSql<InstantSql, MultiBackend> for Instant {
    fn from_sql(value: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        value.from_sql::<Self, InstantSql>()
    }
}

/// 2000-01-01T00:00:00Z.
const PG_EPOCH: i64 = 946_684_800_000_000;

fn from_column(micros: Option<i64>) -> deserialize::Result<Instant> {
    micros.and_then(Instant::from_micros).ok_or_else(|| "an instant outside of the years 1 to 9999".into())
}
