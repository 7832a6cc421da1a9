//! Where a fit keeps its checkpoints and metrics.

use suffit_core::{Checkpoints, Metrics, Result, Run};

/// Checkpoints and metrics of one fit within a run.
pub struct Store {
    pub(super) checkpoints: Checkpoints,
    pub(super) metrics: Metrics,
    /// Put before the names in the metrics.
    pub(super) prefix: String,
    /// The command that goes on.
    pub(super) resume: String,
}

impl Store {
    /// The only or main fit of a run: `checkpoints/step-…`.
    ///
    /// # Errors
    /// Opening the metrics.
    pub fn of(run: &Run) -> Result<Self> {
        Ok(Store {
            checkpoints: run.checkpoints(),
            metrics: run.metrics()?,
            prefix: String::new(),
            resume: format!("suffit fit {} --resume {}", run.info().method, quoted(&run.path().display().to_string())),
        })
    }

    /// Another fit of the same run, such as a baseline: `checkpoints/NAME/step-…`, values named
    /// `NAME/loss`. Fits of a run must follow one another in the same order every time; a finished
    /// one is then passed over on resume.
    ///
    /// # Errors
    /// Opening the metrics.
    pub fn part(run: &Run, name: &str) -> Result<Self> {
        let main = Store::of(run)?;
        let checkpoints = Checkpoints::at(main.checkpoints.folder().join(name));
        Ok(Store { checkpoints, prefix: format!("{name}/"), ..main })
    }
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@\\".contains(c);
    if path.chars().all(plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn commands_survive_the_shell() {
        assert_eq!(super::quoted("runs/2026-11-25-a"), "runs/2026-11-25-a");
        assert_eq!(super::quoted("my runs/it's"), r"'my runs/it'\''s'");
    }
}
