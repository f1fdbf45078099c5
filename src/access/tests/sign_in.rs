//! Signing in, refreshing and signing out on real databases, on a clock that the test sets.

use std::sync::Arc;

use chrono::TimeDelta;

use super::world::{insert_agency, now};
use super::{TestDb, databases};
use crate::access::accounts::{NewAccount, NewClient, create_account, create_client, list_officers};
use crate::access::sign_in::{Grant, Granted};
use crate::access::{Access, CallerKind, Keys, Role, Scope, Settings, passwords};
use crate::clock::Clock;
use crate::db::Error;
use crate::http::OauthCode;

/// One copy of the server, without its HTTP.
pub(super) struct Copy {
    pub(super) access: Access,
    clock: Clock,
}

impl Copy {
    pub(super) fn of(test: &TestDb, keys: &Arc<Keys>) -> Self {
        let clock = Clock::standing_at(now());
        let settings = Settings::at("https://example.test");
        Self { access: Access::new(test.db.clone(), clock.clone(), Arc::clone(keys), settings), clock }
    }

    async fn password(&self, username: &str, password: &str) -> Result<Granted, OauthCode> {
        let (username, password) = (username.to_owned(), password.to_owned());
        self.access.grant(Grant::Password { username, password }, None).await.map_err(|error| error.error)
    }

    async fn refresh(&self, token: &str) -> Result<Granted, OauthCode> {
        self.access.grant(Grant::Refresh { token: token.to_owned() }, None).await.map_err(|error| error.error)
    }

    async fn machine(&self, secret: &str, scope: &str) -> Result<Granted, OauthCode> {
        let (secret, scope) = (secret.to_owned(), scope.to_owned());
        let grant = Grant::Client { client_id: "province".to_owned(), secret, scope };
        self.access.grant(grant, None).await.map_err(|error| error.error)
    }

    fn accepts(&self, granted: &Granted) -> bool {
        self.access.verify(&granted.access_token).is_some()
    }

    fn later(&self, by: TimeDelta) {
        self.clock.set(self.clock.now() + by);
    }
}

/// An agency with an officer, password `right`, and a client, secret `machine`.
pub(super) fn furnish(test: &TestDb) -> Arc<Keys> {
    let (password, secret) = (passwords::hash("right").unwrap(), passwords::hash("machine").unwrap());
    test.db
        .bulk(|conn| {
            insert_agency(conn, 1, None)?;
            let account = NewAccount {
                username: "officer@here".parse().unwrap(),
                full_name: Some("Nguyễn Văn A".to_owned()),
                agency_id: 1,
                roles: vec![Role::Officer],
            };
            create_account(conn, &account, &password, now())?;
            let clerk = NewAccount {
                username: "clerk@here".parse().unwrap(),
                full_name: None,
                agency_id: 1,
                roles: vec![Role::Clerk],
            };
            create_account(conn, &clerk, &password, now())?;
            let client = NewClient {
                client_id: "province".parse().unwrap(),
                agency_id: 1,
                scopes: vec![Scope::DossiersRead, Scope::EventsRead],
            };
            create_client(conn, &client, &secret, now())?;
            Ok::<_, Error>(())
        })
        .unwrap();
    let dir = tempfile::tempdir().unwrap();
    Arc::new(Keys::load_or_create(dir.path()).unwrap())
}

#[actix_web::test]
async fn a_person_signs_in_with_the_right_password_only() {
    for test in databases() {
        let here = Copy::of(&test, &furnish(&test));
        let granted = here.password("Officer@here", "right").await.unwrap();
        let verified = here.access.verify(&granted.access_token).unwrap();
        assert_eq!(verified.identity.kind, CallerKind::Account);
        assert_eq!(verified.identity.name, "officer@here");
        assert_eq!(verified.identity.agency_code, "A1");
        assert_eq!(verified.identity.roles, [Role::Officer]);
        assert_eq!((granted.expires_in, granted.scope), (900, None));
        for (username, password) in
            [("officer@here", "wrong"), ("officer@here", ""), ("nobody", "right"), ("no such name!", "right")]
        {
            assert_eq!(here.password(username, password).await.err(), Some(OauthCode::InvalidGrant));
        }
    }
}

#[actix_web::test]
async fn the_password_grant_can_be_turned_off() {
    let test = databases().remove(0);
    let mut here = Copy::of(&test, &furnish(&test));
    here.access.settings.password_grant = false;
    assert_eq!(here.password("officer@here", "right").await.err(), Some(OauthCode::UnsupportedGrantType));
}

#[actix_web::test]
async fn a_machine_gets_the_scopes_that_it_asks_for() {
    for test in databases() {
        let here = Copy::of(&test, &furnish(&test));
        let granted = here.machine("machine", "").await.unwrap();
        assert!(granted.refresh_token.is_none());
        assert_eq!(granted.scope.as_deref(), Some("dossiers:read events:read"));
        let narrow = here.machine("machine", "events:read").await.unwrap();
        let identity = here.access.verify(&narrow.access_token).unwrap().identity.clone();
        assert_eq!((identity.roles, identity.scopes), (vec![Role::Integration], vec![Scope::EventsRead]));
        assert_eq!(here.machine("machine", "catalog:write").await.err(), Some(OauthCode::InvalidScope));
        assert_eq!(here.machine("wrong", "").await.err(), Some(OauthCode::InvalidClient));
    }
}

#[actix_web::test]
async fn a_refresh_token_is_good_once_and_its_copy_ends_the_sign_in() {
    for test in databases() {
        let here = Copy::of(&test, &furnish(&test));
        let first = here.password("officer@here", "right").await.unwrap();
        let second = here.refresh(first.refresh_token.as_deref().unwrap()).await.unwrap();
        assert!(here.accepts(&first) && here.accepts(&second));
        let third = here.refresh(second.refresh_token.as_deref().unwrap()).await.unwrap();
        // Somebody had copied the first one.
        assert_eq!(
            here.refresh(first.refresh_token.as_deref().unwrap()).await.err(),
            Some(OauthCode::InvalidGrant)
        );
        assert!(!here.accepts(&third), "access tokens of the family end too");
        assert_eq!(
            here.refresh(third.refresh_token.as_deref().unwrap()).await.err(),
            Some(OauthCode::InvalidGrant)
        );
        let anew = here.password("officer@here", "right").await.unwrap();
        assert!(here.accepts(&anew), "another sign-in is another family");
    }
}

#[actix_web::test]
async fn of_two_that_refresh_at_once_one_ends_it_for_both() {
    for test in databases() {
        let here = Copy::of(&test, &furnish(&test));
        let first = here.password("officer@here", "right").await.unwrap();
        let token = first.refresh_token.unwrap();
        let both = futures_util::future::join(here.refresh(&token), here.refresh(&token)).await;
        let good: Vec<Granted> = [both.0, both.1].into_iter().filter_map(Result::ok).collect();
        assert_eq!(good.len(), 1);
        assert!(!here.accepts(&good[0]));
        assert!(here.refresh(good[0].refresh_token.as_deref().unwrap()).await.is_err());
    }
}

#[actix_web::test]
async fn tokens_end_with_time() {
    let test = databases().remove(0);
    let here = Copy::of(&test, &furnish(&test));
    let granted = here.password("officer@here", "right").await.unwrap();
    here.later(TimeDelta::minutes(16));
    assert!(!here.accepts(&granted));
    let refreshed = here.refresh(granted.refresh_token.as_deref().unwrap()).await.unwrap();
    assert!(here.accepts(&refreshed));
    here.later(TimeDelta::days(31));
    assert_eq!(
        here.refresh(refreshed.refresh_token.as_deref().unwrap()).await.err(),
        Some(OauthCode::InvalidGrant)
    );
}

#[actix_web::test]
async fn revoking_holds_here_at_once_and_elsewhere_after_the_next_look() {
    for test in databases() {
        let keys = furnish(&test);
        let (here, there) = (Copy::of(&test, &keys), Copy::of(&test, &keys));
        let granted = here.password("officer@here", "right").await.unwrap();
        let other = here.password("officer@here", "right").await.unwrap();
        assert!(there.accepts(&granted));
        here.access.revoke(granted.refresh_token.as_deref().unwrap()).await.unwrap();
        assert!(!here.accepts(&granted));
        there.access.learn_revocations().await.unwrap();
        assert!(!there.accepts(&granted));
        assert!(there.refresh(granted.refresh_token.as_deref().unwrap()).await.is_err());
        assert!(here.accepts(&other) && there.accepts(&other));

        there.access.revoke(&other.access_token).await.unwrap();
        there.access.revoke(&other.access_token).await.unwrap();
        here.access.learn_revocations().await.unwrap();
        assert!(!there.accepts(&other) && !here.accepts(&other));
        let after = here.refresh(other.refresh_token.as_deref().unwrap()).await.unwrap();
        assert!(here.accepts(&after), "an access token ends alone");
        here.access.revoke("nobody's token").await.unwrap();
    }
}

#[actix_web::test]
async fn officers_are_those_whom_a_dossier_can_be_given_to() {
    for test in databases() {
        furnish(&test);
        let officers = test.db.read(|conn| list_officers(conn, 1)).await.unwrap();
        let names: Vec<&str> = officers.iter().map(|officer| officer.username.as_str()).collect();
        assert_eq!(names, ["officer@here"]);
    }
}
