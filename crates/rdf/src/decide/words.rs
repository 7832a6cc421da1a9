//! IRIs of the vocabularies that the decision reads.

pub(crate) mod rdf {
    pub const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
    pub const FIRST: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#first";
    pub const REST: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#rest";
}

pub(crate) mod rdfs {
    pub const CLASS: &str = "http://www.w3.org/2000/01/rdf-schema#Class";
    pub const SUB_CLASS_OF: &str = "http://www.w3.org/2000/01/rdf-schema#subClassOf";
    pub const SUB_PROPERTY_OF: &str = "http://www.w3.org/2000/01/rdf-schema#subPropertyOf";
    pub const DOMAIN: &str = "http://www.w3.org/2000/01/rdf-schema#domain";
    pub const RANGE: &str = "http://www.w3.org/2000/01/rdf-schema#range";
}

pub(crate) mod owl {
    pub const CLASS: &str = "http://www.w3.org/2002/07/owl#Class";
    pub const SYMMETRIC: &str = "http://www.w3.org/2002/07/owl#SymmetricProperty";
    pub const TRANSITIVE: &str = "http://www.w3.org/2002/07/owl#TransitiveProperty";
    pub const INVERSE_OF: &str = "http://www.w3.org/2002/07/owl#inverseOf";
    pub const SAME_AS: &str = "http://www.w3.org/2002/07/owl#sameAs";
    pub const ASYMMETRIC: &str = "http://www.w3.org/2002/07/owl#AsymmetricProperty";
    pub const IRREFLEXIVE: &str = "http://www.w3.org/2002/07/owl#IrreflexiveProperty";
    pub const FUNCTIONAL: &str = "http://www.w3.org/2002/07/owl#FunctionalProperty";
    pub const INVERSE_FUNCTIONAL: &str = "http://www.w3.org/2002/07/owl#InverseFunctionalProperty";
    pub const DISJOINT_WITH: &str = "http://www.w3.org/2002/07/owl#disjointWith";
    pub const ALL_DISJOINT_CLASSES: &str = "http://www.w3.org/2002/07/owl#AllDisjointClasses";
    pub const MEMBERS: &str = "http://www.w3.org/2002/07/owl#members";
    pub const SOURCE_INDIVIDUAL: &str = "http://www.w3.org/2002/07/owl#sourceIndividual";
    pub const ASSERTION_PROPERTY: &str = "http://www.w3.org/2002/07/owl#assertionProperty";
    pub const TARGET_INDIVIDUAL: &str = "http://www.w3.org/2002/07/owl#targetIndividual";
    pub const TARGET_VALUE: &str = "http://www.w3.org/2002/07/owl#targetValue";
}

pub(crate) mod lic {
    pub const COMPLETE_FOR: &str = "urn:suffice:license#completeFor";
    pub const RELATIVE_TOLERANCE: &str = "urn:suffice:license#relativeTolerance";
    pub const UNIT: &str = "urn:suffice:license#unit";
}
