//! The counted columns and their control sum. Pure.
//!
//! Every column is counted for itself; none is computed from another (Decisions, "Counting"). `control` is one number more
//! that is kept beside them: the sum of all columns, each with a weight of its own. It is linear, so whatever cells are
//! summed, the sum of their controls is the control of their sums, and one column that somebody changed in one cell shows
//! in every figure that the cell is part of.

/// Hands the columns with their weights to the macro `$then`, after whatever else is given to it: the one list of them.
///
/// The weights are distinct primes: a count moved from one column to another changes the control sum too, and what is
/// wrong by a small number points at its column. They are kept in the database: never change one.
macro_rules! columns {
    ($then:ident! $($more:tt)*) => {
        $then! {
            $($more)*
            {
                /// Taken in.
                received: 101,
                /// Resolved early.
                early: 103,
                /// Resolved on time.
                on_time: 107,
                /// Resolved late.
                late: 109,
                /// Withdrawn by the applicant.
                withdrawn: 113,
                /// Stopped by the agency.
                stopped: 127,
                /// Carried here from another cell by a correction or a succession; negative where it was carried away from.
                moved: 131,
                /// Received and without an end (a stock: +1 and later −1).
                open: 137,
                /// Open and past the date that the agency is judged by (a stock; +1 is booked ahead).
                overdue: 139,
                /// In a pause begun in time (a stock).
                paused: 149,
                /// Handed in and not taken in at once.
                submitted: 151,
                /// Submissions that the desk did not take in.
                declined: 157,
                /// Submissions that wait for the desk (a stock).
                waiting: 163,
                /// Those that wait longer than the desk may take (a stock; +1 is booked ahead).
                waiting_late: 167,
            }
        }
    };
}
pub(super) use columns;

macro_rules! define {
    ({ $($(#[$doc:meta])* $column:ident: $weight:literal,)+ }) => {
        /// Counts, one for each column.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct Figures {
            $($(#[$doc])* pub $column: i64,)+
        }

        impl Figures {
            /// The columns' names and weights, in the order of [`Figures::values`].
            pub const COLUMNS: &'static [(&'static str, i64)] = &[$((stringify!($column), $weight)),+];

            /// The counts in the order of [`Figures::COLUMNS`].
            #[must_use]
            pub fn values(&self) -> Vec<i64> {
                vec![$(self.$column),+]
            }

            /// Figures from counts in the order of [`Figures::COLUMNS`]; None when there are not as many.
            #[must_use]
            pub fn from_values(values: &[i64]) -> Option<Self> {
                let mut values = values.iter().copied();
                let figures = Self { $($column: values.next()?,)+ };
                values.next().is_none().then_some(figures)
            }

            /// Their weighted sum.
            #[must_use]
            pub fn control(&self) -> i64 {
                0 $(+ $weight * self.$column)+
            }
        }

        impl std::ops::AddAssign for Figures {
            fn add_assign(&mut self, other: Self) {
                $(self.$column += other.$column;)+
            }
        }

        impl std::ops::SubAssign for Figures {
            fn sub_assign(&mut self, other: Self) {
                $(self.$column -= other.$column;)+
            }
        }
    };
}
columns!(define!);

impl Figures {
    /// Whether nothing is counted.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// What of it a later period begins with: the stocks as they are, and under `moved` what makes up those that are open.
    /// The sum of what is carried is what is carried of the sum, and the imbalance stays what it was.
    #[must_use]
    pub fn carried(&self) -> Self {
        let Self { open, overdue, paused, waiting, waiting_late, .. } = *self;
        let moved = self.received + self.moved - self.ended();
        Self { moved, open, overdue, paused, waiting, waiting_late, ..Self::default() }
    }

    /// All that came to an end.
    fn ended(&self) -> i64 {
        self.early + self.on_time + self.late + self.withdrawn + self.stopped
    }

    /// What the period brought, against what is open at its end: zero when the figures agree.
    #[must_use]
    pub fn imbalance(&self) -> i64 {
        self.received + self.moved - self.ended() - self.open
    }
}

/// The column that a control sum off by `difference` points at, when a single one explains it.
#[must_use]
pub fn suspect(difference: i64) -> Option<&'static str> {
    let mut explained = Figures::COLUMNS.iter().filter(|(_, weight)| difference % weight == 0);
    let (name, _) = explained.next()?;
    explained.next().is_none().then_some(*name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_distinct_and_odd() {
        for (at, (name, weight)) in Figures::COLUMNS.iter().enumerate() {
            assert_eq!(weight % 2, 1, "{name}");
            assert_eq!(Figures::COLUMNS.iter().position(|(_, other)| other == weight), Some(at), "{name}");
        }
    }

    #[test]
    fn one_changed_column_shows_and_is_named() {
        for (name, weight) in Figures::COLUMNS {
            for by in [-3, -1, 1, 2, 40] {
                assert_eq!(suspect(by * weight), Some(*name));
            }
        }
        assert_eq!(suspect(101 - 103), None);
        assert_eq!(suspect(101 * 103), None);
    }

    #[test]
    fn counts_make_the_same_figures_again() {
        let figures = Figures { received: 3, open: 2, waiting_late: 1, ..Figures::default() };
        assert_eq!(Figures::from_values(&figures.values()), Some(figures));
        assert_eq!(Figures::from_values(&[1, 2]), None);
        assert_eq!(Figures::from_values(&[0; 15]), None);
    }

    #[test]
    fn what_is_settled_is_not_carried_over() {
        let settled = Figures {
            received: 5,
            early: 2,
            late: 1,
            stopped: 2,
            declined: 4,
            submitted: 4,
            ..Figures::default()
        };
        assert_eq!(settled.carried(), Figures::default());
        let standing = Figures {
            received: 7,
            moved: -1,
            on_time: 2,
            open: 4,
            overdue: 1,
            waiting: 3,
            ..Figures::default()
        };
        let carried = Figures { moved: 4, open: 4, overdue: 1, waiting: 3, ..Figures::default() };
        assert_eq!(standing.carried(), carried);
        assert_eq!(carried.carried(), carried);
        let mut both = settled;
        both += Figures { open: 6, ..standing };
        assert_eq!(
            (both.carried().imbalance(), both.imbalance()),
            (-2, -2),
            "what does not agree still does not"
        );
    }

    #[test]
    fn a_sum_has_the_sum_of_the_controls() {
        let one = Figures { received: 3, open: 2, late: 1, ..Figures::default() };
        let other = Figures { received: 5, moved: -1, open: 4, ..Figures::default() };
        let mut both = one;
        both += other;
        assert_eq!(both.control(), one.control() + other.control());
        both -= other;
        assert_eq!(both, one);
        assert_eq!((one.imbalance(), other.imbalance()), (0, 0));
    }
}
