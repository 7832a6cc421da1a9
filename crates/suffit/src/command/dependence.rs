//! `suffit dependence`: measures of dependence between columns, with their tests.

use serde_json::json;
use suffit_core::{Result, units};
use suffit_methods::audit::AuditConfig;
use suffit_methods::audit::dependence::{Measure, Question, Test, dependence};
use suffit_report::{Table, cells, terminal_table};

use super::Reply;
use super::audit::roles::{RoleArgs, open, shown};
use crate::flags::DataArgs;
use crate::settings::Session;

/// Measure how two sets of columns depend on one another, and test it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  suffit dependence dcor --data life.csv --x gdp --y age
  suffit dependence fccov --data life.csv --x gdp,health --y q_* --y-kind distribution
  suffit dependence pcm --data life.csv --x raw_* --z emb_* --y outcome")]
pub struct Args {
    /// dcor hsic fccov (x and y), pcm gcm kci (given z)
    #[arg(value_enum)]
    measure: Name,
    #[command(flatten)]
    roles: RoleArgs,
    #[command(flatten)]
    data: DataArgs,
    /// What y is: auto real label ordinal distribution spd sphere composition graph string distance
    #[arg(long, value_name = "KIND")]
    y_kind: Option<String>,
    /// Distance between two objects of y
    #[arg(long, value_name = "NAME")]
    metric: Option<String>,
    /// Points at which densities are given: `0..100` or `a,b,c`
    #[arg(long, value_name = "POINTS")]
    grid: Option<String>,
    /// How dcor is tested
    #[arg(long, value_enum, default_value = "permutation")]
    test: How,
    /// Permutations, or draws of the multiplier bootstrap
    #[arg(long, value_name = "N", default_value = "999", value_parser = clap::value_parser!(u32).range(1..))]
    permutations: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Name {
    Dcor,
    Hsic,
    Fccov,
    Pcm,
    Gcm,
    Kci,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum How {
    Permutation,
    T,
    Chi2,
}

/// Measures and shows.
///
/// # Errors
/// Usage and data causes.
pub fn run(args: &Args, session: &Session) -> Result<Reply> {
    let measure = match args.measure {
        Name::Dcor => Measure::Dcor,
        Name::Hsic => Measure::Hsic,
        Name::Fccov => Measure::Fccov,
        Name::Pcm => Measure::Pcm,
        Name::Gcm => Measure::Gcm,
        Name::Kci => Measure::Kci,
    };
    let test = match args.test {
        How::Permutation => Test::Permutation,
        How::T => Test::T,
        How::Chi2 => Test::Chi2,
    };
    if measure != Measure::Dcor && test != Test::Permutation {
        return Err(crate::failure::CliError::Conflict {
            first: "--test t or chi2".to_owned(),
            second: "this measure".to_owned(),
            why: "only dcor has these tests",
            hint: "leave `--test` out".to_owned(),
        }
        .into());
    }
    let conditional = matches!(measure, Measure::Pcm | Measure::Gcm | Measure::Kci);
    let asked = open(&args.roles, &args.data, conditional)?;
    let mut y = json!({});
    for (key, text) in [("kind", &args.y_kind), ("metric", &args.metric), ("grid", &args.grid)] {
        if let Some(text) = text {
            y[key] = text.clone().into();
        }
    }
    let config: AuditConfig = suffit_core::config::from_value(&json!({ "y": y }))?;
    let rows = asked.dataset.source.rows().map(|r| format!(" · {} rows", units::count(r))).unwrap_or_default();
    session.out.field("data", format!("{}{rows}", asked.dataset.name));
    for (role, columns) in asked.dataset.roles.iter() {
        let name = role.to_string();
        session.out.field("", format!("{} {}", name.strip_prefix("view:").unwrap_or(&name), shown(columns)));
    }
    let question = Question { measure, test, permutations: args.permutations as usize };
    let found = dependence(question, &asked.dataset, &config, &session.ctx)?;
    let mut table = Table::new("").text("statistic").number("value", 6);
    for (name, value) in &found.statistics {
        table.push_row(cells![name.clone(), *value]);
    }
    session.out.line("");
    session.out.line(terminal_table(&table, session.out.width, session.out.paint.is_on()).trim_end());
    session.out.line("");
    session.out.answer_field("p", format!("{:.4}   {}", found.p, found.how));
    let statistics: serde_json::Map<String, serde_json::Value> =
        found.statistics.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
    Ok(Reply::ok(
        "dependence",
        json!({
            "measure": measure, "n": found.n, "statistics": statistics, "p": found.p, "how": found.how,
            "permutations": args.permutations, "seed": session.ctx.seed.value(), "files": asked.dataset.source.files()?,
        }),
    ))
}
