//! The layout of a form: what stands on it, in data. Pure.
//!
//! A layout is a JSON file: title, rows, a tree of column headings whose leaves say what they count, identities that must hold,
//! signatures. [`Form::parse`] checks it and tells everything that is wrong with it at once.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::measure::{Formula, terms};
use crate::http::Language;
use crate::statistics::cube::GroupBy;

/// The same in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::statistics) struct Words {
    vi: String,
    en: String,
}

impl Words {
    pub(in crate::statistics) fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Vietnamese => &self.vi,
            Language::English => &self.en,
        }
    }
}

/// Whose figures stand on the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::statistics) enum Scope {
    /// The agency's alone.
    Own,
    /// The agency's and those of all below it.
    WithBelow,
}

/// How the numbers of a column are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::statistics) enum Format {
    /// Words.
    Text,
    /// A whole number.
    #[default]
    Count,
    /// A share, from 0 to 1, to four decimals.
    Ratio,
    /// Points, to two decimals.
    Score,
}

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Layout {
    form: String,
    number: Words,
    title: Words,
    basis: Words,
    unit: Words,
    scope: Scope,
    rows: RowsOf,
    columns: Vec<Column>,
    #[serde(default)]
    identities: Vec<String>,
    #[serde(default)]
    notes: Vec<Words>,
    #[serde(default)]
    signatures: Vec<Words>,
}

/// What the rows are: groups of dossiers, or indicators.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowsOf {
    by: Option<Vec<GroupBy>>,
    indicators: Option<Vec<IndicatorLine>>,
}

/// A heading: above others, or above a column.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    heading: Words,
    columns: Option<Vec<Column>>,
    name: Option<String>,
    number: Option<String>,
    value: Option<String>,
    #[serde(default)]
    format: Option<Format>,
    width: Option<f64>,
}

/// A line of an indicator form. What is left out cannot be known here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IndicatorLine {
    code: String,
    name: Words,
    numerator: Option<String>,
    denominator: Option<String>,
    max_score: Option<f64>,
    /// From this share on the score is full.
    threshold: Option<f64>,
    /// A heading over those that follow.
    #[serde(default)]
    section: bool,
}

/// A form that was found in order.
#[derive(Debug)]
pub(in crate::statistics) struct Form {
    pub(in crate::statistics) code: String,
    pub(in crate::statistics) number: Words,
    pub(in crate::statistics) title: Words,
    pub(in crate::statistics) basis: Words,
    pub(in crate::statistics) unit: Words,
    pub(in crate::statistics) scope: Scope,
    pub(in crate::statistics) rows: Rows,
    pub(in crate::statistics) leaves: Vec<Leaf>,
    pub(in crate::statistics) identities: Vec<Identity>,
    pub(in crate::statistics) notes: Vec<Words>,
    pub(in crate::statistics) signatures: Vec<Words>,
}

/// What the rows of a form are.
#[derive(Debug)]
pub(in crate::statistics) enum Rows {
    /// By one group, or by two: the first makes sections.
    By(Vec<GroupBy>),
    Indicators(Vec<Indicator>),
}

/// A column: the headings above it from the outermost to its own, and what stands in it.
#[derive(Debug)]
pub(in crate::statistics) struct Leaf {
    pub(in crate::statistics) name: String,
    /// Its number on the form, as printed: `(3)`.
    pub(in crate::statistics) number: String,
    /// Each with the place of its heading in the tree, so that equal words side by side stay apart.
    pub(in crate::statistics) headings: Vec<(Vec<usize>, Words)>,
    pub(in crate::statistics) cell: Cell,
    pub(in crate::statistics) format: Format,
    /// In characters.
    pub(in crate::statistics) width: f64,
}

/// What stands in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::statistics) enum Cell {
    No,
    Name,
    Sum(Formula),
    Numerator,
    Denominator,
    Ratio,
    MaxScore,
    Score,
}

/// A line of an indicator form.
#[derive(Debug)]
pub(in crate::statistics) struct Indicator {
    pub(in crate::statistics) code: String,
    pub(in crate::statistics) name: Words,
    pub(in crate::statistics) numerator: Option<Formula>,
    pub(in crate::statistics) denominator: Option<Formula>,
    pub(in crate::statistics) max_score: Option<f64>,
    pub(in crate::statistics) threshold: Option<f64>,
    pub(in crate::statistics) is_section: bool,
}

/// `received_total = received_online + received_direct_post + carried_over`, by places of columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::statistics) struct Identity {
    pub(in crate::statistics) text: String,
    /// Sign and column; all together come to zero.
    pub(in crate::statistics) terms: Vec<(i64, usize)>,
}

/// The most columns, rows of indicators and levels of headings: a form is printed on a page.
const MOST: usize = 100;
const DEEPEST: usize = 5;

impl Form {
    /// Reads a layout.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub(in crate::statistics) fn parse(text: &str) -> Result<Self, Vec<String>> {
        let layout: Layout = serde_json::from_str(text).map_err(|error| vec![error.to_string()])?;
        let mut faults = Vec::new();
        let is_code = |code: &str| {
            (1..=32).contains(&code.len())
                && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if !is_code(&layout.form) {
            faults.push("form: 1 to 32 of a-z, 0-9 and -".to_owned());
        }
        let rows = rows(layout.rows, &mut faults);
        let mut leaves = Vec::new();
        for (at, column) in layout.columns.into_iter().enumerate() {
            flatten(column, &[(vec![at], None)], &rows, &mut leaves, &mut faults);
        }
        check_leaves(&leaves, &mut faults);
        let identities = layout
            .identities
            .into_iter()
            .filter_map(|text| identity(text, &leaves).map_err(|fault| faults.push(fault)).ok())
            .collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self {
            code: layout.form,
            number: layout.number,
            title: layout.title,
            basis: layout.basis,
            unit: layout.unit,
            scope: layout.scope,
            rows,
            leaves,
            identities,
            notes: layout.notes,
            signatures: layout.signatures,
        })
    }

    /// How many rows of headings there are.
    pub(in crate::statistics) fn depth(&self) -> usize {
        self.leaves.iter().map(|leaf| leaf.headings.len()).max().unwrap_or(1)
    }
}

fn rows(rows: RowsOf, faults: &mut Vec<String>) -> Rows {
    match (rows.by, rows.indicators) {
        (Some(by), None) => {
            let is_time = by.iter().any(|group| matches!(group, GroupBy::Month | GroupBy::Day));
            let is_once = by.iter().collect::<BTreeSet<_>>().len() == by.len();
            if !(1..=2).contains(&by.len()) || is_time || !is_once {
                faults.push("rows.by: one or two different groups, none of time".to_owned());
            }
            Rows::By(by)
        }
        (None, Some(lines)) => {
            if lines.is_empty() || lines.len() > MOST {
                faults.push(format!("rows.indicators: 1 to {MOST}"));
            }
            Rows::Indicators(lines.into_iter().map(|line| indicator(line, faults)).collect())
        }
        _ => {
            faults.push("rows: either `by` or `indicators`".to_owned());
            Rows::By(Vec::new())
        }
    }
}

fn indicator(line: IndicatorLine, faults: &mut Vec<String>) -> Indicator {
    let mut formula = |text: Option<String>, what: &str| {
        text.and_then(|text| {
            text.parse()
                .map_err(|fault| faults.push(format!("indicator {}: {what}: {fault}", line.code)))
                .ok()
        })
    };
    let (numerator, denominator) =
        (formula(line.numerator, "numerator"), formula(line.denominator, "denominator"));
    let is_share = |share: f64| share > 0.0 && share <= 1.0;
    if !line.threshold.is_none_or(is_share) {
        faults.push(format!("indicator {}: threshold: above 0, at most 1", line.code));
    }
    if !line.max_score.is_none_or(|score| score > 0.0 && score <= 100.0) {
        faults.push(format!("indicator {}: max_score: above 0, at most 100", line.code));
    }
    Indicator {
        code: line.code,
        name: line.name,
        numerator,
        denominator,
        max_score: line.max_score,
        threshold: line.threshold,
        is_section: line.section,
    }
}

/// The headings above a column, each with its place; the last one is yet to be named.
type Above = [(Vec<usize>, Option<Words>)];

fn flatten(column: Column, above: &Above, rows: &Rows, leaves: &mut Vec<Leaf>, faults: &mut Vec<String>) {
    let place = above.last().map(|(place, _)| place.clone()).unwrap_or_default();
    let mut headings: Vec<(Vec<usize>, Option<Words>)> = above.to_vec();
    if let Some((_, words)) = headings.last_mut() {
        *words = Some(column.heading.clone());
    }
    let title = column.heading.vi.clone();
    if headings.len() > DEEPEST {
        faults.push(format!("column `{title}`: headings nested deeper than {DEEPEST}"));
        return;
    }
    match (column.columns, column.name, column.value) {
        (Some(below), None, None) => {
            if below.is_empty() {
                faults.push(format!("column `{title}`: nothing below it"));
            }
            for (at, column) in below.into_iter().enumerate() {
                let mut deeper = headings.clone();
                deeper.push(([place.as_slice(), &[at]].concat(), None));
                flatten(column, &deeper, rows, leaves, faults);
            }
        }
        (None, Some(name), Some(value)) => match cell(&value, rows) {
            Ok(cell) => leaves.push(Leaf {
                number: column.number.unwrap_or_default(),
                headings: headings.into_iter().filter_map(|(place, words)| Some((place, words?))).collect(),
                format: column.format.unwrap_or_else(|| natural_format(&cell)),
                width: column.width.unwrap_or(10.0).clamp(3.0, 100.0),
                name,
                cell,
            }),
            Err(fault) => faults.push(format!("column `{name}`: {fault}")),
        },
        _ => faults.push(format!("column `{title}`: either `columns`, or `name` and `value`")),
    }
}

fn cell(value: &str, rows: &Rows) -> Result<Cell, String> {
    match (value, rows) {
        ("no", _) => Ok(Cell::No),
        ("name", _) => Ok(Cell::Name),
        ("numerator", Rows::Indicators(_)) => Ok(Cell::Numerator),
        ("denominator", Rows::Indicators(_)) => Ok(Cell::Denominator),
        ("ratio", Rows::Indicators(_)) => Ok(Cell::Ratio),
        ("max_score", Rows::Indicators(_)) => Ok(Cell::MaxScore),
        ("score", Rows::Indicators(_)) => Ok(Cell::Score),
        (other, Rows::Indicators(_)) => Err(format!("an indicator has no `{other}`")),
        (formula, Rows::By(_)) => formula.parse().map(Cell::Sum),
    }
}

fn natural_format(cell: &Cell) -> Format {
    match cell {
        Cell::No | Cell::Name => Format::Text,
        Cell::Sum(_) | Cell::Numerator | Cell::Denominator => Format::Count,
        Cell::Ratio => Format::Ratio,
        Cell::MaxScore | Cell::Score => Format::Score,
    }
}

fn check_leaves(leaves: &[Leaf], faults: &mut Vec<String>) {
    if leaves.is_empty() || leaves.len() > MOST {
        faults.push(format!("columns: 1 to {MOST}"));
    }
    let mut seen = BTreeSet::new();
    for leaf in leaves {
        let is_name = leaf.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if leaf.name.is_empty() || !is_name {
            faults.push(format!("column `{}`: names are of a-z, 0-9 and _", leaf.name));
        }
        if !seen.insert(leaf.name.as_str()) {
            faults.push(format!("column `{}` stands there twice", leaf.name));
        }
    }
}

fn identity(text: String, leaves: &[Leaf]) -> Result<Identity, String> {
    let sides = text.split_once('=').and_then(|(left, right)| Some((terms(left)?, terms(right)?)));
    let Some((left, right)) = sides else {
        return Err(format!("identity `{text}`: no equation such as `total = early + on_time + late`"));
    };
    let all = left.into_iter().chain(right.into_iter().map(|(sign, name)| (-sign, name)));
    let terms = all
        .map(|(sign, name)| {
            let place = leaves.iter().position(|leaf| leaf.name == name && matches!(leaf.cell, Cell::Sum(_)));
            place.map(|place| (sign, place)).ok_or_else(|| format!("identity `{text}`: no count `{name}`"))
        })
        .collect::<Result<_, _>>()?;
    Ok(Identity { text, terms })
}
