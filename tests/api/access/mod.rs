//! Signing in, staying signed in, signing out, and tokens that are not what they say.

mod forged;
mod tokens;
