//! The named parameters (`:name`) of hand-written statements: where they stand, and the proof at compile time that text and
//! declaration fit. Used by the macro `raw!` only.
#![allow(
    clippy::indexing_slicing,
    reason = "const functions have nothing else, and every index is compared with the length first"
)]

/// A part of a hand-written statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// To be sent as it is.
    Sql(&'static str),
    /// A parameter's name, without the colon.
    Parameter(&'static str),
}

/// How many pieces [`cut`] makes of a statement.
pub(crate) const fn count(text: &str) -> usize {
    let mut count = 1;
    let mut at = 0;
    while let Some((_, to)) = find_parameter(text.as_bytes(), at) {
        count += 2;
        at = to;
    }
    count
}

/// Cuts a statement at its parameters: SQL and parameters by turns. At compile time, since a statement is walked through
/// each time that it is run, and its text is long.
pub(crate) const fn cut<const COUNT: usize>(text: &'static str) -> [Piece; COUNT] {
    let mut pieces = [Piece::Sql(""); COUNT];
    let mut index = 0;
    let mut at = 0;
    while let Some((from, to)) = find_parameter(text.as_bytes(), at) {
        pieces[index] = Piece::Sql(part(text, at, from - 1));
        pieces[index + 1] = Piece::Parameter(part(text, from, to));
        index += 2;
        at = to;
    }
    pieces[index] = Piece::Sql(part(text, at, text.len()));
    pieces
}

const fn part(text: &'static str, from: usize, to: usize) -> &'static str {
    text.split_at(to).0.split_at(from).1
}

/// The place of the next parameter's name (without its colon) at or after `at`.
const fn find_parameter(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let mut from = at;
    while from + 1 < text.len() {
        if text[from] != b':' {
            from += 1;
        } else if text[from + 1] == b':' {
            from += 2;
        } else if text[from + 1].is_ascii_lowercase() {
            let mut to = from + 2;
            while to < text.len()
                && (text[to].is_ascii_lowercase() || text[to].is_ascii_digit() || text[to] == b'_')
            {
                to += 1;
            }
            return Some((from + 1, to));
        } else {
            from += 1;
        }
    }
    None
}

/// Stops the build when a statement and its parameters don't fit.
pub(crate) const fn check(text: &str, names: &[&str]) {
    let text = text.as_bytes();
    let mut used = 0_u128;
    let mut at = 0;
    while let Some((from, to)) = find_parameter(text, at) {
        let mut index = 0;
        while index < names.len() && !same(text, from, to, names[index].as_bytes()) {
            index += 1;
        }
        assert!(index < names.len(), "the statement names a parameter that is not declared");
        used |= 1 << index;
        at = to;
    }
    assert!(used == (1 << names.len()) - 1, "a declared parameter does not stand in the statement");
}

const fn same(text: &[u8], from: usize, to: usize, name: &[u8]) -> bool {
    if to - from != name.len() {
        return false;
    }
    let mut index = 0;
    while index < name.len() {
        if text[from + index] != name[index] {
            return false;
        }
        index += 1;
    }
    true
}
