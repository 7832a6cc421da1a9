//! `suffit METHOD VERB --name VALUE`: the verbs that methods add to the common ones.
//!
//! A method declares them as data; the parser, the help and the JSON output come from here.

use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches};
use serde_json::json;
use suffit_core::method::{Argument, Given};
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
pub fn with_verbs_of(methods: &[Arc<dyn AnyMethod>], mut parser: Command) -> Command {
    for method in methods {
        if method.verbs().is_empty() {
            continue;
        }
        let mut command = Command::new(method.slug())
            .about(format!("Commands of {} itself", method.card().title))
            .subcommand_required(true)
            .arg_required_else_help(true);
        for verb in method.verbs() {
            let arguments = verb.arguments.iter().map(argument);
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
pub fn asked<'a>(
    methods: &[Arc<dyn AnyMethod>],
    matches: &'a ArgMatches,
) -> Option<(Arc<dyn AnyMethod>, &'a ArgMatches)> {
    let (name, below) = matches.subcommand()?;
    let method = methods.iter().find(|m| m.slug() == name && !m.verbs().is_empty())?;
    Some((Arc::clone(method), below))
}

/// Shared flags and the call.
///
/// # Errors
/// The parser's, when a shared flag is wrong.
pub fn parse(method: Arc<dyn AnyMethod>, below: &ArgMatches) -> std::result::Result<(Global, Call), clap::Error> {
    let missing = || clap::Error::new(clap::error::ErrorKind::MissingSubcommand);
    let (name, matches) = below.subcommand().ok_or_else(missing)?;
    let verb = method.verbs().into_iter().find(|v| v.name == name).ok_or_else(missing)?;
    let arguments = verb.arguments.iter().flat_map(|a| given(a, matches)).collect();
    let global = Global::from_arg_matches(matches)?;
    Ok((global, Call { verb: verb.name, method, arguments }))
}

fn argument(argument: &Argument) -> Arg {
    let base = Arg::new(argument.name).help(argument.help);
    match argument.given {
        Given::Required => base.long(argument.name).required(true).value_name("VALUE"),
        Given::Optional => base.long(argument.name).value_name("VALUE"),
        Given::Repeated => base.long(argument.name).value_name("VALUE").action(ArgAction::Append),
        Given::Switch => base.long(argument.name).action(ArgAction::SetTrue),
        Given::Place => base.required(true).value_name(argument.name),
        Given::PlaceMaybe => base.value_name(argument.name),
        Given::Places => base.required(true).num_args(1..).value_name(argument.name),
    }
}

/// One pair of name and value for each time that an argument was given.
fn given(argument: &Argument, matches: &ArgMatches) -> Vec<(String, String)> {
    let name = argument.name;
    if argument.given == Given::Switch {
        return if matches.get_flag(name) { vec![(name.to_owned(), "true".to_owned())] } else { Vec::new() };
    }
    matches.get_many::<String>(name).into_iter().flatten().map(|v| (name.to_owned(), v.clone())).collect()
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
    let exit = result.verdict.as_ref().map(|v| v.answer.exit()).or(result.exit).unwrap_or(Exit::Ok);
    let verb = format!("{} {}", call.method.slug(), call.verb);
    Ok(Reply::new(&verb, exit, json!({ "result": result.json, "verdict": result.verdict })))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use clap::CommandFactory;
    use serde_json::Value;
    use suffit_core::error::CommonError;
    use suffit_core::golden::GoldenCase;
    use suffit_core::method::{Accepts, Config, Cost, MethodCard, Outcome, Verb, VerbResult, erase};
    use suffit_core::{Ctx, Dataset, Method, Run};

    use crate::args::Cli;

    #[derive(Default, Clone, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
    struct Nothing {}

    impl Config for Nothing {}

    const ARGUMENTS: &[Argument] = &[
        Argument::new("of", Given::Required, "The word"),
        Argument::new("letter", Given::Optional, "The letter"),
        Argument::new("loud", Given::Switch, "In capitals"),
        Argument::new("files", Given::Places, "Files"),
    ];

    /// A method that only has a verb of its own.
    struct Toy;

    fn no<T>() -> Result<T> {
        Err(CommonError::Unsupported { method: "toy", verb: "fit", reason: "it is a toy" }.into())
    }

    impl Method for Toy {
        const SLUG: &'static str = "toy";
        type Config = Nothing;

        fn card() -> MethodCard {
            MethodCard {
                slug: "toy",
                title: "A toy",
                purpose: "tests",
                family: "summarise",
                paper: "none",
                verbs: &[],
                example: "suffit toy count --of a",
            }
        }
        fn accepts() -> Accepts {
            Accepts { kinds: Vec::new(), required: Vec::new(), optional: Vec::new() }
        }
        fn validate(_: &Nothing, _: &Dataset, _: &Ctx) -> Result<()> {
            no()
        }
        fn estimate(_: &Nothing, _: &Dataset, _: &Ctx) -> Result<Cost> {
            no()
        }
        fn fit(_: &Nothing, _: &Dataset, _: &Run, _: &Ctx) -> Result<Outcome> {
            no()
        }
        fn report(_: &Run) -> Result<Value> {
            no()
        }
        fn golden(_: &str, _: &Value, _: &std::path::Path) -> Result<Vec<GoldenCase>> {
            no()
        }
        fn verbs() -> Vec<Verb> {
            vec![Verb {
                name: "count",
                help: "Counts letters",
                arguments: ARGUMENTS,
                example: "suffit toy count --of banana --letter a",
            }]
        }
        fn run_verb(name: &str, arguments: &[(String, String)], _: &Ctx) -> Result<VerbResult> {
            let value = |key: &str| arguments.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
            let letters = value("of").unwrap_or("").matches(value("letter").unwrap_or("")).count();
            Ok(VerbResult {
                json: json!({"verb": name, "letters": letters}),
                text: letters.to_string(),
                verdict: None,
                exit: None,
            })
        }
    }

    fn call(words: &[&str]) -> std::result::Result<(Global, Call), clap::Error> {
        let methods = [erase::<Toy>()];
        let matches = with_verbs_of(&methods, Cli::command()).try_get_matches_from(words)?;
        let (method, below) = asked(&methods, &matches).unwrap();
        parse(method, below)
    }

    #[test]
    fn a_verb_gets_its_arguments_and_the_shared_flags() {
        let (global, call) =
            call(&["suffit", "toy", "count", "one", "two", "--of", "banana", "--letter", "a", "--loud", "--seed", "4"])
                .unwrap();
        assert_eq!(global.seed, Some(4));
        let pair = |k: &str, v: &str| (k.to_owned(), v.to_owned());
        let wanted = [
            pair("of", "banana"),
            pair("letter", "a"),
            pair("loud", "true"),
            pair("files", "one"),
            pair("files", "two"),
        ];
        assert_eq!(call.arguments, wanted);
        let out = crate::settings::output(&["suffit".into(), "--json".into()]);
        let session = Session::new(&global, out, Vec::new()).unwrap();
        let reply = run(&call, &session).unwrap();
        assert_eq!((&reply.json["verb"], &reply.json["result"]["letters"]), (&"toy count".into(), &3.into()));
    }

    #[test]
    fn its_help_has_the_example_and_a_missing_argument_is_refused() {
        let help = call(&["suffit", "toy", "count", "--help"]).err().unwrap().to_string();
        assert!(help.contains("suffit toy count --of banana --letter a") && help.contains("The letter"), "{help}");
        let error = call(&["suffit", "toy", "count"]).err().unwrap();
        assert_eq!(error.kind(), clap::error::ErrorKind::MissingRequiredArgument);
    }
}
