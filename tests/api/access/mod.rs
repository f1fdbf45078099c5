//! Signing in, staying signed in, signing out, tokens that are not what they say, accounts, clients and passwords.

mod absence;
mod accounts;
mod at_rest;
mod clients;
mod forged;
mod passwords;
mod provider;
mod succession;
mod tokens;
