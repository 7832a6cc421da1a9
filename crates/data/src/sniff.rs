//! Roles guessed from names and values, each with its reason.

use arrow_schema::{DataType, Schema};
use suffit_core::dataset::Roles;
use suffit_core::{Kind, Result, Role, Source};

use crate::decision::Decision;
use crate::label::{Labels, texts};
use crate::limit::{GUESSED_CLASSES, SNIFF_ROWS};
use crate::split::Part;
use crate::token::is_tokens;

/// A named group of columns.
type Group = (String, Vec<String>);

pub(crate) const LABEL_NAMES: &[&str] =
    &["label", "labels", "class", "target", "y", "digit", "category", "diagnosis", "outcome"];
const ID_NAMES: &[&str] =
    &["id", "ids", "uid", "uuid", "key", "sample", "sample_id", "row_id", "index", "idx", "unnamed: 0"];
const GROUP_NAMES: &[&str] = &[
    "group",
    "groups",
    "patient",
    "patient_id",
    "subject",
    "subject_id",
    "donor",
    "donor_id",
    "speaker",
    "family",
    "site",
];
const SPLIT_NAMES: &[&str] = &["split", "set", "part", "partition", "subset", "fold"];
const WEIGHT_NAMES: &[&str] = &["weight", "weights", "sample_weight", "row_weight"];
const TIME_NAMES: &[&str] = &["time", "timestamp", "date", "datetime"];

/// Binds roles that are still unbound in `roles`, and says why.
///
/// Views (and plain features) are guessed only when no view is bound: every array column is a view;
/// numeric columns that share a prefix before a number (`pix_0`, `pix_1`) or before the first `_` or `.`
/// are a view each when there are at least two such groups, else all numeric columns are features. The
/// other roles are guessed by well-known names, and the label also as the only column of few values.
/// At most the first 4,096 rows are looked at.
///
/// # Errors
/// I/O and format errors of the source.
pub fn sniff(source: &dyn Source, file: &str, roles: &mut Roles) -> Result<Vec<Decision>> {
    let schema = source.schema();
    let mut guess = Guess { source, file, schema: &schema, roles, decisions: Vec::new() };
    let views_given = !guess.roles.views().is_empty() || !guess.roles.get(&Role::Features).is_empty();
    guess.split()?;
    guess.named(Role::Weight, WEIGHT_NAMES);
    guess.named(Role::Time, TIME_NAMES);
    guess.id()?;
    guess.named(Role::Group, GROUP_NAMES);
    guess.named(Role::Label, LABEL_NAMES);
    if !views_given {
        guess.views();
    }
    guess.present();
    guess.label_by_values()?;
    Ok(guess.decisions)
}

/// The kind that these roles make.
pub fn kind(roles: &Roles) -> Kind {
    if roles.views().len() >= 2 {
        Kind::Tuples
    } else if roles.one(&Role::Group).is_some() {
        Kind::Sets
    } else {
        Kind::Table
    }
}

struct Guess<'a> {
    source: &'a dyn Source,
    file: &'a str,
    schema: &'a Schema,
    roles: &'a mut Roles,
    decisions: Vec<Decision>,
}

impl Guess<'_> {
    fn free(&self) -> Vec<(String, DataType)> {
        let taken: std::collections::HashSet<&str> =
            self.roles.iter().flat_map(|(_, c)| c).map(String::as_str).collect();
        let fields = self.schema.fields().iter().filter(|f| !taken.contains(f.name().as_str()));
        fields.map(|f| (f.name().clone(), f.data_type().clone())).collect()
    }

    fn bind(&mut self, role: Role, column: &str, reason: impl Into<String>) {
        self.decisions.push(Decision::guessed(role.to_string(), column, reason));
        self.roles.bind(role, vec![column.to_owned()]);
    }

    fn find(&self, names: &[&str]) -> Option<(String, DataType)> {
        let free = self.free();
        names.iter().find_map(|n| free.iter().find(|(c, _)| c.eq_ignore_ascii_case(n)).cloned())
    }

    /// By a well-known name of a plain column.
    fn named(&mut self, role: Role, names: &[&str]) {
        if self.roles.one(&role).is_some() {
            return;
        }
        if let Some((column, _)) = self.find(names).filter(|(_, kind)| !kind.is_nested()) {
            self.bind(role, &column, "by its name");
        }
    }

    fn sample(&self, column: &str) -> Result<Vec<Option<String>>> {
        let mut rows = Vec::new();
        let one = [column.to_owned()];
        if let Some(batch) = self.source.batches(Some(&one), SNIFF_ROWS)?.next().transpose()? {
            let held = crate::source::Held::new(self.file, &batch.schema(), &[batch], Vec::new())?;
            rows = texts(&held, column, self.file, "a guess")?;
        }
        Ok(rows)
    }

    fn split(&mut self) -> Result<()> {
        if self.roles.one(&Role::Split).is_some() {
            return Ok(());
        }
        let Some((column, kind)) = self.find(SPLIT_NAMES) else { return Ok(()) };
        if !is_plain_text(&kind) {
            return Ok(());
        }
        let sample = self.sample(&column)?;
        if !sample.is_empty() && sample.iter().all(|t| t.as_deref().is_some_and(|t| Part::parse(t).is_some())) {
            let named = Labels::from_texts(&column, &sample).names.join(", ");
            self.bind(Role::Split, &column, format!("its values name parts ({named})"));
        }
        Ok(())
    }

    fn id(&mut self) -> Result<()> {
        if self.roles.one(&Role::Id).is_some() {
            return Ok(());
        }
        let Some((column, kind)) = self.find(ID_NAMES) else { return Ok(()) };
        if kind.is_nested() || kind.is_floating() {
            return Ok(());
        }
        let sample = self.sample(&column)?;
        let mut seen = std::collections::HashSet::new();
        if sample.iter().all(|t| t.as_ref().is_some_and(|t| seen.insert(t.clone()))) {
            self.bind(Role::Id, &column, "by its name, and its values differ");
        }
        Ok(())
    }

    fn views(&mut self) {
        let free = self.free();
        let masks: Vec<String> = free.iter().filter(|(_, k)| k.is_nested()).map(|(c, _)| format!("{c}_mask")).collect();
        let arrays: Vec<String> =
            free.iter().filter(|(c, k)| is_array(k) && !masks.contains(c)).map(|(c, _)| c.clone()).collect();
        let numbers: Vec<String> =
            free.iter().filter(|(_, k)| k.is_numeric() || *k == DataType::Boolean).map(|(c, _)| c.clone()).collect();
        let plain: Vec<String> =
            free.iter().filter(|(c, k)| numbers.contains(c) || is_plain_text(k)).map(|(c, _)| c.clone()).collect();
        let (groups, reason) = grouped(&numbers, &plain);
        let array_names = arrays.join(" ");
        if !arrays.is_empty() {
            for name in &arrays {
                self.roles.bind(Role::View(name.clone()), vec![name.clone()]);
            }
            self.decisions.push(Decision::guessed("views", array_names, "every array column is a view"));
        }
        if groups.len() + arrays.len() >= 2 && !groups.is_empty() {
            let shown: Vec<String> = groups.iter().map(|(n, c)| format!("{n}({})", c.len())).collect();
            self.decisions.push(Decision::guessed("views", shown.join(" "), reason));
            for (name, columns) in groups {
                self.roles.bind(Role::View(name), columns);
            }
        } else if arrays.is_empty() && !numbers.is_empty() {
            let shown = format!("{} numeric columns", numbers.len());
            self.decisions.push(Decision::guessed("features", shown, "no two groups of columns share a prefix"));
            self.roles.bind(Role::Features, numbers);
        }
    }

    fn present(&mut self) {
        let views: Vec<String> = self.roles.views().iter().map(ToString::to_string).collect();
        for view in views {
            let role = Role::Present(view.clone());
            if self.roles.one(&role).is_none() {
                let names = [format!("present_{view}"), format!("{view}_present"), format!("has_{view}")];
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                self.named(role, &names);
            }
        }
    }

    fn label_by_values(&mut self) -> Result<()> {
        if self.roles.one(&Role::Label).is_some() {
            return Ok(());
        }
        let mut candidates = Vec::new();
        for (column, kind) in self.free() {
            if !(is_plain_text(&kind) || kind.is_integer() || kind == DataType::Boolean) {
                continue;
            }
            let sample = self.sample(&column)?;
            let classes = Labels::from_texts(&column, &sample).classes();
            if (2..=GUESSED_CLASSES).contains(&classes) && classes * 2 <= sample.len() {
                candidates.push((column, classes, if kind.is_integer() { "whole numbers" } else { "values" }));
            }
        }
        match candidates.as_slice() {
            [] => {}
            [(column, classes, what)] => {
                let (column, reason) = (column.clone(), format!("{classes} different {what}"));
                self.bind(Role::Label, &column, reason);
            }
            many => {
                let names: Vec<String> = many.iter().map(|(c, ..)| c.clone()).collect();
                let reason = format!("{} could each be one: give --label", names.join(", "));
                self.decisions.push(Decision::guessed("label", "none", reason));
            }
        }
        Ok(())
    }
}

fn is_plain_text(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, value) => is_plain_text(value),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        _ => false,
    }
}

fn is_array(kind: &DataType) -> bool {
    match kind {
        DataType::FixedSizeList(item, _) | DataType::List(item) | DataType::LargeList(item) => {
            item.data_type().is_numeric() || *item.data_type() == DataType::Boolean
        }
        other => is_tokens(other),
    }
}

/// Groups of at least two columns by a common prefix, and the reason in words. Text columns of `all`
/// that are numbered like a group of numeric columns belong to it: a bad cell must not hide a column.
fn grouped(numbers: &[String], all: &[String]) -> (Vec<Group>, &'static str) {
    let numeric: std::collections::HashSet<&String> = numbers.iter().collect();
    let covers = |groups: &[Group]| {
        let inside = groups.iter().flat_map(|(_, c)| c).filter(|c| numeric.contains(c)).count();
        inside * 10 >= numbers.len() * 9
    };
    let mut indexed = by_prefix(all, numbered);
    indexed.retain(|(_, columns)| columns.iter().any(|c| numeric.contains(c)));
    if !covers(&indexed) {
        let first = by_prefix(numbers, |c| c.split_once(['_', '.']).map(|(p, _)| p));
        if covers(&first) && first.len() >= 2 {
            return (first, "columns share a prefix before the first `_` or `.`");
        }
    }
    (indexed, "columns share a prefix before a number")
}

/// The prefix of `pix_12`, `pix.12`, `pix12`: `pix`.
fn numbered(column: &str) -> Option<&str> {
    let stem = column.trim_end_matches(|c: char| c.is_ascii_digit());
    (stem.len() < column.len()).then(|| stem.trim_end_matches(['_', '-', '.', ' ']))
}

fn by_prefix(columns: &[String], prefix: impl Fn(&str) -> Option<&str>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut place = std::collections::HashMap::new();
    for column in columns {
        let Some(p) = prefix(column).filter(|p| !p.is_empty()) else { continue };
        let k = *place.entry(p).or_insert_with(|| {
            groups.push((p.to_owned(), Vec::new()));
            groups.len() - 1
        });
        groups[k].1.push(column.clone());
    }
    groups.retain(|(_, c)| c.len() >= 2);
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(numbers: &[&str], texts: &[&str]) -> Vec<String> {
        let own = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let groups = grouped(&own(numbers), &own(&[numbers, texts].concat())).0;
        groups.iter().map(|(n, c)| format!("{n}({})", c.len())).collect()
    }

    #[test]
    fn groups_by_number_then_by_first_part() {
        assert_eq!(shown(&["pix_0", "pix_1", "fou.0", "fou.1", "x1", "x2"], &[]), ["pix(2)", "fou(2)", "x(2)"]);
        assert_eq!(shown(&["gene_ACC1", "gene_FAS", "lipid_C14.0", "lipid_C16.1n.9"], &[]), ["gene(2)", "lipid(2)"]);
        // one column turned to text by a bad cell stays in its view, so that the cell is named
        assert_eq!(shown(&["img_0", "txt_0", "txt_1"], &["img_1", "name"]), ["img(2)", "txt(2)"]);
        assert_eq!(shown(&["age", "height"], &[]), Vec::<String>::new());
    }
}
