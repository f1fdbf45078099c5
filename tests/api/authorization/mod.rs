//! Who may call what: every operation of the document × every role and scope × the caller's place (at the agency that the
//! thing belongs to, below it, beside it, above it), and without a token, with an expired and with a forged one.
//!
//! What each must get is written by hand in `authorization.txt`: a new operation without a line in it fails, and so does a
//! line without an operation.
//!
//! | file | owns |
//! | --- | --- |
//! | `table` | the file, read |
//! | `world` | one thing of each sort at one agency, and everybody who may ask for it |
//! | `calls` | each operation with a path and a body that are right |
//! | `page` | `openapi/authorization.md` |

mod calls;
mod page;
mod table;
mod world;

use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use self::{
    calls::Ask,
    table::{Cell, Operation, PLACES, table},
    world::{Matrix, Somebody},
};
use crate::support::{Answer, Client, all, on_both_engines};

/// How many calls are under way at once.
const AT_ONCE: usize = 24;

/// Every operation of the document with its `x-roles`.
fn operations(document: &Value) -> BTreeMap<(String, String), Vec<String>> {
    let mut all = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let roles =
                operation["x-roles"].as_array().unwrap_or_else(|| panic!("{method} {path} has no x-roles"));
            let roles = roles.iter().map(|role| role.as_str().unwrap().to_owned()).collect();
            all.insert((method.to_uppercase(), path.clone()), roles);
        }
    }
    all
}

/// The same token with more rights in it, under the old signature.
fn forged(token: &str) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let claims = BASE64URL_NOPAD.decode(parts[1].as_bytes()).unwrap();
    let mut claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["roles"] = json!(["admin", "clerk", "officer", "leader", "post_clerk", "inspector"]);
    parts[1] = BASE64URL_NOPAD.encode(claims.to_string().as_bytes());
    parts.join(".")
}

/// Whether an answer is what the table says.
fn fits(cell: Cell, answer: &Answer, ask: &Ask) -> bool {
    match cell {
        Cell::Is(200) => answer.status == 200 && ask.is_shown_in(&answer.text),
        Cell::Is(status) => answer.status == status,
        Cell::Without => answer.status == 200 && !ask.is_shown_in(&answer.text),
        Cell::LetIn => {
            let refused = answer.status == 403 && answer.text.contains("\"forbidden\"");
            answer.status != 401 && !refused && answer.status < 500
        }
    }
}

/// What is wrong with how an operation answers somebody at a place.
async fn check(
    matrix: &Matrix,
    (method, path): &(String, String),
    operation: &Operation,
    who: &Somebody,
) -> Option<String> {
    let ask = calls::ask(matrix, method, path, &who.caller);
    let answer = ask.send(&who.client).await;
    let cell = operation.cells(&who.caller)[who.place];
    let mut good = fits(cell, &answer, &ask);
    if !operation.admits(&who.caller) {
        good &= answer.json()["code"] == "forbidden";
    }
    let place = PLACES[who.place];
    (!good).then(|| {
        format!("{method} {path} as {} {place}: {cell:?}, not {} {}", who.caller, answer.status, answer.text)
    })
}

/// What is wrong with how an operation answers those who have no good token.
async fn check_strangers(
    matrix: &Matrix,
    (method, path): &(String, String),
    operation: &Operation,
    strangers: &[(&str, &str, &str, Client)],
) -> Option<String> {
    for (what, who, code, client) in strangers {
        let ask = calls::ask(matrix, method, path, "clerk");
        let answer = ask.send(client).await;
        let good = if operation.is_public() {
            fits(operation.cells(who)[0], &answer, &ask)
        } else {
            answer.status == 401 && answer.json()["code"] == *code
        };
        if !good {
            return Some(format!("{method} {path} with {what}: {} {}", answer.status, answer.text));
        }
    }
    None
}

on_both_engines! {
    async fn the_document_and_the_contract_agree(t: Test) {
        let document = t.anonymous().get("//api/openapi.json").await.expect(200);
        let (found, wanted) = (operations(&document), table());
        let mut differences = Vec::new();
        for (operation, line) in &wanted {
            match found.get(operation) {
                None => differences.push(format!("{operation:?} is not in the document")),
                Some(has) if *has != line.roles => {
                    differences.push(format!("{operation:?} is for {has:?}, not for {:?}", line.roles));
                }
                Some(_) => {}
            }
        }
        differences.extend(
            found
                .keys()
                .filter(|it| !wanted.contains_key(it))
                .map(|it| format!("{it:?} is not in authorization.txt")),
        );
        assert!(differences.is_empty(), "{differences:#?}");
    }

    async fn every_operation_for_every_role_at_every_place(t: Test) {
        let expired = t.as_("admin@thanh-binh").await;
        t.at("2019-03-04T09:20");
        let matrix = Matrix::new(&t).await;
        let table = table();
        let everybody = matrix.everybody(&t).await;
        let pairs: Vec<_> =
            table.iter().flat_map(|line| everybody.iter().map(move |who| (line, who))).collect();
        let mut wrong = Vec::new();
        for some in pairs.chunks(AT_ONCE) {
            let asked = some.iter().map(|((place, line), who)| check(&matrix, place, line, who));
            wrong.extend(all(asked).await.into_iter().flatten());
        }
        let forged = t.with_token(&forged(everybody[0].client.token()));
        let strangers = [
            ("no token", "nobody", "unauthenticated", t.anonymous()),
            ("an expired token", "stranger", "invalid_token", expired),
            ("a forged token", "stranger", "invalid_token", forged),
        ];
        for (place, line) in &table {
            wrong.extend(check_strangers(&matrix, place, line, &strangers).await);
        }
        assert!(wrong.is_empty(), "{} cells are wrong: {wrong:#?}", wrong.len());
    }
}
