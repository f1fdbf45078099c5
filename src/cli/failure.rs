//! What a command says when it cannot do its work: one line that helps, and the chain of causes below it.

use std::{error::Error, process::ExitCode};

/// Why a command stopped.
#[derive(Debug)]
pub struct Failure {
    what: String,
    causes: Vec<String>,
    exit: u8,
}

impl Failure {
    /// Something that could not be done, and why.
    pub fn new(what: impl Into<String>, why: impl Error) -> Self {
        let mut causes = vec![why.to_string()];
        let mut source = why.source();
        while let Some(cause) = source {
            // Many errors repeat their source in their own words.
            let told = cause.to_string();
            if !causes.iter().any(|cause| cause.contains(&told)) {
                causes.push(told);
            }
            source = cause.source();
        }
        Failure { what: what.into(), causes, exit: 1 }
    }

    /// Something that could not be done, for a reason that stands in the text.
    pub fn because(what: impl Into<String>) -> Self {
        Failure { what: what.into(), causes: Vec::new(), exit: 1 }
    }

    /// Settings that cannot be understood.
    pub fn settings(why: impl Error) -> Self {
        Failure { exit: 2, ..Failure::new("the settings are wrong (see `motcua help config`)", why) }
    }

    /// Says it on the standard error.
    #[expect(clippy::print_stderr, reason = "a command talks to whoever typed it")]
    pub fn tell(&self) {
        eprintln!("motcua: {}", self.what);
        for cause in self.causes.iter().flat_map(|cause| cause.lines()) {
            eprintln!("  {cause}");
        }
    }

    /// What the shell gets.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.what)?;
        self.causes.iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}

impl Error for Failure {}
