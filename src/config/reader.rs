//! Reads variables of every kind and remembers what is wrong with them. Where they come from is the caller's business.

use std::{fmt, str::FromStr};

use crate::{
    access::{self, keys},
    http,
};

/// Reads variables one by one and remembers what is wrong.
pub(super) struct Reader<'a> {
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
    pub(super) faults: Vec<String>,
}

impl Reader<'_> {
    /// An empty variable is one that is not set: compose files and unit files cannot say it otherwise.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        (self.variable)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    pub(super) fn parsed<T: FromStr>(&mut self, name: &str, wanted: &str) -> Option<T> {
        let value = self.text(name)?.parse().ok();
        if value.is_none() {
            self.faults.push(format!("{name} must be {wanted}"));
        }
        value
    }

    pub(super) fn number<T>(&mut self, name: &str, least: T, most: T) -> Option<T>
    where
        T: FromStr + PartialOrd + fmt::Display + Copy,
    {
        let wanted = format!("a whole number from {least} to {most}");
        let number: T = self.parsed(name, &wanted)?;
        if number < least || number > most {
            self.faults.push(format!("{name} must be {wanted}"));
            return None;
        }
        Some(number)
    }

    pub(super) fn switch(&mut self, name: &str) -> Option<bool> {
        match self.text(name)?.as_str() {
            "on" | "true" | "1" => Some(true),
            "off" | "false" | "0" => Some(false),
            _ => {
                self.faults.push(format!("{name} must be on or off"));
                None
            }
        }
    }

    pub(super) fn keys(&mut self, name: &str) -> Vec<[u8; 32]> {
        let text = self.text(name).unwrap_or_default();
        let given = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        given.map(keys::parse_key).collect::<Option<_>>().unwrap_or_else(|| {
            // What stands there is a secret, even when it is a broken one.
            self.faults.push(format!("{name}: each key has 64 hexadecimal digits"));
            Vec::new()
        })
    }

    pub(super) fn provider(&mut self) -> Option<access::ProviderSettings> {
        let issuer = self.text("MOTCUA_PROVIDER_ISSUER");
        let client_id = self.text("MOTCUA_PROVIDER_CLIENT_ID");
        let account_claim = self.text("MOTCUA_PROVIDER_ACCOUNT_CLAIM");
        let agency_claim = self.text("MOTCUA_PROVIDER_AGENCY_CLAIM");
        let (issuer, client_id) = match (issuer, client_id) {
            (Some(issuer), Some(client_id)) => (issuer, client_id),
            (None, None) => return None,
            _ => {
                let fault =
                    "MOTCUA_PROVIDER_ISSUER and MOTCUA_PROVIDER_CLIENT_ID are set together or not at all";
                self.faults.push(fault.to_owned());
                return None;
            }
        };
        if !is_safe(&issuer) {
            let wanted = "an address that begins with https:// (http:// on this machine only)";
            self.faults.push(format!("MOTCUA_PROVIDER_ISSUER must be {wanted}"));
            return None;
        }
        let account_claim = account_claim.unwrap_or_else(|| "preferred_username".to_owned());
        Some(access::ProviderSettings { issuer, client_id, account_claim, agency_claim })
    }

    pub(super) fn origins(&mut self, name: &str) -> http::Origins {
        let text = self.text(name).unwrap_or_default();
        let all = http::Origins::of(text.split(',').map(str::trim).filter(|it| !it.is_empty()));
        all.unwrap_or_else(|bad| {
            self.faults.push(format!("{name}: each {bad}"));
            http::Origins::default()
        })
    }

    pub(super) fn networks(&mut self, name: &str) -> http::TrustedProxies {
        let text = self.text(name).unwrap_or_default();
        let all: Result<Vec<http::Network>, http::BadNetwork> =
            text.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::parse).collect();
        http::TrustedProxies(all.unwrap_or_else(|bad| {
            self.faults.push(format!("{name}: each {bad}"));
            Vec::new()
        }))
    }

    pub(super) fn address(&mut self, name: &str) -> Option<String> {
        let address = self.text(name)?.trim_end_matches('/').to_owned();
        let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.contains(['?', '#', ' '])) {
            self.faults.push(format!("{name} must be an address such as https://motcua.example.vn"));
            return None;
        }
        Some(address)
    }
}

/// Whether nobody on the way can answer in its place.
fn is_safe(address: &str) -> bool {
    let on_this_machine = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
    let is_own = |start: &&str| {
        address.strip_prefix(*start).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    };
    let is_plain = !address.contains(['?', '#', ' ', '@']);
    let is_https = address.strip_prefix("https://").is_some_and(|host| !host.is_empty());
    is_plain && (is_https || on_this_machine.iter().any(is_own))
}
