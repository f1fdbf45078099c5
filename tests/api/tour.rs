//! The README's tour, run as it is written against `motcua demo --small`.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// Ends the program with the test, however that ends.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn tour() -> &'static str {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once("```bash tour\n").expect("a block called `bash tour`");
    rest.split_once("\n```").expect("the block's end").0
}

/// Starts the demo on a free port and gives its address when it serves.
fn start(data: &std::path::Path) -> (Demo, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    drop(listener);
    let mut child = Command::new(env!("CARGO_BIN_EXE_motcua"))
        .args(["demo", "--small", "--addr", &addr, "--data"])
        .arg(data)
        .env("MOTCUA_DEMO_PASSWORD", "mot-cua-lien-thong")
        .env("MOTCUA_LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let printed = BufReader::new(child.stdout.take().unwrap());
    let demo = Demo(child);
    // It prints its address when it is ready; whatever it prints later is read too, so that it never waits for us.
    let mut lines = printed.lines();
    let mut told = String::new();
    while !told.contains(&addr) {
        let line = lines.next().unwrap_or_else(|| panic!("the demo ended:\n{told}")).unwrap();
        told.push_str(&line);
        told.push('\n');
    }
    std::thread::spawn(move || lines.for_each(drop));
    (demo, format!("http://{addr}"))
}

/// Goes on where the tour ended: every figure of these reports on the sample year lists, by its link, as many as it counts.
const LINKS: &str = r#"
post=$(as post_clerk@buu-dien-thanh-binh)
checked=0
for asked in "$leader backlog?as_of=2019-03-29" "$leader backlog?as_of=2019-08-14T10:00:00%2B07:00&group_by=level" \
  "$leader legs?from=2019-01-01&to=2020-01-01" "$leader postal?from=2019-01-01&to=2020-01-01" \
  "$post postal?from=2019-01-01&to=2020-01-01"; do
  read -r who report <<<"$asked"
  while IFS=$'\t' read -r link count; do
    listed=$(call "$who" GET "${link#/api/v1}&count=true&limit=1" | jq .total)
    [ "$listed" = "$count" ] || { echo "$report counts $count, and $link lists $listed"; exit 1; }
    checked=$((checked + 1))
  done < <(call "$who" GET "/statistics/$report" | jq -r '[.total, .late, .items[]?, .late.items[]?][] | select(.links)
    | . as $row | .links | to_entries[] | . as $link | [$link.value, ($row | getpath($link.key | split(".")))] | @tsv')
done
[ "$checked" -gt 100 ] && echo "figures list what they count"
"#;

#[test]
fn the_tour_runs_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let (_demo, base) = start(folder.path());
    let wait = "for _ in $(seq 100); do curl -sf \"$api/readyz\" >/dev/null && break; sleep 0.1; done\n";
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &format!("{wait}{}{LINKS}", tour())])
        .env("api", &base)
        .env("MOTCUA_DEMO_PASSWORD", "mot-cua-lien-thong")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{complaints}");
    for expected in [
        "\"status\":\"in_transfer\"",
        "\"status\":\"resolved\"",
        "\"outcome\":\"early\"",
        "\"custody\":\"citizen\"",
        "return_result → returned",
        "\"level\":\"commune\"",
        "\"level\":\"district\"",
        "figures list what they count",
    ] {
        assert!(printed.contains(expected), "{expected} is not in:\n{printed}\n{complaints}");
    }
    // The sample year and what the tour did to it: every figure, chain and deadline follows from the events, and every
    // deadline from the calendar.
    let verified = Command::new(env!("CARGO_BIN_EXE_motcua"))
        .arg("verify")
        .env("DATABASE_URL", format!("sqlite:{}", folder.path().join("motcua.db").display()))
        .env("MOTCUA_DATA", folder.path())
        .env("MOTCUA_KEYS", folder.path().join("keys"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&verified.stdout);
    assert!(verified.status.success() && told.starts_with("everything agrees"), "{told}");
}
