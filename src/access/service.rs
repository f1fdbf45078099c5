//! What administrators do with accounts and clients, and a person with his password. One transaction each.
//!
//! An administrator reaches the agency that he belongs to and all below it, and no account or client elsewhere exists for
//! him. He gives rights at these agencies only, so that nobody he makes reaches further than he does; his own rights he
//! cannot change, nor give himself a password without knowing the old one. What a change takes away ends at once: every
//! token that was given out before it.

use std::collections::HashMap;
use std::net::IpAddr;

use super::absence;
use super::accounts::{NewAccount, NewClient};
use super::attempts::TooEarly;
use super::rules::{self, Misplaced, Weakness};
use super::sign_in::FIRST_PARTY;
use super::store::{self, Account, Home, Machine, NamedAbsence, Wanted};
use super::views::{ChangeAccount, ChangeClient, ChangePassword, ListFilter, SubmitAccount, SubmitClient};
use super::{Access, AccountId, CallerKind, Identity, Role, passwords};
use crate::db::{Conn, Error, Instant, Json};
use crate::http::{Answer, Claim, Code, Faults, IfMatch, Problem, Result};

/// The kind of agency whose desks are the post's, as `agencies` writes it.
const POST_OFFICE: &str = "post_office";

impl Access {
    /// Changes something in one transaction, once for each claim; afterwards this copy knows what was revoked.
    pub(super) async fn change<F>(&self, claim: Claim, change: F) -> Result<Answer>
    where
        F: Fn(&mut Conn, Moment) -> Result<Answer> + Send + 'static,
    {
        let moment = Moment { now: self.clock.now(), tokens_end_at: self.tokens_end_at() };
        let answer =
            self.db.write(move |conn| claim.run(conn, moment.now, |conn| change(conn, moment))).await?;
        // What was committed holds whatever this says; the table is read again in half a second.
        if let Err(error) = self.learn_revocations().await {
            log::warn!("revoked tokens could not be read; the list may be old: {error}");
        }
        Ok(answer)
    }

    /// Hashes a password that was made here, for a closure that may run more than once.
    pub(super) async fn hash(&self, password: &str) -> Result<String> {
        self.passwords.hash(password.to_owned()).await.map_err(no_answer)
    }

    /// Changes the caller's own password, who must know the old one.
    pub(super) async fn change_password(
        &self,
        caller: Identity,
        claim: Claim,
        body: ChangePassword,
        from: Option<IpAddr>,
    ) -> Result<Answer> {
        if caller.kind != CallerKind::Account {
            return Err(Problem::new(Code::WrongRole).detail((
                "Chỉ tài khoản người dùng có mật khẩu",
                "Only accounts of people have a password",
            )));
        }
        let id = caller.id;
        let (account, stored) = self.db.read(move |conn| store::get_account(conn, id)).await?;
        let attempt = self.begin_attempt("account", &account.username, from).await?;
        let attempt = attempt.map_err(|TooEarly(seconds)| too_early(seconds))?;
        let ChangePassword { current_password, new_password } = body;
        let mut faults = Faults::default();
        if let Some(weakness) = rules::weakness(&new_password, &account.username) {
            tell_weakness(weakness, &mut faults);
        } else if new_password == current_password {
            faults.add(
                "/new_password",
                Code::WeakPassword,
                ("Mật khẩu mới phải khác mật khẩu cũ", "The new password must differ from the old one"),
            );
        }
        if !self.passwords.verify(current_password, Some(stored)).await.map_err(no_answer)? {
            faults.note("/current_password", Code::WrongPassword);
        } else if !faults.is_empty() {
            // He knows it: a new one that is no good is no failed try.
            self.db.write(move |conn| attempt.forgive(conn)).await?;
            return Err(Problem::invalid_body(faults.into_vec()));
        }
        faults.into_result()?;
        let hash = self.hash(&new_password).await?;
        self.change(claim, move |conn, moment| {
            attempt.forgive(conn)?;
            // Compared with the version whose password was compared.
            stale(store::set_password(conn, &account, &hash, false))?;
            store::end_account_tokens(conn, &account, moment.now, moment.tokens_end_at)?;
            log::info!("a password was changed account={}", account.public_id);
            Ok(Answer::no_content())
        })
        .await
    }
}

/// When a change happens, and when every access token that was given out before has ended by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) now: Instant,
    pub(super) tokens_end_at: Instant,
}

/// What a list's filter means; 422 with an agency that there is not.
pub(super) fn wanted(conn: &mut Conn, filter: &ListFilter) -> Result<Wanted> {
    let within = match &filter.agency {
        None => None,
        Some(code) => match store::find_home(conn, code)? {
            Some(home) => Some(home.id),
            None => {
                return Err(Problem::new(Code::InvalidQuery).error(
                    "/query/agency",
                    Code::UnknownAgency,
                    Code::UnknownAgency.title(),
                ));
            }
        },
    };
    Ok(Wanted { within, is_active: filter.is_active })
}

/// The absences of these accounts.
pub(super) fn absences(conn: &mut Conn, accounts: &[Account]) -> Result<HashMap<AccountId, NamedAbsence>> {
    let of = accounts.iter().map(|account| account.id).collect();
    let found = store::list_absences(conn, of)?;
    Ok(found.into_iter().map(|absence| (absence.account_id, absence)).collect())
}

/// The account, if it belongs to the caller's subtree.
pub(super) fn get_account(conn: &mut Conn, caller: &Identity, id: &str) -> Result<Account> {
    store::find_account_below(conn, caller, id)?.ok_or_else(|| Code::NotFound.into())
}

/// Makes an account, for an administrator of its agency.
pub(super) fn create_account(
    conn: &mut Conn,
    caller: &Identity,
    submit: &SubmitAccount,
    password_hash: &str,
    now: Instant,
) -> Result<Account> {
    let mut faults = Faults::default();
    let home = open_home(conn, caller, &submit.agency, now, &mut faults)?;
    check_roles(&submit.roles, home.as_ref(), &mut faults);
    if store::has_username(conn, submit.username.as_str())? {
        faults.add("/username", Code::Duplicate, ("Tên đăng nhập đã có", "The user name is taken"));
    }
    faults.into_result()?;
    let Some(home) = home else { return Err(Code::UnknownAgency.into()) };
    let new = NewAccount {
        username: submit.username.clone(),
        full_name: submit.full_name.clone(),
        agency_id: home.id,
        roles: submit.roles.clone(),
    };
    let id = taken(store::insert_account(conn, &new, password_hash, true, now), "/username")?;
    let (account, _) = store::get_account(conn, id)?;
    log::info!("an account was made account={} by={}", account.public_id, caller.public_id);
    Ok(account)
}

/// Changes an account, for an administrator of its agency and, if it moves, of the new one.
pub(super) fn change_account(
    conn: &mut Conn,
    caller: &Identity,
    id: &str,
    if_match: &IfMatch,
    change: &ChangeAccount,
    moment: Moment,
) -> Result<Account> {
    let old = get_account(conn, caller, id)?;
    if_match.check(old.version)?;
    let mut faults = Faults::default();
    let mut new = old.clone();
    let mut home = Some(store::get_home(conn, old.agency_id)?);
    if let Some(code) = change.agency.as_ref().filter(|code| **code != old.agency_code) {
        home = open_home(conn, caller, code, moment.now, &mut faults)?;
        new.agency_id = home.as_ref().map_or(old.agency_id, |home| home.id);
    }
    if let Some(roles) = &change.roles {
        new.roles = Json(roles.clone());
    }
    if change.roles.is_some() || new.agency_id != old.agency_id {
        check_roles(&new.roles, home.as_ref(), &mut faults);
    }
    if let Some(full_name) = &change.full_name {
        new.full_name.clone_from(full_name);
    }
    new.is_active = change.is_active.unwrap_or(old.is_active);
    let absence = absence::Plan::of(conn, caller, &new, change.absence.as_ref(), moment.now, &mut faults)?;
    faults.into_result()?;
    let other_rights =
        new.roles.0 != old.roles.0 || new.agency_id != old.agency_id || new.is_active != old.is_active;
    if other_rights && is_oneself(caller, &old) {
        return Err(Problem::new(Code::Forbidden).detail((
            "Không ai tự đổi quyền của mình; hãy nhờ một quản trị viên khác",
            "Nobody changes his own rights; ask another administrator",
        )));
    }
    stale(store::update_account(conn, &new))?;
    if other_rights {
        store::end_account_tokens(conn, &old, moment.now, moment.tokens_end_at)?;
    }
    absence.carry_out(conn, other_rights, moment)?;
    log::info!("an account was changed account={} by={}", old.public_id, caller.public_id);
    Ok(store::get_account(conn, old.id)?.0)
}

/// Gives an account a new password, which its owner must change, for an administrator of its agency.
pub(super) fn reset_password(
    conn: &mut Conn,
    caller: &Identity,
    id: &str,
    if_match: &IfMatch,
    password_hash: &str,
    moment: Moment,
) -> Result<Account> {
    let account = get_account(conn, caller, id)?;
    if_match.check(account.version)?;
    if is_oneself(caller, &account) {
        return Err(Problem::new(Code::Forbidden).detail((
            "Hãy đổi mật khẩu của mình tại `/me/password`",
            "Change your own password at `/me/password`",
        )));
    }
    stale(store::set_password(conn, &account, password_hash, true))?;
    store::end_account_tokens(conn, &account, moment.now, moment.tokens_end_at)?;
    log::info!("a password was reset account={} by={}", account.public_id, caller.public_id);
    Ok(store::get_account(conn, account.id)?.0)
}

/// Makes a client, for an administrator of its agency.
pub(super) fn create_client(
    conn: &mut Conn,
    caller: &Identity,
    submit: &SubmitClient,
    secret_hash: &str,
    now: Instant,
) -> Result<Machine> {
    let mut faults = Faults::default();
    let home = open_home(conn, caller, &submit.agency, now, &mut faults)?;
    check_once("/scopes", &submit.scopes, &mut faults);
    if store::has_client_id(conn, submit.client_id.as_str())? || submit.client_id.as_str() == FIRST_PARTY {
        faults.add("/client_id", Code::Duplicate, ("Mã ứng dụng đã có", "The client id is taken"));
    }
    faults.into_result()?;
    let Some(home) = home else { return Err(Code::UnknownAgency.into()) };
    let new =
        NewClient { client_id: submit.client_id.clone(), agency_id: home.id, scopes: submit.scopes.clone() };
    let id = taken(store::insert_client(conn, &new, secret_hash, now), "/client_id")?;
    let client = store::get_client(conn, id)?;
    log::info!("a client was made client={} by={}", client.public_id, caller.public_id);
    Ok(client)
}

/// Changes a client, for an administrator of its agency and, if it moves, of the new one.
pub(super) fn change_client(
    conn: &mut Conn,
    caller: &Identity,
    id: &str,
    if_match: &IfMatch,
    change: &ChangeClient,
    moment: Moment,
) -> Result<Machine> {
    let old = get_client(conn, caller, id)?;
    if_match.check(old.version)?;
    let mut faults = Faults::default();
    let mut new = old.clone();
    if let Some(code) = change.agency.as_ref().filter(|code| **code != old.agency_code) {
        let home = open_home(conn, caller, code, moment.now, &mut faults)?;
        new.agency_id = home.map_or(old.agency_id, |home| home.id);
    }
    if let Some(scopes) = &change.scopes {
        check_once("/scopes", scopes, &mut faults);
        new.scopes = Json(scopes.clone());
    }
    new.is_active = change.is_active.unwrap_or(old.is_active);
    faults.into_result()?;
    stale(store::update_client(conn, &new, None))?;
    store::end_client_tokens(conn, &old, moment.now, moment.tokens_end_at)?;
    log::info!("a client was changed client={} by={}", old.public_id, caller.public_id);
    Ok(store::get_client(conn, old.id)?)
}

/// Gives a client a new secret; the old one ends at once, with everything that it gave.
pub(super) fn rotate_secret(
    conn: &mut Conn,
    caller: &Identity,
    id: &str,
    if_match: &IfMatch,
    secret_hash: &str,
    moment: Moment,
) -> Result<Machine> {
    let client = get_client(conn, caller, id)?;
    if_match.check(client.version)?;
    stale(store::update_client(conn, &client, Some(secret_hash)))?;
    store::end_client_tokens(conn, &client, moment.now, moment.tokens_end_at)?;
    log::info!("a secret was rotated client={} by={}", client.public_id, caller.public_id);
    Ok(store::get_client(conn, client.id)?)
}

fn get_client(conn: &mut Conn, caller: &Identity, id: &str) -> Result<Machine> {
    store::find_client_below(conn, caller, id)?.ok_or_else(|| Code::NotFound.into())
}

/// The agency that something is made at or moved to: one that the caller reaches and that is in force.
fn open_home(
    conn: &mut Conn,
    caller: &Identity,
    code: &str,
    now: Instant,
    faults: &mut Faults,
) -> Result<Option<Home>> {
    let Some(home) = store::find_home(conn, code)? else {
        faults.note("/agency", Code::UnknownAgency);
        return Ok(None);
    };
    if !store::is_below(conn, home.id, caller.agency_id)? {
        return Err(Code::AgencyOutOfReach.into());
    }
    // One that has not begun yet may get its people before.
    if home.valid_to.is_some_and(|end| end <= now.local_day()) {
        faults.note("/agency", Code::AgencyClosed);
    }
    Ok(Some(home))
}

/// Without a home it was told already that the agency is unknown.
fn check_roles(roles: &[Role], home: Option<&Home>, faults: &mut Faults) {
    check_once("/roles", roles, faults);
    let Some(home) = home else { return };
    for (at, role) in roles.iter().enumerate() {
        let detail = match rules::place(*role, home.kind == POST_OFFICE) {
            Ok(()) => continue,
            Err(Misplaced::OnlyForMachines) => (
                "Vai trò này dành cho ứng dụng; hãy tạo ở `/clients`",
                "This role is for machines; make a client",
            ),
            Err(Misplaced::OnlyAtPostOffices) => {
                ("Vai trò này chỉ có ở bưu cục", "Only post offices have this role")
            }
            Err(Misplaced::NotAtPostOffices) => {
                ("Bưu cục không có vai trò này", "Post offices do not have this role")
            }
        };
        faults.add(format!("/roles/{at}"), Code::InvalidValue, detail);
    }
}

fn check_once<T: PartialEq>(pointer: &str, items: &[T], faults: &mut Faults) {
    for (at, item) in items.iter().enumerate() {
        if items.iter().take(at).any(|before| before == item) {
            faults.note(format!("{pointer}/{at}"), Code::Duplicate);
        }
    }
}

fn is_oneself(caller: &Identity, account: &Account) -> bool {
    caller.kind == CallerKind::Account && caller.id == account.id
}

fn tell_weakness(weakness: Weakness, faults: &mut Faults) {
    let (code, detail) = match weakness {
        Weakness::TooShort => (Code::TooShort, ("Ít nhất 12 ký tự", "At least 12 characters")),
        Weakness::TooLong => (Code::TooLong, ("Tối đa 128 ký tự", "At most 128 characters")),
        Weakness::Common => (
            Code::WeakPassword,
            ("Mật khẩu thông dụng hoặc chỉ gồm chữ số", "One of the most common passwords, or a number only"),
        ),
        Weakness::HasName => {
            (Code::WeakPassword, ("Mật khẩu chứa tên đăng nhập", "The password has the user name in it"))
        }
    };
    faults.add("/new_password", code, detail);
}

/// Two that change the same at once: the second has read what no longer holds.
fn stale(outcome: Result<(), Error>) -> Result<()> {
    outcome.map_err(|error| match error {
        Error::NotFound => Code::StaleVersion.into(),
        other => other.into(),
    })
}

/// Two that take the same name at once.
fn taken<T>(outcome: Result<T, Error>, pointer: &str) -> Result<T> {
    outcome.map_err(|error| match error {
        Error::Conflict { .. } => {
            Problem::new(Code::InvalidBody).error(pointer, Code::Duplicate, Code::Duplicate.title())
        }
        other => other.into(),
    })
}

fn too_early(seconds: u64) -> Problem {
    use actix_web::http::header::{HeaderValue, RETRY_AFTER};
    Problem::new(Code::RateLimited).header(RETRY_AFTER, HeaderValue::from(seconds))
}

fn no_answer(error: passwords::Error) -> Problem {
    match error {
        passwords::Error::Busy | passwords::Error::Stopped => Problem::new(Code::Busy).cause(error),
        other => Problem::internal(other),
    }
}
