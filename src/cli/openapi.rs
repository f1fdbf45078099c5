//! `motcua openapi`: writes the document that the handlers' attributes make. Needs no database and no settings.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use super::{Failure, surface};

/// Where to.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Print it instead of writing a file
    #[arg(long)]
    stdout: bool,
    /// The file to write
    #[arg(long, default_value = "openapi/v1.json", conflicts_with = "stdout")]
    file: PathBuf,
}

/// Writes it.
pub fn write(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let document = surface::document();
    if arguments.stdout {
        io::stdout().write_all(document.text().as_bytes())
    } else {
        write_file(&arguments.file, document.text())
    }
    .map_err(|error| Failure::new(format!("cannot write {}", arguments.file.display()), error))?;
    Ok(ExitCode::SUCCESS)
}

fn write_file(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
