//! `motcua help`: the commands, or the settings from their one table.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    process::ExitCode,
};

use clap::CommandFactory;

use super::Failure;
use crate::config::SETTINGS;

/// What to explain.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// `config` for the settings, or the name of a command
    topic: Vec<String>,
}

/// Prints it.
pub fn help(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let text = match arguments.topic.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["config"] => settings(),
        path => command(path)?,
    };
    io::stdout().write_all(text.as_bytes()).map_err(|error| Failure::new("cannot write", error))?;
    Ok(ExitCode::SUCCESS)
}

fn command(path: &[&str]) -> Result<String, Failure> {
    let mut command = super::Arguments::command();
    command.build();
    let mut found = &mut command;
    for name in path {
        found = found
            .find_subcommand_mut(name)
            .ok_or_else(|| Failure::because(format!("there is no command `{}`", path.join(" "))))?;
    }
    Ok(found.render_long_help().to_string())
}

fn settings() -> String {
    let mut text = String::from("Settings are environment variables. None has to be set.\n");
    for setting in SETTINGS {
        // Writing into a String does not fail.
        let _ = write!(text, "\n{}\n  {}\n  default: {}\n", setting.name, setting.meaning, setting.default);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_and_setting_is_explained() {
        assert!(SETTINGS.iter().all(|setting| settings().contains(setting.name)));
        for command in super::super::Arguments::command().get_subcommands() {
            assert!(
                self::command(&[command.get_name()]).unwrap().contains("Usage"),
                "{}",
                command.get_name()
            );
        }
        assert!(command(&["account", "create"]).unwrap().contains("--agency"));
        assert!(command(&["fly"]).is_err());
    }

    #[test]
    fn the_command_line_is_well_formed() {
        super::super::Arguments::command().debug_assert();
    }
}
