//! SHACL Core: one function a family of components.

use std::cmp::Ordering;

use super::error::ShaclError;
use super::terms::Terms;
use super::validate::Run;
use super::value::{compare, language_matches, well_formed};
use super::{Bound, Check, Shape, ShapeId};
use crate::term::{Kind, TermId};

type Done = Result<(), ShaclError>;

impl Run<'_> {
    /// Adds the violations of one constraint.
    pub(super) fn check(&mut self, shape: &Shape, check: &Check, focus: TermId, values: &[TermId]) -> Done {
        match check {
            Check::MinCount(n) if (values.len() as u64) < *n => {
                self.add(shape, "MinCountConstraintComponent", focus, None)?
            }
            Check::MaxCount(n) if values.len() as u64 > *n => {
                self.add(shape, "MaxCountConstraintComponent", focus, None)?
            }
            Check::MinCount(_) | Check::MaxCount(_) => {}
            Check::HasValue(v) => {
                if !values.contains(v) {
                    self.add(shape, "HasValueConstraintComponent", focus, None)?;
                }
            }
            Check::UniqueLang => self.unique_lang(shape, focus, values)?,
            Check::Equals(p) => self.equals(shape, *p, focus, values)?,
            Check::Disjoint(p) => {
                for &v in values.iter().filter(|&&v| self.data.contains([focus, *p, v])).collect::<Vec<_>>() {
                    self.add(shape, "DisjointConstraintComponent", focus, Some(v))?;
                }
            }
            Check::LessThan(p, or_equal) => self.less_than(shape, *p, *or_equal, focus, values)?,
            Check::Closed { allowed } => self.closed(shape, allowed, focus, values)?,
            Check::Qualified { shape: q, min, max, disjoint } => {
                self.qualified(shape, *q, (*min, *max), disjoint, focus, values)?;
            }
            Check::Property(id) => {
                for &v in values {
                    self.property(*id, v)?;
                }
            }
            Check::Sparql(sparql) => self.sparql(shape, sparql, focus)?,
            Check::Custom(custom) => self.custom(shape, custom, focus, values)?,
            _ => {
                for &v in values {
                    if let Some(component) = self.value(check, v)? {
                        self.add(shape, component, focus, Some(v))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Component that a single value breaks.
    fn value(&mut self, check: &Check, v: TermId) -> Result<Option<&'static str>, ShaclError> {
        let literal = self.data.literal(v);
        let length = || match self.data.kind(v) {
            Kind::Blank => None,
            _ => Some(self.data.text(v).chars().count() as u64),
        };
        let (holds, component) = match check {
            Check::Class(c) => (self.is_instance(v, *c), "ClassConstraintComponent"),
            Check::Datatype(d) => {
                let wanted = self.graph.text(*d);
                (literal.is_some_and(|l| l.datatype == wanted && well_formed(l)), "DatatypeConstraintComponent")
            }
            Check::NodeKind(k) => {
                let holds = match self.data.kind(v) {
                    Kind::Iri => k.iri,
                    Kind::Blank => k.blank,
                    Kind::Literal => k.literal,
                };
                (holds, "NodeKindConstraintComponent")
            }
            Check::Range(bound, limit) => self.range(*bound, *limit, v),
            Check::MinLength(n) => (length().is_some_and(|l| l >= *n), "MinLengthConstraintComponent"),
            Check::MaxLength(n) => (length().is_some_and(|l| l <= *n), "MaxLengthConstraintComponent"),
            Check::Pattern(regex) => {
                let holds = self.data.kind(v) != Kind::Blank && regex.is_match(self.data.text(v));
                (holds, "PatternConstraintComponent")
            }
            Check::LanguageIn(ranges) => {
                let tag = literal.and_then(|l| l.language);
                let holds = tag.is_some_and(|t| ranges.iter().any(|r| language_matches(t, r)));
                (holds, "LanguageInConstraintComponent")
            }
            Check::In(list) => (list.contains(&v), "InConstraintComponent"),
            Check::Not(id) => (!self.conforms(*id, v)?, "NotConstraintComponent"),
            Check::And(ids) => (self.count(ids, v)? == ids.len(), "AndConstraintComponent"),
            Check::Or(ids) => (self.count(ids, v)? > 0, "OrConstraintComponent"),
            Check::Xone(ids) => (self.count(ids, v)? == 1, "XoneConstraintComponent"),
            Check::Node(id) => (self.conforms(*id, v)?, "NodeConstraintComponent"),
            _ => (true, ""), // constraints on the set of values are checked by the caller
        };
        Ok((!holds).then_some(component))
    }

    /// How many of the shapes a node conforms to.
    fn count(&mut self, ids: &[ShapeId], v: TermId) -> Result<usize, ShaclError> {
        let mut count = 0;
        for &id in ids {
            count += usize::from(self.conforms(id, v)?);
        }
        Ok(count)
    }

    fn range(&self, bound: Bound, limit: TermId, v: TermId) -> (bool, &'static str) {
        // The limit stands in the shapes graph, which shares the dictionary of the data.
        let order = compare(self.data, v, limit);
        match bound {
            Bound::MinExclusive => (order == Some(Ordering::Greater), "MinExclusiveConstraintComponent"),
            Bound::MinInclusive => (order.is_some_and(|o| o != Ordering::Less), "MinInclusiveConstraintComponent"),
            Bound::MaxExclusive => (order == Some(Ordering::Less), "MaxExclusiveConstraintComponent"),
            Bound::MaxInclusive => (order.is_some_and(|o| o != Ordering::Greater), "MaxInclusiveConstraintComponent"),
        }
    }

    /// One violation for each language that more than one value has.
    fn unique_lang(&mut self, shape: &Shape, focus: TermId, values: &[TermId]) -> Done {
        let mut tags: Vec<String> =
            values.iter().filter_map(|&v| self.data.literal(v)?.language.map(str::to_ascii_lowercase)).collect();
        tags.sort();
        let mut repeated: Vec<&String> = tags.windows(2).filter(|w| w[0] == w[1]).map(|w| &w[0]).collect();
        repeated.dedup();
        repeated.iter().try_for_each(|_| self.add(shape, "UniqueLangConstraintComponent", focus, None))
    }

    /// Values on one side only, from both sides.
    fn equals(&mut self, shape: &Shape, p: TermId, focus: TermId, values: &[TermId]) -> Done {
        let others = Run::distinct(self.data.objects(focus, p));
        let only_here = values.iter().filter(|v| !others.contains(v));
        let only_there = others.iter().filter(|v| !values.contains(v));
        for &v in only_here.chain(only_there).collect::<Vec<_>>() {
            self.add(shape, "EqualsConstraintComponent", focus, Some(v))?;
        }
        Ok(())
    }

    fn less_than(&mut self, shape: &Shape, p: TermId, or_equal: bool, focus: TermId, values: &[TermId]) -> Done {
        let component = if or_equal { "LessThanOrEqualsConstraintComponent" } else { "LessThanConstraintComponent" };
        let others: Vec<TermId> = self.data.objects(focus, p).collect();
        for &v in values {
            for &other in &others {
                let holds = match compare(self.data, v, other) {
                    Some(Ordering::Less) => true,
                    Some(Ordering::Equal) => or_equal,
                    _ => false,
                };
                if !holds {
                    self.add(shape, component, focus, Some(v))?;
                }
            }
        }
        Ok(())
    }

    fn closed(&mut self, shape: &Shape, allowed: &[TermId], focus: TermId, values: &[TermId]) -> Done {
        for &v in values {
            let extra: Vec<[TermId; 3]> =
                self.data.matching(Some(v), None, None).filter(|t| !allowed.contains(&t[1])).collect();
            for [_, p, o] in extra {
                self.push(shape, |run| {
                    let component = super::words::sh("ClosedConstraintComponent");
                    let mut violation = run.plain(shape, component, focus);
                    violation.set_path(run.data.term(p).to_string());
                    violation.value = Some(run.data.term(o).to_string());
                    violation
                })?;
            }
        }
        Ok(())
    }

    fn qualified(
        &mut self,
        shape: &Shape,
        q: ShapeId,
        (min, max): (Option<u64>, Option<u64>),
        disjoint: &[ShapeId],
        focus: TermId,
        values: &[TermId],
    ) -> Done {
        let mut count = 0;
        for &v in values {
            if self.conforms(q, v)? && self.count(disjoint, v)? == 0 {
                count += 1;
            }
        }
        if min.is_some_and(|n| count < n) {
            self.add(shape, "QualifiedMinCountConstraintComponent", focus, None)?;
        }
        if max.is_some_and(|n| count > n) {
            self.add(shape, "QualifiedMaxCountConstraintComponent", focus, None)?;
        }
        Ok(())
    }
}
