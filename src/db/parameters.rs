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
    /// The place of a parameter among those that are declared.
    Parameter(usize),
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

/// Cuts a statement at its parameters: SQL and parameters by turns. At compile time, since a statement is walked through some
/// times whenever it is run. Stops the build when a statement and its parameters don't fit.
pub(crate) const fn cut<const COUNT: usize>(text: &'static str, names: &[&str]) -> [Piece; COUNT] {
    let mut pieces = [Piece::Sql(""); COUNT];
    let mut used = 0_u128;
    let mut index = 0;
    let mut at = 0;
    while let Some((from, to)) = find_parameter(text.as_bytes(), at) {
        let mut place = 0;
        while place < names.len() && !same(text.as_bytes(), from, to, names[place].as_bytes()) {
            place += 1;
        }
        assert!(place < names.len(), "the statement names a parameter that is not declared");
        used |= 1 << place;
        pieces[index] = Piece::Sql(part(text, at, from - 1));
        pieces[index + 1] = Piece::Parameter(place);
        index += 2;
        at = to;
    }
    assert!(used == (1 << names.len()) - 1, "a declared parameter does not stand in the statement");
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
