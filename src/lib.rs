//! motcua: the electronic one-stop shop (một cửa điện tử) as a JSON REST API.

pub mod calendar;
