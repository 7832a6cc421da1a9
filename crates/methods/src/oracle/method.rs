//! The card, the verbs and their arguments.

use serde_json::Value;
use suffit_core::error::CommonError;
use suffit_core::golden::GoldenCase;
use suffit_core::method::{Accepts, Argument, Config, Cost, Given, MethodCard, Outcome, Verb, VerbResult};
use suffit_core::{Ctx, Dataset, Kind, Method, Result, Run};

use super::arguments::Arguments;

/// The method.
pub struct Oracle;

/// It learns nothing, so there is nothing to configure: settings are arguments of the verbs.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OracleConfig {}

impl Config for OracleConfig {}

const GRAPH: Argument = Argument::new("graph", Given::Required, "A folder made by `build`, or a file of triples");
const ONTOLOGY: Argument =
    Argument::new("ontology", Given::Repeated, "A file with the ontology (not for a built folder)");
const SHAPES: Argument = Argument::new("shapes", Given::Repeated, "A file with SHACL shapes (not for a built folder)");
const PREFIXES: Argument =
    Argument::new("lenient-prefixes", Given::Switch, "Bind undeclared prefixes of SPARQL shapes");
const LEXICON: Argument = Argument::new("lexicon", Given::Repeated, "More names: lines of `alias,iri`");
const ON_ERROR: Argument =
    Argument::new("on-error", Given::Optional, "`stop` at a statement that cannot be parsed (default), or `continue`");
const NAMES: Argument = Argument::new(
    "unique-names",
    Given::Optional,
    "`iri`: different IRIs are different things (default); `off`: functional properties merge them",
);
const READINGS: Argument = Argument::new(
    "readings",
    Given::Optional,
    "An ambiguous claim needs `any` reading licensed (default) or `all` of them",
);
const FUZZY: Argument =
    Argument::new("fuzzy-license", Given::Switch, "Near names may ground a mention (off: only proposed)");
const POLICY: Argument =
    Argument::new("policy", Given::Optional, "JSON with a rule by predicate: must_license, may_pass, forbid");
const FAIL_ON: Argument = Argument::new(
    "fail-on",
    Given::Optional,
    "`unlicensed`: exit 1 for refuted or conflict, 6 for unknown (default); `refuted`: 1 only; `never`: 0",
);
const CLAIMS: Argument = Argument::new("claims", Given::Place, "A file of claims, one JSON object a line");

const VERBS: &[Verb] = &[
    Verb {
        name: "build",
        help: "Build a graph folder from files, checked and closed",
        arguments: &[
            Argument::new(
                "files",
                Given::Places,
                "Files of triples: .nt .nq .ttl .trig .rdf .jsonld, also .gz .zst .bz2",
            ),
            ONTOLOGY,
            SHAPES,
            PREFIXES,
            ON_ERROR,
            NAMES,
            Argument::new("out", Given::Required, "The folder to make"),
        ],
        example: "suffit oracle build graph.ttl --ontology onto.ttl --shapes shapes.ttl --out kg",
    },
    Verb {
        name: "check",
        help: "Decide a file of claims; goes on after a kill",
        arguments: &[
            Argument::new("claims", Given::PlaceMaybe, "A file of claims, one JSON object a line"),
            Argument::new("claim", Given::Optional, "One claim as JSON, in place of a file"),
            GRAPH,
            ONTOLOGY,
            SHAPES,
            PREFIXES,
            LEXICON,
            ON_ERROR,
            NAMES,
            READINGS,
            FUZZY,
            POLICY,
            FAIL_ON,
            Argument::new("out", Given::Optional, "Where to write the decisions (CLAIMS.decided.jsonl)"),
        ],
        example: "suffit oracle check claims.jsonl --graph kg",
    },
    Verb {
        name: "explain",
        help: "Decide one claim and show what the verdict rests on",
        arguments: &[
            Argument::new("claim", Given::Required, "The claim as JSON"),
            GRAPH,
            ONTOLOGY,
            SHAPES,
            PREFIXES,
            LEXICON,
            ON_ERROR,
            NAMES,
            READINGS,
            FUZZY,
            FAIL_ON,
        ],
        example: r#"suffit oracle explain --graph kg --claim '{"subject":{"iri":"urn:ex:a"},"predicate":"urn:ex:p","object":{"iri":"urn:ex:b"}}'"#,
    },
    Verb {
        name: "eval",
        help: "Hold decisions against the labels of a file",
        arguments: &[
            CLAIMS,
            GRAPH,
            ONTOLOGY,
            SHAPES,
            PREFIXES,
            LEXICON,
            ON_ERROR,
            NAMES,
            READINGS,
            FUZZY,
            Argument::new("tolerance", Given::Optional, "Share of false licences that is tolerated (0.01)"),
            Argument::new("report", Given::Optional, "Write an offline report to this .html file"),
        ],
        example: "suffit oracle eval claims.jsonl --graph kg --report report.html",
    },
    Verb {
        name: "lint",
        help: "List what is wrong with a graph",
        arguments: &[GRAPH, ONTOLOGY, SHAPES, PREFIXES, LEXICON, ON_ERROR, NAMES],
        example: "suffit oracle lint --graph kg",
    },
    Verb {
        name: "verify-shapes",
        help: "Validate files against SHACL shapes",
        arguments: &[
            Argument::new("files", Given::Places, "Files of triples"),
            ONTOLOGY,
            SHAPES,
            PREFIXES,
            ON_ERROR,
            Argument::new("report", Given::Optional, "Write the validation report in Turtle to this file"),
        ],
        example: "suffit oracle verify-shapes graph.ttl --shapes shapes.ttl",
    },
];

fn unsupported<T>(verb: &'static str) -> Result<T> {
    let reason = "it learns nothing: build a graph with `suffit oracle build`";
    Err(CommonError::Unsupported { method: "oracle", verb, reason }.into())
}

impl Method for Oracle {
    const SLUG: &'static str = "oracle";
    type Config = OracleConfig;

    fn card() -> MethodCard {
        MethodCard {
            slug: "oracle",
            title: "Licensing Oracle",
            purpose: "lets only those claims pass that a curated graph entails, with a proof",
            family: "license",
            paper: "Emanuilov and Ackermann, Stemming Hallucination in Language Models Using a Licensing Oracle, arXiv 2511.06073 (2025)",
            verbs: &[],
            example: "suffit oracle build graph.ttl --ontology onto.ttl --shapes shapes.ttl --out kg",
        }
    }

    fn accepts() -> Accepts {
        Accepts {
            kinds: vec![Kind::Triples],
            required: vec!["a graph (its own commands read it)"],
            optional: Vec::new(),
        }
    }

    fn validate(_: &OracleConfig, _: &Dataset, _: &Ctx) -> Result<()> {
        unsupported("fit")
    }

    fn estimate(_: &OracleConfig, _: &Dataset, _: &Ctx) -> Result<Cost> {
        unsupported("fit")
    }

    fn fit(_: &OracleConfig, _: &Dataset, _: &Run, _: &Ctx) -> Result<Outcome> {
        unsupported("fit")
    }

    fn report(_: &Run) -> Result<Value> {
        unsupported("report")
    }

    fn verbs() -> Vec<Verb> {
        VERBS.to_vec()
    }

    fn run_verb(name: &str, arguments: &[(String, String)], ctx: &Ctx) -> Result<VerbResult> {
        let arguments = Arguments(arguments);
        match name {
            "build" => super::build::run(arguments, ctx),
            "check" => super::check::run(arguments, ctx),
            "explain" => super::explain::run(arguments, ctx),
            "eval" => super::eval::run(arguments, ctx),
            "verify-shapes" => super::shapes::run(arguments, ctx),
            "lint" => super::lint::run(arguments, ctx),
            _ => unsupported("this verb"),
        }
    }

    fn golden(stem: &str, case: &Value, data: &std::path::Path) -> Result<Vec<GoldenCase>> {
        super::golden::check(stem, case, data)
    }
}
