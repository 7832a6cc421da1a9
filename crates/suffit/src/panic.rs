//! A panic is our mistake: it is caught, shown as a bug and ends with exit code 70.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use suffit_core::{Error, Result};

use crate::failure::CliError;

/// Message and place of the first panic, kept by the hook for the message.
static FIRST: Mutex<Option<(String, String)>> = Mutex::new(None);

/// Runs `work`; a panic in it, or in a thread pool that it waits for, becomes an error.
///
/// # Errors
/// Those of `work`, or [`CliError::Panic`].
pub fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|info| {
        let message = info
            .payload()
            .downcast_ref::<&str>()
            .map(|s| (*s).to_owned())
            .or_else(|| info.payload().downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "a panic without a message".to_owned());
        let place =
            info.location().map_or_else(|| "unknown place".to_owned(), |l| format!("{}:{}", name(l.file()), l.line()));
        tracing::error!(%message, %place, "panic");
        FIRST.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert((message, place));
    }));
    let result = catch_unwind(AssertUnwindSafe(work));
    std::panic::set_hook(before);
    let first = FIRST.lock().unwrap_or_else(PoisonError::into_inner).take();
    result.unwrap_or_else(|_| {
        let (message, place) =
            first.unwrap_or_else(|| ("a panic without a message".to_owned(), "unknown place".to_owned()));
        Err(Error::new(CliError::Panic { message, place }))
    })
}

/// The part of a source path that says where in our code or in which crate it is; the rest
/// depends on the machine that built it.
fn name(file: &str) -> &str {
    for mark in ["/crates/", "/src/index.crates.io-", "/library/"] {
        if let Some(at) = file.find(mark) {
            return &file[at + 1..];
        }
    }
    file
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_panic_becomes_a_bug_with_exit_code_70() {
        let error = guarded::<()>(|| panic!("seven is {}", 7)).unwrap_err();
        assert_eq!(error.family().exit().code(), 70);
        let text = crate::failure::human(&error, crate::paint::Paint::decide(false, |_| None));
        assert!(text.starts_with("error: bug: seven is 7 ("), "{text}");
        assert!(text.contains("please report it"), "{text}");
    }

    #[test]
    fn a_panic_in_a_worker_is_caught_too() {
        use rayon::prelude::*;
        let error = guarded::<()>(|| {
            (0..100).into_par_iter().for_each(|i| assert_ne!(i, 57, "worker"));
            Ok(())
        })
        .unwrap_err();
        assert_eq!(crate::failure::exit(&error).code(), 70);
    }
}
