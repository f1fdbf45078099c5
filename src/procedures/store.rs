//! The tables `fields`, `procedures` and `procedure_versions`. Every change renames the catalogue's revision.

use chrono::NaiveDate;
use diesel::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl};

use super::{FieldView, ProcedureContent, ProcedureId, Version, VersionId};
use crate::{
    agencies::CATALOGUE,
    db::{
        Conn, Error, Instant, Json, revision,
        schema::{fields, procedure_versions as versions, procedures},
        types::text_enum,
    },
};

text_enum! {
    /// Whether a version was published.
    pub enum VersionState {
        /// It may still be replaced.
        Draft = "draft",
        /// It never changes.
        Published = "published",
    }
}

type Row = (
    VersionId,
    ProcedureId,
    String,
    i32,
    Json<ProcedureContent>,
    NaiveDate,
    Option<NaiveDate>,
    Option<Instant>,
    i64,
);

/// The columns of a [`Row`], for the tables joined.
macro_rules! columns {
    () => {
        (
            versions::id,
            versions::procedure_id,
            procedures::code,
            versions::version,
            versions::content,
            versions::effective_from,
            versions::effective_to,
            versions::published_at,
            versions::row_version,
        )
    };
}

fn version(row: Row) -> Version {
    let (
        id,
        procedure_id,
        procedure_code,
        number,
        Json(content),
        effective_from,
        effective_to,
        published_at,
        row_version,
    ) = row;
    Version {
        id,
        procedure_id,
        procedure_code,
        number,
        content,
        effective_from,
        effective_to,
        published_at,
        row_version,
    }
}

/// All published versions.
pub(super) fn load_published(conn: &mut Conn) -> Result<Vec<Version>, Error> {
    let rows: Vec<Row> = versions::table
        .inner_join(procedures::table.on(procedures::id.eq(versions::procedure_id)))
        .filter(versions::state.eq(VersionState::Published))
        .order(versions::id)
        .select(columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(version).collect())
}

/// All versions of a procedure, drafts too, by rising number; empty when there is no such procedure.
pub(super) fn list_versions(conn: &mut Conn, code: &str) -> Result<Vec<Version>, Error> {
    let rows: Vec<Row> = versions::table
        .inner_join(procedures::table.on(procedures::id.eq(versions::procedure_id)))
        .filter(procedures::code.eq(code))
        .order(versions::version)
        .select(columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(version).collect())
}

/// All fields.
pub(super) fn load_fields(conn: &mut Conn) -> Result<Vec<FieldView>, Error> {
    let rows: Vec<(String, String)> = fields::table.select((fields::code, fields::name)).load(conn)?;
    Ok(rows.into_iter().map(|(code, name)| FieldView { code, name }).collect())
}

/// The field with this code and its key.
pub(super) fn find_field(conn: &mut Conn, code: &str) -> Result<Option<(i64, String)>, Error> {
    Ok(fields::table
        .filter(fields::code.eq(code))
        .select((fields::id, fields::name))
        .first(conn)
        .optional()?)
}

/// Writes a new field.
pub(super) fn insert_field(conn: &mut Conn, field: &FieldView) -> Result<i64, Error> {
    let id = diesel::insert_into(fields::table)
        .values((fields::code.eq(&field.code), fields::name.eq(&field.name)))
        .returning(fields::id)
        .get_result(conn)?;
    revision::bump(conn, CATALOGUE)?;
    Ok(id)
}

/// The key of the procedure with this code.
pub(super) fn find_procedure(conn: &mut Conn, code: &str) -> Result<Option<ProcedureId>, Error> {
    Ok(procedures::table.filter(procedures::code.eq(code)).select(procedures::id).first(conn).optional()?)
}

/// Writes a new procedure, without any version yet.
pub(super) fn insert_procedure(conn: &mut Conn, code: &str, field_id: i64) -> Result<ProcedureId, Error> {
    let id = diesel::insert_into(procedures::table)
        .values((procedures::code.eq(code), procedures::field_id.eq(field_id)))
        .returning(procedures::id)
        .get_result(conn)?;
    revision::bump(conn, CATALOGUE)?;
    Ok(id)
}

/// Writes a draft.
pub(super) fn insert_draft(
    conn: &mut Conn,
    procedure_id: ProcedureId,
    number: i32,
    content: &ProcedureContent,
    effective_from: NaiveDate,
    effective_to: Option<NaiveDate>,
) -> Result<VersionId, Error> {
    let id = diesel::insert_into(versions::table)
        .values((
            versions::procedure_id.eq(procedure_id),
            versions::version.eq(number),
            versions::state.eq(VersionState::Draft),
            versions::content.eq(Json(content.clone())),
            versions::effective_from.eq(effective_from),
            versions::effective_to.eq(effective_to),
            versions::row_version.eq(1),
        ))
        .returning(versions::id)
        .get_result(conn)?;
    revision::bump(conn, CATALOGUE)?;
    Ok(id)
}

/// Publishes a draft that is still one, and files the procedure under the field that it names.
pub(super) fn publish_version(
    conn: &mut Conn,
    draft: &Version,
    field_id: i64,
    published_at: Instant,
) -> Result<(), Error> {
    let row = versions::table
        .filter(versions::id.eq(draft.id))
        .filter(versions::row_version.eq(draft.row_version))
        .filter(versions::state.eq(VersionState::Draft));
    let changed = diesel::update(row)
        .set((
            versions::state.eq(VersionState::Published),
            versions::published_at.eq(published_at),
            versions::row_version.eq(draft.row_version + 1),
        ))
        .execute(conn)?;
    if changed != 1 {
        return Err(Error::NotFound);
    }
    diesel::update(procedures::table.filter(procedures::id.eq(draft.procedure_id)))
        .set(procedures::field_id.eq(field_id))
        .execute(conn)?;
    revision::bump(conn, CATALOGUE)
}

/// Lets a published version end on a day: when it would otherwise outlast the beginning of the next.
pub(super) fn end_version(conn: &mut Conn, version: &Version, end: NaiveDate) -> Result<(), Error> {
    diesel::update(versions::table.filter(versions::id.eq(version.id)))
        .set((versions::effective_to.eq(end), versions::row_version.eq(version.row_version + 1)))
        .execute(conn)?;
    revision::bump(conn, CATALOGUE)
}
