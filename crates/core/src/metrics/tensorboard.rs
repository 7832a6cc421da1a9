//! TensorBoard event files: framed protocol-buffer records.
//!
//! A record is `length: u64 LE, masked CRC-32C of the length, payload, masked CRC-32C of the
//! payload`; the mask of a checksum `c` is `rotate_right(c, 15) + 0xa282ead8`. The payload is an
//! `Event` message: field 1 wall time (double), 2 step (int64), 3 file version (string),
//! 5 `Summary` { 1 `Value` { 1 tag, 2 simple value (float) } }, 7 `SessionLog` { 1 status }.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::MetricEvent;
use crate::error::{CommonError, Result};

/// An open event file.
pub(super) struct EventFile {
    folder: PathBuf,
    path: PathBuf,
    file: File,
}

impl EventFile {
    /// A new file in the folder, named after the time.
    pub(super) fn create(folder: &Path, now_ms: u64) -> Result<EventFile> {
        let (path, mut file) = new_file(folder, now_ms)?;
        let version = event(now_ms, 0, 3, b"brain.Event:2");
        file.write_all(&frame(&version)).map_err(|e| CommonError::io("write", &path, e))?;
        Ok(EventFile { folder: folder.to_owned(), path, file })
    }

    /// One value, tagged `name/split`. Values are single precision in this format.
    pub(super) fn scalar(&mut self, metric: &MetricEvent) -> Result<()> {
        let mut value = Vec::new();
        bytes_field(&mut value, 1, format!("{}/{}", metric.name, metric.split).as_bytes());
        key(&mut value, 2, 5);
        value.extend_from_slice(&(metric.value as f32).to_le_bytes());
        let mut summary = Vec::new();
        bytes_field(&mut summary, 1, &value);
        self.write(&event(metric.time_ms, metric.step, 5, &summary))
    }

    /// Goes on in a new file whose first record tells viewers to drop what came after `step`.
    pub(super) fn restart(&mut self, step: u64, now_ms: u64) -> Result<()> {
        *self = EventFile::create(&self.folder, now_ms)?;
        let mut session = Vec::new();
        key(&mut session, 1, 0);
        varint(&mut session, 1); // SessionLog.START
        self.write(&event(now_ms, step + 1, 7, &session))
    }

    fn write(&mut self, payload: &[u8]) -> Result<()> {
        self.file.write_all(&frame(payload)).map_err(|e| CommonError::io("write", &self.path, e))?;
        Ok(())
    }
}

/// Names must sort by time; a taken name gets the next number.
fn new_file(folder: &Path, now_ms: u64) -> Result<(PathBuf, File)> {
    for number in 0u32.. {
        let path = folder.join(format!("events.out.tfevents.{:010}.{number}.suffit", now_ms / 1000));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(CommonError::io("create", &path, e).into()),
        }
    }
    Err(CommonError::bug("2^32 event files of one second exist").into())
}

/// An `Event` with one field of bytes.
fn event(time_ms: u64, step: u64, field: u32, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(32 + content.len());
    key(&mut out, 1, 1);
    out.extend_from_slice(&(time_ms as f64 / 1000.0).to_le_bytes());
    key(&mut out, 2, 0);
    varint(&mut out, step);
    bytes_field(&mut out, field, content);
    out
}

fn key(out: &mut Vec<u8>, field: u32, wire: u32) {
    varint(out, u64::from(field << 3 | wire));
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn bytes_field(out: &mut Vec<u8>, field: u32, content: &[u8]) {
    key(out, field, 2);
    varint(out, content.len() as u64);
    out.extend_from_slice(content);
}

fn frame(payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u64).to_le_bytes();
    let mut out = Vec::with_capacity(payload.len() + 16);
    out.extend_from_slice(&length);
    out.extend_from_slice(&masked(&length).to_le_bytes());
    out.extend_from_slice(payload);
    out.extend_from_slice(&masked(payload).to_le_bytes());
    out
}

fn masked(bytes: &[u8]) -> u32 {
    crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), bit by bit: records are short.
fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
    !bytes.iter().fold(!0u32, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), step))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn crc32c_of_the_check_vectors() {
        // The check value of CRC-32C, and the vectors of RFC 3720, appendix B.4.
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        let up: Vec<u8> = (0..32).collect();
        assert_eq!(crc32c(&up), 0x46dd_794e);
    }

    #[test]
    fn varints_as_in_the_protocol_buffer_documents() {
        let mut out = Vec::new();
        varint(&mut out, 150);
        assert_eq!(out, [0x96, 0x01]);
        out.clear();
        varint(&mut out, 1);
        assert_eq!(out, [0x01]);
    }

    #[test]
    fn records_can_be_walked_and_hold_the_scalar() {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = EventFile::create(folder.path(), 1_700_000_000_000).unwrap();
        let metric =
            MetricEvent { step: 300, split: "val".into(), name: "loss".into(), value: 1.5, time_ms: 1_700_000_000_500 };
        sink.scalar(&metric).unwrap();
        let bytes = std::fs::read(&sink.path).unwrap();
        let (mut at, mut payloads) = (0, Vec::new());
        while at < bytes.len() {
            let length = u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
            let check = u32::from_le_bytes(bytes[at + 8..at + 12].try_into().unwrap());
            assert_eq!(check, masked(&bytes[at..at + 8]));
            payloads.push(bytes[at + 12..at + 12 + length].to_vec());
            at += 16 + length;
        }
        assert_eq!(at, bytes.len());
        assert_eq!(payloads.len(), 2);
        assert!(payloads[0].ends_with(b"brain.Event:2"));
        let mut expected = vec![0x09];
        expected.extend(1_700_000_000.5f64.to_le_bytes());
        expected.extend([0x10, 0xac, 0x02]); // step 300
        expected.extend([0x2a, 17, 0x0a, 15, 0x0a, 8]);
        expected.extend(b"loss/val");
        expected.push(0x15);
        expected.extend(1.5f32.to_le_bytes());
        assert_eq!(payloads[1], expected);
    }

    #[test]
    fn a_restart_goes_on_in_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = EventFile::create(folder.path(), 5_000).unwrap();
        sink.restart(7, 5_000).unwrap();
        let mut names: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, ["events.out.tfevents.0000000005.0.suffit", "events.out.tfevents.0000000005.1.suffit"]);
        let bytes = std::fs::read(&sink.path).unwrap();
        // Last payload: step 8, SessionLog { status: START }.
        let payload = &bytes[bytes.len() - 4 - 6..bytes.len() - 4];
        assert_eq!(payload, [0x10, 8, 0x3a, 2, 0x08, 1]);
    }
}
