//! Every kind from a file, and every refusal with its place.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;

use suffit_core::Dataset;
use suffit_data::{OpenRequest, Selector, source::names};

use super::*;

/// The columns that `y` selects of a CSV file, with other options than the default ones.
fn read(csv: &str, y: &str, options: &ResponseOptions) -> Result<Bound> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, csv).unwrap();
    let (data, _): (Dataset, _) = suffit_data::open(&OpenRequest::path(&path)).unwrap();
    let columns = Selector::new(y).resolve("y", &data.name, &names(&data.source.schema())).unwrap();
    bind(&data, &columns, options)
}

fn of(kind: ResponseKind) -> ResponseOptions {
    ResponseOptions { kind, ..ResponseOptions::default() }
}

fn distances(path_text: &str, ids: &[&str], options: &ResponseOptions) -> Result<Bound> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.csv");
    std::fs::write(&path, path_text).unwrap();
    distance_file(&path, &ids.iter().map(ToString::to_string).collect::<Vec<_>>(), options)
}

#[test]
fn kinds_are_found_out() {
    let auto = ResponseOptions::default();
    let kind = |csv: &str, y: &str| read(csv, y, &auto).unwrap().kind;
    assert_eq!(kind("y\n1.5\n2.5\n0.25\n9\n", "y"), ResponseKind::Real);
    assert_eq!(kind("y\na\nb\na\nb\n", "y"), ResponseKind::Label);
    assert_eq!(kind("y\n0\n1\n1\n0\n", "y"), ResponseKind::Label);
    assert_eq!(kind("y\nabc\nabd\nxyz\n", "y"), ResponseKind::String);
    assert_eq!(kind("a,b\n0.25,0.75\n0.5,0.5\n1,0\n", "*"), ResponseKind::Composition);
    assert_eq!(kind("a,b\n0.6,0.8\n-0.8,0.6\n1,0\n", "*"), ResponseKind::Sphere);
    assert_eq!(kind("a,b,c\n0,1,2\n1,0,4\n2,4,0\n", "*"), ResponseKind::Distance);
    assert_eq!(kind("a,b\n5,1\n4,2\n9,9\n", "*"), ResponseKind::Real);
    let mut quantiles = (0..12).map(|j| format!("q{j}")).collect::<Vec<_>>().join(",");
    for i in 0..3 {
        write!(quantiles, "\n{}", (0..12).map(|j| (i + j).to_string()).collect::<Vec<_>>().join(",")).unwrap();
    }
    assert_eq!(kind(&quantiles, "q*"), ResponseKind::Distribution);
}

#[test]
fn densities_become_quantiles() {
    // Uniform on [0, 2] and on [1, 3]: the distance is the shift.
    let options = ResponseOptions { grid: "0,1,2,3".to_owned(), ..ResponseOptions::default() };
    let error = read("a,b,c\n1,1,1\n1,1,1\n", "*", &options).unwrap_err();
    assert_eq!(error.code(), "response.width");
    let options = ResponseOptions { grid: "0..4".to_owned(), ..ResponseOptions::default() };
    let bound = read("a,b,c,d,e\n0,1,1,0,0\n0,0,1,1,0\n", "*", &options).unwrap();
    let space = bound.response.space(bound.metric).unwrap();
    assert!((space.distance(0, 1) - 1.0).abs() < 1e-12);
    let error = read("a,b,c,d,e\n0,1,1,0,0\n0,0,-1,1,0\n", "*", &options).unwrap_err();
    assert!(error.to_string().contains("row 2, column `c`"), "{error}");
    assert!(grid("3..1").is_err() && grid("1").is_err() && grid("0,0").is_err() && grid("x..2").is_err());
}

#[test]
fn triangles_are_read_by_rows_and_bad_matrices_are_named() {
    let bound = read("a,b,c\n4,2,3\n1,0,1\n", "*", &of(ResponseKind::Spd)).unwrap();
    let Response::Spd { values, q: 2, .. } = &bound.response else { unreachable!("spd was asked for") };
    assert_eq!(values[..4], [4.0, 2.0, 2.0, 3.0]);
    let error = read("a,b,c\n4,2,3\n1,2,1\n", "*", &of(ResponseKind::Spd)).unwrap_err();
    assert!(error.to_string().contains("t.csv row 2:"), "{error}");
    assert_eq!((error.code(), error.family()), ("response.object", suffit_core::Family::Data));
    assert_eq!(read("a,b\n4,2\n1,2\n", "*", &of(ResponseKind::Spd)).unwrap_err().code(), "response.width");
}

#[test]
fn graphs_have_two_forms() {
    let square = read("a,b,c,d\n0,2,2,0\n0,1,1,0\n", "*", &of(ResponseKind::Graph)).unwrap();
    let Response::Graph { laplacians, nodes: 2, .. } = &square.response else { unreachable!("graph was asked for") };
    assert_eq!(laplacians[..4], [2.0, -2.0, -2.0, 2.0]);
    let half = read("a,b,c\n1,2,3\n1,1,1\n", "*", &of(ResponseKind::Graph)).unwrap();
    let Response::Graph { laplacians, nodes: 3, .. } = &half.response else { unreachable!("graph was asked for") };
    // weights: (1,0) = 1, (2,0) = 2, (2,1) = 3
    assert_eq!(laplacians[..9], [3.0, -1.0, -2.0, -1.0, 4.0, -3.0, -2.0, -3.0, 5.0]);
}

#[test]
fn bad_values_are_named_by_row_and_column() {
    let message = |csv: &str, kind| read(csv, "*", &of(kind)).unwrap_err().to_string();
    let quantiles = message("a,b,c\n1,2,3\n1,3,2\n", ResponseKind::Distribution);
    assert!(quantiles.contains("t.csv row 2, column `c`"), "{quantiles}");
    let norm = message("a,b\n1,0\n1,1\n", ResponseKind::Sphere);
    assert!(norm.contains("t.csv row 2: ") && norm.contains("1.414"), "{norm}");
    let missing = message("a,b\n1,2\n3,\n", ResponseKind::Real);
    assert!(missing.contains("row 2, column `b`: NaN or missing"), "{missing}");
    let text = message("a,b\n1,2\n3,x\n", ResponseKind::Real);
    assert!(text.contains("`x` is text"), "{text}");
    let aitchison = ResponseOptions { metric: "aitchison".to_owned(), ..of(ResponseKind::Composition) };
    let zero = read("a,b\n1,0\n0.5,0.5\n", "*", &aitchison).unwrap_err();
    assert_eq!(zero.code(), "response.metric");
    let unknown = ResponseOptions { metric: "cosine".to_owned(), ..of(ResponseKind::Real) };
    assert_eq!(read("a\n1\n2\n", "a", &unknown).unwrap_err().code(), "response.unknown_metric");
}

#[test]
fn distance_matrices_name_the_cell() {
    let message = |csv: &str| read(csv, "*", &of(ResponseKind::Distance)).unwrap_err().to_string();
    let asymmetric = message("a,b\n0,1\n2,0\n");
    assert!(asymmetric.contains("t.csv row 1, column `b`") && asymmetric.contains("not symmetric"), "{asymmetric}");
    assert!(message("a,b\n0,-1\n-1,0\n").contains("t.csv row 1, column `b`"));
    assert!(message("a,b\n0,1\n1,3\n").contains("t.csv row 2, column `b`"));
    assert!(message("a,b\n0,\n1,0\n").contains("row 1, column `b`"));
    let allowed = ResponseOptions { allow_asymmetric: true, ..of(ResponseKind::Distance) };
    assert_eq!(read("a,b\n0,1\n2,0\n", "*", &allowed).unwrap().response.rows(), 2);
}

#[test]
fn the_long_form_is_completed_and_checked() {
    let plain = ResponseOptions::default();
    let ids = ["u", "v", "w"];
    let bound = distances("i,j,d\nu,v,1\nu,w,2\nw,v,3\n", &ids, &plain).unwrap();
    let Response::Distance { values, .. } = &bound.response else { unreachable!("a distance file") };
    assert_eq!(values, &[0.0, 1.0, 2.0, 1.0, 0.0, 3.0, 2.0, 3.0, 0.0]);
    let by_number = distances("i,j,d\n0,1,1\n0,2,2\n2,1,3\n", &ids, &plain).unwrap();
    assert_eq!(by_number.response, bound.response);
    let code = |csv: &str| distances(csv, &ids, &plain).unwrap_err().code();
    assert_eq!(code("i,j,d\nu,v,1\nu,w,2\n"), "response.no_pair");
    assert_eq!(code("i,j,d\nu,v,1\nu,v,1\n"), "response.pair_twice");
    assert_eq!(code("i,j,d\nu,x,1\n"), "response.unknown_object");
    assert_eq!(code("a,b\n0,1\n1,0\n"), "response.rows");
}
