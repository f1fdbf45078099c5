//! Text as it is searched: without case, accents and surplus space, since people look for names without typing tone marks.

/// Every Latin letter with marks of Vietnamese and of western European names, by its bare letter. Lower case only.
const BARE: &[(char, &str)] = &[
    ('a', "àáảãạăằắẳẵặâầấẩẫậäåāą"),
    ('c', "çćč"),
    ('d', "đðď"),
    ('e', "èéẻẽẹêềếểễệëēęě"),
    ('g', "ğ"),
    ('i', "ìíỉĩịïîīı"),
    ('l', "ł"),
    ('n', "ñńň"),
    ('o', "òóỏõọôồốổỗộơờớởỡợöøō"),
    ('r', "ř"),
    ('s', "śšş"),
    ('t', "ťţ"),
    ('u', "ùúủũụưừứửữựüûūů"),
    ('y', "ỳýỷỹỵÿ"),
    ('z', "źžż"),
];

/// Folds text for the search columns and for what is searched in them.
///
/// Composed and decomposed marks give the same; runs of white space become one space; the ends are trimmed. Other scripts
/// and punctuation stay.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_whitespace() {
            gap = !folded.is_empty();
            continue;
        }
        // Combining marks: what is left of decomposed text, and the dot of a lower-cased İ.
        if ('\u{300}'..='\u{36f}').contains(&letter) {
            continue;
        }
        if gap {
            folded.push(' ');
            gap = false;
        }
        folded.push(bare(letter));
    }
    folded
}

fn bare(letter: char) -> char {
    if letter.is_ascii() {
        return letter;
    }
    BARE.iter().find(|(_, marked)| marked.contains(letter)).map_or(letter, |(bare, _)| *bare)
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn marks_case_and_space_do_not_matter() {
        assert_eq!(fold("Nguyễn Thị Đào"), "nguyen thi dao");
        assert_eq!(fold("  UỶ  BAN\tNHÂN DÂN "), "uy ban nhan dan");
        assert_eq!(fold("PHƯỜNG"), fold("phường"));
        assert_eq!(fold("số 12/3, ấp Tân Hòa"), "so 12/3, ap tan hoa");
    }

    #[test]
    fn decomposed_text_is_the_same() {
        assert_eq!(fold("Nguye\u{302}\u{303}n Thi\u{323}"), fold("Nguyễn Thị"));
        assert_eq!(fold("Tha\u{323}\u{302}t"), fold("Thật"));
    }

    #[test]
    fn every_vietnamese_letter_is_bare() {
        let all = "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ";
        assert!(fold(all).is_ascii() && fold(&all.to_lowercase()).is_ascii());
    }
}
