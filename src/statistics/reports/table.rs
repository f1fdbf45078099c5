//! From cells to the rows of a form, with its identities proved. Pure.

use std::collections::BTreeMap;

use super::layout::{Cell, Form, Format, Indicator, Rows};
use super::measure::{Amounts, ProcedureCounts};
use crate::agencies::Kind;
use crate::dossiers::Channel;
use crate::http::Language;
use crate::statistics::cube::GroupBy;
use crate::statistics::facts::Fact;
use crate::statistics::members::{Member, rank};

/// The rows of a form and their sum.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::statistics) struct Table {
    pub(in crate::statistics) rows: Vec<Row>,
    /// None on forms of indicators, which are not added up.
    pub(in crate::statistics) total: Option<Row>,
}

/// A row of a form.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::statistics) struct Row {
    /// As printed: `I` for a section, `1` below it.
    pub(in crate::statistics) no: String,
    pub(in crate::statistics) name: String,
    /// A heading over the rows that follow, with their sum.
    pub(in crate::statistics) is_section: bool,
    /// Which dossiers: group and code.
    pub(in crate::statistics) group: Vec<(GroupBy, String)>,
    /// One for each column.
    pub(in crate::statistics) values: Vec<Option<Value>>,
}

/// A number on a form.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::statistics) enum Value {
    Count(i64),
    /// Share or points.
    Number(f64),
}

impl Value {
    pub(in crate::statistics) fn count(self) -> Option<i64> {
        match self {
            Self::Count(count) => Some(count),
            Self::Number(_) => None,
        }
    }
}

/// An identity of the form that a row breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::statistics) struct Unequal {
    pub(in crate::statistics) row: String,
    pub(in crate::statistics) identity: String,
}

/// What groups are called.
pub(in crate::statistics) type NameOf<'n> = &'n dyn Fn(GroupBy, &str) -> String;

/// Fills a form in.
///
/// # Errors
/// The first identity that does not hold.
pub(in crate::statistics) fn fill(
    form: &Form,
    facts: &[Fact],
    procedures: ProcedureCounts,
    name_of: NameOf<'_>,
    language: Language,
) -> Result<Table, Unequal> {
    let mut whole = Amounts::of(facts);
    whole.procedures = procedures;
    let table = match &form.rows {
        Rows::Indicators(lines) => Table {
            rows: lines.iter().map(|line| indicator(form, line, &whole, language)).collect(),
            total: None,
        },
        Rows::By(groups) => Table {
            rows: grouped(form, groups, facts, name_of),
            total: Some(Row {
                no: String::new(),
                name: match language {
                    Language::Vietnamese => "Tổng cộng".to_owned(),
                    Language::English => "Total".to_owned(),
                },
                is_section: true,
                group: Vec::new(),
                values: counts(form, &whole),
            }),
        },
    };
    for row in table.rows.iter().chain(&table.total) {
        prove(form, row)?;
    }
    Ok(table)
}

/// Where a cell stands: levels and channels in their own order, all else by code.
fn place(group: GroupBy, fact: &Fact) -> Member<'_> {
    match group {
        GroupBy::Agency => (0, &fact.agency),
        GroupBy::Level => (rank(Kind::ALL, &fact.level), fact.level.as_str()),
        GroupBy::Field => (0, &fact.field),
        GroupBy::Procedure => (0, &fact.procedure),
        GroupBy::Channel => (rank(Channel::ALL, &fact.channel), fact.channel.as_str()),
        // Layouts are refused when they ask for time.
        GroupBy::Month | GroupBy::Day => (0, ""),
    }
}

fn grouped(form: &Form, groups: &[GroupBy], facts: &[Fact], name_of: NameOf<'_>) -> Vec<Row> {
    let (Some(first), second) = (groups.first().copied(), groups.get(1).copied()) else { return Vec::new() };
    let mut sections: BTreeMap<Member<'_>, Vec<&Fact>> = BTreeMap::new();
    for fact in facts {
        sections.entry(place(first, fact)).or_default().push(fact);
    }
    let mut rows = Vec::new();
    for (at, ((_, code), facts)) in sections.into_iter().enumerate() {
        let amounts = Amounts::of(facts.iter().copied());
        let mut group = vec![(first, code.to_owned())];
        rows.push(Row {
            no: if second.is_some() { roman(at + 1) } else { (at + 1).to_string() },
            name: name_of(first, code),
            is_section: second.is_some(),
            group: group.clone(),
            values: counts(form, &amounts),
        });
        let Some(second) = second else { continue };
        let mut below: BTreeMap<Member<'_>, Amounts> = BTreeMap::new();
        for fact in facts {
            below.entry(place(second, fact)).or_default().add(fact);
        }
        for (at, ((_, code), amounts)) in below.into_iter().enumerate() {
            group.truncate(1);
            group.push((second, code.to_owned()));
            rows.push(Row {
                no: (at + 1).to_string(),
                name: name_of(second, code),
                is_section: false,
                group: group.clone(),
                values: counts(form, &amounts),
            });
        }
    }
    rows
}

fn counts(form: &Form, amounts: &Amounts) -> Vec<Option<Value>> {
    let value = |cell: &Cell| match cell {
        Cell::Sum(formula) => Some(Value::Count(formula.of(amounts))),
        Cell::No
        | Cell::Name
        | Cell::Numerator
        | Cell::Denominator
        | Cell::Ratio
        | Cell::MaxScore
        | Cell::Score => None,
    };
    form.leaves.iter().map(|leaf| value(&leaf.cell)).collect()
}

fn indicator(form: &Form, line: &Indicator, amounts: &Amounts, language: Language) -> Row {
    let numerator = line.numerator.as_ref().map(|formula| formula.of(amounts));
    let denominator = line.denominator.as_ref().map(|formula| formula.of(amounts));
    let ratio = numerator.zip(denominator).and_then(|(part, whole)| share(part, whole));
    let score = line.max_score.zip(ratio).map(|(most, ratio)| score(most, ratio, line.threshold));
    let value = |cell: &Cell| match cell {
        Cell::Numerator => numerator.map(Value::Count),
        Cell::Denominator => denominator.map(Value::Count),
        Cell::Ratio => ratio.map(|ratio| Value::Number(rounded(ratio, 10_000.0))),
        Cell::MaxScore => line.max_score.map(Value::Number),
        Cell::Score => score.map(Value::Number),
        Cell::No | Cell::Name | Cell::Sum(_) => None,
    };
    Row {
        no: line.code.clone(),
        name: line.name.in_language(language).to_owned(),
        is_section: line.is_section,
        group: Vec::new(),
        values: form.leaves.iter().map(|leaf| value(&leaf.cell)).collect(),
    }
}

/// A part of a whole; None of nothing: neither 0 nor 100 %.
pub(in crate::statistics) fn share(part: i64, whole: i64) -> Option<f64> {
    let (part, whole) = (i32::try_from(part).ok()?, i32::try_from(whole).ok()?);
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

/// Full from the threshold on, in proportion below it.
fn score(most: f64, ratio: f64, threshold: Option<f64>) -> f64 {
    rounded((ratio / threshold.unwrap_or(1.0)).min(1.0) * most, 100.0)
}

/// To whole parts of `unit`.
pub(in crate::statistics) fn rounded(number: f64, unit: f64) -> f64 {
    (number * unit).round() / unit
}

fn prove(form: &Form, row: &Row) -> Result<(), Unequal> {
    for identity in &form.identities {
        let term = |(sign, place): &(i64, usize)| {
            let value = row.values.get(*place).copied().flatten();
            sign * value.and_then(Value::count).unwrap_or(0)
        };
        if identity.terms.iter().map(term).sum::<i64>() != 0 {
            let row = if row.group.is_empty() { "total".to_owned() } else { row.place() };
            return Err(Unequal { row, identity: identity.text.clone() });
        }
    }
    Ok(())
}

impl Row {
    /// `field=ho-tich`
    pub(in crate::statistics) fn place(&self) -> String {
        let parts: Vec<String> = self.group.iter().map(|(group, code)| format!("{group}={code}")).collect();
        parts.join(", ")
    }
}

/// What another filling of the same form has more than this one, by row and column; rows that only one of them has count as
/// zero in the other.
pub(in crate::statistics) fn differences(
    frozen: &Table,
    live: &Table,
) -> BTreeMap<String, Vec<(usize, i64)>> {
    let index = |table: &Table| -> BTreeMap<String, Vec<Option<Value>>> {
        table.rows.iter().chain(&table.total).map(|row| (row.place(), row.values.clone())).collect()
    };
    let (frozen, live) = (index(frozen), index(live));
    let places: std::collections::BTreeSet<&String> = frozen.keys().chain(live.keys()).collect();
    let mut found = BTreeMap::new();
    for place in places {
        let count = |table: &BTreeMap<String, Vec<Option<Value>>>, column: usize| {
            let value = table.get(place).and_then(|values| values.get(column).copied().flatten());
            value.and_then(Value::count).unwrap_or(0)
        };
        let columns = frozen.get(place).or_else(|| live.get(place)).map_or(0, Vec::len);
        let differing: Vec<(usize, i64)> = (0..columns)
            .map(|column| (column, count(&live, column) - count(&frozen, column)))
            .filter(|(_, difference)| *difference != 0)
            .collect();
        if !differing.is_empty() {
            found.insert(place.clone(), differing);
        }
    }
    found
}

/// A number as sections have it.
fn roman(number: usize) -> String {
    const DIGITS: [(usize, &str); 9] =
        [(100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")];
    let mut left = number;
    let mut text = String::new();
    for (value, digit) in DIGITS {
        while left >= value {
            text.push_str(digit);
            left -= value;
        }
    }
    text
}

/// A number as it is read: with its decimals, never in another notation.
pub(in crate::statistics) fn plain(value: Value, format: Format) -> String {
    match (value, format) {
        (Value::Count(count), _) => count.to_string(),
        (Value::Number(number), Format::Ratio) => format!("{number:.4}"),
        (Value::Number(number), _) => format!("{number:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::Figures;

    const ALL: [&str; 4] = [
        include_str!("layouts/06a.json"),
        include_str!("layouts/06b.json"),
        include_str!("layouts/tien-do.json"),
        include_str!("layouts/qd766.json"),
    ];

    fn fact(level: Kind, field: &str, channel: Channel) -> Fact {
        Fact {
            agency: format!("{level}-1"),
            level,
            field: field.to_owned(),
            procedure: format!("{field}-1"),
            channel,
            before: Figures { received: 4, open: 4, overdue: 1, ..Figures::default() },
            during: Figures {
                received: 9,
                early: 2,
                on_time: 3,
                late: 1,
                withdrawn: 2,
                stopped: 1,
                moved: -1,
                open: -1,
                overdue: 1,
                paused: 1,
                ..Figures::default()
            },
            withdrawn_late: 1,
            stopped_late: 1,
        }
    }

    fn facts() -> Vec<Fact> {
        vec![
            fact(Kind::Commune, "ho-tich", Channel::Counter),
            fact(Kind::Commune, "chung-thuc", Channel::Online),
            fact(Kind::District, "dat-dai", Channel::Postal),
            fact(Kind::District, "dat-dai", Channel::PostOffice),
            fact(Kind::District, "dat-dai", Channel::AtHome),
        ]
    }

    fn filled(text: &str, facts: &[Fact]) -> (Form, Table) {
        let form = Form::parse(text).unwrap();
        let counts = ProcedureCounts { total: 10, online: 4, online_used: 1 };
        let table = fill(&form, facts, counts, &|_, code| code.to_uppercase(), Language::Vietnamese).unwrap();
        (form, table)
    }

    #[test]
    fn identities_hold_on_every_form_whatever_the_channel() {
        for text in ALL {
            let (form, table) = filled(text, &facts());
            assert!(!table.rows.is_empty(), "{}", form.code);
            assert!(table.rows.iter().all(|row| row.values.len() == form.leaves.len()));
            filled(text, &[]);
        }
    }

    #[test]
    fn sections_come_before_what_they_sum_up() {
        let (_, table) = filled(ALL[1], &facts());
        let rows: Vec<(&str, &str)> =
            table.rows.iter().map(|row| (row.no.as_str(), row.name.as_str())).collect();
        assert_eq!(
            rows,
            [("I", "DISTRICT"), ("1", "DAT-DAI"), ("II", "COMMUNE"), ("1", "CHUNG-THUC"), ("2", "HO-TICH")]
        );
        let first = |row: &Row| row.values[2].unwrap().count().unwrap();
        assert_eq!(first(&table.rows[0]), first(&table.rows[1]));
        assert_eq!(first(&table.rows[2]), first(&table.rows[3]) + first(&table.rows[4]));
        assert_eq!(first(table.total.as_ref().unwrap()), first(&table.rows[0]) + first(&table.rows[2]));
    }

    #[test]
    fn an_equation_that_does_not_hold_is_named() {
        let text = ALL[0]
            .replace("received_total = resolved_total + pending_total", "received_total = resolved_total");
        let form = Form::parse(&text).unwrap();
        let name = |_: GroupBy, code: &str| code.to_owned();
        let refused =
            fill(&form, &facts(), ProcedureCounts::default(), &name, Language::English).unwrap_err();
        assert_eq!(refused.identity, "received_total = resolved_total");
        assert_eq!(refused.row, "field=chung-thuc");
    }

    #[test]
    fn scores_are_full_from_the_threshold_on() {
        let (form, table) = filled(ALL[3], &facts());
        let at = |code: &str, column: &str| {
            let row = table.rows.iter().find(|row| row.no == code).unwrap();
            row.values[form.leaves.iter().position(|leaf| leaf.name == column).unwrap()]
        };
        assert_eq!(at("3.1", "ratio"), Some(Value::Number(0.4)));
        assert_eq!(at("3.1", "score"), None, "its full score is not known");
        assert_eq!(at("4.1", "numerator"), None);
        // Of 4 + 9 − 1 each: 2 + 3 in time, 1 withdrawn and none stopped in time, 1 pending in time.
        assert_eq!(at("2.1", "numerator"), Some(Value::Count(5 * 7)));
        assert_eq!(at("2.1", "denominator"), Some(Value::Count(5 * 12)));
        assert_eq!(at("2.1", "score"), Some(Value::Number(11.67)));
        assert!((score(20.0, 0.9, Some(0.8)) - 20.0).abs() < 1e-9);
        assert!((score(20.0, 0.4, Some(0.8)) - 10.0).abs() < 1e-9);
    }

    #[test]
    fn what_came_later_is_a_difference() {
        let (form, frozen) = filled(ALL[0], &facts()[..1]);
        let mut more = facts()[..1].to_vec();
        more[0].during.received += 2;
        more[0].during.open += 2;
        let (_, live) = filled(ALL[0], &more);
        let found = differences(&frozen, &live);
        let names = |place: &str| -> Vec<(&str, i64)> {
            found[place].iter().map(|(column, by)| (form.leaves[*column].name.as_str(), *by)).collect()
        };
        let expected = [
            ("received_total", 2),
            ("received_direct_post", 2),
            ("pending_total", 2),
            ("pending_in_time", 2),
        ];
        assert_eq!(names("field=ho-tich"), expected);
        assert_eq!(names(""), expected);
        assert!(differences(&live, &live).is_empty());
    }

    #[test]
    fn numerals() {
        assert_eq!([1, 4, 9, 14, 40, 149].map(roman), ["I", "IV", "IX", "XIV", "XL", "CXLIX"]);
    }
}
