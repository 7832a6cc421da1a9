//! The verbs, one file each.

pub mod apply;
pub mod audit;
pub mod check;
pub mod dependence;
pub mod describe;
pub mod example;
pub mod fit;
pub mod list;
pub mod new;
pub mod own;
pub mod quickstart;
pub mod report;
pub mod reproduce;
pub mod runs;
pub mod schema;

use serde_json::{Map, Value};
use suffit_core::{Exit, Result};

use crate::args::Verb;
use crate::settings::Session;

/// What a verb ends with: an exit code and the one JSON document.
#[derive(Debug)]
pub struct Reply {
    /// The exit code.
    pub exit: Exit,
    /// The document.
    pub json: Value,
}

impl Reply {
    /// Success, with the fields of the document.
    pub fn ok(verb: &str, fields: Value) -> Self {
        Reply::new(verb, Exit::Ok, fields)
    }

    /// An exit code with the fields of the document; `verb` and `exit` are put before them.
    pub fn new(verb: &str, exit: Exit, fields: Value) -> Self {
        let mut object = Map::new();
        object.insert("verb".into(), verb.into());
        object.insert("exit".into(), exit.code().into());
        match fields {
            Value::Object(fields) => object.extend(fields),
            Value::Null => {}
            other => {
                object.insert("result".into(), other);
            }
        }
        Reply { exit, json: Value::Object(object) }
    }
}

/// Does what was asked.
///
/// # Errors
/// Those of the verb.
pub fn run(verb: &Verb, session: &Session) -> Result<Reply> {
    let resumes = match verb {
        Verb::Fit(args) => args.resumes(),
        Verb::Quickstart(args) => args.resumes(),
        _ => false,
    };
    if !resumes {
        // once and before anything computes: the pool cannot be resized
        suffit_nn::device::set_threads(session.ctx.threads)?;
    }
    match verb {
        Verb::Quickstart(args) => quickstart::run(args, session),
        Verb::Fit(args) => fit::run(args, session),
        Verb::Apply(args) => apply::run(args, session),
        Verb::Audit(args) => audit::run(args, session),
        Verb::Dependence(args) => dependence::run(args, session),
        Verb::Report(args) => report::run(args, session),
        Verb::Reproduce(args) => reproduce::run(args, session),
        Verb::List(args) => list::run(args, session),
        Verb::Describe(args) => describe::run(args, session),
        Verb::New(args) => new::run(args, session),
        Verb::Check(args) => check::run(args, session),
        Verb::Schema(args) => schema::run(args, session),
        Verb::Example(args) => example::run(args, session),
        Verb::Runs(args) => runs::run(args, session),
    }
}
