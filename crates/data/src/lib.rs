//! suffit-data
