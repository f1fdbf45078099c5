//! ETags: reading again only what changed, and changing only what one has read.

use serde_json::json;

use crate::support::{BUSINESS, TAN_LONG, birth, on_both_engines};

on_both_engines! {
    async fn a_dossier_has_a_strong_validator(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let read = clerk.see(&dossier).await;
        let etag = read.etag();
        assert!(etag.starts_with("\"1.") && etag.ends_with('"'), "{etag}");
        assert!(read.header("cache-control").unwrap().contains("no-store"));
        for name in ["Authorization", "Accept-Language", "X-Access-Reason"] {
            assert!(read.header("vary").unwrap().contains(name), "{:?}", read.header("vary"));
        }
        let unchanged = clerk.see(&dossier).header("If-None-Match", &etag).await;
        assert_eq!((unchanged.status, unchanged.text.as_str()), (304, ""));
        assert_eq!(unchanged.etag(), etag);
        let officer = t.as_("officer@tan-long").await;
        officer.act(&dossier, json!({"action": "start"})).await.expect(200);
        let changed = clerk.see(&dossier).header("If-None-Match", &etag).await;
        changed.expect(200);
        assert!(changed.etag().starts_with("\"2."));
    }

    async fn a_stale_version_changes_nothing(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let officer = t.as_("officer@tan-long").await;
        let made = clerk.post("/dossiers", birth(TAN_LONG)).await;
        let (dossier, etag) = (made.expect(201), made.etag());
        officer.act(&dossier, json!({"action": "start"})).if_match(&etag).await.expect(200);
        officer
            .act(&dossier, json!({"action": "resolve", "result": "granted"}))
            .if_match(&etag)
            .await
            .problem(412, "stale_version");
        assert_eq!(clerk.see(&dossier).await.expect(200)["status"], "processing");
        // The version counts, not the representation: another caller's ETag of the same version fits.
        let current = officer.see(&dossier).await.etag();
        officer
            .act(&dossier, json!({"action": "resolve", "result": "granted"}))
            .if_match(&current)
            .await
            .expect(200);
    }

    async fn catalogue_answers_may_be_kept(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        for path in
            ["/procedures".to_owned(), format!("/procedures/{BUSINESS}"), format!("/agencies/{TAN_LONG}")]
        {
            let read = clerk.get(&path).await;
            read.expect(200);
            assert!(read.header("cache-control").unwrap().contains("max-age"), "{path}: {read:?}");
        }
        let read = clerk.get(&format!("/agencies/{TAN_LONG}")).await;
        let again = clerk.get(&format!("/agencies/{TAN_LONG}")).header("If-None-Match", &read.etag()).await;
        assert_eq!(again.status, 304);
    }

    async fn two_who_change_the_same_thing_do_not_overwrite_each_other(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let path = format!("/agencies/{TAN_LONG}");
        let etag = admin.get(&path).await.etag();
        admin.patch(&path, json!({"hotline": "02773833001"})).if_match(&etag).await.expect(200);
        admin
            .patch(&path, json!({"hotline": "02773833002"}))
            .if_match(&etag)
            .await
            .problem(412, "stale_version");
        assert_eq!(admin.get(&path).await.expect(200)["hotline"], "02773833001");
    }
}
