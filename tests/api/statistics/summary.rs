//! The annual summary: every number counted, linked, compared, and marked where it is made up.

use motcua::demo;
use serde_json::Value;

use super::{figure, report, two_weeks};
use crate::support::{Client, TAN_LONG, TAN_MY, birth, on_both_engines, text};

async fn summary(caller: &Client, query: &str) -> Value {
    caller.get(&format!("/statistics/annual-summary?{query}")).await.expect(200)
}

fn item<'a>(summary: &'a Value, key: &str) -> &'a Value {
    let mut items = summary["items"].as_array().unwrap().iter();
    items.find(|item| item["key"] == key).unwrap_or_else(|| panic!("no {key} in {summary:#}"))
}

on_both_engines! {
    async fn every_number_is_counted_and_linked(t: Test) {
        two_weeks(&t).await;
        let leader = t.as_("leader@thanh-binh").await;
        let year = summary(&leader, "year=2019").await;
        let levels = report(&leader, "from=2019-01-01&to=2020-01-01&agency=000.00.31.H20&group_by=level").await;
        for row in levels["items"].as_array().unwrap() {
            let level = row["group"]["level"].as_str().unwrap();
            for path in ["received.total", "received.online", "resolved.early", "resolved.late", "withdrawn", "pending.total", "pending.overdue"] {
                assert_eq!(item(&year, &format!("{level}.{path}"))["value"], figure(row, path), "{level}.{path}");
            }
        }
        for item in year["items"].as_array().unwrap() {
            let list = leader.get(&format!("{}&count=true", text(item, "/link"))).await.expect(200);
            assert_eq!(item["value"], list["total"], "{item:#}");
            assert_eq!((&item["previous"], &item["change"]), (&Value::Null, &Value::Null), "2018 is not known");
        }
        let keys: Vec<&Value> = year["items"].as_array().unwrap().iter().map(|item| &item["key"]).collect();
        for paragraph in year["paragraphs"].as_array().unwrap() {
            let pieces = paragraph["pieces"].as_array().unwrap();
            assert!(pieces.iter().all(|piece| piece["figure"].is_null() || keys.contains(&&piece["figure"])));
            let whole: String = pieces.iter().map(|piece| piece["text"].as_str().unwrap()).collect();
            assert_eq!(paragraph["text"], whole);
        }
        let text = year["paragraphs"][1]["text"].as_str().unwrap();
        assert!(text.starts_with("Trong năm 2019, Bộ phận Tiếp nhận và Trả kết quả cấp xã đã tiếp nhận 9 hồ sơ"), "{text}");
        assert!(text.contains("đạt 66,67%"), "{text}");
        assert_eq!(year["paragraphs"][2]["text"], "Chưa có số liệu năm 2018 để so sánh.");
    }

    async fn the_year_before_is_compared_where_it_is_known(t: Test) {
        two_weeks(&t).await;
        t.at("2020-03-04T08:00");
        for _ in 0..4 {
            t.as_("clerk@tan-my").await.post("/dossiers", birth(TAN_MY)).await.expect(201);
        }
        let leader = t.as_("leader@thanh-binh").await;
        let year = summary(&leader, "year=2020").await;
        let received = item(&year, "commune.received.total");
        assert_eq!((&received["value"], &received["previous"], &received["change"]), (&4.into(), &9.into(), &(-5).into()));
        let last = year["paragraphs"].as_array().unwrap().last().unwrap()["text"].as_str().unwrap().to_owned();
        assert!(last.contains("So với năm 2019 (9 hồ sơ), số hồ sơ tiếp nhận của cấp xã giảm 5 hồ sơ"), "{last}");
    }

    async fn what_a_source_states_stands_beside(t: Test) {
        two_weeks(&t).await;
        t.app().bulk(demo::stated::load).unwrap();
        let leader = t.as_("leader@thanh-binh").await;
        let year = summary(&leader, "year=2019").await;
        for (key, basis, value, made_up) in [
            ("commune.received.total", "published", 87_971, false),
            ("commune.resolved.total", "published", 87_757, false),
            ("commune.resolved.early", "published", 32_357, false),
            ("commune.resolved.on_time", "published", 55_279, false),
            ("commune.resolved.late", "derived", 121, false),
            ("commune.pending.total", "derived", 214, false),
            ("district.received.total", "published", 15_380, false),
            ("district.received.online", "published", 73, false),
            ("district.resolved.online", "published", 73, false),
            ("district.received.postal", "published", 173, false),
            ("district.received.at_home", "published", 1, false),
            ("district.resolved.timely", "published", 11_000, false),
            ("district.resolved.late", "assumed", 87, true),
            ("district.pending.total", "assumed", 3_829, true),
        ] {
            let item = item(&year, key);
            assert_eq!(item["stated"]["basis"], basis, "{key}");
            assert_eq!(item["stated"]["value"], value, "{key}");
            assert_eq!(item["stated"]["agrees"], false, "ten dossiers are not the year: {key}");
            assert_eq!(item["is_made_up"], made_up, "{key}");
        }
        assert_eq!(item(&year, "district.resolved.timely")["stated"]["qualifier"], "more_than");
        let district = year["paragraphs"][0]["text"].as_str().unwrap();
        assert!(district.contains("đang giải quyết 1* hồ sơ"), "{district}");
        // A year that was not counted here is known from what was published of it.
        t.at("2020-03-04T08:00");
        let commune = summary(&t.as_("leader@tan-long").await, "year=2020").await;
        assert_eq!(commune["agency"]["code"], TAN_LONG);
    }

    async fn as_markdown(t: Test) {
        two_weeks(&t).await;
        t.app().bulk(demo::stated::load).unwrap();
        let leader = t.as_("leader@thanh-binh").await;
        let answer = leader.get("/statistics/annual-summary?year=2019").header("Accept", "text/markdown").await;
        assert!(answer.header("content-type").unwrap().starts_with("text/markdown; charset=utf-8"));
        let written = &answer.text;
        for part in [
            "# Kết quả tiếp nhận và giải quyết thủ tục hành chính năm 2019 – Huyện Thanh Bình",
            "đã tiếp nhận [9](/api/v1/dossiers?figure=received.total&",
            "| Chỉ tiêu | Năm 2019 | Năm 2018 | Tăng, giảm | Nguồn |",
            "đã công bố: 87.971, không khớp",
            "\\* Số liệu giả định",
            "Nguồn: Tổng kết công tác cải cách hành chính năm 2019 của huyện Thanh Bình",
        ] {
            assert!(written.contains(part), "{part} is not in {written}");
        }
        leader.get("/statistics/annual-summary?year=2019").header("Accept", "text/html").await.problem(406, "not_acceptable");
    }

    async fn questions_that_are_none(t: Test) {
        let leader = t.as_("leader@tan-long").await;
        for query in ["", "year=1", "year=3000", "year=last", "year=2019&agency=000.99.99.H99"] {
            leader.get(&format!("/statistics/annual-summary?{query}")).await.problem(422, "invalid_query");
        }
        let other = leader.get(&format!("/statistics/annual-summary?year=2019&agency={TAN_MY}")).await;
        other.problem(403, "agency_out_of_reach");
        assert_eq!(summary(&leader, "year=2019").await["items"], serde_json::json!([]));
    }
}
