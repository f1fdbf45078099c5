//! Made-up applicants: names, numbers and addresses that look right and belong to nobody.

use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::IndexedRandom;

use crate::dossiers::{Applicant, ApplicantKind};

const FAMILY: [&str; 12] =
    ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Dương"];
const MIDDLE: [&str; 12] =
    ["Văn", "Thị", "Thanh", "Ngọc", "Minh", "Hữu", "Thị Kim", "Thị Mỹ", "Quốc", "Hoàng", "Thị Hồng", "Tấn"];
const GIVEN: [&str; 24] = [
    "An", "Bình", "Chi", "Dũng", "Em", "Giang", "Hoa", "Hùng", "Khánh", "Lan", "Linh", "Mai", "Nam", "Nga",
    "Nhân", "Phúc", "Phương", "Quang", "Sơn", "Tâm", "Thảo", "Trang", "Tuấn", "Yến",
];

/// Somebody who lives in `place`.
pub fn applicant(place: &str, rng: &mut Xoshiro256PlusPlus) -> Applicant {
    let part =
        |parts: &[&'static str], rng: &mut Xoshiro256PlusPlus| parts.choose(rng).copied().unwrap_or_default();
    Applicant {
        kind: ApplicantKind::Person,
        full_name: format!("{} {} {}", part(&FAMILY, rng), part(&MIDDLE, rng), part(&GIVEN, rng)),
        // 087 is Đồng Tháp's; the rest is drawn.
        identity_number: Some(format!("087{:09}", rng.random_range(0..1_000_000_000_u32))),
        identity_document: None,
        tax_code: None,
        phone: Some(format!("+849{:08}", rng.random_range(0..100_000_000_u32))),
        email: None,
        address: Some(format!("Ấp {}, {place}", rng.random_range(1..9_u8))),
    }
}
