//! Asks a provider for its keys: the discovery document, then the key set that it names (OpenID Connect Discovery 1.0,
//! RFC 7517). Nothing else in the program calls anybody.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use serde::Deserialize;
use serde_json::Value;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

/// How long one of the two questions may take, from the name's resolution to the last byte.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longer answers are not read.
const LONGEST: u64 = 256 * 1024;
const WELL_KNOWN: &str = ".well-known/openid-configuration";

/// What of the discovery document is needed.
#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

#[derive(Clone)]
pub(super) struct Fetch {
    agent: Agent,
    issuer: String,
}

impl Fetch {
    pub(super) fn new(issuer: &str) -> Self {
        // The system's certificates, so that a province's own authority is known where its machines know it.
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(PATIENCE))
            .https_only(issuer.starts_with("https://"))
            // The issuer is whom we were told to believe; where he would send us is another.
            .max_redirects(0)
            // Only config.rs reads the environment.
            .proxy(None)
            .max_idle_connections(0)
            .build();
        Fetch { agent: config.into(), issuer: issuer.to_owned() }
    }

    /// The provider's keys as they are now, or why there are none. Asks on a thread that may block: it happens once an hour.
    pub(super) async fn keys(&self) -> Result<Vec<Value>, String> {
        let own = self.clone();
        let asked = web::block(move || own.ask()).await;
        asked.map_err(|_| "no thread to ask on".to_owned())?
    }

    fn ask(&self) -> Result<Vec<Value>, String> {
        let address = format!("{}/{WELL_KNOWN}", self.issuer.trim_end_matches('/'));
        let about: Discovery = self.get(&address)?;
        // Section 4.3: else somebody could speak for another.
        if about.issuer != self.issuer {
            return Err("its discovery document is another issuer's".to_owned());
        }
        Ok(self.get::<KeySet>(&about.jwks_uri)?.keys)
    }

    fn get<T: for<'de> Deserialize<'de>>(&self, address: &str) -> Result<T, String> {
        let mut answer = self.agent.get(address).call().map_err(|error| error.to_string())?;
        let read = answer.body_mut().with_config().limit(LONGEST).read_to_vec();
        let bytes = read.map_err(|error| error.to_string())?;
        serde_json::from_slice(&bytes).map_err(|error| format!("its answer cannot be read: {error}"))
    }
}
