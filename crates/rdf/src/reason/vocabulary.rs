//! The words of RDF, RDFS and OWL that the rules use.

macro_rules! words {
    ($($name:ident = $iri:literal),* $(,)?) => {
        /// Prefixed name and IRI of every word that a rule may use.
        pub(super) const WORDS: &[(&str, &str)] = &[$((stringify!($name), $iri)),*];
    };
}

words! {
    a = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
    first = "http://www.w3.org/1999/02/22-rdf-syntax-ns#first",
    rest = "http://www.w3.org/1999/02/22-rdf-syntax-ns#rest",
    nil = "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil",
    subClassOf = "http://www.w3.org/2000/01/rdf-schema#subClassOf",
    subPropertyOf = "http://www.w3.org/2000/01/rdf-schema#subPropertyOf",
    domain = "http://www.w3.org/2000/01/rdf-schema#domain",
    range = "http://www.w3.org/2000/01/rdf-schema#range",
    sameAs = "http://www.w3.org/2002/07/owl#sameAs",
    equivalentClass = "http://www.w3.org/2002/07/owl#equivalentClass",
    equivalentProperty = "http://www.w3.org/2002/07/owl#equivalentProperty",
    inverseOf = "http://www.w3.org/2002/07/owl#inverseOf",
    propertyChainAxiom = "http://www.w3.org/2002/07/owl#propertyChainAxiom",
    intersectionOf = "http://www.w3.org/2002/07/owl#intersectionOf",
    unionOf = "http://www.w3.org/2002/07/owl#unionOf",
    oneOf = "http://www.w3.org/2002/07/owl#oneOf",
    onProperty = "http://www.w3.org/2002/07/owl#onProperty",
    hasValue = "http://www.w3.org/2002/07/owl#hasValue",
    someValuesFrom = "http://www.w3.org/2002/07/owl#someValuesFrom",
    allValuesFrom = "http://www.w3.org/2002/07/owl#allValuesFrom",
    Thing = "http://www.w3.org/2002/07/owl#Thing",
    Nothing = "http://www.w3.org/2002/07/owl#Nothing",
    Class = "http://www.w3.org/2002/07/owl#Class",
    ObjectProperty = "http://www.w3.org/2002/07/owl#ObjectProperty",
    DatatypeProperty = "http://www.w3.org/2002/07/owl#DatatypeProperty",
    SymmetricProperty = "http://www.w3.org/2002/07/owl#SymmetricProperty",
    TransitiveProperty = "http://www.w3.org/2002/07/owl#TransitiveProperty",
    FunctionalProperty = "http://www.w3.org/2002/07/owl#FunctionalProperty",
    InverseFunctionalProperty = "http://www.w3.org/2002/07/owl#InverseFunctionalProperty",
}

/// The IRI of a word.
pub(super) fn iri(word: &str) -> Option<&'static str> {
    WORDS.iter().find(|(name, _)| *name == word).map(|(_, iri)| *iri)
}
