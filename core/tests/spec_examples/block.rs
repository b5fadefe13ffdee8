//! How an example is written down: bytes on the left, what they are on the right.

use core::fmt::Write as _;

/// Bytes on one line: a key of 33 bytes takes two lines, an identifier one.
const WIDTH: usize = 17;

/// Bytes, and what they are.
pub(crate) type Field = (Vec<u8>, String);

/// A field of bytes as they are.
pub(crate) fn raw(bytes: impl AsRef<[u8]>, note: impl Into<String>) -> Field {
    (bytes.as_ref().to_vec(), note.into())
}

/// A field that is a varint.
pub(crate) fn varint(mut number: u64, note: impl Into<String>) -> Field {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    (bytes, note.into())
}

/// Two lower-case digits for each byte.
pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The block of a frame: one field after the other.
pub(crate) fn of_fields(fields: &[Field]) -> String {
    let mut block = String::new();
    for (bytes, note) in fields {
        for (at, line) in bytes.chunks(WIDTH).enumerate() {
            let note = if at == 0 { note.as_str() } else { "" };
            let line = format!("{:width$}  {note}", hex(line), width = WIDTH * 2);
            writeln!(block, "{}", line.trim_end()).unwrap();
        }
    }
    block
}

/// The block of a list of values: what each is, then its bytes.
pub(crate) fn of_values(values: &[(&str, Vec<u8>)]) -> String {
    const VALUE: usize = 33;
    let width = values.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut block = String::new();
    for (name, bytes) in values {
        for (at, line) in bytes.chunks(VALUE).enumerate() {
            let name = if at == 0 { *name } else { "" };
            writeln!(block, "{name:width$}  {}", hex(line)).unwrap();
        }
    }
    block
}
