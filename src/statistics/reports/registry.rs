//! All forms: those that come with the program, and those in the folder of the installation.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::layout::Form;

/// What comes with the program.
const EMBEDDED: [(&str, &str); 4] = [
    ("06a", include_str!("layouts/06a.json")),
    ("06b", include_str!("layouts/06b.json")),
    ("tien-do", include_str!("layouts/tien-do.json")),
    ("qd766", include_str!("layouts/qd766.json")),
];

/// The forms by their codes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Layouts(Arc<BTreeMap<String, Form>>);

/// What is wrong with layouts, all of it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct BadLayouts(Vec<String>);

impl Layouts {
    /// The forms of the program, and those of the files `*.json` in `folder`; one of the same code takes the place of the
    /// program's own.
    ///
    /// # Errors
    /// A folder or file that cannot be read, and everything that is wrong with a layout.
    pub fn load(folder: Option<&Path>) -> Result<Self, BadLayouts> {
        let mut faults = Vec::new();
        let mut forms = BTreeMap::new();
        for (name, text) in EMBEDDED {
            add(name, text, &mut forms, &mut faults);
        }
        let mut own = BTreeMap::new();
        for path in folder.map_or_else(Vec::new, |folder| files(folder, &mut faults)) {
            let name = path.display().to_string();
            match fs::read_to_string(&path) {
                Ok(text) => add(&name, &text, &mut own, &mut faults),
                Err(error) => faults.push(format!("{name}: {error}")),
            }
        }
        forms.extend(own);
        if faults.is_empty() { Ok(Self(Arc::new(forms))) } else { Err(BadLayouts(faults)) }
    }

    /// The form with this code.
    pub(super) fn get(&self, code: &str) -> Option<&Form> {
        self.0.get(code)
    }

    /// All codes.
    pub(super) fn codes(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

fn files(folder: &Path, faults: &mut Vec<String>) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.unwrap_or_else(|error| {
        faults.push(format!("{}: {error}", folder.display()));
        Vec::new()
    });
    let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|it| it == "json"));
    paths.sort();
    paths
}

fn add(name: &str, text: &str, forms: &mut BTreeMap<String, Form>, faults: &mut Vec<String>) {
    match Form::parse(text) {
        Ok(form) => {
            if forms.contains_key(&form.code) {
                faults.push(format!("{name}: the form {} stands in another file too", form.code));
            } else {
                forms.insert(form.code.clone(), form);
            }
        }
        Err(wrong) => faults.extend(wrong.into_iter().map(|fault| format!("{name}: {fault}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_the_program_are_in_order() {
        let layouts = Layouts::load(None).unwrap();
        assert_eq!(layouts.codes(), ["06a", "06b", "qd766", "tien-do"]);
        for form in ["06a", "06b"] {
            let numbers: Vec<_> =
                layouts.get(form).unwrap().leaves.iter().map(|leaf| leaf.number.as_str()).collect();
            let expected: Vec<String> = (1..=13).map(|number| format!("({number})")).collect();
            assert_eq!(numbers, expected, "columns of Circular 01/2020");
        }
    }

    #[test]
    fn a_folder_adds_and_replaces() {
        let folder = tempfile::tempdir().unwrap();
        let text =
            |form: &str| include_str!("layouts/06a.json").replacen("\"06a\"", &format!("\"{form}\""), 1);
        fs::write(folder.path().join("own.json"), text("06-tinh")).unwrap();
        fs::write(folder.path().join("newer.json"), text("06a").replace("\"own\"", "\"with_below\""))
            .unwrap();
        fs::write(folder.path().join("readme.txt"), "no layout").unwrap();
        let layouts = Layouts::load(Some(folder.path())).unwrap();
        assert_eq!(layouts.codes(), ["06-tinh", "06a", "06b", "qd766", "tien-do"]);
        fs::write(folder.path().join("twice.json"), text("06a")).unwrap();
        assert!(
            Layouts::load(Some(folder.path())).unwrap_err().to_string().contains("stands in another file")
        );
    }

    #[test]
    fn everything_wrong_is_told_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let good = include_str!("layouts/06a.json");
        let bad = good.replace("\"06a\"", "\"06 A\"").replace("\"carried_over\"", "\"carried\"").replacen(
            "\"pending_total\"",
            "\"pending_in_time\"",
            1,
        );
        fs::write(folder.path().join("bad.json"), bad).unwrap();
        fs::write(folder.path().join("worse.json"), "{").unwrap();
        let told = Layouts::load(Some(folder.path())).unwrap_err().to_string();
        for part in [
            "bad.json: form:",
            "`carried`",
            "stands there twice",
            "no count `pending_total`",
            "worse.json: EOF",
        ] {
            assert!(told.contains(part), "{part} is not in {told}");
        }
        assert!(Layouts::load(Some(Path::new("/no/such/folder"))).is_err());
    }
}
