//! A real OpenID Connect provider beside the test: npm's `oidc-provider`, started from `tests/oidc`, and what a frontend
//! and a browser do there.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
};

use data_encoding::BASE64URL_NOPAD;
use reqwest::{Response, redirect::Policy};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The frontend's client id at the provider.
pub const FRONTEND: &str = "motcua-frontend";

const REDIRECT: &str = "http://127.0.0.1/signed-in";

/// Which agency the provider says that people work at.
fn agencies() -> Value {
    json!({
        "clerk@tan-long": "000.33.31.H20",
        "leader@tan-long": "000.26.31.H20",
    })
}

/// A provider that runs until it is dropped.
pub struct Provider {
    process: Child,
    port: u16,
}

impl Provider {
    /// A new one that signs with this algorithm.
    pub fn start(algorithm: &str) -> Provider {
        Provider::start_on(0, algorithm)
    }

    fn start_on(port: u16, algorithm: &str) -> Provider {
        let mut process = Command::new("node")
            .args(["provider.mjs", &port.to_string(), algorithm, &agencies().to_string()])
            .current_dir(&*FOLDER)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("this test needs node: run tests/run, which installs it");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap_or_else(|_| panic!("the provider did not start: {line:?}"));
        Provider { process, port }
    }

    /// The same with new keys and no memory.
    pub fn restart(mut self, algorithm: &str) -> Provider {
        let port = self.port;
        self.stop();
        Provider::start_on(port, algorithm)
    }

    /// Stops it; its address stays.
    pub fn stop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }

    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The ID token that the frontend gets when somebody signs in under this name: authorization code and PKCE.
    pub async fn sign_in(&self, login: &str) -> String {
        self.sign_in_to(FRONTEND, login).await
    }

    /// The same for another client of the provider.
    pub async fn sign_in_to(&self, client_id: &str, login: &str) -> String {
        let verifier = "a-verifier-of-at-least-forty-three-characters-00";
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(verifier));
        let mut browser = Browser::new(self.issuer());
        let form = url_encoded(&[
            ("client_id", client_id),
            ("response_type", "code"),
            ("scope", "openid profile email"),
            ("redirect_uri", REDIRECT),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("nonce", "once"),
        ]);
        let code = browser.authorize(&format!("/auth?{form}"), login).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("client_id", client_id),
            ("redirect_uri", REDIRECT),
            ("code_verifier", verifier),
        ];
        let answer = browser.http.post(format!("{}/token", self.issuer())).form(&form).send().await.unwrap();
        let tokens: Value = answer.json().await.unwrap();
        tokens["id_token"].as_str().unwrap_or_else(|| panic!("no ID token: {tokens}")).to_owned()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Where it lies, with what it needs installed.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc");
    if !folder.join("node_modules/oidc-provider").exists() {
        let installed =
            Command::new("npm").args(["ci", "--silent"]).current_dir(&folder).stdin(Stdio::null()).status();
        assert!(
            installed.is_ok_and(|status| status.success()),
            "this test needs npm and the packages of tests/oidc: run tests/run, which installs them"
        );
    }
    folder
});

/// Keeps cookies, follows redirects, fills in the provider's forms.
struct Browser {
    http: reqwest::Client,
    base: String,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn new(base: String) -> Browser {
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Browser { http, base, cookies: BTreeMap::new() }
    }

    /// Goes through the provider's pages until they lead back to the frontend; gives the code.
    async fn authorize(&mut self, path: &str, login: &str) -> String {
        let mut answer = self.get(path).await;
        for _ in 0..10 {
            match answer.headers().get("location").map(|it| it.to_str().unwrap().to_owned()) {
                Some(back) if back.starts_with(REDIRECT) => return parameter(&back, "code"),
                Some(next) => answer = self.get(&next).await,
                None => {
                    // A page with a form: who he is, then whether the frontend may know.
                    let page = answer.text().await.unwrap();
                    let prompt = between(&page, "name=\"prompt\" value=\"", "\"");
                    let form = [("prompt", prompt.as_str()), ("login", login), ("password", "anything")];
                    answer = self.submit(&between(&page, "action=\"", "\""), &form).await;
                }
            }
        }
        panic!("the provider leads nowhere");
    }

    async fn get(&mut self, path: &str) -> Response {
        let request = self.http.get(self.url(path)).header("cookie", self.cookie());
        self.keep_cookies(request.send().await.unwrap())
    }

    async fn submit(&mut self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = self.http.post(self.url(path)).header("cookie", self.cookie()).form(form);
        self.keep_cookies(request.send().await.unwrap())
    }

    fn url(&self, path: &str) -> String {
        if path.starts_with('/') { format!("{}{path}", self.base) } else { path.to_owned() }
    }

    fn cookie(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep_cookies(&mut self, answer: Response) -> Response {
        for cookie in answer.headers().get_all("set-cookie") {
            let (pair, _) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }
}

fn url_encoded(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| {
        let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
        format!("{name}={value}")
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn parameter(url: &str, name: &str) -> String {
    let (_, query) = url.split_once('?').unwrap();
    let found = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    found.unwrap_or_else(|| panic!("no {name} in {url}")).to_owned()
}

fn between(text: &str, before: &str, after: &str) -> String {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).unwrap().0.to_owned()
}
