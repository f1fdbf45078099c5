//! The load generator of `tests/load/run`: keeps some connections busy for some seconds and prints throughput and
//! latencies as one line of JSON. Plain blocking threads and a minimal HTTP/1.1 client, so that as little as possible of the
//! machine goes into generating the load.
//!
//! `load echo ADDR` starts the ceiling for reads: the same HTTP server, limits and token check with nothing behind them. Its
//! settings (database, keys) are those of the server that gave the token. `load uncounted` is the whole program, which counts
//! nothing: what is left out is what the counters cost. `load fill [--small]` loads the sample year.
//!
//! Usage: `load BASE METHOD PATH CONNECTIONS SECONDS [TOKEN] [BODY] [HEADER]`. `{n}` in the path or body becomes a number that
//! is new in each request; with a body every request has an `Idempotency-Key` of its own. A header is a whole line.

#![allow(
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test says shortly what must hold"
)]

mod echo;
mod fill;
mod uncounted;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Clone)]
struct Job {
    host: String,
    method: String,
    path: String,
    token: Option<String>,
    body: Option<String>,
    header: Option<String>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [command, addr] = arguments.as_slice()
        && command == "echo"
    {
        return echo::serve(addr);
    }
    if let [command] = arguments.as_slice()
        && command == "uncounted"
    {
        return uncounted::serve();
    }
    if let [command, rest @ ..] = arguments.as_slice()
        && command == "fill"
    {
        return fill::fill(rest.iter().any(|it| it == "--small"));
    }
    let [base, method, path, connections, seconds, rest @ ..] = arguments.as_slice() else {
        eprintln!("usage: load BASE METHOD PATH CONNECTIONS SECONDS [TOKEN] [BODY] [HEADER]");
        std::process::exit(2);
    };
    let given = |at: usize| rest.get(at).filter(|it| !it.is_empty()).cloned();
    let job = Job {
        host: base.trim_start_matches("http://").to_owned(),
        method: method.clone(),
        path: path.clone(),
        token: given(0),
        body: given(1),
        header: given(2),
    };
    let (connections, seconds): (usize, u64) = (connections.parse().unwrap(), seconds.parse().unwrap());
    let numbers = Arc::new(AtomicU64::new(0));
    let begin = Instant::now();
    let until = begin + Duration::from_secs(seconds);
    let workers: Vec<_> = (0..connections)
        .map(|_| {
            let (job, numbers) = (job.clone(), Arc::clone(&numbers));
            thread::spawn(move || work(&job, &numbers, until))
        })
        .collect();
    let (mut micros, mut failed, mut bytes) = (Vec::new(), 0_u64, 0_u64);
    for worker in workers {
        let (own, own_failed, own_bytes) = worker.join().unwrap();
        micros.extend(own);
        failed += own_failed;
        bytes += own_bytes;
    }
    let elapsed = begin.elapsed().as_secs_f64();
    micros.sort_unstable();
    let at = |share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            clippy::as_conversions,
            reason = "an index into samples"
        )]
        let index = ((micros.len().saturating_sub(1)) as f64 * share) as usize;
        micros.get(index).map_or(0.0, |it| f64::from(*it) / 1000.0)
    };
    let count = u32::try_from(micros.len()).unwrap_or(u32::MAX);
    println!(
        "{{\"per_second\": {:.0}, \"p50_ms\": {:.2}, \"p99_ms\": {:.2}, \"max_ms\": {:.1}, \"requests\": {count}, \"failed\": {failed}, \"bytes\": {bytes}}}",
        f64::from(count) / elapsed,
        at(0.5),
        at(0.99),
        at(1.0),
    );
}

/// One connection: latencies in microseconds, failures, bytes of bodies.
fn work(job: &Job, numbers: &AtomicU64, until: Instant) -> (Vec<u32>, u64, u64) {
    let mut connection = connect(&job.host);
    let (mut micros, mut failed, mut bytes) = (Vec::with_capacity(1 << 16), 0, 0);
    let mut request = Vec::with_capacity(4096);
    while Instant::now() < until {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        write_request(job, number, &mut request);
        let begin = Instant::now();
        match exchange(&mut connection, &request) {
            Ok((status, length)) => {
                if !(200..300).contains(&status) {
                    failed += 1;
                }
                bytes += length;
                micros.push(u32::try_from(begin.elapsed().as_micros()).unwrap_or(u32::MAX));
            }
            Err(_) => {
                failed += 1;
                connection = connect(&job.host);
            }
        }
    }
    (micros, failed, bytes)
}

fn connect(host: &str) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(host).unwrap();
    stream.set_nodelay(true).unwrap();
    BufReader::with_capacity(64 * 1024, stream)
}

fn write_request(job: &Job, number: u64, request: &mut Vec<u8>) {
    let number_text = number.to_string();
    let path = job.path.replace("{n}", &number_text);
    request.clear();
    write!(request, "{} {path} HTTP/1.1\r\nHost: {}\r\n", job.method, job.host).unwrap();
    if let Some(token) = &job.token {
        write!(request, "Authorization: Bearer {token}\r\n").unwrap();
    }
    if let Some(header) = &job.header {
        write!(request, "{header}\r\n").unwrap();
    }
    match &job.body {
        Some(body) => {
            let body = body.replace("{n}", &number_text);
            let process = std::process::id();
            write!(
                request,
                "Content-Type: application/json\r\nIdempotency-Key: load-{process}-{number}\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
        }
        None => request.extend_from_slice(b"\r\n"),
    }
}

/// Sends the request and reads the whole answer: its status and the length of its body.
fn exchange(connection: &mut BufReader<TcpStream>, request: &[u8]) -> std::io::Result<(u16, u64)> {
    connection.get_mut().write_all(request)?;
    let mut line = String::new();
    connection.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| std::io::Error::other("no status"))?;
    let mut length = 0_u64;
    loop {
        line.clear();
        connection.read_line(&mut line)?;
        let header = line.trim_end();
        if header.is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(std::io::Error::other)?;
        }
    }
    let copied = std::io::copy(&mut connection.by_ref().take(length), &mut std::io::sink())?;
    if copied == length { Ok((status, length)) } else { Err(std::io::Error::other("cut off")) }
}
