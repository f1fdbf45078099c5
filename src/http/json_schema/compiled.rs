//! Compiles schemas, once for each type.

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::faults;
use crate::http::problem::{Fault, Problem};

/// A schema, ready for use.
pub(in crate::http) struct Compiled {
    /// The schema with all that it refers to, for looking up what a fault's place says about itself.
    root: Value,
    validator: Validator,
}

impl Compiled {
    /// Compiles a schema; `components` are what its `$ref`s name, as in the document.
    pub(in crate::http) fn new(mut schema: Value, components: &Map<String, Value>) -> Result<Self, Problem> {
        if let Some(root) = schema.as_object_mut() {
            root.insert("components".to_owned(), json!({ "schemas": components }));
        }
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .offline()
            .build(&schema)
            .map_err(|error| Problem::internal(format!("a published schema does not compile: {error}")))?;
        Ok(Compiled { root: schema, validator })
    }

    /// Every fault of the value, each with its pointer; none means that it fits.
    pub(in crate::http) fn faults(&self, value: &Value) -> Vec<Fault> {
        if self.validator.is_valid(value) && !faults::has_nul(value) {
            return Vec::new();
        }
        faults::all(&self.root, value, self.validator.iter_errors(value))
    }

    /// The JSON types that a property of the schema may have.
    pub(in crate::http) fn types_of_property(&self, name: &str) -> Vec<&str> {
        self.property(name).map(types).unwrap_or_default()
    }

    /// The JSON types that the items of a list property may have.
    pub(in crate::http) fn types_of_items(&self, name: &str) -> Vec<&str> {
        self.property(name).and_then(|property| property.get("items")).map(types).unwrap_or_default()
    }

    fn property(&self, name: &str) -> Option<&Value> {
        self.root.get("properties")?.get(name)
    }
}

/// The types that a schema names, alternatives included.
fn types(schema: &Value) -> Vec<&str> {
    let own = match schema.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let alternatives =
        ["oneOf", "anyOf", "allOf"].iter().filter_map(|keyword| schema.get(*keyword)?.as_array()).flatten();
    own.into_iter().chain(alternatives.flat_map(types)).collect()
}

/// The schema of a type as the document publishes it.
fn schema_of<T: ToSchema>() -> Result<Compiled, Problem> {
    let mut referenced = Vec::new();
    T::schemas(&mut referenced);
    let components = referenced
        .into_iter()
        .map(|(name, schema)| Ok((name, serde_json::to_value(schema).map_err(Problem::internal)?)))
        .collect::<Result<Map<_, _>, Problem>>()?;
    let schema = serde_json::to_value(<T as PartialSchema>::schema()).map_err(Problem::internal)?;
    // A schema that refers to its own type by name (a tree) finds itself among the components.
    let mut components = components;
    components.insert(T::name().into_owned(), schema.clone());
    Compiled::new(schema, &components)
}

/// The compiled schema of a body's type, compiled the first time that it is asked for.
pub(in crate::http) fn of_type<T: ToSchema + 'static>() -> Result<Arc<Compiled>, Problem> {
    static BODIES: OnceLock<Cache> = OnceLock::new();
    of_type_once::<T>(&BODIES, schema_of::<T>)
}

/// What was compiled already.
pub(in crate::http) type Cache = RwLock<HashMap<TypeId, Arc<Compiled>>>;

/// Looks into `cache` and compiles only what is not there.
pub(in crate::http) fn of_type_once<T: 'static>(
    cache: &OnceLock<Cache>,
    compile: impl FnOnce() -> Result<Compiled, Problem>,
) -> Result<Arc<Compiled>, Problem> {
    let cache = cache.get_or_init(Cache::default);
    let key = TypeId::of::<T>();
    // A panic elsewhere leaves the map whole: entries are only ever added.
    if let Some(known) = cache.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Ok(Arc::clone(known));
    }
    let compiled = Arc::new(compile()?);
    cache.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&compiled));
    Ok(compiled)
}
