//! A testee over standard input and output: one request a line, one answer a line.

use std::io::{self, BufRead, Write};

use crate::testee::{Reply, Request, Testee};

/// Answers requests until the input ends.
///
/// # Errors
/// What cannot be read or written; a line that is no request.
pub fn serve(
    testee: &mut dyn Testee,
    input: impl BufRead,
    mut output: impl Write,
) -> io::Result<()> {
    for line in input.lines() {
        let request: Request = serde_json::from_str(&line?)?;
        let answer = testee.ask(&request.operation, &request.input);
        let reply = Reply { id: request.id, answer };
        serde_json::to_writer(&mut output, &reply)?;
        output.write_all(b"\n")?;
        output.flush()?;
    }
    Ok(())
}
