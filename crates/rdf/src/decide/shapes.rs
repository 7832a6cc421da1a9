//! Shapes in the decision: delta validation of a claim against the asserted triples.

use oxrdf::TermRef;
use suffit_core::Error;

use super::decision::ShapeFinding;
use super::oracle::{Oracle, OracleOptions, ShapeCheck};
use crate::reason::Closure;
use crate::shacl::{Delta, Shapes};
use crate::store::{Store, Triples};

impl ShapeCheck for Delta {
    fn new_violations(&self, store: &Store, claim: [TermRef<'_>; 3]) -> Result<Vec<ShapeFinding>, Error> {
        let found = Delta::new_violations(self, &store.asserted(), claim).map_err(Error::new)?;
        let mut findings: Vec<ShapeFinding> = found
            .into_iter()
            .map(|v| ShapeFinding {
                shape: v.shape,
                component: v.component,
                focus: v.focus,
                path: v.path,
                value: v.value,
                message: v.messages.into_iter().next(),
            })
            .collect();
        findings.sort();
        findings.dedup();
        Ok(findings)
    }
}

impl Oracle {
    /// From asserted triples (facts and ontology) and a shapes graph: compiles the shapes, closes the
    /// graph, validates it once for its baseline. Shapes look at asserted triples only.
    ///
    /// Cost: that of the closure and of one validation.
    ///
    /// # Errors
    /// [`crate::shacl::ShaclError`] (bad shapes, limits) and [`crate::StoreError`] (too many terms).
    pub fn build(
        mut store: Store,
        shapes: Option<&dyn Triples>,
        options: OracleOptions,
        reason: crate::reason::Options,
        shacl: crate::shacl::Options,
    ) -> Result<Oracle, Error> {
        let compiled = match shapes {
            Some(graph) => Some(Shapes::compile(&mut store, graph, shacl).map_err(Error::new)?),
            None => None,
        };
        let oracle = Oracle::new(Closure::new(store, reason).map_err(Error::new)?, options);
        match compiled {
            None => Ok(oracle),
            Some(shapes) => {
                let delta = Delta::new(&oracle.store().asserted(), shapes).map_err(Error::new)?;
                Ok(oracle.with_shapes(Box::new(delta)))
            }
        }
    }
}
