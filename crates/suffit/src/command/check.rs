//! `suffit check`: does this machine have what is needed, and does the data hold what is expected?

use std::path::Path;

use serde_json::{Value, json};
use suffit_core::{Result, Role, files, units};
use suffit_report::{Table, cells};

use super::Reply;
use crate::flags::DataArgs;
use crate::plan::{Understood, word};
use crate::settings::Session;

/// Check the environment and, if given, data
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  suffit check
  suffit check digits.parquet --method symile")]
pub struct Args {
    /// Your data, like `--data`
    #[arg(value_name = "PATH")]
    path: Vec<String>,
    #[command(flatten)]
    data: DataArgs,
    /// Also check what this method asks of the data
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
}

/// Checks, and shows the roles with the reason for each.
///
/// # Errors
/// A runs folder that cannot be written, data that cannot be used.
pub fn run(args: &Args, session: &Session) -> Result<Reply> {
    let mut asked = args.data.clone();
    asked.data.extend(args.path.iter().cloned());
    let environment = environment(session)?;
    if asked.is_empty() {
        session.out.field("next", "suffit quickstart");
        return Ok(Reply::ok("check", json!({ "environment": environment })));
    }
    let data = Understood::open(asked)?;
    show_data(session, &data);
    if let Some(slug) = &args.method {
        let method = suffit_methods::find(slug)?;
        method.validate(&method.default_config(), &data.dataset, &session.ctx)?;
        data.check_kind(method.as_ref())?;
        session.out.answer_field("method", format!("{slug} can learn from it"));
        session.out.field("next", fit_command(slug, &data));
    }
    Ok(Reply::ok("check", json!({"environment": environment, "data": data.record(), "method": args.method})))
}

fn environment(session: &Session) -> Result<Value> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    writable(&session.runs)?;
    let bundles = suffit_data::bundle::list();
    let rows: Vec<String> = bundles.iter().map(|b| format!("{} ({} rows)", b.name, units::count(b.rows))).collect();
    let out = &session.out;
    let methods = suffit_methods::registry().len() as u64;
    out.field("suffit", format!("{} · {}", env!("CARGO_PKG_VERSION"), units::counted(methods, "method", "methods")));
    out.field(
        "machine",
        format!(
            "{} · {} · {cores} cores, {} threads used",
            std::env::consts::OS,
            std::env::consts::ARCH,
            session.ctx.threads
        ),
    );
    out.field("runs", format!("{} can be written", session.runs.display()));
    out.field("bundled", rows.join(", "));
    Ok(json!({
        "version": env!("CARGO_PKG_VERSION"), "commit": option_env!("SUFFIT_COMMIT"), "os": std::env::consts::OS,
        "arch": std::env::consts::ARCH, "cores": cores, "threads": session.ctx.threads,
        "runs": session.runs, "bundled": bundles.iter().map(|b| b.name).collect::<Vec<_>>(),
    }))
}

/// A file can be made in the folder, or in the nearest folder above it that exists.
fn writable(folder: &Path) -> Result<()> {
    let absolute = std::path::absolute(folder).map_err(|e| suffit_core::error::CommonError::io("find", folder, e))?;
    let there = absolute.ancestors().find(|p| p.exists()).unwrap_or(Path::new("."));
    let probe = there.join(format!("{}check-{}", files::TEMP_PREFIX, std::process::id()));
    files::write_synced(&probe, b"")?;
    std::fs::remove_file(&probe).map_err(|e| suffit_core::error::CommonError::io("remove", &probe, e))?;
    Ok(())
}

fn show_data(session: &Session, data: &Understood) {
    let out = &session.out;
    out.answer("");
    out.answer_field("data", format!("{} · {}", data.dataset.name, word(data.dataset.kind)));
    if let Some(rows) = data.dataset.source.rows() {
        out.answer_field("rows", units::count(rows));
    }
    for file in &data.files {
        out.answer_field(
            "file",
            format!(
                "{} · {} · blake3 {}",
                file.path.display(),
                units::bytes(file.bytes),
                &file.digest[..file.digest.len().min(16)]
            ),
        );
    }
    let mut table = Table::new("").text("role").text("columns").text("why");
    for (role, columns) in data.dataset.roles.iter() {
        table.push_row(cells![role.to_string(), shown(columns), data.why(role)]);
    }
    out.answer("");
    out.table(&table);
    let roles: Vec<String> = data.dataset.roles.iter().map(|(r, _)| r.to_string()).collect();
    for decision in data.decisions.iter().filter(|d| !roles.contains(&d.subject) && d.subject != "views") {
        out.line(format!("{} {}: {}", decision.subject, decision.choice, decision.reason));
    }
    out.line("");
}

fn shown(columns: &[String]) -> String {
    match columns {
        [] => String::new(),
        [one] => one.clone(),
        [first, .., last] => format!("{first} … {last} ({})", columns.len()),
    }
}

/// The command that learns from this data.
fn fit_command(slug: &str, data: &Understood) -> String {
    let mut words = vec!["suffit fit".to_owned(), slug.to_owned()];
    let flag = |words: &mut Vec<String>, name: &str, value: &str| {
        words.push(format!("--{name} {}", crate::record::quote(value)))
    };
    data.args.data.iter().for_each(|d| flag(&mut words, "data", d));
    data.args.view.iter().for_each(|v| flag(&mut words, "view", v));
    data.args.present.iter().for_each(|v| flag(&mut words, "present", v));
    for role in [Role::Label, Role::Id, Role::Group, Role::Split, Role::Weight, Role::Time] {
        let given = match role {
            Role::Label => &data.args.label,
            Role::Id => &data.args.id,
            Role::Group => &data.args.group,
            Role::Split => &data.args.split,
            Role::Weight => &data.args.weight,
            _ => &data.args.time,
        };
        if let Some(column) = given {
            flag(&mut words, &role.to_string(), column);
        }
    }
    if let Some(key) = &data.args.key {
        flag(&mut words, "key", key);
    }
    words.join(" ")
}
