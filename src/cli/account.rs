//! `motcua account create`: the first account of an installation, and any other that an operator makes by hand.

use std::{
    io::{self, BufRead},
    process::ExitCode,
};

use super::{Failure, migrate::open};
use crate::{
    access::{
        Role,
        accounts::{self, NewAccount, Username},
        passwords,
        rules::{self, Weakness},
    },
    agencies,
    clock::Clock,
    config::Config,
    db::Error,
};

/// What to do with accounts.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make an account; its password is made and printed unless it is given
    Create(Create),
}

/// The account to make.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// What the person signs in with, such as clerk@thanh-binh
    username: Username,
    /// Code of the agency where the person works
    #[arg(long)]
    agency: String,
    /// What the person is trusted with there; may be given several times
    #[arg(long = "role", required = true)]
    roles: Vec<Role>,
    /// The person's name
    #[arg(long)]
    full_name: Option<String>,
    /// Read the password from the first line of the standard input
    #[arg(long)]
    password_stdin: bool,
}

/// Does it.
pub fn perform(config: &Config, command: Command) -> Result<ExitCode, Failure> {
    let Command::Create(create) = command;
    self::create(config, create)
}

#[expect(clippy::print_stdout, reason = "a command's answer")]
fn create(config: &Config, create: Create) -> Result<ExitCode, Failure> {
    let username = create.username;
    let cannot = format!("cannot make the account {}", username.as_str());
    let password = if create.password_stdin {
        read_line(&username)?
    } else {
        passwords::made_up().map_err(|error| Failure::new(&cannot, error))?
    };
    let hash = passwords::hash(&password).map_err(|error| Failure::new(&cannot, error))?;
    let db = open(config)?;
    db.migrate().map_err(|error| Failure::new("cannot migrate", error))?;
    let now = Clock::system().now();
    let (name, agency) = (username.clone(), create.agency.clone());
    let made = db.write_blocking(move |conn| {
        let Some(agency_id) = agencies::load_tree(conn)?.by_code(&agency).map(|agency| agency.id) else {
            return Ok(None);
        };
        let account = NewAccount {
            username: name.clone(),
            full_name: create.full_name.clone(),
            agency_id,
            roles: create.roles.clone(),
        };
        accounts::create_account(conn, &account, &hash, now).map(Some)
    });
    match made {
        Ok(Some(_)) => {}
        Ok(None) => {
            return Err(Failure::because(format!("{cannot}: there is no agency {}", create.agency)));
        }
        Err(Error::Conflict { .. }) => return Err(Failure::because(format!("{cannot}: the name is taken"))),
        Err(error) => return Err(Failure::new(cannot, error)),
    }
    if create.password_stdin {
        println!("{}", username.as_str());
    } else {
        println!("{}  {password}", username.as_str());
    }
    Ok(ExitCode::SUCCESS)
}

fn read_line(username: &Username) -> Result<String, Failure> {
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Failure::new("cannot read the password", error))?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    match rules::weakness(&password, username.as_str()) {
        None => Ok(password),
        Some(Weakness::TooShort | Weakness::TooLong) => Err(Failure::because(format!(
            "the password must have {} to {} characters",
            rules::SHORTEST,
            rules::LONGEST
        ))),
        Some(Weakness::Common) => Err(Failure::because("the password is one of the most common ones")),
        Some(Weakness::HasName) => Err(Failure::because("the password has the user name in it")),
    }
}
