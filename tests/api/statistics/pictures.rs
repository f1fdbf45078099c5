//! Reports as pictures: asked for by `Accept`, in the language of the reader, with every name whole.

use super::two_weeks;
use crate::support::on_both_engines;

const MARCH: &str = "from=2019-01-01&to=2019-04-01&agency=000.00.31.H20";

on_both_engines! {
    async fn four_reports_can_be_drawn(t: Test) {
        two_weeks(&t).await;
        let leader = t.as_("leader@thanh-binh").await;
        for (path, vietnamese, english) in [
            (format!("/statistics/on-time?{MARCH}"), "Đúng hạn", "On time"),
            ("/statistics/backlog?agency=000.00.31.H20".to_owned(), "Số ngày làm việc", "Working days"),
            (format!("/statistics/legs?{MARCH}"), "Giờ làm việc", "Working hours"),
            (format!("/statistics/ranking?{MARCH}&minimum=1"), "1. Xã Tân Long", "1. Xã Tân Long"),
        ] {
            for (language, word) in [("vi", vietnamese), ("en", english)] {
                let answer = leader.get(&path).header("Accept", "image/svg+xml").header("Accept-Language", language).await;
                assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/svg+xml")), "{path}: {answer:?}");
                assert!(answer.header("vary").unwrap().contains("Accept"), "{answer:?}");
                assert!(answer.text.starts_with("<svg") && answer.text.trim_end().ends_with("</svg>"), "{path}");
                assert!(answer.text.contains(word), "{word} in {}", answer.text);
            }
            leader.get(&path).header("Accept", "application/json, image/svg+xml;q=0.9").await.expect(200);
            leader.get(&path).header("Accept", "image/png").await.problem(406, "not_acceptable");
        }
        let grouped = leader.get(&format!("/statistics/on-time?{MARCH}&group_by=agency")).header("Accept", "image/svg+xml").await;
        assert_eq!(grouped.faults(), ["/query/group_by not_one_of"]);
    }
}
