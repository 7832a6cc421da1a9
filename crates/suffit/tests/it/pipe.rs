//! A reader that goes away is success; a full disk is not.

use std::io::Read;
use std::process::Stdio;

use crate::util::Place;

#[test]
fn a_reader_that_went_away_is_success() {
    let place = Place::new();
    let mut child =
        place.command(&["describe", "symile"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{err}");
    assert_eq!(err, "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_standard_output_is_an_io_error() {
    let place = Place::new();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = place.command(&["list", "--json"]).stdout(full).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{err}");
    assert!(err.starts_with("error: cannot write to standard output"), "{err}");
}
