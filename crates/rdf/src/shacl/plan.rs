//! Simple `SELECT` queries without the general evaluator: triple patterns, comparisons of numbers
//! and `EXISTS`, with pre-bound variables.
//!
//! The plan is exact by giving up: whatever it cannot decide as SPARQL does (a comparison with
//! something that is no plain number, an unbound variable, another construct) makes it return
//! nothing, and the query goes to the evaluator. Cost: nested loops over the indexes in the order
//! of the fewest free positions.

use oxrdf::{Literal, NamedNode, Term, TermRef};
use oxsdatatypes::{Decimal, Double, Integer};
use spargebra::Query;
use spargebra::algebra::{Expression, Function, GraphPattern};
use spargebra::term::{NamedNodePattern, TermPattern, TriplePattern};

use super::terms::Terms;
use crate::sparql::Bindings;
use crate::sparql::bind::{PLACE, name_of};
use crate::store::Triples;
use crate::term::TermId;

/// What is bound for one run.
pub(crate) struct Given<'a> {
    pub focus: TermId,
    pub shape: TermId,
    pub parameters: &'a [(String, TermId)],
}

#[derive(Debug, Clone)]
enum Position {
    Bound(String),
    Fixed(Term),
    Slot(usize),
}

#[derive(Debug, Clone)]
enum Test {
    Less(Operand, Operand, bool),
    Equal(Operand, Operand),
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
    Not(Box<Test>),
    Exists(Vec<[Position; 3]>, Vec<Test>),
}

#[derive(Debug, Clone)]
enum Operand {
    Slot(usize),
    Bound(String),
    Literal(Literal),
}

/// A compiled query.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    patterns: Vec<[Position; 3]>,
    tests: Vec<Test>,
    names: Vec<String>,
    projected: Vec<usize>,
}

/// A number as the evaluator sees it.
#[derive(Clone, Copy)]
enum Plain {
    Integer(Integer),
    Decimal(Decimal),
    Double(Double),
}

/// Gives up: the evaluator has to answer.
struct Unsure;

impl Plan {
    /// The plan of a query with places for its pre-bound variables, where it is simple enough.
    pub fn new(query: &Query) -> Option<Self> {
        let Query::Select { dataset: None, pattern: GraphPattern::Project { inner, variables }, .. } = query else {
            return None;
        };
        let mut builder = Builder::default();
        let (mut patterns, mut tests) = (Vec::new(), Vec::new());
        builder.group(inner, &mut patterns, &mut tests)?;
        order(&mut patterns, &mut Vec::new());
        let slot = |v: &oxrdf::Variable| builder.names.iter().position(|n| n == v.as_str());
        let projected = variables.iter().filter_map(slot).collect();
        Some(Plan { patterns, tests, names: builder.names, projected })
    }

    /// Solutions, or nothing when the evaluator has to answer.
    pub fn run(&self, data: &dyn Triples, given: &Given<'_>, most: usize) -> Option<Vec<Bindings>> {
        let mut run = PlanRun { data, given, slots: vec![None; self.names.len()] };
        let mut rows = Vec::new();
        let done = run.solve(&self.patterns, &mut |run| {
            for test in &self.tests {
                if !run.test(test)? {
                    return Ok(false);
                }
            }
            if rows.len() >= most {
                return Err(Unsure); // the evaluator reports the limit
            }
            let value = |&slot: &usize| Some((self.names[slot].clone(), run.data.term(run.slots[slot]?)));
            rows.push(self.projected.iter().filter_map(value).collect());
            Ok(false)
        });
        done.is_ok().then_some(rows)
    }
}

/// Puts the pattern with the fewest free positions first, again and again.
fn order(patterns: &mut Vec<[Position; 3]>, known: &mut Vec<usize>) {
    let mut left = std::mem::take(patterns);
    while !left.is_empty() {
        let free =
            |t: &[Position; 3]| t.iter().filter(|p| matches!(p, Position::Slot(s) if !known.contains(s))).count();
        let best = (0..left.len()).min_by_key(|&i| free(&left[i])).unwrap_or(0);
        let next = left.remove(best);
        known.extend(next.iter().filter_map(|p| match p {
            Position::Slot(s) => Some(*s),
            _ => None,
        }));
        patterns.push(next);
    }
}

#[derive(Default)]
struct Builder {
    names: Vec<String>,
}

impl Builder {
    /// A group of triple patterns with filters.
    fn group(
        &mut self,
        pattern: &GraphPattern,
        patterns: &mut Vec<[Position; 3]>,
        tests: &mut Vec<Test>,
    ) -> Option<()> {
        match pattern {
            GraphPattern::Bgp { patterns: triples } => {
                for triple in triples {
                    patterns.push(self.triple(triple)?);
                }
                Some(())
            }
            // Filters of the group as a whole only: below a join a filter sees fewer variables.
            GraphPattern::Filter { expr, inner } => {
                self.group(inner, patterns, tests)?;
                tests.push(self.test(expr, patterns)?);
                Some(())
            }
            GraphPattern::Join { left, right } => {
                let inner = tests.len();
                self.group(left, patterns, tests)?;
                self.group(right, patterns, tests)?;
                (tests.len() == inner).then_some(())
            }
            _ => None,
        }
    }

    fn triple(&mut self, triple: &TriplePattern) -> Option<[Position; 3]> {
        let predicate = match &triple.predicate {
            NamedNodePattern::NamedNode(n) => Self::fixed(n)?,
            NamedNodePattern::Variable(v) => self.slot(v.as_str()),
        };
        Some([self.term(&triple.subject)?, predicate, self.term(&triple.object)?])
    }

    fn term(&mut self, term: &TermPattern) -> Option<Position> {
        Some(match term {
            TermPattern::NamedNode(n) => Self::fixed(n)?,
            TermPattern::Literal(l) => Position::Fixed(l.clone().into()),
            TermPattern::Variable(v) => self.slot(v.as_str()),
            TermPattern::BlankNode(b) => self.slot(&format!("_:{}", b.as_str())),
        })
    }

    fn fixed(n: &NamedNode) -> Option<Position> {
        match n.as_str().strip_prefix(PLACE) {
            Some("shapesGraph") => None,
            Some(name) => Some(Position::Bound(name.to_owned())),
            None => Some(Position::Fixed(n.clone().into())),
        }
    }

    fn slot(&mut self, name: &str) -> Position {
        let at = self.names.iter().position(|n| n == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        Position::Slot(at)
    }

    fn test(&mut self, e: &Expression, scope: &[[Position; 3]]) -> Option<Test> {
        let mut two = |a: &Expression, b: &Expression| Some((self.operand(a, scope)?, self.operand(b, scope)?));
        Some(match e {
            Expression::Less(a, b) => two(a, b).map(|(a, b)| Test::Less(a, b, false))?,
            Expression::LessOrEqual(a, b) => two(a, b).map(|(a, b)| Test::Less(a, b, true))?,
            Expression::Greater(a, b) => two(b, a).map(|(b, a)| Test::Less(b, a, false))?,
            Expression::GreaterOrEqual(a, b) => two(b, a).map(|(b, a)| Test::Less(b, a, true))?,
            Expression::Equal(a, b) => two(a, b).map(|(a, b)| Test::Equal(a, b))?,
            Expression::And(a, b) => Test::And(Box::new(self.test(a, scope)?), Box::new(self.test(b, scope)?)),
            Expression::Or(a, b) => Test::Or(Box::new(self.test(a, scope)?), Box::new(self.test(b, scope)?)),
            Expression::Not(a) => Test::Not(Box::new(self.test(a, scope)?)),
            Expression::Exists(pattern) => self.exists(pattern, scope)?,
            _ => return None,
        })
    }

    fn exists(&mut self, pattern: &GraphPattern, scope: &[[Position; 3]]) -> Option<Test> {
        let (mut patterns, mut tests) = (Vec::new(), Vec::new());
        // A filter inside may only use variables of its own patterns.
        self.group(pattern, &mut patterns, &mut tests)?;
        let mut known = slots(scope);
        order(&mut patterns, &mut known);
        Some(Test::Exists(patterns, tests))
    }

    fn operand(&mut self, e: &Expression, scope: &[[Position; 3]]) -> Option<Operand> {
        Some(match e {
            Expression::Literal(l) => Operand::Literal(l.clone()),
            Expression::Variable(v) => match self.slot(v.as_str()) {
                // Every variable of a triple pattern is bound in every solution.
                Position::Slot(slot) if slots(scope).contains(&slot) => Operand::Slot(slot),
                _ => return None,
            },
            Expression::FunctionCall(Function::Custom(f), arguments) if arguments.is_empty() => {
                Operand::Bound(name_of(f)?.to_owned())
            }
            _ => return None,
        })
    }
}

fn slots(patterns: &[[Position; 3]]) -> Vec<usize> {
    let slot = |p: &Position| match p {
        Position::Slot(s) => Some(*s),
        _ => None,
    };
    patterns.iter().flatten().filter_map(slot).collect()
}

struct PlanRun<'a> {
    data: &'a dyn Triples,
    given: &'a Given<'a>,
    slots: Vec<Option<TermId>>,
}

impl PlanRun<'_> {
    fn bound(&self, name: &str) -> Option<TermId> {
        match name {
            "this" => Some(self.given.focus),
            "currentShape" => Some(self.given.shape),
            _ => self.given.parameters.iter().find(|(n, _)| n == name).map(|(_, id)| *id),
        }
    }

    /// The code of a position: known, free, or (error) a term that no triple has.
    fn code(&self, position: &Position) -> Result<Option<TermId>, ()> {
        match position {
            Position::Slot(s) => Ok(self.slots[*s]),
            Position::Bound(name) => self.bound(name).map(Some).ok_or(()),
            Position::Fixed(term) => self.data.dictionary().id(term.as_ref()).map(Some).ok_or(()),
        }
    }

    /// Visits every solution; stops when `visit` says true.
    fn solve(
        &mut self,
        patterns: &[[Position; 3]],
        visit: &mut dyn FnMut(&mut Self) -> Result<bool, Unsure>,
    ) -> Result<bool, Unsure> {
        let Some((first, rest)) = patterns.split_first() else { return visit(self) };
        let mut codes = [None; 3];
        for (code, position) in codes.iter_mut().zip(first) {
            match self.code(position) {
                Ok(found) => *code = found,
                Err(()) => return Ok(false),
            }
        }
        let data = self.data;
        for triple in data.matching(codes[0], codes[1], codes[2]) {
            let mut set = [None; 3];
            let mut fits = true;
            for (i, position) in first.iter().enumerate() {
                if let Position::Slot(slot) = position {
                    match self.slots[*slot] {
                        Some(value) => fits &= value == triple[i],
                        None => {
                            self.slots[*slot] = Some(triple[i]);
                            set[i] = Some(*slot);
                        }
                    }
                }
            }
            let stop = if fits { self.solve(rest, visit) } else { Ok(false) };
            set.iter().flatten().for_each(|&slot| self.slots[slot] = None);
            if stop? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn test(&mut self, test: &Test) -> Result<bool, Unsure> {
        Ok(match test {
            Test::Less(a, b, or_equal) => {
                let (a, b) = (self.number(a)?, self.number(b)?);
                less(a, b) || (*or_equal && equal(a, b))
            }
            Test::Equal(a, b) => equal(self.number(a)?, self.number(b)?),
            Test::And(a, b) => self.test(a)? && self.test(b)?,
            Test::Or(a, b) => self.test(a)? || self.test(b)?,
            Test::Not(a) => !self.test(a)?,
            Test::Exists(patterns, tests) => self.solve(patterns, &mut |run| {
                for test in tests {
                    if !run.test(test)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            })?,
        })
    }

    fn number(&self, operand: &Operand) -> Result<Plain, Unsure> {
        let literal = match operand {
            Operand::Literal(l) => l.as_ref(),
            Operand::Slot(_) | Operand::Bound(_) => {
                let id = match operand {
                    Operand::Slot(s) => self.slots[*s],
                    Operand::Bound(name) => self.bound(name),
                    Operand::Literal(_) => None,
                };
                match self.data.dictionary().term(id.ok_or(Unsure)?) {
                    TermRef::Literal(l) => l,
                    _ => return Err(Unsure),
                }
            }
        };
        plain(literal).ok_or(Unsure)
    }
}

fn plain(literal: oxrdf::LiteralRef<'_>) -> Option<Plain> {
    use oxrdf::vocab::xsd;
    let datatype = literal.datatype();
    if datatype == xsd::INTEGER {
        literal.value().parse().ok().map(Plain::Integer)
    } else if datatype == xsd::DECIMAL {
        literal.value().parse().ok().map(Plain::Decimal)
    } else if datatype == xsd::DOUBLE {
        literal.value().parse().ok().map(Plain::Double)
    } else {
        None
    }
}

fn less(a: Plain, b: Plain) -> bool {
    match promoted(a, b) {
        Promoted::Integers(a, b) => a < b,
        Promoted::Decimals(a, b) => a < b,
        Promoted::Doubles(a, b) => a < b,
    }
}

fn equal(a: Plain, b: Plain) -> bool {
    match promoted(a, b) {
        Promoted::Integers(a, b) => a == b,
        Promoted::Decimals(a, b) => a == b,
        Promoted::Doubles(a, b) => a == b,
    }
}

/// Both of one type, as SPARQL promotes them.
enum Promoted {
    Integers(Integer, Integer),
    Decimals(Decimal, Decimal),
    Doubles(Double, Double),
}

fn promoted(a: Plain, b: Plain) -> Promoted {
    match (a, b) {
        (Plain::Integer(a), Plain::Integer(b)) => Promoted::Integers(a, b),
        (Plain::Integer(a), Plain::Decimal(b)) => Promoted::Decimals(a.into(), b),
        (Plain::Decimal(a), Plain::Integer(b)) => Promoted::Decimals(a, b.into()),
        (Plain::Decimal(a), Plain::Decimal(b)) => Promoted::Decimals(a, b),
        (a, b) => Promoted::Doubles(double(a), double(b)),
    }
}

fn double(a: Plain) -> Double {
    match a {
        Plain::Integer(a) => a.into(),
        Plain::Decimal(a) => a.into(),
        Plain::Double(a) => a,
    }
}
