//! Working time, holidays, due dates and their explanation.
//!
//! `rules` is the pure library that every due date comes from; nothing else in the program counts days.

pub mod rules;
