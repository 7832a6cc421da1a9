//! `suffit apply`: a run on other data — representations, product vectors, candidates.

use std::path::PathBuf;

use arrow_array::RecordBatch;
use serde_json::{Map, Value, json};
use suffit_core::method::Sink;
use suffit_core::run::Run;
use suffit_core::{Result, Role};
use suffit_data::Writer;

use super::Reply;
use crate::failure::CliError;
use crate::flags::{DataArgs, pair};
use crate::plan::Understood;
use crate::settings::Session;
use crate::show;

/// Apply a run to other data
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  suffit apply latest digits.parquet --out reps.parquet
  suffit apply latest digits.parquet --target zer --top 5 --out found.parquet
  suffit apply latest --view pix=pix.npy --view fou=fou.npy --out reps.npz")]
pub struct Args {
    /// A folder, a name, the beginning of a name, or `latest`
    run: String,
    /// The data, like `--data`
    #[arg(value_name = "PATH")]
    path: Vec<String>,
    #[command(flatten)]
    data: DataArgs,
    /// Where to write; the ending decides: .parquet .csv .tsv .npy .npz .safetensors .jsonl
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
    /// View to look for: the output gains the nearest candidates with their probabilities
    #[arg(long, value_name = "VIEW")]
    target: Option<String>,
    /// File with the candidates [default: the rows themselves]
    #[arg(long, value_name = "FILE")]
    candidates: Option<String>,
    /// Number of candidates per row
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
    top: Option<u32>,
    /// Prior over candidates: uniform, empirical or file:PATH
    #[arg(long, value_name = "PRIOR")]
    prior: Option<String>,
    /// Further option of the method, such as missing_query=drop; repeat for more
    #[arg(long = "option", value_name = "KEY=VALUE")]
    options: Vec<String>,
}

/// Applies and says what was written.
///
/// # Errors
/// A run that is not there, data that does not fit it, a file that cannot be written.
pub fn run(args: &Args, session: &Session) -> Result<Reply> {
    let path = Run::find(&session.runs, &args.run)?;
    let run = Run::open(&path)?;
    let method = suffit_methods::find(&run.info().method)?;
    if args.out.exists() && !args.force {
        return Err(CliError::Exists { path: args.out.display().to_string() }.into());
    }
    let options = options(args)?;
    let mut asked = args.data.clone();
    asked.data.extend(args.path.iter().cloned());
    if asked.is_empty() {
        let example = format!("suffit apply {} DATA --out {}", args.run, args.out.display());
        return Err(CliError::Missing { verb: "apply", what: "data", example }.into());
    }
    let data = Understood::open(like_the_run(asked, &run)?)?;
    data.echo(session);
    let mut sink = Lazy { path: args.out.clone(), writer: None };
    let applied = method.apply(&run, &data.dataset, &options, &mut sink, &session.ctx)?;
    let rows = sink.finish()?;
    session.out.answer_field("result", &applied.sentence);
    session.out.answer_field("wrote", format!("{} · {} rows", args.out.display(), suffit_core::units::count(rows)));
    Ok(Reply::ok(
        "apply",
        json!({
            "run": show::absolute(&path), "method": method.slug(), "data": data.record(), "options": options,
            "rows": rows, "out": show::absolute(&args.out), "also": applied.files, "sentence": applied.sentence,
        }),
    ))
}

/// The method's JSON object from the flags.
fn options(args: &Args) -> Result<Value> {
    let mut object = Map::new();
    for text in &args.options {
        let (key, value) = pair("option", text, "KEY=VALUE")?;
        // numbers, booleans and quoted texts by JSON's rules, everything else as text
        object.insert(key, serde_json::from_str(&value).unwrap_or(Value::String(value)));
    }
    let typed = [
        ("target", args.target.clone().map(Value::from)),
        ("candidates", args.candidates.clone().map(Value::from)),
        ("top", args.top.map(Value::from)),
        ("prior", args.prior.clone().map(Value::from)),
    ];
    for (key, value) in typed {
        if let Some(value) = value {
            object.insert(key.to_owned(), value);
        }
    }
    Ok(Value::Object(object))
}

/// Roles that were not given are bound as in the run, where the columns are there.
///
/// # Errors
/// Data that cannot be opened, a damaged `data.json`.
pub fn like_the_run(mut asked: DataArgs, run: &Run) -> Result<DataArgs> {
    if asked.data.is_empty() || !run.has(suffit_core::run::file::DATA) {
        return Ok(asked);
    }
    let recorded: Value = run.read_json(suffit_core::run::file::DATA)?;
    let bare = DataArgs {
        view: Vec::new(),
        present: Vec::new(),
        label: None,
        id: None,
        group: None,
        split: None,
        weight: None,
        time: None,
        ..asked.clone()
    };
    let (dataset, _) = suffit_data::open(&bare.request()?)?;
    let schema = dataset.source.schema();
    let there = |columns: &[String]| columns.iter().any(|c| schema.field_with_name(c).is_ok());
    let guess_views = asked.view.is_empty();
    for (role, columns) in recorded_roles(&recorded) {
        if !there(&columns) {
            continue;
        }
        let Some((flag, text)) = DataArgs::flag(&role, &columns) else { continue };
        match flag {
            "view" if guess_views => asked.view.push(text),
            "present" if guess_views => asked.present.push(text),
            "label" if asked.label.is_none() => asked.label = Some(text),
            "id" if asked.id.is_none() && asked.key.is_none() => asked.id = Some(text),
            "group" if asked.group.is_none() => asked.group = Some(text),
            _ => {}
        }
    }
    Ok(asked)
}

/// The roles in a run's `data.json`.
fn recorded_roles(recorded: &Value) -> Vec<(Role, Vec<String>)> {
    let Some(object) = recorded.get("roles").and_then(Value::as_object) else { return Vec::new() };
    let columns = |v: &Value| {
        v.as_array().map(|a| a.iter().filter_map(|c| c.as_str().map(str::to_owned)).collect()).unwrap_or_default()
    };
    object.iter().filter_map(|(name, value)| Some((role(name)?, columns(value)))).collect()
}

fn role(name: &str) -> Option<Role> {
    Some(match name.split_once(':') {
        Some(("view", view)) => Role::View(view.to_owned()),
        Some(("present", view)) => Role::Present(view.to_owned()),
        _ => match name {
            "label" => Role::Label,
            "id" => Role::Id,
            "group" => Role::Group,
            "split" => Role::Split,
            "weight" => Role::Weight,
            "time" => Role::Time,
            _ => return None,
        },
    })
}

/// A writer that is made with the first batch, whose columns it takes. The file appears under its
/// name only when it is finished.
struct Lazy {
    path: PathBuf,
    writer: Option<Writer>,
}

impl Lazy {
    fn finish(self) -> Result<u64> {
        self.writer.map_or(Ok(0), Writer::finish)
    }
}

impl Sink for Lazy {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => self.writer.insert(Writer::create(&self.path, &batch.schema())?),
        };
        writer.write(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_roles_are_read_back() {
        let recorded = json!({"roles": {"view:pix": ["p0", "p1"], "label": ["y"], "present:pix": ["has"]}});
        let roles = recorded_roles(&recorded);
        assert_eq!(roles.len(), 3);
        assert_eq!(roles[0], (Role::View("pix".into()), vec!["p0".to_owned(), "p1".to_owned()]));
        for (role, columns) in &roles {
            assert!(DataArgs::flag(role, columns).is_some());
        }
    }
}
