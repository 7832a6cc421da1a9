//! The record of a run: what every report says about configuration, data, machine and commands,
//! whatever the method. The method's own entries win; only what it left empty is filled in.

use std::path::Path;

use serde_json::Value;
use suffit_core::run::{Run, RunInfo, Status};
use suffit_core::{AnyMethod, FileInfo, Result, units};
use suffit_report::{Document, Fact, Input, Record, Setting};

/// The report of a run: the method's document, with where the run stands and how to get it again.
///
/// # Errors
/// The method's, a damaged record, a document that does not fit its format.
pub fn document(method: &dyn AnyMethod, run: &Run) -> Result<Document> {
    let value = method.report(run)?;
    let mut document: Document =
        serde_json::from_value(value).map_err(|source| crate::failure::CliError::Json { source })?;
    document.status = status(run)?.unwrap_or(document.status);
    fill(&mut document.record, method, run)?;
    document.validate()?;
    Ok(document)
}

/// Where the run stands, when it is not complete.
fn status(run: &Run) -> Result<Option<suffit_report::Status>> {
    use suffit_report::Status as Shown;
    let info = run.info();
    let at = info.stopped_at.clone().unwrap_or_else(|| newest(run));
    let resume = resume_command(info, run.path());
    Ok(match info.status {
        Status::Complete => None,
        // a writer that asks for its own report is about to end the run
        Status::Running if run.is_writable() => None,
        Status::Running if run.holder()?.is_none() => Some(Shown::Interrupted { at, resume }),
        Status::Running => Some(Shown::Running { step: newest(run), share: None }),
        Status::Interrupted => Some(Shown::Interrupted { at, resume }),
        Status::Failed => Some(Shown::Failed {
            at,
            cause: "the run ended with an error: see log.jsonl".to_owned(),
            hint: None,
            resume: Some(resume),
        }),
    })
}

fn newest(run: &Run) -> String {
    match run.checkpoints().newest() {
        Ok(newest) => {
            newest.found.map_or_else(|| "the beginning".to_owned(), |(step, _)| format!("step {}", units::count(step)))
        }
        Err(_) => "an unknown step".to_owned(),
    }
}

fn fill(record: &mut Record, method: &dyn AnyMethod, run: &Run) -> Result<()> {
    let info = run.info();
    if record.config.is_empty() {
        let (config, default): (Value, Value) = (run.config()?, method.default_config());
        settings("", &config, &default, &mut record.config);
    }
    if record.inputs.is_empty() && run.has(suffit_core::run::file::DATA) {
        record.inputs = inputs(&run.read_json(suffit_core::run::file::DATA)?);
    }
    if record.seeds.is_empty() {
        record.seeds.push(fact("root seed", info.seed.value()));
    }
    if record.versions.is_empty() {
        record.versions.push(fact("suffit", &info.version));
        if let Some(commit) = &info.commit {
            record.versions.push(fact("commit", commit));
        }
    }
    if record.machine.is_empty() {
        record.machine = machine(info);
    }
    if record.commands.is_empty() {
        record.commands = commands(method, info);
    }
    Ok(())
}

fn fact(name: &str, value: impl ToString) -> Fact {
    Fact { name: name.to_owned(), value: value.to_string() }
}

fn machine(info: &RunInfo) -> Vec<Fact> {
    let mut facts = vec![fact("host", &info.host), fact("threads", info.threads)];
    if let Ok(Value::String(device)) = serde_json::to_value(info.device) {
        facts.push(fact("device", device));
    }
    if let Some(seconds) = info.seconds() {
        facts.push(fact("took", units::seconds(seconds)));
    }
    facts
}

fn commands(method: &dyn AnyMethod, info: &RunInfo) -> Vec<suffit_report::Command> {
    let command = |purpose: &str, line: String| suffit_report::Command { purpose: purpose.to_owned(), line };
    let mut commands = vec![command("repeat this run", command_line(&info.argv))];
    let verbs = method.card().verbs;
    if verbs.contains(&"apply") {
        commands.push(command("apply it to other data", format!("suffit apply {} DATA --out OUT.parquet", info.id)));
    }
    commands.push(command("check that no file changed", format!("suffit runs verify {}", info.id)));
    commands
}

/// Leaves of the configuration, with the default beside each.
fn settings(prefix: &str, config: &Value, default: &Value, all: &mut Vec<Setting>) {
    let Some(object) = config.as_object() else { return };
    for (name, value) in object {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let default = default.get(name);
        if value.is_object() && default.is_none_or(Value::is_object) {
            settings(&key, value, default.unwrap_or(&Value::Null), all);
        } else {
            all.push(Setting { key, value: value.to_string(), default: default.map(Value::to_string) });
        }
    }
}

/// The files of `data.json`.
fn inputs(data: &Value) -> Vec<Input> {
    let files: Vec<FileInfo> =
        data.get("files").cloned().and_then(|f| serde_json::from_value(f).ok()).unwrap_or_default();
    let rows = data.get("rows").and_then(Value::as_u64);
    let one = files.len() == 1;
    let input = |file: FileInfo| {
        let name =
            file.path.file_name().map_or_else(|| file.path.display().to_string(), |n| n.to_string_lossy().into_owned());
        let input = Input::new(name).bytes(file.bytes).digest(format!("blake3:{}", file.digest));
        match rows {
            Some(rows) if one => input.rows(rows),
            _ => input,
        }
    };
    files.into_iter().map(input).collect()
}

/// The command that goes on with a stopped run.
pub fn resume_command(info: &RunInfo, run: &Path) -> String {
    let run = quote(&run.display().to_string());
    if is_demonstration(info) {
        format!("suffit quickstart --resume {run}")
    } else {
        format!("suffit fit {} --resume {run}", info.method)
    }
}

/// Whether `suffit quickstart` made the run.
pub fn is_demonstration(info: &RunInfo) -> bool {
    info.argv.iter().skip(1).find(|a| !a.starts_with('-')).is_some_and(|verb| verb == "quickstart")
}

/// A command line as it can be typed again: the program by its name, arguments quoted for a POSIX
/// shell where they need it.
pub fn command_line(argv: &[String]) -> String {
    let arguments = argv.iter().skip(1).map(|a| quote(a));
    std::iter::once("suffit".to_owned()).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// One word for a POSIX shell.
pub fn quote(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn quoting_keeps_a_command_repeatable() {
        let argv = ["/usr/bin/suffit", "fit", "--view", "image=img_*", "it's"].map(str::to_owned);
        assert_eq!(command_line(&argv), "suffit fit --view 'image=img_*' 'it'\\''s'");
    }

    #[test]
    fn settings_are_leaves_with_their_default() {
        let mut all = Vec::new();
        settings("", &json!({"dim": 8, "train": {"epochs": 3}}), &json!({"dim": 64, "train": {"epochs": 3}}), &mut all);
        assert_eq!(all.len(), 2);
        assert!(all[0].changed() && !all[1].changed());
        assert_eq!(all[1].key, "train.epochs");
    }

    #[test]
    fn inputs_are_named_without_their_folder() {
        let data = json!({"rows": 3, "files": [{"path": "some/where/a.csv", "bytes": 9, "digest": "ab"}]});
        let found = inputs(&data);
        assert_eq!((found[0].name.as_str(), found[0].rows), ("a.csv", Some(3)));
    }
}
