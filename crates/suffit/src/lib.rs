//! suffit
