//! JSON with line breaks down to some depth, and what lies deeper on one line.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

/// A value as text; arrays and objects within more than `depth` others take one line.
///
/// # Panics
/// If it cannot be written as JSON.
pub(crate) fn write(value: &impl Serialize, depth: usize) -> String {
    let mut bytes = Vec::new();
    let layout = Layout { pretty: PrettyFormatter::new(), depth, within: 0 };
    let written = value.serialize(&mut Serializer::with_formatter(&mut bytes, layout));
    written.expect("strings, numbers and lists");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

struct Layout {
    pretty: PrettyFormatter<'static>,
    depth: usize,
    within: usize,
}

impl Layout {
    fn begin(&mut self) -> bool {
        self.within += 1;
        self.within <= self.depth
    }

    fn goes_on(&self) -> bool {
        self.within <= self.depth
    }

    fn end(&mut self) -> bool {
        self.within -= 1;
        self.within < self.depth
    }
}

/// What stands between two on one line.
fn comma(writer: &mut (impl ?Sized + Write), first: bool) -> io::Result<()> {
    if first { Ok(()) } else { writer.write_all(b", ") }
}

impl Formatter for Layout {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.begin() { self.pretty.begin_array(writer) } else { writer.write_all(b"[") }
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.end() { self.pretty.end_array(writer) } else { writer.write_all(b"]") }
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if self.goes_on() {
            self.pretty.begin_array_value(writer, first)
        } else {
            comma(writer, first)
        }
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.goes_on() { self.pretty.end_array_value(writer) } else { Ok(()) }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.begin() { self.pretty.begin_object(writer) } else { writer.write_all(b"{") }
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.end() { self.pretty.end_object(writer) } else { writer.write_all(b"}") }
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if self.goes_on() {
            self.pretty.begin_object_key(writer, first)
        } else {
            comma(writer, first)
        }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.goes_on() { self.pretty.end_object_value(writer) } else { Ok(()) }
    }
}
