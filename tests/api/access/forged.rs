//! Tokens that somebody made up or changed, and headers that hold none.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
};

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::support::{Test, on_both_engines};

fn parts(token: &str) -> (Value, Value, String) {
    let parts: Vec<&str> = token.split('.').collect();
    let read =
        |part: &str| serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap();
    (read(parts[0]), read(parts[1]), parts[2].to_owned())
}

fn join(header: &Value, claims: &Value, signature: &str) -> String {
    let write = |part: &Value| BASE64URL_NOPAD.encode(part.to_string().as_bytes());
    format!("{}.{}.{signature}", write(header), write(claims))
}

/// Signed with the server's own key: what only a mistake of its own could give out.
fn signed_by_the_server(t: &Test, header: &Value, claims: &Value) -> String {
    let key = EncodingKey::from_ed_pem(&fs::read(t.keys().join("signing-0001.pem")).unwrap()).unwrap();
    let unsigned = join(header, claims, "");
    let body = unsigned.trim_end_matches('.');
    let signature = jsonwebtoken::crypto::sign(body.as_bytes(), &key, Algorithm::EdDSA).unwrap();
    format!("{body}.{signature}")
}

/// The status and the rest of the answer to these lines of a head, byte for byte.
fn with_head(t: &Test, lines: &[&[u8]]) -> (u16, String) {
    let mut connection = TcpStream::connect(t.base().trim_start_matches("http://")).unwrap();
    let mut head = b"GET /api/v1/me HTTP/1.1\r\nhost: x\r\nconnection: close\r\n".to_vec();
    for line in lines {
        head.extend_from_slice(line);
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    connection.write_all(&head).unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

on_both_engines! {
    async fn the_right_key_does_not_make_every_claim_right(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let (header, claims, _) = parts(clerk.token());
        let with = |name: &str, value: Value| {
            let mut changed = claims.clone();
            changed[name] = value;
            t.with_token(&signed_by_the_server(&t, &header, &changed))
        };
        with("jti", json!("another")).get("/me").await.expect(200);
        let now = claims["iat"].as_i64().unwrap();
        for (claim, value) in [
            ("iss", json!("https://elsewhere.example")),
            ("iss", json!(null)),
            ("iss", json!(["https://elsewhere.example"])),
            ("aud", json!("another-api")),
            ("aud", json!(null)),
            ("aud", json!([])),
            ("sub", json!("hoa")),
            ("sub", json!(null)),
            ("exp", json!(null)),
            ("exp", json!("tomorrow")),
            ("exp", json!(now - 6)),
            ("exp", json!(now + 901)),
            ("exp", json!(i64::MAX)),
            ("exp", json!(i64::MIN)),
            ("exp", json!(1e300)),
            ("iat", json!(now + 6)),
            ("iat", json!(i64::MIN)),
            ("kind", json!("emperor")),
            ("roles", json!(["emperor"])),
            ("roles", json!("clerk")),
            ("scope", json!("everything")),
            ("generation", json!("1")),
            ("agency_id", json!(1.5)),
        ] {
            let answer = with(claim, value.clone()).get("/me").await;
            assert_eq!(answer.status, 401, "{claim} = {value}: {answer:?}");
            answer.problem(401, "invalid_token");
        }
    }

    async fn clocks_may_differ_by_five_seconds(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        for (moment, status) in [
            ("2019-03-04T07:59:54", 401),
            ("2019-03-04T07:59:55", 200),
            ("2019-03-04T08:15:04", 200),
            ("2019-03-04T08:15:05", 401),
        ] {
            t.at(moment);
            assert_eq!(clerk.get("/me").await.status, status, "{moment}");
        }
    }

    async fn a_spoilt_token_is_none(t: Test) {
        let token = t.as_("clerk@tan-long").await.token().to_owned();
        for place in (0..token.len()).step_by(token.len() / 40) {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            for spoilt in [String::from_utf8(changed).unwrap(), token[..place].to_owned()] {
                let answer = t.with_token(&spoilt).get("/me").await;
                assert_eq!(answer.status, 401, "at {place}: {answer:?}");
                assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            }
        }
        let (header, claims, signature) = parts(&token);
        let text = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        let [head, body, _] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
        for (what, spoilt) in [
            ("four parts", format!("{token}.{signature}")),
            ("two parts", format!("{head}.{body}")),
            ("no parts", "..".to_owned()),
            ("padding", format!("{token}=")),
            ("a header that is a list", format!("{}.{body}.{signature}", text("[]"))),
            ("a header that is no JSON", format!("{}.{body}.{signature}", text("{\"alg\":"))),
            ("a header that is empty", format!("{}.{body}.{signature}", text("{}"))),
            ("a deep header", format!("{}.{body}.{signature}", text(&"[".repeat(2_000)))),
            ("claims that are no JSON", format!("{head}.{}.{signature}", text("\u{0}"))),
            ("another type", signed_by_the_server(&t, &json!({"alg": "EdDSA", "typ": "JWT", "kid": header["kid"]}), &claims)),
            ("no type", signed_by_the_server(&t, &json!({"alg": "EdDSA", "kid": header["kid"]}), &claims)),
            ("no kid", signed_by_the_server(&t, &json!({"alg": "EdDSA", "typ": "at+jwt"}), &claims)),
            ("kid of another kind", signed_by_the_server(&t, &json!({"alg": "EdDSA", "typ": "at+jwt", "kid": 7}), &claims)),
            ("a path as kid", signed_by_the_server(&t, &json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "../server.key"}), &claims)),
            ("overlong", format!("{token}{}", "A".repeat(5_000))),
        ] {
            let answer = t.with_token(&spoilt).get("/me").await;
            assert_eq!(answer.status, 401, "{what}: {answer:?}");
            answer.problem(401, "invalid_token");
        }
    }

    async fn headers_are_spoilt_in_every_way(t: Test) {
        let token = t.as_("clerk@tan-long").await.token().to_owned();
        let bearer = |rest: &[u8]| [b"authorization: Bearer ", rest].concat();
        let good = bearer(token.as_bytes());
        assert_eq!(with_head(&t, &[&good]).0, 200);
        assert_eq!(with_head(&t, &[format!("AUTHORIZATION: bEaReR {token}").as_bytes()]).0, 200);
        let twice: [&[u8]; 2] = [&good, &good];
        for lines in [
            twice.as_slice(),
            &[b"authorization: Bearer \xff\xfe"],
            &[&bearer("m\u{e3} truy c\u{1ead}p".as_bytes())],
            &[&bearer(format!("{token} {token}").as_bytes())],
            &[&bearer(format!("{token},{token}").as_bytes())],
            &[&bearer(format!("\"{token}\"").as_bytes())],
            &[&bearer(b"")],
            &[b"authorization:"],
            &[format!("authorization: {token}").as_bytes()],
            &[format!("authorization: Bearer{token}").as_bytes()],
            &[format!("authorization: Bearer\t{token}").as_bytes()],
            &[format!("authorization: Token {token}").as_bytes()],
            &[format!("x-authorization: Bearer {token}").as_bytes()],
            &[format!("cookie: access_token={token}").as_bytes()],
        ] {
            let (status, answer) = with_head(&t, lines);
            assert_eq!(status, 401, "{answer}");
            assert!(answer.contains("application/problem+json") && answer.contains("www-authenticate: Bearer"), "{answer}");
        }
        // RFC 6750 allows others; a token in an address would stand in logs.
        let answer = t.anonymous().get(&format!("/me?access_token={token}")).await;
        answer.problem(401, "unauthenticated");
    }

    async fn nothing_but_our_own_tokens_is_taken(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let (header, claims, signature) = parts(clerk.token());
        let mut admin = claims.clone();
        admin["roles"] = json!(["admin", "leader"]);
        let mut none = header.clone();
        none["alg"] = json!("none");
        let mut hmac = header.clone();
        hmac["alg"] = json!("HS256");
        let jwks = t.anonymous().get("//.well-known/jwks.json").await.expect(200);
        let public = jwks["keys"][0]["x"].as_str().unwrap();
        let mut confused = Header::new(Algorithm::HS256);
        confused.kid = header["kid"].as_str().map(str::to_owned);
        confused.typ = header["typ"].as_str().map(str::to_owned);
        let by_public_key = encode(&confused, &admin, &EncodingKey::from_secret(public.as_bytes())).unwrap();
        let mut stranger = header.clone();
        stranger["kid"] = json!("somebody-elses");
        for (what, token) in [
            ("changed claims", join(&header, &admin, &signature)),
            ("no algorithm", join(&none, &admin, "")),
            ("another algorithm", join(&hmac, &claims, &signature)),
            ("the public key as a secret", by_public_key),
            ("an unknown key", join(&stranger, &claims, &signature)),
            ("no signature", join(&header, &claims, "")),
            ("half a token", clerk.token()[..clerk.token().len() / 2].to_owned()),
            ("nonsense", "nonsense".to_owned()),
            ("something long", "x".repeat(7_000)),
        ] {
            let answer = t.with_token(&token).get("/me").await;
            assert_eq!(answer.status, 401, "{what}: {answer:?}");
            assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"), "{what}");
        }
    }

    async fn tokens_of_another_installation_are_not_taken(t: Test) {
        let other = Test::new(t.engine()).await;
        let stranger = other.as_("admin@dong-thap").await.token().to_owned();
        t.with_token(&stranger).get("/me").await.problem(401, "invalid_token");
        other.stop().await;
    }

    async fn other_schemes_are_none(t: Test) {
        let nobody = t.anonymous();
        for value in ["Basic Y2xlcms6eA==", "Bearer", "Bearer ", "bearer\tx", "Digest x"] {
            let answer = nobody.get("/me").header("Authorization", value).await;
            assert_eq!(answer.status, 401, "{value}: {answer:?}");
        }
    }
}
