//! Who a request comes from, for limits and delays: the address of the connection, or what a proxy that we were told to
//! trust says about it in `X-Forwarded-For`. Nobody else's word counts: the header is anybody's to write.
//!
//! Only this header is read, not `Forwarded` (RFC 7239): two that may differ would be a way around. A proxy must add to
//! the header or replace it; what stands left of the first address that is no proxy's is the caller's invention.

use std::{
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};

use actix_web::{HttpRequest, http::header::HeaderName, web::Data};

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// An address, or all that begin with the same bits: `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// IPv4 addresses are kept as IPv6 ones (`::ffff:a.b.c.d`), so that there is one kind.
    first: u128,
    bits: u32,
}

/// The text is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an address, or an address and a number of bits such as 10.0.0.0/8")]
pub struct BadNetwork;

impl Network {
    /// Whether the address is one of it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        masked(wide(address), self.bits) == self.first
    }
}

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let (address, bits) = match text.split_once('/') {
            None => (text, None),
            Some((address, bits)) => (address, Some(bits.parse::<u32>().map_err(|_| BadNetwork)?)),
        };
        let address: IpAddr = address.parse().map_err(|_| BadNetwork)?;
        let (all, before) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
        let bits = bits.unwrap_or(all);
        if bits > all {
            return Err(BadNetwork);
        }
        let bits = bits + before;
        Ok(Network { first: masked(wide(address), bits), bits })
    }
}

fn wide(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn masked(address: u128, bits: u32) -> u128 {
    // All 128 bits shifted away leave nothing: the network of all.
    address & u128::MAX.checked_shl(128 - bits).unwrap_or(0)
}

/// The proxies whose word about a caller's address counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(pub Vec<Network>);

impl TrustedProxies {
    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The nearest address that is no proxy of ours, from the connection backwards. What is unreadable is where the
    /// trust ends: the proxy before it is taken.
    fn client_of<'a>(&self, peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a str>) -> IpAddr {
        let mut client = peer;
        for named in forwarded.rev() {
            if !self.trusts(client) {
                break;
            }
            let Ok(address) = named.trim().parse::<IpAddr>() else { break };
            client = address;
        }
        client
    }
}

/// Who a request comes from: an IPv4 address, or the /64 of an IPv6 address, since a single subscriber has a whole one.
/// Nothing where there is no connection (a unit test). Reads [`TrustedProxies`] from the application's data; without
/// them no proxy is trusted.
#[must_use]
pub fn network_of(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let client = match request.app_data::<Data<TrustedProxies>>() {
        None => peer,
        Some(trusted) => {
            let lines: Vec<&str> = request
                .headers()
                .get_all(&X_FORWARDED_FOR)
                .map(|line| line.to_str().unwrap_or("?"))
                .collect();
            trusted.client_of(peer, lines.iter().flat_map(|line| line.split(',')))
        }
    };
    Some(match client.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(masked(address.to_bits(), 64))),
        address @ IpAddr::V4(_) => address,
    })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn networks_are_read_and_compared() {
        let has = |network: &str, address: &str| {
            network.parse::<Network>().unwrap().contains(address.parse().unwrap())
        };
        assert!(has("10.0.0.0/8", "10.1.2.3") && !has("10.0.0.0/8", "11.0.0.1"));
        assert!(has("10.1.2.3", "10.1.2.3") && !has("10.1.2.3", "10.1.2.4"));
        assert!(has("10.0.0.0/8", "::ffff:10.1.2.3"), "the same address");
        assert!(has("fd00::/8", "fd12::1") && !has("fd00::/8", "fe80::1"));
        assert!(has("::/0", "10.0.0.1") && has("0.0.0.0/0", "10.0.0.1") && !has("0.0.0.0/0", "fd00::1"));
        for bad in ["", "10.0.0", "10.0.0.0/33", "fd00::/129", "10.0.0.0/-1", "10.0.0.0/", "proxy.example.vn"]
        {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }

    fn seen(trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let trusted = TrustedProxies(trusted.iter().map(|it| it.parse().unwrap()).collect());
        let mut request = TestRequest::default()
            .peer_addr((peer.parse::<IpAddr>().unwrap(), 1).into())
            .app_data(Data::new(trusted));
        for line in forwarded {
            request = request.append_header((X_FORWARDED_FOR.clone(), *line));
        }
        network_of(&request.to_http_request()).unwrap().to_string()
    }

    #[test]
    fn only_proxies_that_are_trusted_are_believed() {
        assert_eq!(seen(&[], "203.0.113.9", &["198.51.100.7"]), "203.0.113.9");
        assert_eq!(seen(&["10.0.0.0/8"], "203.0.113.9", &["198.51.100.7"]), "203.0.113.9");
        assert_eq!(seen(&["10.0.0.0/8"], "10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(seen(&["10.0.0.0/8"], "10.0.0.1", &["1.2.3.4, 198.51.100.7 , 10.0.0.2"]), "198.51.100.7");
        assert_eq!(
            seen(&["10.0.0.0/8"], "10.0.0.1", &["1.2.3.4", "198.51.100.7"]),
            "198.51.100.7",
            "two lines"
        );
        assert_eq!(seen(&["10.0.0.0/8"], "10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(seen(&["10.0.0.0/8"], "10.0.0.1", &["1.2.3.4, unknown"]), "10.0.0.1");
    }

    #[test]
    fn a_subscriber_is_one_whatever_address_he_takes() {
        assert_eq!(seen(&[], "2001:db8:1:2:aaaa::1", &[]), "2001:db8:1:2::");
        assert_eq!(seen(&["::1"], "::1", &["2001:db8:1:2:3::4"]), "2001:db8:1:2::");
        assert_eq!(seen(&[], "::ffff:192.0.2.1", &[]), "192.0.2.1");
    }
}
