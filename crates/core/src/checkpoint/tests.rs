#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;

use super::*;

type Files = BTreeMap<String, Vec<u8>>;

fn state(tag: u8) -> Files {
    BTreeMap::from([
        ("model.safetensors".to_owned(), (0..200u8).map(|i| i ^ tag).collect()),
        ("optim.safetensors".to_owned(), vec![tag; 64]),
        ("state.json".to_owned(), format!("{{\"tag\":{tag}}}").into_bytes()),
    ])
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Two checkpoints, 10 and 20, in a fresh folder; written once, then copied (no flush of the disk).
fn two() -> (tempfile::TempDir, Checkpoints) {
    static WRITTEN: std::sync::OnceLock<tempfile::TempDir> = std::sync::OnceLock::new();
    let written = WRITTEN.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::at(folder.path());
        checkpoints.save(10, &state(1)).unwrap();
        checkpoints.save(20, &state(2)).unwrap();
        folder
    });
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = Checkpoints::at(folder.path().join("checkpoints"));
    copy(written.path(), checkpoints.folder());
    (folder, checkpoints)
}

fn reason(newest: &Newest) -> String {
    newest.skipped.iter().map(|s| s.reason.to_string()).collect::<Vec<_>>().join("; ")
}

#[test]
fn the_newest_comes_back_byte_for_byte() {
    let (_folder, checkpoints) = two();
    assert_eq!(checkpoints.newest().unwrap(), Newest { found: Some((20, state(2))), skipped: vec![] });
    assert_eq!(checkpoints.load(10).unwrap(), state(1));
    assert_eq!(names(&checkpoints.path(20)), ["MANIFEST.json", "model.safetensors", "optim.safetensors", "state.json"]);
    assert!(checkpoints.path(20).ends_with("step-00000020"));
}

#[test]
fn nothing_saved_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Checkpoints::at(folder.path().join("none")).newest().unwrap(), Newest::default());
}

#[test]
fn pruning_keeps_the_last_ones_and_the_best() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = Checkpoints::at(folder.path()).keep(2);
    checkpoints.save(1, &state(1)).unwrap();
    checkpoints.mark_best(1).unwrap();
    for step in 2..=6 {
        checkpoints.save(step, &state(step as u8)).unwrap();
    }
    assert_eq!((checkpoints.steps().unwrap(), checkpoints.best()), (vec![1, 5, 6], Some(1)));
    checkpoints.mark_best(5).unwrap();
    checkpoints.save(7, &state(7)).unwrap();
    checkpoints.save(8, &state(8)).unwrap();
    assert_eq!((checkpoints.steps().unwrap(), checkpoints.best()), (vec![5, 7, 8], Some(5)));
    assert!(checkpoints.mark_best(99).unwrap_err().to_string().starts_with("step 99 has no checkpoint"));
    // Steps beyond eight digits sort by number.
    checkpoints.save(1_000_000_000, &state(9)).unwrap();
    assert_eq!(checkpoints.newest().unwrap().found.unwrap().0, 1_000_000_000);
}

#[test]
fn pruning_never_removes_the_newest_valid_one() {
    let (_folder, checkpoints) = two();
    let checkpoints = checkpoints.keep(1);
    // A later save is damaged on the disk at once: simulate by damaging after the write.
    assert_eq!(checkpoints.newest().unwrap().found.unwrap().0, 20);
    fs::create_dir(checkpoints.path(30)).unwrap();
    fs::create_dir(checkpoints.path(40)).unwrap();
    checkpoints.prune(&mut |_| Ok(())).unwrap();
    assert_eq!(checkpoints.steps().unwrap(), [20, 40]);
    assert_eq!(checkpoints.newest().unwrap().found.unwrap().0, 20);
}

#[test]
fn saving_a_step_again_replaces_it() {
    let (_folder, checkpoints) = two();
    checkpoints.save(20, &state(7)).unwrap();
    assert_eq!(checkpoints.load(20).unwrap(), state(7));
    fs::write(checkpoints.path(20).join("state.json"), "damaged").unwrap();
    checkpoints.save(20, &state(7)).unwrap();
    assert_eq!(checkpoints.newest().unwrap(), Newest { found: Some((20, state(7))), skipped: vec![] });
    assert_eq!(names(checkpoints.folder()), ["step-00000010", "step-00000020"]);
}

#[test]
fn every_truncation_of_every_file_is_noticed() {
    let (_folder, checkpoints) = two();
    for file in ["model.safetensors", "optim.safetensors", "state.json", MANIFEST] {
        let path = checkpoints.path(20).join(file);
        let whole = fs::read(&path).unwrap();
        // The manifest ends with a newline that carries nothing.
        let last = if file == MANIFEST { whole.len() - 1 } else { whole.len() };
        for length in 0..last {
            fs::write(&path, &whole[..length]).unwrap();
            let newest = checkpoints.newest().unwrap();
            assert_eq!(newest.found, Some((10, state(1))), "{file} cut to {length}");
            assert_eq!(newest.skipped[0].path, checkpoints.path(20));
        }
        fs::remove_file(&path).unwrap();
        let newest = checkpoints.newest().unwrap();
        let expected =
            if file == MANIFEST { "it has no MANIFEST.json".to_owned() } else { format!("{file} is missing") };
        assert_eq!((newest.found.unwrap().0, expected), (10, newest.skipped[0].reason.to_string()));
        fs::write(&path, &whole).unwrap();
    }
    assert_eq!(checkpoints.newest().unwrap().found.unwrap().0, 20);
}

#[test]
fn swapped_files_and_folders_are_noticed() {
    let (folder, checkpoints) = two();
    let path = checkpoints.path(20);
    fs::rename(path.join("model.safetensors"), path.join("x")).unwrap();
    fs::rename(path.join("optim.safetensors"), path.join("model.safetensors")).unwrap();
    fs::rename(path.join("x"), path.join("optim.safetensors")).unwrap();
    let newest = checkpoints.newest().unwrap();
    assert_eq!(reason(&newest), "model.safetensors has 64 bytes, 200 expected");
    assert_eq!(newest.found.unwrap().0, 10);
    // A folder under the name of another step.
    fs::remove_dir_all(&path).unwrap();
    copy(&checkpoints.path(10), &path);
    assert_eq!(reason(&checkpoints.newest().unwrap()), "its MANIFEST.json is that of step 10");
    // A file of the other checkpoint, of the same size.
    fs::remove_dir_all(&path).unwrap();
    checkpoints.save(20, &state(2)).unwrap();
    fs::copy(checkpoints.path(10).join("optim.safetensors"), path.join("optim.safetensors")).unwrap();
    assert_eq!(reason(&checkpoints.newest().unwrap()), "optim.safetensors was changed: its digest differs");
    drop(folder);
}

#[test]
fn another_format_is_skipped_by_its_number_whatever_else_it_holds() {
    let (_folder, checkpoints) = two();
    for text in ["{\"format\":0,\"files\":[]}", "{\"format\":2,\"step\":\"twenty\"}"] {
        fs::write(checkpoints.path(20).join(MANIFEST), text).unwrap();
        let newest = checkpoints.newest().unwrap();
        assert!(reason(&newest).ends_with("this version reads format 1"), "{}", reason(&newest));
        assert_eq!(newest.found.unwrap().0, 10);
    }
    let shown = checkpoints.newest().unwrap().skipped[0].to_string();
    assert!(
        shown.starts_with("checkpoint ") && shown.contains("step-00000020 was skipped: it has format 2"),
        "{shown}"
    );
}

#[test]
fn a_manifest_cannot_make_us_read_elsewhere() {
    let (_folder, checkpoints) = two();
    let outside = checkpoints.folder().join("secret");
    fs::write(&outside, "s").unwrap();
    let digest = files::digest_bytes(b"s");
    let text =
        format!("{{\"format\":1,\"step\":20,\"files\":{{\"../secret\":{{\"bytes\":1,\"blake3\":\"{digest}\"}}}}}}");
    fs::write(checkpoints.path(20).join(MANIFEST), text).unwrap();
    assert_eq!(checkpoints.newest().unwrap().found.unwrap().0, 10);
    for name in ["../x", "a/b", "", MANIFEST, ".tmp-1", "/x"] {
        let e = checkpoints.save(30, &BTreeMap::from([(name.to_owned(), vec![])])).unwrap_err();
        assert!(e.downcast_ref::<CheckpointError>().is_some(), "{name}");
    }
}

/// Fails at the `n`-th step of writing, as a kill would: nothing is cleaned up.
fn killed_at(checkpoints: &Checkpoints, step: u64, files: &Files, n: usize) -> Option<&'static str> {
    let (mut count, mut stopped) = (0, None);
    let temp = files::temp_beside(&checkpoints.path(step));
    let result = checkpoints.save_gated(step, files, &temp, &mut |what| {
        if count == n {
            stopped = Some(what);
            return Err(CommonError::bug("killed").into());
        }
        count += 1;
        Ok(())
    });
    assert_eq!(result.is_err(), stopped.is_some());
    stopped
}

#[test]
fn a_kill_between_any_two_steps_leaves_a_checkpoint_that_verifies() {
    // Writing a new one while an old one is pruned, and replacing a damaged one.
    for replace in [false, true] {
        let mut seen = Vec::new();
        for n in 0.. {
            let (_folder, checkpoints) = two();
            let (step, files) = if replace { (20, state(3)) } else { (30, state(3)) };
            let stopped = killed_at(&checkpoints, step, &files, n);
            let newest = checkpoints.newest().unwrap();
            assert!(newest.skipped.is_empty(), "{stopped:?}: {}", reason(&newest));
            let (found, content) = newest.found.unwrap();
            let old = [(10, state(1)), (20, state(2))];
            assert!(old.contains(&(found, content.clone())) || (found, &content) == (step, &files), "{stopped:?}");
            // Going on works, and removes the remains.
            checkpoints.save(step, &files).unwrap();
            checkpoints.save(step + 10, &state(4)).unwrap();
            assert_eq!(checkpoints.newest().unwrap().found, Some((step + 10, state(4))));
            assert!(names(checkpoints.folder()).iter().all(|n| !files::is_temp(n)), "{stopped:?}");
            match stopped {
                Some(what) => seen.push(what),
                None => break,
            }
        }
        let expected: &[&str] = if replace {
            &[
                "folder",
                "temporary folder",
                "file",
                "file",
                "file",
                "manifest",
                "flush of the temporary folder",
                "move aside",
                "rename",
                "flush of the folder",
                "remove the replaced one",
            ]
        } else {
            &[
                "folder",
                "temporary folder",
                "file",
                "file",
                "file",
                "manifest",
                "flush of the temporary folder",
                "rename",
                "flush of the folder",
                "prune",
            ]
        };
        assert_eq!(seen, expected);
    }
}

#[test]
fn a_temporary_folder_is_never_taken_for_a_checkpoint() {
    let (_folder, checkpoints) = two();
    // A complete one whose rename was not reached, and stray names.
    copy(&checkpoints.path(20), &checkpoints.folder().join(".tmp-1-0-step-00000030"));
    copy(&checkpoints.path(20), &checkpoints.folder().join("step-30"));
    copy(&checkpoints.path(20), &checkpoints.folder().join("step-0000003x"));
    assert_eq!(checkpoints.steps().unwrap(), [10, 20]);
    checkpoints.save(40, &state(4)).unwrap();
    assert_eq!(names(checkpoints.folder()), ["step-00000020", "step-0000003x", "step-00000040", "step-30"]);
}

#[cfg(unix)]
#[test]
fn a_failed_save_is_told_and_leaves_what_was() {
    let (_folder, checkpoints) = two();
    // A file stands where the checkpoint's folder should go and cannot be verified: it is replaced.
    fs::write(checkpoints.path(30), "in the way").unwrap();
    checkpoints.save(30, &state(3)).unwrap();
    assert_eq!(checkpoints.newest().unwrap().found, Some((30, state(3))));
    let blocked = Checkpoints::at(checkpoints.path(30).join("state.json").join("below"));
    let e = blocked.save(1, &state(1)).unwrap_err();
    assert_eq!(e.family(), Family::Io);
}

proptest! {
    /// Whatever bytes are damaged: either the checkpoint is skipped, or what comes back is exactly
    /// what was saved (damage in blank space of the manifest).
    #[test]
    fn damage_is_never_returned(which in 0usize..4, hits in prop::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..4)) {
        let (_folder, checkpoints) = two();
        let file = ["model.safetensors", "optim.safetensors", "state.json", MANIFEST][which];
        let path = checkpoints.path(20).join(file);
        let mut bytes = fs::read(&path).unwrap();
        let before = bytes.clone();
        for (index, xor) in hits {
            let at = index.index(bytes.len());
            bytes[at] ^= xor;
        }
        prop_assume!(bytes != before);
        fs::write(&path, &bytes).unwrap();
        let newest = checkpoints.newest().unwrap();
        match newest.found.unwrap() {
            (10, files) => {
                prop_assert_eq!(files, state(1));
                prop_assert_eq!(&newest.skipped[0].path, &checkpoints.path(20));
            }
            (step, files) => {
                prop_assert_eq!((step, files), (20, state(2)));
                prop_assert_eq!(file, MANIFEST);
            }
        }
    }
}
