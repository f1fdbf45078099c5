//! What a password must be, who may have which role where, and how long a failed try to sign in costs. Pure.
//!
//! NIST SP 800-63B (section 5.1.1.2: length, no rules of composition, a list of common passwords, words of the context)
//! and OWASP's authentication cheat sheet.

use chrono::TimeDelta;

use super::Role;
use crate::db::{Instant, fold};

/// The fewest characters of a password.
pub const SHORTEST: usize = 12;
/// The most characters of a password.
pub const LONGEST: usize = 128;

/// The words of common passwords, folded, without digits and punctuation; one a line, `#` begins a remark.
static COMMON: &str = include_str!("common_passwords.txt");

/// Parts of a user name that are shorter say nothing about a password that has them.
const NAME_PART: usize = 4;
/// With fewer different characters it is a key that was held down.
const FEWEST_DIFFERENT: usize = 5;

/// Why a password is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// Fewer characters than [`SHORTEST`].
    TooShort,
    /// More characters than [`LONGEST`].
    TooLong,
    /// One of the most common ones, whatever digits stand around it; or a number, or the same few characters.
    Common,
    /// It has the user name in it.
    HasName,
}

/// What is wrong with a password that somebody chose for this user name; nothing when it may be taken.
#[must_use]
pub fn weakness(password: &str, username: &str) -> Option<Weakness> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Some(Weakness::TooShort);
    }
    if length > LONGEST {
        return Some(Weakness::TooLong);
    }
    let plain = only(password, char::is_alphanumeric);
    let is_name = |part: &str| {
        let part = only(part, char::is_alphanumeric);
        part.len() >= NAME_PART && plain.contains(&part)
    };
    if is_name(username) || username.split('@').any(is_name) {
        return Some(Weakness::HasName);
    }
    is_common(password).then_some(Weakness::Common)
}

/// The characters of the folded text that fit.
fn only(text: &str, fits: fn(char) -> bool) -> String {
    fold(text).chars().filter(|letter| fits(*letter)).collect()
}

fn is_common(password: &str) -> bool {
    let mut different: Vec<char> = password.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < FEWEST_DIFFERENT {
        return true;
    }
    let read = |text: &str| only(text, char::is_alphabetic);
    // Once as it is, once with the usual disguises taken off: `P@ssw0rd` is `password`.
    [read(password), read(&undisguised(password))]
        .iter()
        .any(|core| core.is_empty() || is_made_of_common(core))
}

fn undisguised(password: &str) -> String {
    let letter = |letter: char| match letter {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '$' | '5' => 's',
        '7' => 't',
        other => other,
    };
    // Digits at the end are a year or a counter, not letters.
    password.trim_end_matches(|c: char| !c.is_alphabetic()).chars().map(letter).collect()
}

/// Whether nothing is left when common words are taken away from the front, again and again.
fn is_made_of_common(core: &str) -> bool {
    let words = || COMMON.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    // reachable[n]: the first n bytes are common words one after another. Folded letters of other scripts may be long.
    let mut reachable = vec![false; core.len() + 1];
    if let Some(first) = reachable.first_mut() {
        *first = true;
    }
    for at in 0..core.len() {
        let Some(rest) = core.get(at..).filter(|_| reachable.get(at) == Some(&true)) else { continue };
        for word in words().filter(|word| rest.starts_with(word)) {
            if let Some(end) = reachable.get_mut(at + word.len()) {
                *end = true;
            }
        }
    }
    reachable.last() == Some(&true)
}

/// Why a role cannot be had at an agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misplaced {
    /// Machines have clients, not accounts.
    OnlyForMachines,
    /// It belongs to a post office.
    OnlyAtPostOffices,
    /// A post office has no such role.
    NotAtPostOffices,
}

/// Whether an account of an agency can have the role; `at_post_office`: the agency is one.
///
/// # Errors
/// Why not.
pub fn place(role: Role, at_post_office: bool) -> Result<(), Misplaced> {
    match role {
        Role::Integration => Err(Misplaced::OnlyForMachines),
        Role::PostClerk if !at_post_office => Err(Misplaced::OnlyAtPostOffices),
        Role::Clerk | Role::Officer if at_post_office => Err(Misplaced::NotAtPostOffices),
        Role::Admin | Role::Leader | Role::Inspector | Role::PostClerk | Role::Clerk | Role::Officer => {
            Ok(())
        }
    }
}

/// How failed tries of one kind are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// So many cost nothing: people mistype.
    pub free: i32,
    /// The next one costs a second, each further one twice as much, up to this many seconds.
    pub longest: i64,
}

/// For one user name or client. A delay and no lock: whoever knows a name can hold its owner up, but not out.
pub const NAME: Patience = Patience { free: 4, longest: 300 };
/// For one address, behind which a whole office may sit.
pub const ADDRESS: Patience = Patience { free: 50, longest: 60 };
/// After so long without a try the count begins anew. Longer than any delay.
pub const FORGOTTEN_AFTER: TimeDelta = TimeDelta::hours(1);

impl Patience {
    /// When every delay that begins now will have ended.
    #[must_use]
    pub fn longest_from(self, now: Instant) -> Instant {
        now + TimeDelta::seconds(self.longest)
    }

    /// How long nobody may try again after so many failures in a row.
    #[must_use]
    pub fn delay(self, failures: i32) -> TimeDelta {
        match u32::try_from(failures.saturating_sub(self.free)).unwrap_or(0) {
            0 => TimeDelta::zero(),
            over => TimeDelta::seconds(2_i64.checked_pow(over - 1).unwrap_or(self.longest).min(self.longest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_passwords_are_taken() {
        for good in [
            "mật khẩu của mọi người",
            "con mèo trèo cây cau",
            "correct horse battery staple",
            "tr4ng-s4ng-qua-d3m",
            "aq3zk-91bqx-ppw2m-x8vfo",
            &"đêm trăng ".repeat(12),
        ] {
            assert_eq!(weakness(good, "clerk@tan-long"), None, "{good}");
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(weakness("mười một chữ", "x"), None);
        assert_eq!(weakness("mười một ch", "x"), Some(Weakness::TooShort));
        assert_eq!(weakness(&"mười hai ".repeat(15), "x"), Some(Weakness::TooLong));
    }

    #[test]
    fn common_ones_are_known_whatever_they_wear() {
        for common in [
            "password1234",
            "P@ssw0rd2019!",
            "Mật khẩu 12345",
            "matkhaumatkhau",
            "qwertyuiop123",
            "123456789012",
            "087190001234",
            "aaaaaaaaaaaa",
            "abababababab",
            "iloveyou2024",
            "anhyeuem2019",
            "Vietnam@2019",
            "dongthap2019",
            "AdminAdmin123",
        ] {
            assert_eq!(weakness(common, "x"), Some(Weakness::Common), "{common}");
        }
    }

    #[test]
    fn a_name_is_no_secret() {
        for (password, username) in [
            ("Tan Long 2019 xyzk", "clerk@tan-long"),
            ("officer-mai-xyz", "officer@tu-phap"),
            ("x-clerk@tan-long-x", "clerk@tan-long"),
        ] {
            assert_eq!(weakness(password, username), Some(Weakness::HasName), "{password}");
        }
        assert_eq!(weakness("con mèo trèo cây cau", "an@me"), None, "too short to say anything");
    }

    #[test]
    fn the_list_is_as_it_is_compared() {
        for word in COMMON.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            assert_eq!(only(word, char::is_alphabetic), word);
        }
    }

    #[test]
    fn delays_grow_and_end() {
        let seconds = |failures| NAME.delay(failures).num_seconds();
        assert_eq!([0, 4, 5, 6, 7, 8].map(seconds), [0, 0, 1, 2, 4, 8]);
        assert_eq!([13, 14, 100, i32::MAX].map(seconds), [256, 300, 300, 300]);
        assert!(FORGOTTEN_AFTER > TimeDelta::seconds(NAME.longest.max(ADDRESS.longest)));
    }

    #[test]
    fn post_clerks_sit_at_post_offices() {
        assert_eq!(place(Role::PostClerk, true), Ok(()));
        assert_eq!(place(Role::PostClerk, false), Err(Misplaced::OnlyAtPostOffices));
        assert_eq!(place(Role::Clerk, true), Err(Misplaced::NotAtPostOffices));
        assert_eq!(place(Role::Leader, true), Ok(()));
        assert_eq!(place(Role::Integration, false), Err(Misplaced::OnlyForMachines));
    }
}
