//! Causes with data, by who met them.

mod bind;
mod format;
mod value;
mod write;

pub use bind::BindError;
pub use format::FormatError;
pub use value::{Problem, ValueError, What};
pub use write::WriteError;

/// `, did you mean `x`?` or nothing.
pub(crate) fn did_you_mean(nearest: &[String]) -> String {
    match nearest {
        [] => String::new(),
        [one] => format!(", did you mean `{one}`?"),
        many => format!(", nearest are {}", quoted(many)),
    }
}

/// Names in back quotes, joined by commas.
pub(crate) fn quoted(names: &[String]) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}
