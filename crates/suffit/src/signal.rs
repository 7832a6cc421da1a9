//! Ctrl-C (and SIGTERM, SIGHUP): once asks the work to write a checkpoint and stop, twice stops now.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use suffit_core::{Cancel, Exit};

/// Installs the handler. Without one (a second call in the same process), the system's default
/// stays, which stops at once; that is safe because everything on disk is written atomically.
pub fn install(cancel: Cancel) {
    let count = AtomicUsize::new(0);
    let installed = ctrlc::set_handler(move || {
        let mut stderr = std::io::stderr().lock();
        if count.fetch_add(1, Ordering::SeqCst) == 0 {
            cancel.ask();
            let _ = writeln!(stderr, "\nstopping at the next safe point; once more stops now");
        } else {
            let _ = writeln!(stderr, "\nstopped now; the last checkpoint stays");
            std::process::exit(Exit::Interrupted.code());
        }
    });
    if let Err(error) = installed {
        tracing::warn!(%error, "no handler for Ctrl-C");
    }
}
