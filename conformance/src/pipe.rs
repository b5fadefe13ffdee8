//! A foreign program as a testee: JSON lines over its standard input and output.
//!
//! A program that crashes, hangs, or answers what is no answer fails the request that it was
//! asked, and is started anew for the next one.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::SPEC;
use crate::case::Fields;
use crate::testee::{Answer, Reply, Request, Testee};

/// A program that answers.
pub struct Pipe {
    words: Vec<String>,
    timeout: Duration,
    asked: u64,
    running: Option<Running>,
}

struct Running {
    child: Child,
    requests: Sender<String>,
    replies: Receiver<std::io::Result<String>>,
}

impl Pipe {
    /// A program, with its arguments: words between blanks; blanks between two `'` or two `"`
    /// belong to a word. It has `timeout` for each answer. What it writes to standard error is
    /// not touched.
    ///
    /// # Errors
    /// Says that there is no word, or that a quotation does not end.
    pub fn new(command: &str, timeout: Duration) -> Result<Self, String> {
        Ok(Self { words: words(command)?, timeout, asked: 0, running: None })
    }

    /// What the program says about itself: its name, and the version that it speaks.
    ///
    /// # Errors
    /// Says why it did not.
    pub fn hello(&mut self) -> Result<String, String> {
        let mut input = Fields::new();
        input.insert("spec".into(), json!(SPEC));
        match self.ask("hello", &input) {
            Answer::Out(out) => {
                let text = |name| out.get(name).and_then(|value| value.as_str());
                let named = text("name").zip(text("spec"));
                let (name, spec) = named.ok_or("hello was answered without name and spec")?;
                Ok(format!("{name}, for {spec}"))
            }
            Answer::Invalid(layer) => Err(format!("hello was rejected: {layer}")),
            Answer::Unsupported(_) => Err("hello is unsupported".into()),
            Answer::Error(why) => Err(why),
        }
    }

    fn exchange(&mut self, request: &Request) -> Result<Answer, String> {
        let running = match &mut self.running {
            Some(running) => running,
            stopped => stopped.insert(Running::start(&self.words)?),
        };
        let line = serde_json::to_string(request).map_err(|error| error.to_string())?;
        // A program that has ended is noticed by what it does not answer.
        let _ = running.requests.send(line);
        let line = match running.replies.recv_timeout(self.timeout) {
            Ok(line) => line.map_err(|error| error.to_string())?,
            Err(RecvTimeoutError::Timeout) => {
                return Err(format!("no answer within {:?}", self.timeout));
            }
            Err(RecvTimeoutError::Disconnected) => return Err(running.ended()),
        };
        let no_answer = |error| format!("no answer ({error}): {line}");
        let reply: Reply = serde_json::from_str(&line).map_err(no_answer)?;
        if reply.id != request.id {
            return Err(format!("answer {} to request {}", reply.id, request.id));
        }
        Ok(reply.answer)
    }
}

impl Testee for Pipe {
    fn ask(&mut self, operation: &str, input: &Fields) -> Answer {
        let request = Request { id: self.asked, operation: operation.into(), input: input.clone() };
        self.asked += 1;
        self.exchange(&request).unwrap_or_else(|why| {
            self.running = None;
            Answer::Error(why)
        })
    }
}

impl Running {
    fn start(words: &[String]) -> Result<Self, String> {
        let (program, arguments) = words.split_first().ok_or("no program")?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (mut stdin, stdout) = pipes.ok_or("the program has no pipes")?;
        let (requests, lines) = channel::<String>();
        // Both ends have a thread, as a program that neither reads nor writes must not hold us.
        thread::spawn(move || {
            for mut line in lines {
                line.push('\n');
                if stdin.write_all(line.as_bytes()).and_then(|()| stdin.flush()).is_err() {
                    return;
                }
            }
        });
        let (sender, replies) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, requests, replies })
    }

    fn ended(&mut self) -> String {
        match self.child.wait() {
            Ok(status) => format!("the program ended: {status}"),
            Err(error) => format!("the program ended: {error}"),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn words(command: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in command.chars() {
        match quote {
            Some(end) if c == end => quote = None,
            Some(_) => word.get_or_insert_default().push(c),
            None if c == '\'' || c == '"' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    match quote {
        Some(quote) => Err(format!("a {quote} without its end: {command}")),
        None if words.is_empty() => Err("no program".into()),
        None => Ok(words),
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_command_is_words() {
        assert_eq!(words("python3  my.py").unwrap(), ["python3", "my.py"]);
        assert_eq!(words("a 'b c' \"d'e\" f'g h'i ''").unwrap(), ["a", "b c", "d'e", "fg hi", ""]);
        assert!(words(" ").is_err());
        assert!(words("a 'b").is_err());
    }
}
