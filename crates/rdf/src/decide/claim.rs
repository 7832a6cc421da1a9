//! Claims: what somebody wants to say, as data.
//!
//! Source: specification of the Licensing Oracle, heading "Inputs and outputs".

use oxrdf::{Literal, NamedNode};

/// A thing named by its IRI or by a word that the lexicon has to ground.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Node {
    /// An IRI.
    Iri(NamedNode),
    /// A name in the words of a text.
    Mention(String),
}

/// What the claim says about its subject.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Object {
    /// A thing by its IRI.
    Iri(NamedNode),
    /// A value with datatype or language tag.
    Literal(Literal),
    /// A value without a datatype: it takes the XSD range of its predicate if it is valid there,
    /// and is an `xsd:string` otherwise.
    Untyped(String),
    /// A name in the words of a text.
    Mention(String),
}

/// How the value of the graph relates to the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Op {
    /// `=`
    #[default]
    Eq,
    /// `!=`: the same as a negated `=`.
    Ne,
    /// `<`
    Lt,
    /// `>`
    Gt,
    /// `<=`
    Le,
    /// `>=`
    Ge,
}

impl Op {
    /// The sign as written in JSON.
    pub fn sign(self) -> &'static str {
        match self {
            Op::Eq => "=",
            Op::Ne => "!=",
            Op::Lt => "<",
            Op::Gt => ">",
            Op::Le => "<=",
            Op::Ge => ">=",
        }
    }

    /// The comparison with this sign.
    pub fn from_sign(sign: &str) -> Option<Op> {
        [Op::Eq, Op::Ne, Op::Lt, Op::Gt, Op::Le, Op::Ge].into_iter().find(|op| op.sign() == sign)
    }

    /// Whether an ordering of (value, object) fulfils the comparison.
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Op::Eq => order.is_eq(),
            Op::Ne => order.is_ne(),
            Op::Lt => order.is_lt(),
            Op::Gt => order.is_gt(),
            Op::Le => order.is_le(),
            Op::Ge => order.is_ge(),
        }
    }
}

/// One factual claim.
///
/// ```
/// use suffit_rdf::decide::Claim;
/// let claim = Claim::from_json(
///     r#"{"subject":{"iri":"urn:t#ann"},"predicate":"urn:t#worksFor","object":{"iri":"urn:t#acme"}}"#,
/// )?;
/// assert_eq!(Claim::from_json(&claim.to_json().to_string())?, claim);
/// # Ok::<(), suffit_rdf::decide::ClaimError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Claim {
    /// Who or what the claim is about.
    pub subject: Node,
    /// The property.
    pub predicate: Node,
    /// The value.
    pub object: Object,
    /// How the value of the graph relates to the object.
    pub op: Op,
    /// Whether the sentence denies it.
    pub negated: bool,
    /// The unit in which a number is given.
    pub unit: Option<String>,
}

impl Claim {
    /// The plain claim that `subject predicate object` holds.
    pub fn new(subject: NamedNode, predicate: NamedNode, object: Object) -> Claim {
        Claim {
            subject: Node::Iri(subject),
            predicate: Node::Iri(predicate),
            object,
            op: Op::Eq,
            negated: false,
            unit: None,
        }
    }

    /// The same claim, denied.
    pub fn negate(mut self) -> Claim {
        self.negated = !self.negated;
        self
    }
}

/// What a labelled file says about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub enum Gold {
    /// Entailed by the graph.
    E,
    /// Contradicted by the graph.
    C,
    /// Unknown to the graph.
    U,
}

impl Gold {
    /// The label with this letter, or with the name of the verdict that it asks for.
    pub fn from_word(word: &str) -> Option<Gold> {
        match word {
            "E" | "licensed" => Some(Gold::E),
            "C" | "refuted" => Some(Gold::C),
            "U" | "unknown" => Some(Gold::U),
            _ => None,
        }
    }
}

/// A line of a claims file: a claim and what the file says beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The claim.
    pub claim: Claim,
    /// The name of the line, if it has one.
    pub id: Option<String>,
    /// The label, if it has one.
    pub gold: Option<Gold>,
    /// The sentence that makes the claim.
    pub text: Option<String>,
    /// The label of the sentence, where it differs from that of the claim.
    pub text_gold: Option<Gold>,
}
