//! Tokens that somebody made up or changed.

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

on_both_engines! {
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
