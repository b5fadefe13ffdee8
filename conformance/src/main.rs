//! Runs the cases against the core or a foreign testee, serves the core as one, writes the vectors.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use keyrota_conformance::case::{self, Case};
use keyrota_conformance::own::Own;
use keyrota_conformance::pipe::Pipe;
use keyrota_conformance::report::{Count, by_kind, html, json, junit, table};
use keyrota_conformance::run::{Outcome, run};
use keyrota_conformance::testee::Testee;
use keyrota_conformance::{choose, generate, interop, serve};
use lexopt::{Arg, ValueExt};

const USAGE: &str = "\
Tells whether an implementation of keyrota is right.

    keyrota-conformance [OPTION…]       runs all cases against the core of this project
        --testee 'PROGRAM ARGUMENT…'    against this program instead, over its standard input and
                                        output; README.md has the protocol
        --unsupported KIND,KIND…        only cases of these kinds may be unsupported, or none if it
                                        is empty; otherwise all may
        --timeout SECONDS               how long it may take for one answer; 10 unless said otherwise
        --vectors DIRECTORY             the vector files; those of this source tree unless said
                                        otherwise
        --filter TEXT                   only cases with this in their identifier; or, as in 3-16,
                                        those of this statement of the specification
        --json FILE, --junit FILE, --html FILE
                                        writes a report; - is standard output, and the table goes
                                        to standard error then
    keyrota-conformance serve           answers requests, as the core: a testee itself
    keyrota-conformance interop 'A' 'B' ['C']
                                        lets two or three programs talk to each other, each in each
                                        role; the word core is the core of this project
    keyrota-conformance generate [--check]
                                        writes the vector files anew; or compares them
    keyrota-conformance --help          this

It ends with 0 if all is right (what is unsupported is counted, and no failure unless --unsupported
makes it one), 1 if something is not, 2 if it was called wrongly.";

/// How long a foreign testee has for one answer, unless the caller says otherwise.
const TIMEOUT: f64 = 10.0;

enum Task {
    Run(Box<Run>),
    Serve,
    Interop { programs: Vec<String>, timeout: f64 },
    Generate { check: bool },
    Help,
}

struct Run {
    testee: Option<String>,
    unsupported: Option<Vec<String>>,
    timeout: f64,
    vectors: PathBuf,
    filter: String,
    reports: Vec<(Report, PathBuf)>,
}

impl Run {
    /// Whether nothing but the time for an answer may have been set.
    fn is_of_time_alone(&self) -> bool {
        let Self { testee, unsupported, filter, reports, .. } = self;
        testee.is_none() && unsupported.is_none() && filter.is_empty() && reports.is_empty()
    }
}

/// Writes the outcomes of a testee down.
type Report = fn(&str, &[Outcome]) -> String;

fn main() -> ExitCode {
    let done = arguments(lexopt::Parser::from_env())
        .map_err(|why| format!("{why}; --help tells how it is used"))
        .and_then(perform);
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            // There is nowhere else to say that this cannot be said.
            let _ = writeln!(io::stderr(), "keyrota-conformance: {why}");
            ExitCode::from(2)
        }
    }
}

fn arguments(mut parser: lexopt::Parser) -> Result<Task, lexopt::Error> {
    let mut run = Run {
        testee: None,
        unsupported: None,
        timeout: TIMEOUT,
        vectors: case::default_directory(),
        filter: String::new(),
        reports: Vec::new(),
    };
    let (mut words, mut check, mut options) = (Vec::new(), false, false);
    while let Some(argument) = parser.next()? {
        let report: Report = match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Task::Help),
            Arg::Value(word) => {
                words.push(word.string()?);
                continue;
            }
            Arg::Long("check") => {
                check = true;
                continue;
            }
            Arg::Long("json") => json::json,
            Arg::Long("junit") => junit::junit,
            Arg::Long("html") => html::html,
            Arg::Long("testee") => {
                (run.testee, options) = (Some(parser.value()?.string()?), true);
                continue;
            }
            Arg::Long("unsupported") => {
                let kinds = parser.value()?.string()?;
                let kinds = kinds.split(',').filter(|kind| !kind.is_empty()).map(Into::into);
                (run.unsupported, options) = (Some(kinds.collect()), true);
                continue;
            }
            Arg::Long("timeout") => {
                (run.timeout, options) = (parser.value()?.parse()?, true);
                continue;
            }
            Arg::Long("vectors") => {
                (run.vectors, options) = (parser.value()?.into(), true);
                continue;
            }
            Arg::Long("filter") => {
                (run.filter, options) = (parser.value()?.string()?, true);
                continue;
            }
            other => return Err(other.unexpected()),
        };
        run.reports.push((report, parser.value()?.into()));
        options = true;
    }
    match (&*words.iter().map(String::as_str).collect::<Vec<_>>(), options, check) {
        ([], _, false) => Ok(Task::Run(Box::new(run))),
        (["serve"], false, false) => Ok(Task::Serve),
        (["interop", programs @ ..], _, false)
            if (2..=3).contains(&programs.len()) && run.is_of_time_alone() =>
        {
            let programs = programs.iter().map(|one| (*one).to_owned()).collect();
            Ok(Task::Interop { programs, timeout: run.timeout })
        }
        (["generate"], false, check) => Ok(Task::Generate { check }),
        _ => Err("these do not go together".into()),
    }
}

fn perform(task: Task) -> Result<bool, String> {
    match task {
        Task::Help => {
            println!("{USAGE}");
            Ok(true)
        }
        Task::Serve => {
            let served = serve::serve(&mut Own::default(), io::stdin().lock(), io::stdout().lock());
            served.map(|()| true).map_err(|error| error.to_string())
        }
        Task::Generate { check } => write_vectors(check),
        Task::Interop { programs, timeout } => interoperate(&programs, timeout),
        Task::Run(task) => run_cases(&task),
    }
}

fn write_vectors(check: bool) -> Result<bool, String> {
    let mut same = true;
    for file in generate::all() {
        let path = case::default_directory().join(format!("{}.json", file.kind));
        let text = case::write(&file);
        let wrong = |error: io::Error| format!("{}: {error}", path.display());
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        if there == text {
            println!("{}: {} cases", path.display(), file.cases.len());
        } else if check {
            println!("{}: is not what is generated", path.display());
            same = false;
        } else {
            std::fs::write(&path, text).map_err(wrong)?;
            println!("{}: {} cases, written", path.display(), file.cases.len());
        }
    }
    Ok(same)
}

/// A program, or the core, and what it says about itself.
fn begin(command: Option<&str>, timeout: f64) -> Result<(String, Box<dyn Testee>), String> {
    let Some(command) = command else {
        return Ok(("the core".into(), Box::new(Own::default())));
    };
    let timeout = Duration::try_from_secs_f64(timeout);
    let timeout = timeout.map_err(|error| format!("--timeout: {error}"))?;
    let mut pipe = Pipe::new(command, timeout)?;
    Ok((pipe.hello()?, Box::new(pipe)))
}

fn interoperate(commands: &[String], timeout: f64) -> Result<bool, String> {
    let (mut names, mut programs) = (Vec::new(), Vec::new());
    for command in commands {
        let (name, program) = begin((command != "core").then_some(command), timeout)?;
        names.push(name);
        programs.push(program);
    }
    let progress = io::stderr().is_terminal();
    let cells = interop::play(&mut programs, |scene, roles| {
        if progress {
            eprint!("\r\x1b[K{scene} {roles:?}");
        }
    });
    if progress {
        eprint!("\r\x1b[K");
    }
    print!("{}", interop::table(&names, &cells));
    Ok(cells.iter().all(|cell| cell.wrong.is_none()))
}

fn run_cases(task: &Run) -> Result<bool, String> {
    let files = case::read(&task.vectors)?;
    let chosen = |case: &Case| choose::chooses(&task.filter, case);
    let cases: Vec<Case> = files.into_iter().flat_map(|file| file.cases).filter(chosen).collect();
    if cases.is_empty() {
        return Err(choose::none(&task.filter));
    }
    let (name, mut testee) = begin(task.testee.as_deref(), task.timeout)?;
    let mut outcomes = Vec::new();
    let progress = io::stderr().is_terminal();
    for (at, case) in cases.iter().enumerate() {
        if progress {
            eprint!("\r\x1b[K{}/{} {}", at + 1, cases.len(), case.id);
        }
        outcomes.push(run(case, &mut *testee));
    }
    if progress {
        eprint!("\r\x1b[K");
    }
    let mut printed = false;
    for (report, path) in &task.reports {
        let text = report(&name, &outcomes);
        if path == Path::new("-") {
            print!("{text}");
            printed = true;
        } else {
            std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    let table = format!("{name}\n\n{}", table::table(&outcomes));
    if printed {
        eprint!("{table}");
    } else {
        print!("{table}");
    }
    let missing: Vec<&str> = match &task.unsupported {
        None => Vec::new(),
        Some(kinds) => by_kind(&outcomes)
            .into_iter()
            .filter(|(kind, outcomes)| {
                Count::of(*outcomes).unsupported > 0 && !kinds.iter().any(|one| one == kind)
            })
            .map(|(kind, _)| kind)
            .collect(),
    };
    if !missing.is_empty() {
        eprintln!("\nunsupported, and should not be: {}", missing.join(", "));
    }
    Ok(Count::of(&outcomes).failed == 0 && missing.is_empty())
}
