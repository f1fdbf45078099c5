//! Query strings and paths: taken apart, held against the parameters that the document publishes, then trusted.
//!
//! A parameter may stand in the query once, unless it is a list: then it may be repeated or separated by commas.
//! Unknown parameters are refused: a misspelt filter would otherwise silently give everything.

use std::{
    collections::HashMap,
    future::{Ready, ready},
    ops::Deref,
    sync::OnceLock,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::{
    IntoParams,
    openapi::{Required, path::ParameterIn},
};

use super::{
    body::deserialize,
    codes::Code,
    json_schema::{self, Compiled, closed_object, pointer_to},
    problem::{Fault, Problem},
};

/// A query string that fits the published parameters of `T`.
///
/// Fails with 422 `invalid_query`, all faults at once, pointers `/query/<name>`.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + IntoParams + 'static> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse::<T>(request.query_string()).map(Query))
    }
}

/// Parses a query string.
///
/// # Errors
/// 422 `invalid_query`.
pub(super) fn parse<T: DeserializeOwned + IntoParams + 'static>(query: &str) -> Result<T, Problem> {
    static QUERIES: OnceLock<json_schema::Cache> = OnceLock::new();
    let schema = json_schema::of_type_once::<T>(&QUERIES, || Compiled::new(schema_of::<T>()?, &Map::new()))?;
    let (value, mut faults) = take_apart(query, &schema)?;
    faults.extend(schema.faults(&value));
    let value =
        if faults.is_empty() { deserialize(value).map_err(|fault| faults.push(fault)).ok() } else { None };
    value.ok_or_else(|| {
        for fault in &mut faults {
            fault.pointer.insert_str(0, "/query");
        }
        Problem::new(Code::InvalidQuery).faults(faults)
    })
}

/// The parameters of a type as one closed object.
fn schema_of<T: IntoParams>() -> Result<Value, Problem> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for parameter in T::into_params(|| Some(ParameterIn::Query)) {
        if parameter.required == Required::True {
            required.push(Value::String(parameter.name.clone()));
        }
        let schema = serde_json::to_value(&parameter.schema).map_err(Problem::internal)?;
        properties.insert(parameter.name, schema);
    }
    Ok(closed_object(&properties, &required))
}

/// The query as a JSON object whose values have the types that the schema names, as far as they can have them.
fn take_apart(query: &str, schema: &Compiled) -> Result<(Value, Vec<Fault>), Problem> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query)
        .map_err(|cause| Problem::new(Code::InvalidQuery).cause(cause.to_string()))?
        .into_inner();
    let mut values: HashMap<String, Vec<String>> = HashMap::new();
    for (name, value) in pairs {
        values.entry(name).or_default().push(value);
    }
    let mut object = Map::new();
    let mut faults = Vec::new();
    for (name, given) in values {
        let types = schema.types_of_property(&name);
        let value = if types.contains(&"array") {
            let items = given.iter().flat_map(|list| list.split(',')).filter(|item| !item.is_empty());
            items.map(|item| typed(item, &schema.types_of_items(&name))).collect()
        } else {
            if given.len() > 1 {
                faults.push(Fault {
                    pointer: pointer_to("", &name),
                    code: Code::Duplicate,
                    detail: Code::Duplicate.title().into(),
                });
            }
            typed(given.first().map_or("", String::as_str), &types)
        };
        // What the decoder puts where the bytes were no UTF-8.
        if given.iter().chain([&name]).any(|text| text.contains(char::REPLACEMENT_CHARACTER)) {
            faults.push(Fault {
                pointer: pointer_to("", &name),
                code: Code::InvalidFormat,
                detail: ("Không phải UTF-8", "Not UTF-8").into(),
            });
        }
        object.insert(name, value);
    }
    Ok((Value::Object(object), faults))
}

/// The text as a value of the first type that it can be; as it is, for the schema to refuse it, when it can be none.
fn typed(text: &str, types: &[&str]) -> Value {
    for kind in types {
        let value = match *kind {
            "integer" => text.parse::<i64>().ok().map(Value::from),
            "number" => text.parse::<f64>().ok().map(Value::from),
            "boolean" => text.parse::<bool>().ok().map(Value::from),
            _ => None,
        };
        if let Some(value) = value {
            return value;
        }
    }
    Value::String(text.to_owned())
}
