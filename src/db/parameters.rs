//! The named parameters (`:name`) of hand-written statements: where they stand, and the proof at compile time that text and
//! declaration fit. Used by the macro `raw!` only.
#![allow(
    clippy::indexing_slicing,
    reason = "const functions have nothing else, and every index is compared with the length first"
)]

/// A part of a hand-written statement.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// To be sent as it is.
    Sql(&'a str),
    /// A parameter's name, without the colon.
    Parameter(&'a str),
}

/// Cuts a statement at its parameters.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut at = 0;
    let mut parameter: Option<(usize, usize)> = None;
    std::iter::from_fn(move || {
        if let Some((from, to)) = parameter.take() {
            at = to;
            return text.get(from..to).map(Piece::Parameter);
        }
        if at >= text.len() {
            return None;
        }
        let (end, next) = match find_parameter(text.as_bytes(), at) {
            Some((from, to)) => (from - 1, Some((from, to))),
            None => (text.len(), None),
        };
        parameter = next;
        let sql = text.get(at..end).map(Piece::Sql);
        at = end;
        sql
    })
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
