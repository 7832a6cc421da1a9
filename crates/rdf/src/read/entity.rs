//! The size to which XML entities grow, found before anything is expanded.

use std::collections::HashMap;

use super::error::ReadError;

/// Bytes that one entity, and all references of a document together, may grow to.
pub(super) const ENTITY_LIMIT: u64 = 1 << 20;

/// Refuses documents whose entities grow beyond [`ENTITY_LIMIT`]; an entity may only refer to
/// earlier ones, so one pass suffices.
pub(super) fn check(file: &str, text: &str) -> Result<(), ReadError> {
    let mut sizes: HashMap<&str, u64> = HashMap::new();
    let mut rest = text;
    while let Some(at) = rest.find("<!ENTITY") {
        rest = &rest[at + 8..];
        let Some((name, value)) = declaration(rest) else { continue };
        let size = grown(value, &sizes);
        if size > ENTITY_LIMIT {
            return Err(too_large(file, name));
        }
        sizes.entry(name).or_insert(size);
    }
    if sizes.is_empty() {
        return Ok(());
    }
    let (_, body) = text.split_once("]>").unwrap_or(("", text));
    if grown(body, &sizes).saturating_sub(body.len() as u64) > ENTITY_LIMIT {
        let largest = sizes.iter().max_by_key(|(name, size)| (**size, **name)).map_or("", |(name, _)| name);
        return Err(too_large(file, largest));
    }
    Ok(())
}

fn too_large(file: &str, entity: &str) -> ReadError {
    ReadError::Entity { file: file.to_owned(), entity: entity.to_owned(), limit: ENTITY_LIMIT }
}

/// Name and value of a declaration, its keyword set aside.
fn declaration(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let (name, text) = text.split_once(char::is_whitespace)?;
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some((name, text[1..].split_once(quote)?.0))
}

/// Bytes of a text with its references replaced.
fn grown(text: &str, sizes: &HashMap<&str, u64>) -> u64 {
    let mut size = text.len() as u64;
    for piece in text.split('&').skip(1) {
        if let Some((name, _)) = piece.split_once(';')
            && let Some(more) = sizes.get(name)
        {
            size = size.saturating_add(*more);
        }
    }
    size
}
