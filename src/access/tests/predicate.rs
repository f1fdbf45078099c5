//! The rule in SQL against the rule on rows, for every kind of caller at every agency of random worlds: what SQL
//! finds, what the views of a page say, what the pure function says of the generated values, and what looking up one
//! dossier by its code says, must all agree.

use diesel::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::world::{AGENCIES, SENSITIVE, World, any_world, code, now};
use super::{TestDb, databases};
use crate::access::{
    AccessReason, AgencyId, Columns, Identity, Reach, Role, Scope, Sensitive, View, find_sight, views,
    visible_dossiers,
};
use crate::db::schema::dossiers;
use crate::db::{Conn, Error};

/// Every role alone, roles together, machines by scope, inspectors with and without a reason.
fn callers(agency: AgencyId) -> Vec<Identity> {
    let mut all: Vec<Identity> = Role::ALL
        .iter()
        .filter(|role| **role != Role::Integration)
        .map(|role| Identity::sample(agency, &[*role], &[]))
        .collect();
    all.extend([
        Identity::sample(agency, &[Role::Clerk, Role::Inspector], &[]),
        Identity::sample(agency, &[Role::Officer, Role::PostClerk], &[]),
        Identity::sample(agency, &[Role::Leader, Role::Inspector], &[]),
        Identity::sample(agency, &[Role::Integration], &[Scope::DossiersRead]),
        Identity::sample(agency, &[Role::Integration], &[Scope::DossiersWrite, Scope::StatisticsRead]),
        Identity::sample(agency, &[Role::Integration], &[Scope::StatisticsRead]),
        Identity::sample(agency, &[Role::Integration], &[Scope::EventsRead]),
        Identity::sample(agency, &[], &[]),
    ]);
    let mut with_reason = Identity::sample(agency, &[Role::Inspector], &[]);
    with_reason.reason = AccessReason::parse("a complaint was lodged");
    all.push(with_reason);
    all
}

/// Why a case ends: always, so that the world it wrote is undone.
enum End {
    Done,
    Wrong(String),
    Failed(Error),
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<diesel::result::Error> for End {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

fn check(test: &TestDb, world: &World) -> Result<(), TestCaseError> {
    let end = test.db.bulk(|conn| -> Result<(), End> {
        world.insert(conn)?;
        for caller in (1..=AGENCIES).flat_map(callers) {
            check_caller(conn, world, &caller)?;
        }
        Err(End::Done)
    });
    match end {
        Ok(()) | Err(End::Done) => Ok(()),
        Err(End::Wrong(what)) => Err(TestCaseError::fail(format!("{:?}: {what}", test.db.engine()))),
        Err(End::Failed(error)) => Err(TestCaseError::fail(error.to_string())),
    }
}

fn check_caller(conn: &mut Conn, world: &World, caller: &Identity) -> Result<(), End> {
    let reach = caller.reach(now(), Sensitive::from_iter([SENSITIVE]));
    let wrong = |what: String| End::Wrong(format!("{caller:?}: {what}"));
    let expected: Vec<View> =
        (1_i64..).zip(&world.dossiers).map(|(id, life)| reach.view(world, &life.keys(id))).collect();

    let rows: Vec<Columns> = dossiers::table.order(dossiers::id).select(Columns::as_select()).load(conn)?;
    let found = views(conn, &reach, world, &rows)?;
    if found != expected {
        return Err(wrong(format!("views of a page are {found:?}, not {expected:?}")));
    }
    for at_least in [View::Row, View::Masked, View::Full] {
        let chosen: Vec<i64> =
            visible_dossiers(&reach, at_least).order(dossiers::id).select(dossiers::id).load(conn)?;
        let meant: Vec<i64> =
            (1_i64..).zip(&expected).filter(|(_, view)| **view >= at_least).map(|(id, _)| id).collect();
        if chosen != meant {
            return Err(wrong(format!("SQL finds {chosen:?} at least {at_least:?}, not {meant:?}")));
        }
        if !meant.is_empty() && !reach.allows(at_least) {
            return Err(wrong(format!(
                "there are some at least {at_least:?}, but it was said that there are none"
            )));
        }
    }
    for (id, view) in (1_i64..).zip(&expected) {
        let sight = find_sight(conn, &reach, world, &code(id))?;
        if sight.map_or(View::None, |sight| sight.view()) != *view {
            return Err(wrong(format!("dossier {id} by its code: {sight:?}, not {view:?}")));
        }
    }
    Ok(())
}

#[test]
fn sql_and_the_pure_rule_agree() {
    for test in databases() {
        let mut runner =
            TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
        runner.run(&any_world(), |world| check(&test, &world)).unwrap();
    }
}

/// The rule itself, case by case, on a district (1) with two communes (2, 3), its department (4) and its post
/// office (5), and a province's other district (6).
mod rule {
    use super::*;
    use crate::access::{Hierarchy, Leg, RowKeys};

    struct Tree;

    impl Hierarchy for Tree {
        fn is_within(&self, agency: AgencyId, ancestor: AgencyId) -> bool {
            agency == ancestor || (ancestor == 1 && (2..=5).contains(&agency))
        }
    }

    /// Received by commune 2, which holds it and decides.
    fn of_commune() -> RowKeys {
        RowKeys {
            id: 1,
            is_sensitive: false,
            agency_id: 2,
            competent_id: 2,
            holder_id: 2,
            post_office_id: None,
            slip_to: None,
            legs: Vec::new(),
            offices: Vec::new(),
        }
    }

    fn reach_of(caller: &Identity) -> Reach {
        caller.reach(now(), Sensitive::default())
    }

    fn view(agency: AgencyId, role: Role, row: &RowKeys) -> View {
        reach_of(&Identity::sample(agency, &[role], &[])).view(&Tree, row)
    }

    #[test]
    fn people_of_a_party_see_it_in_full_and_neighbours_do_not() {
        let row = of_commune();
        for role in [Role::Clerk, Role::Officer, Role::Leader] {
            assert_eq!(view(2, role, &row), View::Full);
            assert_eq!(view(3, role, &row), View::None);
        }
        assert_eq!(view(1, Role::Clerk, &row), View::None, "the district's desk is no party");
        assert_eq!(view(1, Role::Leader, &row), View::Full, "a leader above is");
        assert_eq!(view(6, Role::Leader, &row), View::None);
    }

    #[test]
    fn an_administrator_sees_no_dossier() {
        assert_eq!(view(2, Role::Admin, &of_commune()), View::None);
        assert_eq!(view(1, Role::Admin, &of_commune()), View::None);
    }

    #[test]
    fn a_slip_shows_it_to_its_addressee() {
        let row = RowKeys { slip_to: Some(4), ..of_commune() };
        assert_eq!(view(4, Role::Officer, &row), View::Full);
        assert_eq!(view(4, Role::Officer, &of_commune()), View::None);
    }

    #[test]
    fn a_leg_shows_it_until_thirty_days_after_its_end() {
        let with = |finished_at| RowKeys { legs: vec![Leg { agency_id: 4, finished_at }], ..of_commune() };
        let ago = |days| Some(now() - chrono::TimeDelta::days(days));
        assert_eq!(view(4, Role::Officer, &with(None)), View::Full);
        assert_eq!(view(4, Role::Officer, &with(ago(30))), View::Full);
        assert_eq!(view(4, Role::Officer, &with(ago(31))), View::Masked);
        assert_eq!(view(3, Role::Officer, &with(None)), View::None);
    }

    #[test]
    fn a_post_office_sees_what_it_took_in_or_carries() {
        let took = RowKeys { post_office_id: Some(5), ..of_commune() };
        let carries = RowKeys { offices: vec![5], ..of_commune() };
        assert_eq!(view(5, Role::PostClerk, &took), View::Full);
        assert_eq!(view(5, Role::PostClerk, &carries), View::Full);
        assert_eq!(view(5, Role::PostClerk, &of_commune()), View::None);
        assert_eq!(view(2, Role::PostClerk, &of_commune()), View::None, "no clerk of the commune");
    }

    #[test]
    fn an_inspector_sees_his_subtree_masked_and_with_a_reason_in_full() {
        let mut inspector = Identity::sample(1, &[Role::Inspector], &[]);
        assert_eq!(reach_of(&inspector).view(&Tree, &of_commune()), View::Masked);
        assert!(!reach_of(&inspector).allows(View::Full));
        inspector.reason = AccessReason::parse("a complaint was lodged");
        assert_eq!(reach_of(&inspector).view(&Tree, &of_commune()), View::Full);
        inspector.agency_id = 6;
        assert_eq!(reach_of(&inspector).view(&Tree, &of_commune()), View::None);
    }

    #[test]
    fn a_sensitive_dossier_is_full_for_those_who_handle_it_only() {
        let row = RowKeys { is_sensitive: true, ..of_commune() };
        assert_eq!(view(2, Role::Clerk, &row), View::Full);
        assert_eq!(view(1, Role::Leader, &row), View::Full);
        let mut inspector = Identity::sample(1, &[Role::Inspector], &[]);
        inspector.reason = AccessReason::parse("a complaint was lodged");
        assert_eq!(reach_of(&inspector).view(&Tree, &row), View::Masked);
        for (scope, expected, acts) in
            [(Scope::DossiersRead, View::Masked, true), (Scope::StatisticsRead, View::Row, false)]
        {
            let machine = reach_of(&Identity::sample(1, &[Role::Integration], &[scope]));
            assert_eq!(machine.view(&Tree, &row), expected);
            assert_eq!(machine.may_act(&Tree, &row, expected), acts, "what an applicant may do");
        }
    }

    #[test]
    fn a_machine_sees_its_subtree_by_scope() {
        for (scope, expected) in [
            (Scope::DossiersRead, View::Full),
            (Scope::DossiersWrite, View::Full),
            (Scope::StatisticsRead, View::Row),
            (Scope::CatalogWrite, View::None),
        ] {
            let machine = |agency| reach_of(&Identity::sample(agency, &[Role::Integration], &[scope]));
            assert_eq!(machine(1).view(&Tree, &of_commune()), expected);
            assert_eq!(machine(3).view(&Tree, &of_commune()), View::None);
        }
    }
}
