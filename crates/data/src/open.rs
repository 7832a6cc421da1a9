//! Paths, views and roles to a data set.

mod assemble;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use suffit_core::dataset::Roles;
use suffit_core::{Dataset, Result, Role, Source};

use crate::column::Selector;
use crate::decision::Decision;
use crate::error::BindError;
use crate::read::{ReadOptions, format_of, open_path};
use crate::source::names;

/// `NAME=COLUMNS` or `NAME=FILE`: columns of the data, or a file of its own.
///
/// A file may name one array of an archive, or columns of a table, in brackets: `all.npz[image]`,
/// `img.parquet[img_*]`.
///
/// ```
/// let v = suffit_data::ViewSpec::parse("image=img_*")?;
/// assert_eq!((v.name.as_str(), v.from.as_str()), ("image", "img_*"));
/// assert!(suffit_data::ViewSpec::parse("image").is_err());
/// # Ok::<(), suffit_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewSpec {
    /// Name of the view.
    pub name: String,
    /// A selector or a path.
    pub from: String,
}

impl ViewSpec {
    /// From `NAME=…`.
    ///
    /// # Errors
    /// [`BindError::ViewSyntax`].
    pub fn parse(text: &str) -> Result<Self> {
        match text.split_once('=') {
            Some((name, from)) if !name.trim().is_empty() && !from.trim().is_empty() => {
                Ok(ViewSpec { name: name.trim().to_owned(), from: from.trim().to_owned() })
            }
            _ => Err(BindError::ViewSyntax { text: text.to_owned() }.into()),
        }
    }

    /// The file and the bracket, if it names a file.
    fn file(&self) -> Option<(PathBuf, Option<String>)> {
        let (path, inside) = match self.from.strip_suffix(']').and_then(|t| t.rsplit_once('[')) {
            Some((path, inside)) => (path, Some(inside.to_owned())),
            None => (self.from.as_str(), None),
        };
        format_of(Path::new(path)).map(|_| (PathBuf::from(path), inside))
    }
}

/// What to open and how to read it. All fields may be left empty; what is not said is guessed and told.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpenRequest {
    /// Files, folders, or `bundled:NAME`. Several are parts of one table, or aligned by `key`.
    pub data: Vec<PathBuf>,
    /// Views; guessed when empty.
    pub views: Vec<ViewSpec>,
    /// Label column.
    pub label: Option<String>,
    /// Identifier column.
    pub id: Option<String>,
    /// Group column.
    pub group: Option<String>,
    /// Split column.
    pub split: Option<String>,
    /// Weight column.
    pub weight: Option<String>,
    /// Time column.
    pub time: Option<String>,
    /// Presence masks: view and column (1 = present).
    pub present: Vec<ViewSpec>,
    /// Key column by which the files are aligned; a key that a file lacks is a missing view there.
    pub key: Option<String>,
    /// How text tables are read.
    pub read: ReadOptions,
}

impl OpenRequest {
    /// One path, everything guessed.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        OpenRequest { data: vec![path.into()], ..OpenRequest::default() }
    }

    /// The same with a view added, `NAME=COLUMNS` or `NAME=FILE`.
    ///
    /// # Errors
    /// [`BindError::ViewSyntax`].
    pub fn view(mut self, text: &str) -> Result<Self> {
        self.views.push(ViewSpec::parse(text)?);
        Ok(self)
    }

    /// The roles of one column that the user named, with their flags.
    fn given(&self) -> Vec<(Role, &String)> {
        let pairs = [
            (Role::Label, &self.label),
            (Role::Id, &self.id),
            (Role::Group, &self.group),
            (Role::Split, &self.split),
            (Role::Weight, &self.weight),
            (Role::Time, &self.time),
        ];
        pairs.into_iter().filter_map(|(role, column)| column.as_ref().map(|c| (role, c))).collect()
    }
}

/// Opens data and binds its columns to roles: those that were given, then guesses for the rest.
///
/// - several `data` paths are parts of one table (same columns); with `key` they are aligned by it
/// - views with files of their own are put beside the data; row counts must match unless `key` aligns
/// - arrays keep their name as the view's name; columns of a view's table are called `VIEW.COLUMN`
/// - lazy: values are read later (a CSV file is scanned once for its types; `key` holds all rows)
///
/// # Errors
/// [`BindError`], [`FormatError`](crate::FormatError) naming files, rows and columns; I/O.
pub fn open(request: &OpenRequest) -> Result<(Dataset, Vec<Decision>)> {
    if request.data.is_empty() && request.views.is_empty() {
        return Err(BindError::NoData.into());
    }
    for (i, view) in request.views.iter().enumerate() {
        if request.views[..i].iter().any(|v| v.name == view.name) {
            return Err(BindError::ViewTwice { view: view.name.clone() }.into());
        }
    }
    let mut assembled = assemble::assemble(request)?;
    let (name, source) = (assembled.name.clone(), assembled.source.clone());
    let columns = names(&source.schema());
    let mut roles = Roles::default();
    for (view, selector) in assembled.views {
        let role = Role::View(view.clone());
        let taken = match selector {
            assemble::Columns::Given(columns) => columns,
            assemble::Columns::Select(selector) => selector.resolve(&role.to_string(), &name, &columns)?,
        };
        assembled.decisions.push(Decision::given(role.to_string(), view_shown(&taken), "as given"));
        roles.bind(role, taken);
    }
    if let Some(key) = &request.key {
        roles.bind(Role::Id, vec![key.clone()]);
    }
    for (role, selector) in request.given() {
        let column = Selector::new(selector).one(&role.to_string(), &name, &columns)?;
        assembled.decisions.push(Decision::given(role.to_string(), column.clone(), "as given"));
        roles.bind(role, vec![column]);
    }
    for spec in &request.present {
        let role = Role::Present(spec.name.clone());
        let column = Selector::new(&spec.from).one(&role.to_string(), &name, &columns)?;
        roles.bind(role, vec![column]);
    }
    two_roles(&roles)?;
    assembled.decisions.extend(crate::sniff::sniff(&*source, &name, &mut roles)?);
    let all: Vec<String> = roles.views().iter().map(ToString::to_string).collect();
    if let Some(spec) = request.present.iter().find(|s| !all.contains(&s.name)) {
        let nearest = crate::column::nearest(&spec.name, &all);
        return Err(BindError::UnknownView { view: spec.name.clone(), nearest }.into());
    }
    let kind = crate::sniff::kind(&roles);
    Ok((Dataset { name, kind, source, roles }, assembled.decisions))
}

fn view_shown(columns: &[String]) -> String {
    match columns {
        [one] => one.clone(),
        [first, .., last] => format!("{first} … {last} ({})", columns.len()),
        [] => String::new(),
    }
}

/// A column in a view may not be in another view, nor be a label, a split or another such role.
fn two_roles(roles: &Roles) -> Result<()> {
    let mut seen: std::collections::HashMap<&str, &Role> = std::collections::HashMap::new();
    let exclusive = |r: &Role| matches!(r, Role::View(_) | Role::Features);
    for (role, columns) in roles.iter() {
        for column in columns {
            match seen.get(column.as_str()) {
                Some(first) if exclusive(role) || exclusive(first) => {
                    let (first, second) = (first.to_string(), role.to_string());
                    return Err(BindError::TwoRoles { column: column.clone(), first, second }.into());
                }
                _ => {
                    seen.insert(column, role);
                }
            }
        }
    }
    Ok(())
}

/// Opens a source as it is, with guessed roles; `name` stands for the file.
///
/// # Errors
/// I/O and format errors of the source.
pub fn from_source(name: &str, source: Arc<dyn Source>) -> Result<(Dataset, Vec<Decision>)> {
    let mut roles = Roles::default();
    let decisions = crate::sniff::sniff(&*source, name, &mut roles)?;
    Ok((Dataset { name: name.to_owned(), kind: crate::sniff::kind(&roles), source, roles }, decisions))
}
