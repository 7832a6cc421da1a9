//! Bytes, unpacked by what they are and bounded.

use std::io::{BufReader, Error, Read, Result};

/// Bytes after decompression at most, unless the caller says otherwise.
pub const EXPANDED_LIMIT: u64 = 64 << 30;
/// Bytes of one literal or IRI at most.
pub const LITERAL_LIMIT: u64 = 8 << 20;

/// Marks of packed files: name, first bytes.
const PACKINGS: [(&str, &[u8]); 3] = [("gzip", &[0x1f, 0x8b]), ("zstd", &[0x28, 0xb5, 0x2f, 0xfd]), ("bzip2", b"BZh")];
/// Bytes read ahead.
const BUFFER: usize = 1 << 17;

/// Said by [`Bounded`] when its limit is reached.
#[derive(Debug, thiserror::Error)]
#[error("more than {0} bytes")]
pub(super) struct Over(pub(super) u64);

/// A reader that fails after so many bytes.
pub(super) struct Bounded<R> {
    inner: R,
    left: u64,
    limit: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| Error::other(Over(self.limit)))?;
        Ok(count)
    }
}

/// Unpacked bytes and how they were packed.
pub(super) struct Opened<'a> {
    pub(super) head: Vec<u8>,
    pub(super) body: Box<dyn Read + 'a>,
    pub(super) packing: Option<&'static str>,
}

/// How a file was packed, and what its decoder said.
pub(super) type Damage = (Option<&'static str>, Error);

/// Unpacks by the first bytes; one layer.
pub(super) fn unpack<'a>(source: Box<dyn Read + 'a>, limit: u64) -> std::result::Result<Opened<'a>, Damage> {
    let (head, source) = peek(BufReader::with_capacity(BUFFER, source), 4).map_err(|e| (None, e))?;
    let packing = PACKINGS.iter().find(|(_, mark)| head.starts_with(mark)).map(|(name, _)| *name);
    let damage = |e| (packing, e);
    let plain: Box<dyn Read + 'a> = match packing {
        Some("gzip") => Box::new(flate2::read::MultiGzDecoder::new(source)),
        Some("zstd") => Box::new(zstd::stream::read::Decoder::new(source).map_err(damage)?),
        Some(_) => Box::new(bzip2::read::MultiBzDecoder::new(source)),
        None => Box::new(source),
    };
    let (head, body) = peek(Bounded { inner: plain, left: limit, limit }, 4096).map_err(damage)?;
    Ok(Opened { head, body: Box::new(BufReader::with_capacity(BUFFER, body)), packing })
}

/// The first bytes of a reader, and the reader with them put back.
fn peek<'a>(mut source: impl Read + 'a, count: usize) -> Result<(Vec<u8>, impl Read + 'a)> {
    let mut head = Vec::with_capacity(count);
    source.by_ref().take(count as u64).read_to_end(&mut head)?;
    Ok((head.clone(), std::io::Cursor::new(head).chain(source)))
}
