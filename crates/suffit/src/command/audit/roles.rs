//! Which columns are x, z, w and y: as given, or guessed and told.

use std::collections::BTreeSet;
use std::path::Path;

use suffit_core::dataset::Roles;
use suffit_core::{Dataset, Result, Role};
use suffit_data::source::names;
use suffit_data::{Decision, OpenRequest, Selector, ViewSpec};
use suffit_methods::audit::{TARGET, X};

use super::error::AskError;
use crate::flags::DataArgs;

/// Beginnings of columns that are taken for a representation.
const Z_PREFIXES: &[&str] = &["z", "emb", "embedding", "pca", "pc", "latent", "rep", "code", "umap", "h"];

/// Names of a target.
const Y_NAMES: &[&str] = &["y", "outcome", "target", "label", "class", "response"];

/// Names of columns that say which row this is.
const KEY_NAMES: &[&str] = &["id", "key", "uid", "uuid", "row_id", "sample_id", "name"];

/// The sides of the question as typed.
#[derive(Debug, Clone, Default, PartialEq, clap::Args)]
#[command(next_help_heading = "Question")]
pub struct RoleArgs {
    /// All that is known: columns (`raw_*`, `a,b`, `a..f`) or a file
    #[arg(long, value_name = "COLUMNS|FILE")]
    pub x: Option<String>,
    /// What was kept: columns or a file; repeat to rank several
    #[arg(long, value_name = "COLUMNS|FILE")]
    pub z: Vec<String>,
    /// The target: columns or a file
    #[arg(long, value_name = "COLUMNS|FILE")]
    pub y: Option<String>,
    /// Covariates that are always known
    #[arg(long, value_name = "COLUMNS|FILE")]
    pub w: Option<String>,
    /// The files hold the same rows in the same order, although no key says so
    #[arg(long, conflicts_with = "key")]
    pub same_order: bool,
}

/// Opened data with the roles of an audit.
pub struct Asked {
    /// The data.
    pub dataset: Dataset,
    /// How it was opened.
    pub args: DataArgs,
    /// What was decided, for the echo.
    pub decisions: Vec<Decision>,
}

/// Whether a text names a file rather than columns.
pub fn is_file(text: &str) -> bool {
    let path = text.strip_suffix(']').and_then(|t| t.rsplit_once('[')).map_or(text, |(path, _)| path);
    let known = ["parquet", "csv", "tsv", "npy", "npz", "safetensors"];
    Path::new(path).extension().and_then(|e| e.to_str()).is_some_and(|e| known.contains(&e.to_lowercase().as_str()))
}

/// A short name for a representation: the file's stem, or the pattern without its signs.
fn short(text: &str) -> String {
    if is_file(text) {
        return Path::new(text).file_stem().map_or_else(|| text.to_owned(), |s| s.to_string_lossy().into_owned());
    }
    let name = text.trim_end_matches(['*', '_', '.', '-']);
    if name.is_empty() { text.to_owned() } else { name.to_owned() }
}

/// Opens the files and binds the sides.
///
/// # Errors
/// Files without a key between them, columns that are not there, no target, y inside x or z.
pub fn open(roles: &RoleArgs, data: &DataArgs, needs_z: bool) -> Result<Asked> {
    let mut args = data.clone();
    let mut columns: Vec<(Role, &str)> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut files: Vec<String> = args.data.clone();
    let mut side = |view: String, text: &'_ str, args: &mut DataArgs| -> Option<Role> {
        if !is_file(text) {
            return Some(Role::View(view));
        }
        if !files.iter().any(|f| f == text) {
            files.push(text.to_owned());
        }
        args.view.push(format!("{view}={text}"));
        None
    };
    let mut names_of_z = Vec::new();
    for text in &roles.z {
        let mut name = short(text);
        while !seen.insert(name.clone()) {
            name.push('\'');
        }
        names_of_z.push((format!("z:{name}"), text.as_str()));
    }
    let given = roles.x.iter().map(|t| (X.to_owned(), t.as_str()));
    let given = given.chain(names_of_z).chain(roles.w.iter().map(|t| ("w".to_owned(), t.as_str())));
    for (view, text) in given.chain(roles.y.iter().map(|t| (TARGET.to_owned(), t.as_str()))) {
        columns.extend(side(view, text, &mut args).map(|role| (role, text)));
    }
    if args.is_empty() {
        return Err(AskError::NoData.into());
    }
    let mut decisions = Vec::new();
    if files.len() > 1 && args.key.is_none() && !roles.same_order {
        let key = shared_key(&files)?;
        decisions.push(Decision::guessed("key", key.clone(), "the column that all files share"));
        args.key = Some(key);
    }
    let (mut dataset, opened) = suffit_data::open(&args.request()?)?;
    decisions.extend(opened.into_iter().filter(|d| d.given));
    let all = names(&dataset.source.schema());
    let mut bound = Roles::default();
    for view in args.view.iter().map(|v| ViewSpec::parse(v)).collect::<Result<Vec<_>>>()? {
        let role = Role::View(view.name.clone());
        bound.bind(role.clone(), dataset.roles.get(&role).to_vec());
    }
    for (role, text) in columns {
        let found = Selector::new(text).resolve(&role.to_string(), &dataset.name, &all)?;
        decisions.push(Decision::given(role.to_string(), shown(&found), "as given"));
        bound.bind(role, found);
    }
    for (role, asked) in
        [(Role::Group, &args.group), (Role::Time, &args.time), (Role::Id, &args.id), (Role::Weight, &args.weight)]
    {
        if asked.is_some() || (role == Role::Id && args.key.is_some()) {
            bound.bind(role.clone(), dataset.roles.get(&role).to_vec());
        }
    }
    if let [label] = dataset.roles.get(&Role::Label)
        && bound.get(&Role::View(TARGET.to_owned())).is_empty()
        && (args.label.is_some() || roles.y.as_deref().is_some_and(is_file))
    {
        bound.bind(Role::View(TARGET.to_owned()), vec![label.clone()]);
    }
    guess(&mut bound, &all, &dataset.name, needs_z, &mut decisions)?;
    apart(&bound, &dataset.name)?;
    dataset.roles = bound;
    Ok(Asked { dataset, args, decisions })
}

/// The one column that tells which row is which, found in every file.
fn shared_key(files: &[String]) -> Result<String> {
    let mut shared: Option<Vec<String>> = None;
    for file in files {
        let path = file.strip_suffix(']').and_then(|t| t.rsplit_once('[')).map_or(file.as_str(), |(path, _)| path);
        let (data, _) = suffit_data::open(&OpenRequest::path(path))?;
        let here = names(&data.source.schema());
        shared = Some(match shared {
            None => here,
            Some(before) => before.into_iter().filter(|c| here.contains(c)).collect(),
        });
    }
    let shared = shared.unwrap_or_default();
    let known = shared.iter().find(|c| KEY_NAMES.contains(&c.to_lowercase().as_str()));
    match (known, shared.as_slice()) {
        (Some(key), _) => Ok(key.clone()),
        (None, [only]) => Ok(only.clone()),
        _ => Err(AskError::NoKey { files: files.to_vec(), shared }.into()),
    }
}

/// Fills in the sides that nobody gave.
fn guess(bound: &mut Roles, all: &[String], file: &str, needs_z: bool, decisions: &mut Vec<Decision>) -> Result<()> {
    let view = |name: &str| Role::View(name.to_owned());
    if bound.get(&view(TARGET)).is_empty() {
        let found = Y_NAMES.iter().find_map(|n| all.iter().find(|c| c.eq_ignore_ascii_case(n)));
        let Some(y) = found.filter(|c| !taken(bound, c)) else {
            return Err(AskError::Ask { side: "y", file: file.to_owned(), columns: all.to_vec() }.into());
        };
        decisions.push(Decision::guessed("view:y", y.clone(), "its name"));
        bound.bind(view(TARGET), vec![y.clone()]);
    }
    let has_z = bound.views().iter().any(|v| *v == "z" || v.starts_with("z:"));
    if needs_z && !has_z {
        let free = |c: &&String| !taken(bound, c);
        let Some((prefix, columns)) = Z_PREFIXES.iter().find_map(|prefix| {
            let found: Vec<String> = all.iter().filter(free).filter(|c| begins(c, prefix)).cloned().collect();
            (!found.is_empty()).then_some((prefix, found))
        }) else {
            return Err(AskError::Ask { side: "z", file: file.to_owned(), columns: all.to_vec() }.into());
        };
        decisions.push(Decision::guessed("view:z", shown(&columns), format!("their names begin with {prefix}")));
        bound.bind(view(&format!("z:{prefix}")), columns);
    }
    if bound.get(&view(X)).is_empty() {
        let left: Vec<String> = all
            .iter()
            .filter(|c| !taken(bound, c) && !KEY_NAMES.contains(&c.to_lowercase().as_str()))
            .cloned()
            .collect();
        if left.is_empty() {
            return Err(AskError::Ask { side: "x", file: file.to_owned(), columns: all.to_vec() }.into());
        }
        decisions.push(Decision::guessed("view:x", shown(&left), "all other columns"));
        bound.bind(view(X), left);
    }
    Ok(())
}

/// `emb`, `emb3`, `emb_3`, `emb.3`: the prefix, then a number or a separator.
fn begins(column: &str, prefix: &str) -> bool {
    let Some(rest) = column.to_lowercase().strip_prefix(prefix).map(str::to_owned) else { return false };
    let rest = rest.trim_start_matches(['_', '.', '-']);
    !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit())
}

fn taken(bound: &Roles, column: &str) -> bool {
    bound.iter().any(|(_, columns)| columns.iter().any(|c| c == column))
}

/// y may be in neither x nor z: it would tell itself.
fn apart(bound: &Roles, file: &str) -> Result<()> {
    let y = bound.get(&Role::View(TARGET.to_owned()));
    for (role, columns) in bound.iter().filter(|(role, _)| !matches!(role, Role::View(v) if v == TARGET)) {
        if let (Role::View(view), Some(column)) = (role, columns.iter().find(|c| y.contains(c))) {
            let (column, file, view) = (column.clone(), file.to_owned(), view.clone());
            return Err(AskError::TargetInside { column, file, view }.into());
        }
    }
    Ok(())
}

/// One name for several columns.
pub fn shown(columns: &[String]) -> String {
    suffit_methods::audit::record::short(columns)
}
