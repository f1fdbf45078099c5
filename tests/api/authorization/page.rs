//! `openapi/authorization.md`: the table as a page for readers.

use std::{fmt::Write as _, path::Path};

use super::table::{Cell, Operation, ROLES, SCOPES, Table};

const HEAD: &str = "# Who may call what

Written by the tests from `tests/api/authorization.txt`, which call every operation as every caller at every place on both
engines and compare the statuses; do not edit.

Each cell has four statuses: what a caller of that role gets who belongs to the agency that the thing is of (*own*), to one
below it, to a sibling, and to its parent. One status stands for all four. A post clerk's place is seen from the post office
that the thing lies with. Changes are sent with an old `If-Match`: 412 means that the caller would have been let in.

| | |
| --- | --- |
| – | 200, and nothing of the thing is in the answer |
| ✓ | let in: what is answered depends on the thing, not on the caller |
| 401 | without a token, with an expired, and with a forged one: everywhere but where \"no token\" says otherwise |

";

/// The page's text.
pub fn render(table: &Table) -> String {
    let mut page = HEAD.to_owned();
    let _ = writeln!(page, "| operation | no token | {} | integration |", ROLES.join(" | "));
    let _ = writeln!(page, "|{}", " --- |".repeat(ROLES.len() + 3));
    for ((method, path), operation) in table {
        let no_token = if operation.is_public() { cells(operation, "nobody") } else { "401".to_owned() };
        let people: Vec<String> = ROLES.iter().map(|role| cells(operation, role)).collect();
        let _ = writeln!(
            page,
            "| {method} `{path}` | {no_token} | {} | {} |",
            people.join(" | "),
            machines(operation)
        );
    }
    page
}

fn cells(operation: &Operation, caller: &str) -> String {
    let all = operation.cells(caller).map(|cell| match cell {
        Cell::Is(status) => status.to_string(),
        Cell::Without => "–".to_owned(),
        Cell::LetIn => "✓".to_owned(),
    });
    if all.iter().all(|cell| *cell == all[0]) { all[0].clone() } else { all.join(" ") }
}

/// The scopes that are admitted, each with its cells; the same for all scopes is said once.
fn machines(operation: &Operation) -> String {
    let each: Vec<(&str, String)> =
        SCOPES.iter().map(|scope| (*scope, cells(operation, &format!("integration:{scope}")))).collect();
    if each.iter().all(|(_, cells)| *cells == each[0].1) {
        return each[0].1.clone();
    }
    let admitted: Vec<String> = each
        .iter()
        .filter(|(scope, _)| operation.admits(&format!("integration:{scope}")))
        .map(|(scope, cells)| format!("`{scope}`: {cells}"))
        .collect();
    admitted.join("<br>")
}

/// Compares the page with the file; one that is not as it should be is written anew, so that the next run passes.
#[test]
fn the_page_is_fresh() {
    let page = render(&super::table::table());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/authorization.md");
    let is_fresh = std::fs::read_to_string(&file).is_ok_and(|old| old == page);
    if !is_fresh {
        std::fs::write(&file, page).unwrap();
    }
    assert!(is_fresh, "openapi/authorization.md was stale and has been written anew: commit it");
}
