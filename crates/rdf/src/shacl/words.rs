//! IRIs that SHACL reads.

/// Namespace of SHACL.
pub(crate) const SH: &str = "http://www.w3.org/ns/shacl#";

/// A name of SHACL.
pub(crate) fn sh(name: &str) -> String {
    format!("{SH}{name}")
}

/// RDF.
pub(crate) mod rdf {
    pub const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
    pub const FIRST: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#first";
    pub const REST: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#rest";
    pub const NIL: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil";
}

/// RDF Schema.
pub(crate) mod rdfs {
    pub const CLASS: &str = "http://www.w3.org/2000/01/rdf-schema#Class";
    pub const SUB_CLASS_OF: &str = "http://www.w3.org/2000/01/rdf-schema#subClassOf";
}

/// OWL.
pub(crate) mod owl {
    pub const CLASS: &str = "http://www.w3.org/2002/07/owl#Class";
    pub const IMPORTS: &str = "http://www.w3.org/2002/07/owl#imports";
}
