//! `http` on a real server, with a small capability made for the purpose: things that are made, read and changed.

mod answers;
mod document;
mod errors;
mod repeats;
mod server;
mod service;
