//! Error families, exit codes and hints.
//!
//! Every crate has its own `thiserror` enum whose variants are causes with data. Each implements
//! [`Cause`]; [`Error`] carries any of them to the edge, where the command line renders the chain,
//! the hint and the exit code. There is no catch-all variant anywhere.

use std::fmt;

/// Result with the crate-spanning [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing went wrong; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Family {
    /// The command line is wrong.
    Usage,
    /// A configuration value is wrong.
    Config,
    /// The values in a data set are wrong.
    Data,
    /// Sizes do not fit each other.
    Shape,
    /// A file is not what its name or header says.
    Format,
    /// The operating system refused.
    Io,
    /// Memory, disk or a limit ran out.
    Resource,
    /// The user or the system asked to stop.
    Interrupted,
    /// The method does not offer this.
    Unsupported,
    /// Our mistake: please report it.
    Bug,
}

impl Family {
    /// The documented exit code of this family.
    pub fn exit(self) -> Exit {
        match self {
            Family::Usage | Family::Config | Family::Unsupported => Exit::Usage,
            Family::Data | Family::Shape | Family::Format => Exit::Data,
            Family::Io | Family::Resource => Exit::Io,
            Family::Interrupted => Exit::Interrupted,
            Family::Bug => Exit::Bug,
        }
    }
}

/// Exit codes: documented API of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
#[non_exhaustive]
pub enum Exit {
    /// Done, or the check answered "enough".
    Ok = 0,
    /// The audit or check answered "not enough".
    NotEnough = 1,
    /// Usage or configuration error.
    Usage = 2,
    /// Data or format error.
    Data = 3,
    /// Input/output or resource error.
    Io = 4,
    /// The data cannot tell.
    Undecided = 6,
    /// A bug in suffit.
    Bug = 70,
    /// Stopped by the user or the system.
    Interrupted = 130,
}

impl Exit {
    /// The number given to the operating system.
    pub fn code(self) -> i32 {
        self as i32
    }
}

/// A place in a text file, for a caret under the offending characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSpan {
    /// The file, or a label such as `--set`.
    pub origin: String,
    /// The whole text.
    pub text: String,
    /// Byte range in `text`.
    pub range: std::ops::Range<usize>,
}

/// A cause of failure: an error with a family and, where we know one, a thing to do.
pub trait Cause: std::error::Error + Send + Sync + 'static {
    /// The family, which decides the exit code.
    fn family(&self) -> Family;

    /// One thing the user can do about it.
    fn hint(&self) -> Option<String> {
        None
    }

    /// Where in a text the cause lies.
    fn span(&self) -> Option<SourceSpan> {
        None
    }

    /// Stable name of the cause for `--json` output, such as `data.not_finite`.
    fn code(&self) -> &'static str {
        "unnamed"
    }
}

/// Any [`Cause`], boxed. Display prints the cause; `source()` walks below it.
pub struct Error(Box<dyn Cause>);

impl Error {
    /// Wraps a cause.
    pub fn new(cause: impl Cause) -> Self {
        Error(Box::new(cause))
    }

    /// The family of the cause.
    pub fn family(&self) -> Family {
        self.0.family()
    }

    /// The hint of the cause.
    pub fn hint(&self) -> Option<String> {
        self.0.hint()
    }

    /// The span of the cause.
    pub fn span(&self) -> Option<SourceSpan> {
        self.0.span()
    }

    /// The stable name of the cause.
    pub fn code(&self) -> &'static str {
        self.0.code()
    }

    /// The cause as its own type, if it is of that type.
    pub fn downcast_ref<C: Cause>(&self) -> Option<&C> {
        let any: &(dyn std::error::Error + 'static) = self.as_std();
        any.downcast_ref::<C>()
    }

    /// The cause as a standard error, for walking the chain.
    pub fn as_std(&self) -> &(dyn std::error::Error + 'static) {
        &*self.0
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} [{:?}]", self.0, self.family())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<C: Cause> From<C> for Error {
    fn from(cause: C) -> Self {
        Error::new(cause)
    }
}

impl From<Error> for Box<dyn std::error::Error + Send + Sync> {
    fn from(error: Error) -> Self {
        Box::new(Shown(error))
    }
}

/// An [`Error`] as a standard error, for code that needs the trait.
#[derive(Debug)]
struct Shown(Error);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Shown {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.as_std().source()
    }
}

/// Causes that any crate can meet.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommonError {
    /// The user asked to stop.
    #[error("stopped at {at} as asked")]
    Interrupted {
        /// What had been reached, such as `step 1,200`.
        at: String,
        /// The command that goes on from here, if there is one.
        resume: Option<String>,
    },
    /// The operating system refused an operation on a path.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried: `read`, `create`, `write`, …
        action: &'static str,
        /// The path.
        path: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A method does not offer a verb.
    #[error("{method} does not offer `{verb}`: {reason}")]
    Unsupported {
        /// The slug.
        method: &'static str,
        /// The verb.
        verb: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// Something that cannot happen did.
    #[error("bug: {what}")]
    Bug {
        /// What was violated.
        what: String,
    },
}

impl CommonError {
    /// An I/O cause with its path.
    pub fn io(action: &'static str, path: impl AsRef<std::path::Path>, source: std::io::Error) -> Self {
        CommonError::Io { action, path: path.as_ref().display().to_string(), source }
    }

    /// A bug with what was violated.
    pub fn bug(what: impl Into<String>) -> Self {
        CommonError::Bug { what: what.into() }
    }
}

impl Cause for CommonError {
    fn family(&self) -> Family {
        match self {
            CommonError::Interrupted { .. } => Family::Interrupted,
            CommonError::Io { .. } => Family::Io,
            CommonError::Unsupported { .. } => Family::Unsupported,
            CommonError::Bug { .. } => Family::Bug,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            CommonError::Interrupted { resume, .. } => resume.as_ref().map(|c| format!("go on with `{c}`")),
            CommonError::Io { action, source, .. } => match source.kind() {
                std::io::ErrorKind::NotFound => {
                    Some("check the path; relative paths start at the current folder".into())
                }
                std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                    Some(format!("you may not {action} there: choose another folder or change its permissions"))
                }
                std::io::ErrorKind::StorageFull => Some("free some space or choose another disk".into()),
                _ => None,
            },
            CommonError::Unsupported { .. } => Some("`suffit describe` lists what each method offers".into()),
            CommonError::Bug { .. } => Some("this is our mistake: please report it with the log of the run".into()),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            CommonError::Interrupted { .. } => "interrupted",
            CommonError::Io { .. } => "io",
            CommonError::Unsupported { .. } => "unsupported",
            CommonError::Bug { .. } => "bug",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn family_decides_the_exit_code() {
        let e: Error = CommonError::bug("x").into();
        assert_eq!(e.family().exit().code(), 70);
        let e: Error = CommonError::io("read", "a", std::io::Error::from(std::io::ErrorKind::NotFound)).into();
        assert_eq!(e.family().exit().code(), 4);
        assert!(e.downcast_ref::<CommonError>().is_some());
    }
}
