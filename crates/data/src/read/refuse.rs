//! Files that are refused by name or content, with the one-line conversion.

use std::path::Path;

use suffit_core::Result;

use super::file::Handle;
use crate::error::FormatError;

/// Why an ending is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Torch,
    Pickle,
    Joblib,
    Hdf5,
    AnnData,
}

/// The refusal of an ending, if it is one we know.
pub(crate) fn by_extension(extension: &str) -> Option<Refused> {
    Some(match extension {
        "pt" | "pth" | "ckpt" => Refused::Torch,
        "pkl" | "pickle" => Refused::Pickle,
        "joblib" => Refused::Joblib,
        "h5" | "hdf5" => Refused::Hdf5,
        "h5ad" => Refused::AnnData,
        _ => return None,
    })
}

impl Refused {
    /// The error for a path.
    pub fn error(self, path: &Path) -> FormatError {
        let from = quote(&path.display().to_string());
        let to = |ending: &str| quote(&path.with_extension(ending).display().to_string());
        let path = path.display().to_string();
        match self {
            Refused::Torch => FormatError::Pickle {
                path,
                kind: "PyTorch",
                conversion: format!(
                    "python -c \"import torch; from safetensors.torch import save_file; t = torch.load({from}, weights_only=True); save_file(t if isinstance(t, dict) else dict(x=t), {})\"",
                    to("safetensors")
                ),
            },
            Refused::Pickle => FormatError::Pickle {
                path,
                kind: "Python",
                conversion: format!(
                    "python -c \"import pandas; pandas.read_pickle({from}).to_parquet({})\"",
                    to("parquet")
                ),
            },
            Refused::Joblib => FormatError::Pickle {
                path,
                kind: "joblib",
                conversion: format!(
                    "python -c \"import joblib, numpy; numpy.save({}, joblib.load({from}))\"",
                    to("npy")
                ),
            },
            Refused::Hdf5 => FormatError::NotYet {
                path,
                format: "HDF5",
                conversion: format!(
                    "python -c \"import h5py, numpy; f = h5py.File({from}); numpy.savez({}, **{{k: v[()] for k, v in f.items()}})\"",
                    to("npz")
                ),
            },
            Refused::AnnData => FormatError::NotYet {
                path,
                format: "AnnData",
                conversion: format!(
                    "python -c \"import anndata; anndata.read_h5ad({from}).to_df().to_parquet({})\"",
                    to("parquet")
                ),
            },
        }
    }
}

/// A Python string literal that survives inside double quotes of a shell.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Refuses what the first bytes give away, whatever the name says.
pub(crate) fn by_content(handle: &Handle) -> Result<()> {
    let first = handle.first(8)?;
    if first.starts_with(b"\x89HDF\r\n\x1a\n") {
        return Err(Refused::Hdf5.error(handle.path()).into());
    }
    // a pickle of protocol 2 or later: PROTO opcode and the protocol, then FRAME or another opcode
    if first.len() > 2 && first[0] == 0x80 && (2..=5).contains(&first[1]) && first[2] != 0 {
        return Err(Refused::Pickle.error(handle.path()).into());
    }
    Ok(())
}
