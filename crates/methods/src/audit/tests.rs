#![allow(clippy::unwrap_used)]
use suffit_core::method::Config;

use super::AuditConfig;

#[test]
fn a_tolerance_of_zero_or_less_is_refused() {
    for tolerance in [0.0, -0.1, 1.0, f64::NAN] {
        let error = AuditConfig { tolerance, ..AuditConfig::default() }.check().unwrap_err();
        assert_eq!(error.code(), "audit.setting");
    }
    AuditConfig::default().check().unwrap();
}
