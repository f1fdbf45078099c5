//! An administrator says who is away and who stands in: from when to when, one deputy of the same agency who is not away
//! himself. What the deputy holds ends whenever it changes what he may do.

use chrono::TimeDelta;

use super::service::Moment;
use super::store::{self, Absence, Account};
use super::views::SubmitAbsence;
use super::{AccountId, CallerKind, Identity};
use crate::db::{Conn, Instant, revision};
use crate::http::{Code, Faults, Problem, Result};

/// The longest absence that one deputy bridges.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// The revision that every change of an absence raises: its row is the lock under which chains are looked for.
const ABSENCES: &str = "absences";

/// A change of an account, as far as it is about absence.
pub(super) struct Plan {
    account: AccountId,
    old: Option<Absence>,
    new: Option<Absence>,
}

impl Plan {
    /// What an administrator wants of an account's absence: nothing, to take it away, or to set it.
    ///
    /// # Errors
    /// 403 for whoever would give himself another's roles; faults of the body are collected.
    pub(super) fn of(
        conn: &mut Conn,
        caller: &Identity,
        account: &Account,
        wanted: Option<&Option<SubmitAbsence>>,
        now: Instant,
        faults: &mut Faults,
    ) -> Result<Self> {
        if wanted.is_some() {
            revision::bump(conn, ABSENCES)?;
        }
        let old = store::find_absence(conn, account.id)?;
        let new = match wanted {
            None => old.clone(),
            Some(None) => None,
            Some(Some(wanted)) => read(conn, caller, account, wanted, now, faults)?,
        };
        Ok(Self { account: account.id, old, new })
    }

    /// Writes it, and ends what the deputies hold if they have other rights now. `other_rights`: those of the absent one
    /// were changed.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn carry_out(&self, conn: &mut Conn, other_rights: bool, moment: Moment) -> Result<()> {
        let is_changed = self.old != self.new;
        if is_changed {
            store::put_absence(conn, self.account, self.new.as_ref())?;
        }
        if !is_changed && !other_rights {
            return Ok(());
        }
        let on = |absence: &Option<Absence>| {
            absence.as_ref().filter(|it| it.is_on(moment.now)).map(|it| it.deputy_id)
        };
        let (before, after) = (on(&self.old), on(&self.new));
        for deputy in before.into_iter().chain(after.filter(|after| before != Some(*after))) {
            let (deputy, _) = store::get_account(conn, deputy)?;
            store::end_account_tokens(conn, &deputy, moment.now, moment.tokens_end_at)?;
        }
        Ok(())
    }
}

fn read(
    conn: &mut Conn,
    caller: &Identity,
    account: &Account,
    wanted: &SubmitAbsence,
    now: Instant,
    faults: &mut Faults,
) -> Result<Option<Absence>> {
    let (from, until) = (wanted.from, wanted.until);
    check_time(from, until, now, faults);
    let known = store::find_officer(conn, wanted.deputy)?;
    let deputy = known.filter(|it| it.agency_id == account.agency_id && it.id != account.id);
    let Some(deputy) = deputy else {
        faults.add(
            "/absence/deputy",
            Code::InvalidValue,
            (
                "Phải là tài khoản khác, đang hoạt động, của cùng cơ quan",
                "It must be another active account of the same agency",
            ),
        );
        return Ok(None);
    };
    if caller.kind == CallerKind::Account && caller.id == deputy.id {
        return Err(Problem::new(Code::Forbidden).detail((
            "Không ai tự cử mình thay người khác; hãy nhờ một quản trị viên khác",
            "Nobody makes himself another's deputy; ask another administrator",
        )));
    }
    if store::is_away(conn, deputy.id, (from, until))? {
        faults.add(
            "/absence/deputy",
            Code::InvalidValue,
            ("Người này cũng vắng mặt trong thời gian đó", "This person is away during that time too"),
        );
    }
    if store::is_deputy(conn, account.id, (from, until))? {
        faults.add(
            "/absence",
            Code::InvalidValue,
            (
                "Người này đang được cử thay người khác trong thời gian đó",
                "This person stands in for somebody else during that time",
            ),
        );
    }
    Ok(Some(Absence { account_id: account.id, deputy_id: deputy.id, from_at: from, until_at: until }))
}

fn check_time(from: Instant, until: Instant, now: Instant, faults: &mut Faults) {
    let (code, detail) = if until <= from {
        (Code::InvalidValue, ("Phải sau lúc bắt đầu", "It must come after the beginning"))
    } else if until <= now {
        (Code::InvalidValue, ("Thời gian này đã qua", "That time has passed already"))
    } else if until - from > LONGEST {
        (Code::OutOfRange, ("Tối đa 366 ngày", "At most 366 days"))
    } else {
        return;
    };
    faults.add("/absence/until", code, detail);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absence_lies_ahead_and_ends() {
        let at = |text: &str| -> Instant { text.parse().unwrap() };
        let now = at("2019-03-04T08:00:00+07:00");
        for (from, until, expected) in [
            ("2019-03-01T07:00:00+07:00", "2019-03-04T08:00:01+07:00", None),
            ("2019-03-05T07:00:00+07:00", "2020-03-05T07:00:00+07:00", None),
            ("2019-03-05T07:00:00+07:00", "2019-03-05T07:00:00+07:00", Some(Code::InvalidValue)),
            ("2019-03-01T07:00:00+07:00", "2019-03-04T08:00:00+07:00", Some(Code::InvalidValue)),
            ("2019-03-05T07:00:00+07:00", "2020-03-06T07:00:00+07:00", Some(Code::OutOfRange)),
        ] {
            let mut faults = Faults::default();
            check_time(at(from), at(until), now, &mut faults);
            let found: Vec<Code> = faults.into_vec().iter().map(|fault| fault.code).collect();
            assert_eq!(found, Vec::from_iter(expected), "{from} to {until}");
        }
    }
}
