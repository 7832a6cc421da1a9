//! A short check of proofs that shares nothing with the reasoner but the text of the rules'
//! Recommendation: every asserted line must be in the graph, every other line must follow.

use super::proof::Proof;

/// Why a proof is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// There is no line.
    #[error("the proof is empty")]
    Empty,
    /// A line that claims to be asserted is not in the graph.
    #[error("line {line} is not in the graph")]
    NotAsserted {
        /// The line, from 0.
        line: usize,
    },
    /// A premise that is not an earlier line.
    #[error("line {line} rests on line {premise}, which does not come before it")]
    Order {
        /// The line, from 0.
        line: usize,
        /// The premise.
        premise: usize,
    },
    /// The line does not follow from its premises by its rule.
    #[error("line {line} does not follow by {rule}")]
    Rule {
        /// The line, from 0.
        line: usize,
        /// The rule.
        rule: String,
    },
}

/// Checks a proof; `asserted` says whether a triple of N-Triples terms is in the graph.
///
/// # Errors
/// [`ProofError`] with the first bad line.
pub fn verify(proof: &Proof, asserted: impl Fn(&[String; 3]) -> bool) -> Result<(), ProofError> {
    if proof.steps.is_empty() {
        return Err(ProofError::Empty);
    }
    for (line, step) in proof.steps.iter().enumerate() {
        if let Some(&premise) = step.premises.iter().find(|&&p| p >= line) {
            return Err(ProofError::Order { line, premise });
        }
        let Some(rule) = &step.rule else {
            if !asserted(&step.triple) {
                return Err(ProofError::NotAsserted { line });
            }
            continue;
        };
        let body: Vec<[&str; 3]> =
            step.premises.iter().map(|&p| proof.steps[p].triple.each_ref().map(String::as_str)).collect();
        if !follows(rule, &body, step.triple.each_ref().map(String::as_str)) {
            return Err(ProofError::Rule { line, rule: rule.clone() });
        }
    }
    Ok(())
}

fn word(term: &str) -> &str {
    let spaces = ["22-rdf-syntax-ns#", "rdf-schema#", "2002/07/owl#"];
    spaces.iter().find_map(|s| term.strip_suffix('>')?.split_once(s)).map_or("", |(_, w)| w)
}

/// Whether the head follows from the body by the rule of this name.
#[rustfmt::skip]
fn follows(rule: &str, body: &[[&str; 3]], head: [&str; 3]) -> bool {
    let w = |t: &[&str; 3]| word(t[1]).to_owned();
    let words: Vec<String> = body.iter().map(w).collect();
    let is = |i: usize, p: &str| words.get(i).is_some_and(|x| x == p);
    let [s, p, o] = head;
    let h = word(p);
    match (rule, body) {
        ("eq-sym", [a]) => is(0, "sameAs") && h == "sameAs" && [s, o] == [a[2], a[0]],
        ("eq-trans", [a, b]) => is(0, "sameAs") && is(1, "sameAs") && h == "sameAs" && a[2] == b[0] && [s, o] == [a[0], b[2]],
        ("eq-rep-s", [a, b]) => is(0, "sameAs") && a[0] == b[0] && head == [a[2], b[1], b[2]],
        ("eq-rep-p", [a, b]) => is(0, "sameAs") && a[0] == b[1] && head == [b[0], a[2], b[2]],
        ("eq-rep-o", [a, b]) => is(0, "sameAs") && a[0] == b[2] && head == [b[0], b[1], a[2]],
        ("prp-dom", [a, b]) => is(0, "domain") && h == "type" && a[0] == b[1] && [s, o] == [b[0], a[2]],
        ("prp-rng", [a, b]) => is(0, "range") && h == "type" && a[0] == b[1] && [s, o] == [b[2], a[2]],
        ("prp-fp", [a, b, c]) => kind(a, "FunctionalProperty") && h == "sameAs" && a[0] == b[1] && b[1] == c[1] && b[0] == c[0] && [s, o] == [b[2], c[2]],
        ("prp-ifp", [a, b, c]) => kind(a, "InverseFunctionalProperty") && h == "sameAs" && a[0] == b[1] && b[1] == c[1] && b[2] == c[2] && [s, o] == [b[0], c[0]],
        ("prp-symp", [a, b]) => kind(a, "SymmetricProperty") && a[0] == b[1] && head == [b[2], b[1], b[0]],
        ("prp-trp", [a, b, c]) => kind(a, "TransitiveProperty") && a[0] == b[1] && b[1] == c[1] && b[2] == c[0] && head == [b[0], b[1], c[2]],
        ("prp-spo1", [a, b]) => is(0, "subPropertyOf") && a[0] == b[1] && head == [b[0], a[2], b[2]],
        ("prp-eqp1", [a, b]) => is(0, "equivalentProperty") && a[0] == b[1] && head == [b[0], a[2], b[2]],
        ("prp-eqp2", [a, b]) => is(0, "equivalentProperty") && a[2] == b[1] && head == [b[0], a[0], b[2]],
        ("prp-inv1", [a, b]) => is(0, "inverseOf") && a[0] == b[1] && head == [b[2], a[2], b[0]],
        ("prp-inv2", [a, b]) => is(0, "inverseOf") && a[2] == b[1] && head == [b[2], a[0], b[0]],
        ("cls-svf1", [a, b, c, d]) => is(0, "someValuesFrom") && is(1, "onProperty") && is(3, "type") && a[0] == b[0] && b[2] == c[1] && c[2] == d[0] && d[2] == a[2] && h == "type" && [s, o] == [c[0], a[0]],
        ("cls-svf2", [a, b, c]) => is(0, "someValuesFrom") && word(a[2]) == "Thing" && is(1, "onProperty") && a[0] == b[0] && b[2] == c[1] && h == "type" && [s, o] == [c[0], a[0]],
        ("cls-avf", [a, b, c, d]) => is(0, "allValuesFrom") && is(1, "onProperty") && is(2, "type") && a[0] == b[0] && c[2] == a[0] && d[0] == c[0] && d[1] == b[2] && h == "type" && [s, o] == [d[2], a[2]],
        ("cls-hv1", [a, b, c]) => is(0, "hasValue") && is(1, "onProperty") && is(2, "type") && a[0] == b[0] && c[2] == a[0] && head == [c[0], b[2], a[2]],
        ("cls-hv2", [a, b, c]) => is(0, "hasValue") && is(1, "onProperty") && a[0] == b[0] && c[1] == b[2] && c[2] == a[2] && h == "type" && [s, o] == [c[0], a[0]],
        ("cax-sco", [a, b]) => is(0, "subClassOf") && is(1, "type") && h == "type" && b[2] == a[0] && [s, o] == [b[0], a[2]],
        ("cax-eqc1", [a, b]) => is(0, "equivalentClass") && is(1, "type") && h == "type" && b[2] == a[0] && [s, o] == [b[0], a[2]],
        ("cax-eqc2", [a, b]) => is(0, "equivalentClass") && is(1, "type") && h == "type" && b[2] == a[2] && [s, o] == [b[0], a[0]],
        ("scm-cls", [a]) => kind(a, "Class") && (([s, o] == [a[0], a[0]] && ["subClassOf", "equivalentClass"].contains(&h)) || (h == "subClassOf" && ((s == a[0] && word(o) == "Thing") || (word(s) == "Nothing" && o == a[0])))),
        ("scm-op" | "scm-dp", [a]) => (kind(a, "ObjectProperty") || kind(a, "DatatypeProperty")) && ["subPropertyOf", "equivalentProperty"].contains(&h) && [s, o] == [a[0], a[0]],
        ("scm-sco" | "scm-spo", [a, b]) => words[0] == words[1] && words[0] == h && h == (if rule == "scm-sco" { "subClassOf" } else { "subPropertyOf" }) && a[2] == b[0] && [s, o] == [a[0], b[2]],
        ("scm-eqc1", [a]) => is(0, "equivalentClass") && h == "subClassOf" && ([s, o] == [a[0], a[2]] || [s, o] == [a[2], a[0]]),
        ("scm-eqp1", [a]) => is(0, "equivalentProperty") && h == "subPropertyOf" && ([s, o] == [a[0], a[2]] || [s, o] == [a[2], a[0]]),
        ("scm-eqc2", [a, b]) => is(0, "subClassOf") && is(1, "subClassOf") && h == "equivalentClass" && [a[2], a[0]] == [b[0], b[2]] && [s, o] == [a[0], a[2]],
        ("scm-eqp2", [a, b]) => is(0, "subPropertyOf") && is(1, "subPropertyOf") && h == "equivalentProperty" && [a[2], a[0]] == [b[0], b[2]] && [s, o] == [a[0], a[2]],
        ("scm-dom1" | "scm-rng1", [a, b]) => is(1, "subClassOf") && words[0] == h && h == (if rule == "scm-dom1" { "domain" } else { "range" }) && a[2] == b[0] && [s, o] == [a[0], b[2]],
        ("scm-dom2" | "scm-rng2", [a, b]) => is(1, "subPropertyOf") && words[0] == h && h == (if rule == "scm-dom2" { "domain" } else { "range" }) && b[2] == a[0] && [s, o] == [b[0], a[2]],
        ("scm-hv" | "scm-svf1" | "scm-svf2" | "scm-avf1" | "scm-avf2", [a, b, c, d, e]) => {
            let by = match &rule[..6] { "scm-hv" => "hasValue", "scm-sv" => "someValuesFrom", _ => "allValuesFrom" };
            let shape = is(0, by) && is(2, by) && is(1, "onProperty") && is(3, "onProperty") && a[0] == b[0] && c[0] == d[0] && h == "subClassOf";
            let narrow = rule.ends_with("f1") && is(4, "subClassOf") && b[2] == d[2] && [e[0], e[2]] == [a[2], c[2]];
            let wide = !rule.ends_with("f1") && is(4, "subPropertyOf") && a[2] == c[2] && [e[0], e[2]] == [b[2], d[2]];
            shape && (narrow || wide) && [s, o] == (if rule == "scm-avf2" { [c[0], a[0]] } else { [a[0], c[0]] })
        }
        _ => by_list(rule, body, head),
    }
}

fn kind(t: &[&str; 3], class: &str) -> bool {
    word(t[1]) == "type" && word(t[2]) == class
}

/// The rules over lists: the body is the axiom, the cells of its list, and what the rule joins.
fn by_list(rule: &str, body: &[[&str; 3]], [s, p, o]: [&str; 3]) -> bool {
    let Some((axiom, mut rest)) = body.split_first() else { return false };
    let (mut items, mut node) = (Vec::new(), axiom[2]);
    while word(node) != "nil" {
        let [first, next, more @ ..] = rest else { return false };
        if [first[0], next[0]] != [node; 2] || [word(first[1]), word(next[1])] != ["first", "rest"] {
            return false;
        }
        items.push(first[2]);
        (node, rest) = (next[2], more);
    }
    let (of, class, h) = (word(axiom[1]), axiom[0], word(p));
    let typed = |t: &[&str; 3], c: &str| word(t[1]) == "type" && t[0] == s && t[2] == c;
    match (rule, rest) {
        ("prp-spo2", links) => {
            let mut at = s;
            let walk = links.iter().zip(&items).all(|(l, q)| {
                let fits = l[0] == at && l[1] == *q;
                at = l[2];
                fits
            });
            of == "propertyChainAxiom" && links.len() == items.len() && walk && [p, o] == [class, at]
        }
        ("cls-int1", all) => {
            of == "intersectionOf"
                && all.len() == items.len()
                && all.iter().zip(&items).all(|(t, c)| typed(t, c))
                && h == "type"
                && o == class
        }
        ("cls-int2", [t]) => of == "intersectionOf" && typed(t, class) && h == "type" && items.contains(&o),
        ("cls-uni", [t]) => of == "unionOf" && items.iter().any(|c| typed(t, c)) && h == "type" && o == class,
        ("scm-int", []) => of == "intersectionOf" && h == "subClassOf" && s == class && items.contains(&o),
        ("scm-uni", []) => of == "unionOf" && h == "subClassOf" && items.contains(&s) && o == class,
        ("cls-oo", []) => of == "oneOf" && h == "type" && items.contains(&s) && o == class,
        _ => false,
    }
}
