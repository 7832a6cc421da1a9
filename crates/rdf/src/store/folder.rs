//! A built graph as a folder: `graph.nq`, `shapes.nt` and, last, a `MANIFEST.json` with the size and
//! BLAKE3 of each.
//!
//! The folder is written under a temporary name, every file is synced, and it is renamed at the
//! end: a killed build leaves the temporary folder, never a half that looks complete. The triples
//! are kept as text, so that any other tool reads them too; the closure is derived anew on opening.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use suffit_core::{Cause, Family, Result, files};

use super::{Store, Triples, beside};
use crate::read::{self, Format, Options};

/// Version of the form of the folder.
const FORMAT: u32 = 1;
const MANIFEST: &str = "MANIFEST.json";
const GRAPH: &str = "graph.nq";
const SHAPES: &str = "shapes.nt";

/// Why a folder cannot be written or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// Something is there already.
    #[error("{path} exists already")]
    Exists {
        /// The path.
        path: String,
    },
    /// A file is not what the manifest says.
    #[error("{file} is damaged: {problem}")]
    Damaged {
        /// The file.
        file: String,
        /// How it differs.
        problem: String,
    },
    /// Made by another version.
    #[error("{file} has form {got}: this version reads form {expected}")]
    Form {
        /// The manifest.
        file: String,
        /// What it says.
        got: u32,
        /// What is read.
        expected: u32,
    },
}

impl Cause for FolderError {
    fn family(&self) -> Family {
        match self {
            FolderError::Exists { .. } => Family::Usage,
            FolderError::Damaged { .. } | FolderError::Form { .. } => Family::Format,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            FolderError::Exists { .. } => "choose another name with `--out`, or remove it first".into(),
            FolderError::Damaged { .. } | FolderError::Form { .. } => "build the graph again from its files".into(),
        })
    }

    fn code(&self) -> &'static str {
        match self {
            FolderError::Exists { .. } => "rdf.exists",
            FolderError::Damaged { .. } => "rdf.damaged",
            FolderError::Form { .. } => "rdf.form",
        }
    }
}

/// What a folder holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the form.
    pub format: u32,
    /// Asserted triples, those of the ontology included.
    pub triples: u64,
    /// Triples of the shapes.
    pub shapes: u64,
    /// Digest of graph and shapes, as [`digest`].
    pub digest: String,
    /// Settings of the build that decisions depend on.
    pub settings: BTreeMap<String, String>,
    /// Bytes and BLAKE3 by file name.
    pub files: BTreeMap<String, (u64, String)>,
}

/// BLAKE3 over the sorted lines of the asserted triples, then of the shapes: the same graph gives the
/// same digest, whatever the order of its files. Blank nodes count by their labels.
pub fn digest(graph: &Store, shapes: &Store) -> String {
    digest_of([lines(graph), lines(shapes)])
}

fn digest_of(parts: [Vec<String>; 2]) -> String {
    let mut all = Vec::new();
    for mut lines in parts {
        lines.sort_unstable();
        all.extend_from_slice(&(lines.len() as u64).to_le_bytes());
        lines.iter().for_each(|line| all.extend_from_slice(line.as_bytes()));
    }
    files::digest_bytes(&all)
}

/// N-Quads lines of the asserted triples, one for each graph that says a triple.
fn lines(store: &Store) -> Vec<String> {
    let name = |id| store.dictionary().term(id).to_string();
    let mut out = Vec::with_capacity(store.asserted_len());
    for triple in store.asserted().matching(None, None, None) {
        let text = triple.map(name).join(" ");
        let graphs: Vec<String> = store.graphs_of(triple).map(name).collect();
        if graphs.is_empty() {
            out.push(format!("{text} .\n"));
        }
        out.extend(graphs.iter().map(|graph| format!("{text} {graph} .\n")));
    }
    out
}

/// Whether `path` is a folder made by [`save`].
pub fn is_built(path: &Path) -> bool {
    path.join(MANIFEST).is_file()
}

/// Writes a graph and its shapes into `folder`, which must not exist.
///
/// # Errors
/// [`FolderError::Exists`]; the system's refusals.
pub fn save(graph: &Store, shapes: &Store, settings: BTreeMap<String, String>, folder: &Path) -> Result<Manifest> {
    if folder.exists() {
        return Err(FolderError::Exists { path: folder.display().to_string() }.into());
    }
    let partial = beside(folder, ".partial");
    if partial.exists() {
        std::fs::remove_dir_all(&partial)
            .map_err(|e| suffit_core::error::CommonError::io("remove what a stopped build left in", &partial, e))?;
    }
    files::create_dirs(&partial)?;
    let mut listed = BTreeMap::new();
    let parts = [lines(graph), lines(shapes)];
    for (name, lines) in [GRAPH, SHAPES].into_iter().zip(&parts) {
        let bytes = lines.concat().into_bytes();
        listed.insert(name.to_owned(), (bytes.len() as u64, files::digest_bytes(&bytes)));
        files::write_synced(&partial.join(name), &bytes)?;
    }
    let manifest = Manifest {
        format: FORMAT,
        triples: graph.asserted_len() as u64,
        shapes: shapes.asserted_len() as u64,
        digest: digest_of(parts),
        settings,
        files: listed,
    };
    let text = serde_json::to_vec_pretty(&manifest)
        .map_err(|e| suffit_core::error::CommonError::bug(format!("the manifest of a graph: {e}")))?;
    files::write_synced(&partial.join(MANIFEST), &text)?;
    files::sync_dir(&partial)?;
    files::rename(&partial, folder)?;
    files::sync_parent(folder)?;
    Ok(manifest)
}

/// Opens a folder made by [`save`]: graph, shapes and manifest. Every file is held against the
/// manifest first.
///
/// # Errors
/// [`FolderError::Damaged`] names the file and what differs; the system's refusals.
pub fn open(folder: &Path) -> Result<(Store, Store, Manifest)> {
    let path = folder.join(MANIFEST);
    let damaged = |file: &Path, problem: String| FolderError::Damaged { file: file.display().to_string(), problem };
    let manifest: Manifest = serde_json::from_slice(&files::read(&path)?)
        .map_err(|e| damaged(&path, format!("it is not a manifest ({e})")))?;
    if manifest.format != FORMAT {
        let file = path.display().to_string();
        return Err(FolderError::Form { file, got: manifest.format, expected: FORMAT }.into());
    }
    let load = |name: &str, format: Format| -> Result<Store> {
        let path = folder.join(name);
        let bytes = files::read(&path)?;
        let Some((size, digest)) = manifest.files.get(name) else {
            return Err(damaged(&path, "the manifest does not list it".into()).into());
        };
        if bytes.len() as u64 != *size {
            return Err(damaged(&path, format!("it has {} bytes, the manifest says {size}", bytes.len())).into());
        }
        if files::digest_bytes(&bytes) != *digest {
            return Err(damaged(&path, "its digest is not that of the manifest".into()).into());
        }
        let mut store = Store::new();
        if !bytes.is_empty() {
            let options = Options { format: Some(format), ..Options::default() };
            read::bytes(&mut store, &path.display().to_string(), &bytes, &options)?;
        }
        store.finish();
        Ok(store)
    };
    Ok((load(GRAPH, Format::NQuads)?, load(SHAPES, Format::NTriples)?, manifest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<urn:a> <urn:p> \"x\\ny\"@en <urn:g> .\n<urn:a> <urn:p> _:z .\n_:z <urn:q> \"1\"^^<http://www.w3.org/2001/XMLSchema#integer> .\n";

    fn store(text: &str) -> Store {
        let mut store = Store::new();
        read::bytes(&mut store, "t.nq", text.as_bytes(), &Options::default()).unwrap();
        store.finish();
        store
    }

    #[test]
    fn what_is_opened_is_what_was_saved_and_damage_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let kg = folder.path().join("kg");
        let (graph, shapes) = (store(TEXT), store("<urn:s> <urn:p> <urn:o> .\n"));
        let saved = save(&graph, &shapes, BTreeMap::new(), &kg).unwrap();
        let (again, shapes_again, manifest) = open(&kg).unwrap();
        assert_eq!((manifest, lines(&again).len()), (saved, 3));
        assert_eq!((lines(&graph), lines(&shapes)), (lines(&again), lines(&shapes_again)));
        assert_eq!(save(&graph, &shapes, BTreeMap::new(), &kg).unwrap_err().code(), "rdf.exists");
        for name in [GRAPH, SHAPES, MANIFEST] {
            let path = kg.join(name);
            let bytes = std::fs::read(&path).unwrap();
            let mut turned = bytes.clone();
            turned[0] ^= 1;
            for bad in [&bytes[..bytes.len() - 1], &turned] {
                std::fs::write(&path, bad).unwrap();
                let error = open(&kg).unwrap_err();
                assert!(error.code() == "rdf.damaged" && error.to_string().contains(name), "{error}");
            }
            std::fs::write(&path, bytes).unwrap();
        }
    }

    #[test]
    fn what_a_killed_build_leaves_is_no_graph_and_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        let kg = folder.path().join("kg");
        let left = beside(&kg, ".partial");
        std::fs::create_dir(&left).unwrap();
        std::fs::write(left.join(GRAPH), "<urn:half").unwrap();
        assert!(!is_built(&kg) && !is_built(&left));
        save(&store(TEXT), &Store::new(), BTreeMap::new(), &kg).unwrap();
        assert!(is_built(&kg) && !left.exists());
    }

    #[test]
    fn the_digest_does_not_depend_on_the_order_of_lines() {
        let (a, b) = ("<urn:a> <urn:p> <urn:b> .\n", "<urn:c> <urn:p> <urn:d> .\n");
        let none = Store::new();
        assert_eq!(digest(&store(&format!("{a}{b}")), &none), digest(&store(&format!("{b}{a}")), &none));
        assert_ne!(digest(&store(a), &store(b)), digest(&store(b), &store(a)));
    }
}
