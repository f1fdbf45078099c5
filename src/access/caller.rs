//! From a request to who makes it. `Caller<Intake>` in a handler's signature says who may call it, and a handler
//! that has one has been called by such a one.
//!
//! Order of refusals: no token or another scheme 401 `unauthenticated`; a token that is not ours, has expired or
//! was revoked 401 `invalid_token`; a password that must be changed first 403 `password_change_required`; a caller outside
//! the set 403 `forbidden`. No query is made for any of it.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};

use super::{Access, AccessReason, Identity, RoleSet, admits};
use crate::http::{Code, Problem};

/// Who makes this request, one of the set `R`.
#[derive(Debug)]
pub struct Caller<R> {
    identity: Identity,
    set: PhantomData<R>,
}

impl<R> Caller<R> {
    /// The plain caller, for a closure that outlives the handler's borrow.
    #[must_use]
    pub fn into_identity(self) -> Identity {
        self.identity
    }
}

impl<R> Deref for Caller<R> {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.identity
    }
}

impl<R: RoleSet> FromRequest for Caller<R> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(identify(request).and_then(|identity| {
            if identity.must_change_password && !R::BEFORE_PASSWORD_CHANGE {
                Err(Problem::new(Code::PasswordChangeRequired))
            } else if admits(R::NAMES, &identity) {
                Ok(Self { identity, set: PhantomData })
            } else {
                Err(Problem::new(Code::Forbidden))
            }
        }))
    }
}

fn identify(request: &HttpRequest) -> Result<Identity, Problem> {
    let access = request
        .app_data::<web::Data<Access>>()
        .ok_or_else(|| Problem::internal("the server was built without web::Data<Access>"))?;
    let token = bearer(request)?;
    let verified = access.verify(token).ok_or_else(|| Problem::new(Code::InvalidToken))?;
    let mut identity = verified.identity.clone();
    identity.reason = AccessReason::of(request.headers())?;
    Ok(identity)
}

/// The token of `Authorization: Bearer …` (RFC 6750, section 2.1). Tokens in a query or a body are not taken.
fn bearer(request: &HttpRequest) -> Result<&str, Problem> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let header = headers.next().ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    if headers.next().is_some() {
        return Err(Problem::new(Code::InvalidToken));
    }
    let (scheme, token) = header
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(Problem::new(Code::Unauthenticated))
    }
}
