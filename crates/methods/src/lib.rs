//! suffit-methods
