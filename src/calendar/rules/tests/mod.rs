//! Tests of the working-time library.
