//! What the program knows by heart: agencies, calendars and procedures as one immutable snapshot, shared by all requests
//! that see the same revision of them. A request asks the database for nothing but that revision.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use chrono::NaiveDate;

use super::{
    FieldView, ProcedureContent, ProcedureId, VersionId,
    rules::{Span, in_force_on},
    store,
};
use crate::{
    access::Sensitive,
    agencies::{CATALOGUE, Tree, Unknown, load_hours, load_tree},
    calendar::{Calendars, load_years},
    db::{Conn, Error, Instant, Snapshot},
};

/// A version that was published, or is a draft.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// Its key.
    pub id: VersionId,
    /// Whose version it is.
    pub procedure_id: ProcedureId,
    /// The procedure's code.
    pub procedure_code: String,
    /// 1, 2, 3 …
    pub number: i32,
    /// What it says.
    pub content: ProcedureContent,
    /// The first day on which it is in force.
    pub effective_from: NaiveDate,
    /// The first day on which it is no longer in force; `None`: no end.
    pub effective_to: Option<NaiveDate>,
    /// When it was published; `None`: it is a draft.
    pub published_at: Option<Instant>,
    /// Raised at each change of the row.
    pub row_version: i64,
}

impl Version {
    /// Whether it was published.
    #[must_use]
    pub fn is_published(&self) -> bool {
        self.published_at.is_some()
    }

    pub(super) fn span(&self) -> Span {
        Span { number: self.number, from: self.effective_from, to: self.effective_to }
    }
}

/// A procedure and its published versions.
#[derive(Clone, Debug)]
pub struct Procedure {
    /// Its key.
    pub id: ProcedureId,
    /// Its code.
    pub code: String,
    /// By rising number.
    versions: Vec<VersionId>,
}

/// All procedures that have a published version.
#[derive(Debug, Default)]
pub struct Procedures {
    versions: HashMap<VersionId, Version>,
    by_code: BTreeMap<String, Procedure>,
    codes: HashMap<ProcedureId, String>,
    fields: Vec<FieldView>,
    sensitive: Sensitive,
}

impl Procedures {
    /// Sorts published versions under their procedures.
    #[must_use]
    pub fn new(mut published: Vec<Version>, mut fields: Vec<FieldView>) -> Procedures {
        fields.sort_by(|a, b| a.code.cmp(&b.code));
        let mut procedures = Procedures { fields, ..Procedures::default() };
        let is_sensitive = |version: &&Version| version.content.sensitive;
        procedures.sensitive = published.iter().filter(is_sensitive).map(|version| version.id).collect();
        published.sort_by_key(|version| (version.procedure_id, version.number));
        for version in published {
            let procedure =
                procedures.by_code.entry(version.procedure_code.clone()).or_insert_with(|| Procedure {
                    id: version.procedure_id,
                    code: version.procedure_code.clone(),
                    versions: Vec::new(),
                });
            procedure.versions.push(version.id);
            procedures.codes.insert(version.procedure_id, version.procedure_code.clone());
            procedures.versions.insert(version.id, version);
        }
        procedures
    }

    /// Every procedure, by code.
    pub fn all(&self) -> impl Iterator<Item = &Procedure> {
        self.by_code.values()
    }

    /// Every field, by code.
    #[must_use]
    pub fn fields(&self) -> &[FieldView] {
        &self.fields
    }

    /// The procedure with this code, if any version of it was published.
    #[must_use]
    pub fn by_code(&self, code: &str) -> Option<&Procedure> {
        self.by_code.get(code)
    }

    /// The code of a procedure, if any version of it was published.
    #[must_use]
    pub fn code_of(&self, id: ProcedureId) -> Option<&str> {
        self.codes.get(&id).map(String::as_str)
    }

    /// The procedure's published versions, by rising number.
    pub fn versions_of(&self, procedure: &Procedure) -> impl DoubleEndedIterator<Item = &Version> {
        procedure.versions.iter().filter_map(|id| self.versions.get(id))
    }

    /// A procedure's newest published version: what it says of the field stands for all of the procedure's dossiers.
    #[must_use]
    pub fn latest(&self, id: ProcedureId) -> Option<&Version> {
        self.versions_of(self.by_code(self.code_of(id)?)?).next_back()
    }

    /// The version in force on a day.
    #[must_use]
    pub fn current(&self, code: &str, day: NaiveDate) -> Option<&Version> {
        let procedure = self.by_code(code)?;
        let number = in_force_on(self.versions_of(procedure).map(Version::span), day)?;
        self.versions_of(procedure).find(|version| version.number == number)
    }

    /// The versions whose dossiers show no names outside the handling agencies.
    #[must_use]
    pub fn sensitive(&self) -> Sensitive {
        self.sensitive.clone()
    }

    /// The published version with this key, if there is one.
    #[must_use]
    pub fn find_version(&self, id: VersionId) -> Option<&Version> {
        self.versions.get(&id)
    }

    /// The published version that a row points at.
    ///
    /// # Errors
    /// `Internal` when there is none. Dossiers refer by foreign key to the version that they were received under, which
    /// was published and is never deleted: it would be a defect of the program.
    pub fn version(&self, id: VersionId) -> Result<&Version, Error> {
        self.find_version(id).ok_or_else(|| Error::Internal(Arc::new(Unknown("version", id))))
    }
}

/// Everything of the catalogue at one revision.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// The agencies.
    pub tree: Tree,
    /// Their working time.
    pub calendars: Calendars,
    /// The procedures.
    pub procedures: Procedures,
}

impl Catalogue {
    /// Reads it as this transaction sees it.
    ///
    /// # Errors
    /// What the database refuses; `Internal` for rows that break the rules they were written under.
    pub fn load(conn: &mut Conn) -> Result<Catalogue, Error> {
        let tree = load_tree(conn)?;
        let (national, own) = load_years(conn)?;
        let hours = load_hours(conn)?;
        let calendars = Calendars::new(&tree, national, &own, &hours)
            .map_err(|bad_hours| Error::Internal(Arc::new(bad_hours)))?;
        let procedures = Procedures::new(store::load_published(conn)?, store::load_fields(conn)?);
        Ok(Catalogue { tree, calendars, procedures })
    }
}

/// The latest catalogue that was asked for, kept for whoever sees the same revision.
#[derive(Debug)]
pub struct CatalogueCache(Snapshot<Catalogue>);

impl Default for CatalogueCache {
    fn default() -> Self {
        CatalogueCache(Snapshot::new(CATALOGUE))
    }
}

impl CatalogueCache {
    /// The catalogue as this transaction sees it, for one cheap statement.
    ///
    /// # Errors
    /// As [`Catalogue::load`].
    pub fn get(&self, conn: &mut Conn) -> Result<Arc<Catalogue>, Error> {
        self.0.get(conn, Catalogue::load)
    }

    /// The catalogue that was last seen, for what is compared with the present one before it counts.
    #[must_use]
    pub fn last_seen(&self) -> Option<Arc<Catalogue>> {
        self.0.last_seen()
    }
}
