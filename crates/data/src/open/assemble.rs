//! Files to one source: parts end to end, views beside, or all aligned by a key.

use std::path::Path;
use std::sync::Arc;

use suffit_core::dataset::Roles;
use suffit_core::{Result, Role, Source};

use super::{OpenRequest, ReadOptions, Selector, open_path};
use crate::decision::Decision;
use crate::source::{Beside, Chain, Part, align, names};

/// Columns of a view: known already, or still to be selected.
pub(super) enum Columns {
    Given(Vec<String>),
    Select(Selector),
}

/// The one source, with what is known of the views.
pub(super) struct Assembled {
    pub name: String,
    pub source: Arc<dyn Source>,
    pub views: Vec<(String, Columns)>,
    pub decisions: Vec<Decision>,
}

pub(super) fn assemble(request: &OpenRequest) -> Result<Assembled> {
    let mut decisions = Vec::new();
    let mut data: Vec<(String, Arc<dyn Source>)> = Vec::new();
    for path in &request.data {
        let (source, more) = load(path, None, &request.read)?;
        decisions.extend(more);
        data.push((path.display().to_string(), source));
    }
    let mut parts: Vec<Part> = Vec::new();
    if request.key.is_some() || data.len() <= 1 {
        for (label, source) in data {
            let columns = names(&source.schema()).into_iter().map(|c| (c.clone(), c)).collect();
            parts.push(Part { label, source, columns });
        }
    } else {
        let label = data[0].0.clone();
        let source: Arc<dyn Source> = Arc::new(Chain::new(data)?);
        let columns = names(&source.schema()).into_iter().map(|c| (c.clone(), c)).collect();
        parts.push(Part { label, source, columns });
    }
    let known: Vec<String> = parts.iter().flat_map(|p| p.columns.iter().map(|c| c.1.clone())).collect();
    let mut views = Vec::new();
    for spec in &request.views {
        let file = if known.contains(&spec.from) { None } else { spec.file() };
        match file {
            Some((path, inside)) => {
                let (source, more) = load(&path, inside.as_deref(), &request.read)?;
                decisions.extend(more);
                let (part, columns) = view_part(request, &spec.name, &path, source, inside.as_deref(), &parts)?;
                parts.push(part);
                views.push((spec.name.clone(), Columns::Given(columns)));
            }
            None => views.push((spec.name.clone(), Columns::Select(Selector::new(&spec.from)))),
        }
    }
    let name = parts.first().map_or_else(String::new, |p| short(&p.label));
    let source: Arc<dyn Source> = match (&request.key, parts.len()) {
        (Some(key), _) => {
            let held = align(key, &parts)?;
            let rows = held.batch().num_rows();
            decisions.push(Decision::given(
                "rows",
                rows.to_string(),
                format!("aligned by {key} over {} files", parts.len()),
            ));
            Arc::new(held)
        }
        (None, 1) if parts[0].columns.iter().all(|(there, here)| there == here) => parts.swap_remove(0).source,
        (None, 0) => return Err(crate::error::BindError::NoData.into()),
        (None, _) => Arc::new(Beside::new(parts)?),
    };
    Ok(Assembled { name, source, views, decisions })
}

fn short(label: &str) -> String {
    Path::new(label).file_name().map_or_else(|| label.to_owned(), |n| n.to_string_lossy().into_owned())
}

fn load(path: &Path, inside: Option<&str>, options: &ReadOptions) -> Result<(Arc<dyn Source>, Vec<Decision>)> {
    if let Some(name) = path.to_str().and_then(|t| t.strip_prefix("bundled:")) {
        return Ok((crate::bundle::source(name)?, Vec::new()));
    }
    let opened = open_path(path, inside, options)?;
    Ok((opened.source, opened.decisions))
}

/// Columns that a view's own file gives: its one array, or the columns of its table.
fn view_part(
    request: &OpenRequest,
    view: &str,
    path: &Path,
    source: Arc<dyn Source>,
    inside: Option<&str>,
    parts: &[Part],
) -> Result<(Part, Vec<String>)> {
    let label = match inside {
        Some(inside) => format!("{}[{inside}]", path.display()),
        None => path.display().to_string(),
    };
    let all = names(&source.schema());
    let taken = |column: &str| parts.iter().any(|p| p.columns.iter().any(|(_, here)| here == column));
    let is_table = matches!(
        crate::read::format_of(path),
        Some(crate::read::Format::Parquet | crate::read::Format::Csv | crate::read::Format::Tsv)
    );
    let mut columns = Vec::new();
    let mut kept: Vec<String> = Vec::new();
    if is_table {
        for (_, given) in request.given() {
            if all.contains(given) {
                kept.push(given.clone());
            }
        }
        kept.extend(request.present.iter().filter(|p| all.contains(&p.from)).map(|p| p.from.clone()));
        kept.extend(request.key.iter().filter(|k| all.contains(k)).cloned());
    }
    let features = match inside.filter(|_| is_table) {
        Some(selector) => {
            Selector::new(selector).resolve(&format!("view:{view}"), &path.display().to_string(), &all)?
        }
        None if is_table => {
            // the roles that are given or have well-known names are not features
            let mut roles = Roles::default();
            for column in &kept {
                roles.bind(Role::Present(column.clone()), vec![column.clone()]);
            }
            roles.bind(Role::View(String::new()), Vec::new());
            roles.bind(Role::Features, vec![String::new()]);
            roles.bind(Role::Label, well_known_label(&all));
            crate::sniff::sniff(&*source, &label, &mut roles)?;
            let others: Vec<String> = roles.iter().flat_map(|(_, c)| c.to_vec()).collect();
            kept.extend(others.iter().filter(|c| all.contains(c) && !kept.contains(c)).cloned().collect::<Vec<_>>());
            all.iter().filter(|c| !others.contains(c)).cloned().collect()
        }
        None => all.clone(),
    };
    let single = features.len() == 1 && !is_table;
    let mut here = Vec::with_capacity(features.len());
    for column in &features {
        let name = if single { view.to_owned() } else { format!("{view}.{column}") };
        columns.push((column.clone(), name.clone()));
        here.push(name);
    }
    let is_key = |c: &String| request.key.as_ref() == Some(c);
    for column in kept {
        if !features.contains(&column) && (is_key(&column) || !taken(&column)) {
            columns.push((column.clone(), column));
        }
    }
    Ok((Part { label, source, columns }, here))
}

/// A label column by name alone, so that few-valued features are not taken for one.
fn well_known_label(columns: &[String]) -> Vec<String> {
    let found = crate::sniff::LABEL_NAMES.iter().find_map(|n| columns.iter().find(|c| c.eq_ignore_ascii_case(n)));
    vec![found.cloned().unwrap_or_default()]
}
