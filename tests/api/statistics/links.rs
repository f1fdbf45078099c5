//! Every figure links to exactly the dossiers behind it.

use super::{figure, report, two_weeks};
use crate::support::{TAN_MY, on_both_engines};

on_both_engines! {
    async fn each_figure_lists_its_dossiers(t: Test) {
        two_weeks(&t).await;
        let leader = t.as_("leader@thanh-binh").await;
        for query in [
            "from=2019-03-01&to=2019-04-01",
            "from=2019-03-01&to=2019-04-01&group_by=level,channel",
            "from=2019-03-05&to=2019-03-09&group_by=agency",
            "from=2019-03-01&to=2019-04-01&group_by=day",
            "from=2019-03-01&to=2019-04-01&as_of=2019-03-06&group_by=procedure",
        ] {
            let answer = report(&leader, &format!("{query}&agency=000.00.31.H20")).await;
            let rows = answer["items"].as_array().unwrap().iter().chain([&answer["total"]]);
            for row in rows {
                let links = row["links"].as_object().unwrap();
                assert!(!links.contains_key("moved") && !links.contains_key("on_time_rate"));
                for (path, link) in links {
                    let link = link.as_str().unwrap();
                    assert!(link.starts_with("/api/v1/dossiers?"), "{link}");
                    let expected = figure(row, path);
                    let list = leader.get(&format!("{link}&count=true&limit=200")).await.expect(200);
                    assert_eq!(
                        list["total"].as_i64(),
                        Some(expected),
                        "{path} of {} by {link}",
                        row["group"]
                    );
                    assert_eq!(
                        i64::try_from(list["items"].as_array().unwrap().len()).unwrap(),
                        expected,
                        "{link}"
                    );
                }
            }
        }
    }

    async fn links_show_only_what_the_caller_may_see(t: Test) {
        two_weeks(&t).await;
        let leader = t.as_("leader@thanh-binh").await;
        let answer = report(&leader, "from=2019-03-01&to=2019-04-01&agency=000.00.31.H20").await;
        let link = answer["total"]["links"]["received.total"].as_str().unwrap();
        let neighbour = t.as_("clerk@tan-my").await;
        let list = neighbour.get(&format!("{link}&count=true")).await;
        // Either he may not ask for figures of another's subtree, or he gets the dossiers of his own agency only.
        if list.status == 200 {
            let list = list.json();
            let agencies = list["items"].as_array().unwrap().iter().map(|it| &it["agency"]["code"]);
            assert!(agencies.into_iter().all(|code| code == TAN_MY), "{list:#}");
        } else {
            assert_eq!(list.status, 403, "{list:?}");
        }
        let inspector = t.as_("inspector@thanh-binh").await;
        let list = inspector.get(link).await.expect(200);
        assert!(list["items"].as_array().unwrap().iter().all(|it| it["view"] == "masked"));
    }
}
