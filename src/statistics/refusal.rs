//! What becomes of an answer with a row that does not agree: it is refused, told to whoever watches the logs, and counted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};

use super::row::Broken;
use crate::agencies::Agency;
use crate::http::{Code, Problem};

/// How many answers this process refused.
static REFUSED: AtomicI64 = AtomicI64::new(0);

/// How many answers this process refused since it started because their figures did not agree. Above zero: somebody must
/// run `motcua verify`.
#[must_use]
pub fn refused_answers() -> i64 {
    REFUSED.load(Ordering::Relaxed)
}

/// Counts an answer that is refused.
pub(super) fn count() {
    REFUSED.fetch_add(1, Ordering::Relaxed);
}

/// The problem that names the row and the figure.
pub(super) fn refuse(
    agency: &Agency,
    codes: &BTreeMap<&'static str, String>,
    Broken { figure }: Broken,
) -> Problem {
    count();
    let groups: Vec<_> = codes.iter().map(|(group, code)| format!("{group}={code}")).collect();
    let row = if groups.is_empty() { "total".to_owned() } else { groups.join(", ") };
    log::error!("figures of {} do not agree: row {row}, figure {figure}; run `motcua verify`", agency.code);
    Problem::new(Code::FiguresInconsistent)
        .detail((
            format!("Dòng {row}: số liệu `{figure}` không khớp"),
            format!("Row {row}: the figure `{figure}` does not agree with the others"),
        ))
        .member("row", serde_json::json!(codes))
        .member("figure", figure)
}
