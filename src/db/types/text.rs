//! Enums and newtypes that are text in the database and outside, declared once.

/// Text that does not belong to a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct BadText {
    /// The type's name.
    pub kind: &'static str,
    /// What is wrong, without quoting the text.
    pub reason: &'static str,
}

impl BadText {
    /// For the parsers of newtypes.
    #[must_use]
    pub const fn new(kind: &'static str, reason: &'static str) -> Self {
        Self { kind, reason }
    }
}

/// Declares an enum with the text of each variant, which is the same in JSON, in addresses, in the OpenAPI document and in the
/// database (a TEXT column).
///
/// ```text
/// text_enum! {
///     /// How a dossier came in.
///     pub enum Channel {
///         /// At the counter.
///         Counter = "counter",
///         /// Through the portal.
///         Online = "online",
///     }
/// }
/// ```
///
/// Gives `ALL`, `as_str`, `Display`, `FromStr`, serde, `ToSchema` and diesel's traits on both engines; also `Copy`, `Ord` (the order of
/// declaration) and `Hash`.
macro_rules! text_enum {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $text:tt),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, utoipa::ToSchema,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::Text)]
        $vis enum $name {
            $($(#[$variant_meta])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// All of them, in the order of their declaration.
            #[allow(dead_code, reason = "not every enum is ever listed")]
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The text outside and in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::db::BadText;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::db::BadText::new(
                        stringify!($name),
                        concat!("must be one of: ", $crate::db::types::list!($($text),+)),
                    )),
                }
            }
        }

        $crate::db::types::text_column!($name, |value| value.as_str(), |text| text.parse());
    };
}
pub(crate) use text_enum;

/// Declares a newtype over `String` that can only be made by its parser, kept in a TEXT column.
///
/// ```text
/// text_newtype! {
///     /// The code of an agency.
///     pub struct AgencyCode(parse_agency_code), example = "000.00.31.H20";
/// }
/// fn parse_agency_code(text: &str) -> Result<String, &'static str> { … }
/// ```
///
/// The parser may normalise; what comes from the database was parsed on its way in and is trusted.
macro_rules! text_newtype {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident($parse:path), example = $example:literal;
    ) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[serde(try_from = "String", into = "String")]
        #[diesel(sql_type = diesel::sql_types::Text)]
        $vis struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.pad(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::db::BadText;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match $parse(text) {
                    Ok(text) => Ok(Self(text)),
                    Err(reason) => Err($crate::db::BadText::new(stringify!($name), reason)),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::db::BadText;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .examples([$example])
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}

        $crate::db::types::text_column!($name, |value| value.as_str(), |text| {
            Ok::<_, $crate::db::BadText>(Self(text))
        });
    };
}
pub(crate) use text_newtype;

/// Diesel's traits for a type that lends its text.
macro_rules! text_column {
    ($name:ident, |$value:ident| $lend:expr, |$text:ident| $make:expr) => {
        impl<DB> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where
            DB: diesel::backend::Backend,
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, DB>,
            ) -> diesel::serialize::Result {
                let $value = self;
                diesel::serialize::ToSql::<diesel::sql_types::Text, DB>::to_sql($lend, out)
            }
        }

        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where
            DB: diesel::backend::Backend,
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let $text =
                    <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(value)?;
                Ok($make?)
            }
        }
    };
}
pub(crate) use text_column;

/// `"a", "b"` as `"a, b"`.
macro_rules! list {
    ($one:literal) => { $one };
    ($one:literal, $($more:literal),+) => {
        concat!($one, ", ", $crate::db::types::list!($($more),+))
    };
}
pub(crate) use list;
