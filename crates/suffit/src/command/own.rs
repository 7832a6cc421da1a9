//! `suffit METHOD VERB --name VALUE`: the verbs that methods add to the common ones.
//!
//! A method declares them as data; the parser, the help and the JSON output come from here.

use clap::{Arg, ArgMatches, Command, FromArgMatches};
use serde_json::json;
use std::sync::Arc;
use suffit_core::{AnyMethod, Exit, Result};

use super::Reply;
use crate::args::Global;
use crate::settings::Session;

/// A call of a method's own verb.
pub struct Call {
    method: Arc<dyn AnyMethod>,
    verb: &'static str,
    arguments: Vec<(String, String)>,
}

/// Adds one subcommand per method that has verbs of its own.
pub fn with_verbs_of_methods(mut parser: Command) -> Command {
    for method in suffit_methods::registry() {
        if method.verbs().is_empty() {
            continue;
        }
        let mut command = Command::new(method.slug())
            .about(format!("Commands of {} itself", method.card().title))
            .subcommand_required(true)
            .arg_required_else_help(true);
        for verb in method.verbs() {
            let arguments = verb.arguments.iter().map(|&(name, help, required)| {
                Arg::new(name).long(name).help(help).required(required).value_name("VALUE")
            });
            command = command.subcommand(
                Command::new(verb.name)
                    .about(verb.help)
                    .args(arguments)
                    .after_help(format!("Example:\n  {}", verb.example)),
            );
        }
        parser = parser.subcommand(command);
    }
    parser
}

/// The method whose own verbs were called, with the matches below its name.
pub fn asked(matches: &ArgMatches) -> Option<(Arc<dyn AnyMethod>, &ArgMatches)> {
    let (name, below) = matches.subcommand()?;
    let method = suffit_methods::registry().into_iter().find(|m| m.slug() == name && !m.verbs().is_empty())?;
    Some((method, below))
}

/// Shared flags and the call.
///
/// # Errors
/// The parser's, when a shared flag is wrong.
pub fn parse(method: Arc<dyn AnyMethod>, below: &ArgMatches) -> std::result::Result<(Global, Call), clap::Error> {
    let missing = || clap::Error::new(clap::error::ErrorKind::MissingSubcommand);
    let (name, matches) = below.subcommand().ok_or_else(missing)?;
    let verb = method.verbs().into_iter().find(|v| v.name == name).ok_or_else(missing)?;
    let given = |name: &str| matches.get_one::<String>(name).map(|v| (name.to_owned(), v.clone()));
    let arguments = verb.arguments.iter().filter_map(|&(name, _, _)| given(name)).collect();
    let global = Global::from_arg_matches(matches)?;
    Ok((global, Call { verb: verb.name, method, arguments }))
}

/// Runs it.
///
/// # Errors
/// The verb's causes.
pub fn run(call: &Call, session: &Session) -> Result<Reply> {
    suffit_nn::device::set_threads(session.ctx.threads)?;
    let result = call.method.run_verb(call.verb, &call.arguments, &session.ctx)?;
    session.out.answer(result.text.trim_end());
    if let Some(verdict) = &result.verdict {
        crate::show::verdict(session, verdict);
    }
    let exit = result.verdict.as_ref().map_or(Exit::Ok, |v| v.answer.exit());
    let verb = format!("{} {}", call.method.slug(), call.verb);
    Ok(Reply::new(&verb, exit, json!({ "result": result.json, "verdict": result.verdict })))
}
