//! Links from figures to the lists of the dossiers behind them.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::db::Instant;
use crate::dossiers::{Figure, Units};

/// A list of dossiers by its filters: the query string of GET `/dossiers`.
#[derive(Debug, Clone, Default)]
pub(super) struct List(String);

impl List {
    /// Narrowed down by a parameter.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push('&');
        self.0.push_str(name);
        self.0.push('=');
        for byte in value.bytes() {
            // What RFC 3986 leaves unreserved stays as it is.
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    self.0.push(byte.into());
                }
                _ => {
                    self.0.push('%');
                    self.0.push_str(&data_encoding::HEXUPPER.encode(&[byte]));
                }
            }
        }
        self
    }

    /// The same, when there is a value.
    pub(super) fn with_some<T: ToString>(self, name: &str, value: Option<T>) -> Self {
        match value {
            Some(value) => self.with(name, &value.to_string()),
            None => self,
        }
    }

    /// Narrowed down to a group's cells.
    pub(super) fn within(self, cells: &[(&'static str, String)]) -> Self {
        cells.iter().fold(self, |list, (name, value)| list.with(name, value))
    }

    /// Its address.
    pub(super) fn address(&self) -> String {
        format!("/api/v1/dossiers?{}", self.0.trim_start_matches('&'))
    }

    /// The address of the list of shipments with these filters.
    pub(super) fn address_of_shipments(&self) -> String {
        format!("/api/v1/postal/shipments?{}", self.0.trim_start_matches('&'))
    }
}

/// What the links to the booked figures of a row have in common: the list but for the figure.
#[derive(Debug, Clone)]
pub(super) struct Links(List);

impl Links {
    /// Links to the figures of `span`, up to `moment` of its last day when that has not passed.
    pub(super) fn new(span: (NaiveDate, NaiveDate), moment: Option<Instant>, units: Units) -> Self {
        let list = List::default()
            .with("figure_from", &span.0.to_string())
            .with("figure_to", &span.1.to_string())
            .with_some("figure_as_of", moment)
            .with("units", units.as_str());
        Self(list)
    }

    /// Narrowed down by a parameter.
    pub(super) fn with(self, name: &str, value: &str) -> Self {
        Self(self.0.with(name, value))
    }

    /// The same, when there is a value.
    pub(super) fn with_some<T: ToString>(self, name: &str, value: Option<T>) -> Self {
        Self(self.0.with_some(name, value))
    }

    /// Narrowed down to a group's cells.
    pub(super) fn within(self, cells: &[(&'static str, String)]) -> Self {
        Self(self.0.within(cells))
    }

    /// The list behind one figure.
    pub(super) fn figure(&self, figure: Figure) -> String {
        format!("/api/v1/dossiers?figure={figure}{}", self.0.0)
    }

    /// Those of all figures of a row, by their paths.
    pub(super) fn all(&self) -> BTreeMap<&'static str, String> {
        let of_row = Figure::ALL.iter().filter(|figure| **figure != Figure::ResolvedTimely);
        of_row.map(|figure| (figure.as_str(), self.figure(*figure))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_escape_what_they_carry() {
        let span = ("2019-01-01".parse().unwrap(), "2019-02-01".parse().unwrap());
        let moment = Some("2019-01-31T10:00:00+07:00".parse().unwrap());
        let cells = [("agency", "000.00.31.H20".to_owned()), ("field", "đất đai".to_owned())];
        let links = Links::new(span, moment, Units::Then).within(&cells);
        assert_eq!(
            links.all()["received.online"],
            "/api/v1/dossiers?figure=received.online&figure_from=2019-01-01&figure_to=2019-02-01\
             &figure_as_of=2019-01-31T10%3A00%3A00%2B07%3A00&units=then&agency=000.00.31.H20&field=%C4%91%E1%BA%A5t%20%C4%91ai"
        );
        assert_eq!(links.all().len(), Figure::ALL.len() - 1, "all but the sum of two");
        let list = List::default().with("clock", "paused").with_some("judged_from", None::<NaiveDate>);
        assert_eq!(list.address(), "/api/v1/dossiers?clock=paused");
    }
}
