//! Explores schedules at random, walks through all states that few faults lead to, plays a schedule,
//! draws one, or measures what channels of many cost.

use std::ffi::OsString;
use std::io::{self, Write};
use std::panic;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use keyrota_model::checker::Violation;
use keyrota_model::counters::{ALL, Counters};
use keyrota_model::op::Op;
use keyrota_model::plans::{MEMBERS, plans};
use keyrota_model::walk::{Count, Faults, Found, Plan, Walk};
use keyrota_model::world::Setting;
use keyrota_model::{chart, picture, scale, schedule, script};
use lexopt::{Arg, ValueExt};

const USAGE: &str = "\
Drives real terminals through adversarial schedules, and shows that what must always hold does.

    keyrota-model explore [--minutes N | --steps N] [--seed N] [--write DIRECTORY]
                              schedules at random, from this seed on; a minute, from seed 0, unless
                              said otherwise; stops at the first that fails, made short, written
                              down and drawn, or when the time is up, or so many inputs were looked
                              at: then all that must be reached was
    keyrota-model walk [PLAN] [--members N] [--seconds N] [--deep] [--losses N] [--delays N]
                       [--departures N] [--silences N] [--splits N] [--returns N] [--texts N]
                              every state that can come of a beginning with so few faults, none
                              unless said otherwise, of three members within 90 seconds: from
                              refresh, exclusion, rights, heal and lists, or one; breadth
                              first, or with little memory depth first; who left, hangs or was
                              split off returns whenever it can, or so often before the end
    keyrota-model play FILE [--trace]
                              one schedule, as it was written down
    keyrota-model picture FILE OUT.svg
                              the same, drawn
    keyrota-model scale [N…] [--svg FILE]
                              what channels of so many members cost under flood limits, measured;
                              of 2, 10, 100 and 1,000 unless said otherwise
    keyrota-model --help      this

It ends with 0 if all holds, 1 if something does not, 2 if it was called wrongly, 3 if the time was
too short to reach all.";

/// Time between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(10);

/// When exploring ends.
enum Until {
    Time(Duration),
    Steps(u64),
}

enum Task {
    Explore { until: Until, seed: u64, write: PathBuf },
    Walk(Vec<Plan>),
    Play { file: PathBuf, trace: bool },
    Picture { file: PathBuf, out: PathBuf },
    Scale { members: Vec<usize>, svg: Option<PathBuf> },
    Help,
}

fn main() -> ExitCode {
    let done = arguments(lexopt::Parser::from_env())
        .map_err(|why| format!("{why}; --help tells how it is used"))
        .and_then(run);
    match done {
        Ok(code) => code,
        Err(why) => {
            // There is nowhere else to say that this cannot be said.
            let _ = writeln!(io::stderr(), "keyrota-model: {why}");
            ExitCode::from(2)
        }
    }
}

fn arguments(mut parser: lexopt::Parser) -> Result<Task, lexopt::Error> {
    let (mut words, mut minutes, mut steps, mut seed) = (Vec::<OsString>::new(), None, None, 0);
    let (mut write, mut trace) = (PathBuf::from("."), false);
    let (mut members, mut seconds, mut deep) = (3, 90_u32, false);
    let mut faults = Faults { returns: u8::MAX, ..Faults::default() };
    let mut svg = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Task::Help),
            Arg::Long("minutes") => minutes = Some(parser.value()?.parse()?),
            Arg::Long("steps") => steps = Some(parser.value()?.parse()?),
            Arg::Long("seed") => seed = parser.value()?.parse()?,
            Arg::Long("write") => write = parser.value()?.into(),
            Arg::Long("trace") => trace = true,
            Arg::Long("members") => members = parser.value()?.parse()?,
            Arg::Long("seconds") => seconds = parser.value()?.parse()?,
            Arg::Long("deep") => deep = true,
            Arg::Long("losses") => faults.losses = parser.value()?.parse()?,
            Arg::Long("delays") => faults.delays = parser.value()?.parse()?,
            Arg::Long("departures") => faults.departures = parser.value()?.parse()?,
            Arg::Long("silences") => faults.silences = parser.value()?.parse()?,
            Arg::Long("splits") => faults.splits = parser.value()?.parse()?,
            Arg::Long("returns") => faults.returns = parser.value()?.parse()?,
            Arg::Long("texts") => faults.texts = parser.value()?.parse()?,
            Arg::Long("svg") => svg = Some(parser.value()?.into()),
            Arg::Value(word) => words.push(word),
            _ => return Err(argument.unexpected()),
        }
    }
    let command = words.first().and_then(|word| word.to_str());
    match (command, words.as_slice()) {
        (Some("explore"), [_]) => {
            let until = match (minutes, steps) {
                (Some(_), Some(_)) => return Err("so many minutes, or so many steps".into()),
                (None, Some(steps)) => Until::Steps(steps),
                (minutes, None) => {
                    let minutes: f64 = minutes.unwrap_or(1.0);
                    let time = Duration::try_from_secs_f64(minutes * 60.0)
                        .map_err(|_| format!("{minutes} minutes are no time"))?;
                    Until::Time(time)
                }
            };
            Ok(Task::Explore { until, seed, write })
        }
        (Some("walk"), [_, names @ ..]) => {
            if !MEMBERS.contains(&members) {
                return Err("three to eight take part in a walk".into());
            }
            let wanted = |plan: &Plan| names.iter().all(|name| *name == *plan.name);
            let plans: Vec<Plan> = plans(members).into_iter().filter(wanted).collect();
            if plans.is_empty() {
                return Err(
                    "there are refresh, exclusion, rights, heal and lists to walk from".into()
                );
            }
            let time = u64::from(seconds) * 1_000;
            let plans = plans.into_iter().map(|plan| Plan { faults, time, deep, ..plan });
            Ok(Task::Walk(plans.collect()))
        }
        (Some("play"), [_, file]) => Ok(Task::Play { file: file.into(), trace }),
        (Some("picture"), [_, file, out]) => {
            Ok(Task::Picture { file: file.into(), out: out.into() })
        }
        (Some("scale"), [_, counts @ ..]) => {
            let members: Result<Vec<usize>, _> = counts.iter().map(ValueExt::parse).collect();
            Ok(Task::Scale { members: members?, svg })
        }
        _ => Err("what to do is explore, walk, play FILE, picture FILE OUT.svg, or scale".into()),
    }
}

fn run(task: Task) -> Result<ExitCode, String> {
    match task {
        Task::Help => say(USAGE),
        Task::Explore { until, seed, write } => return explore(&until, seed, &write),
        Task::Walk(plans) => return walk(plans),
        Task::Play { file, trace } => {
            let (setting, ops) = read(&file)?;
            let played = schedule::play(setting, &ops);
            if trace {
                say(&played.checker.trace(&played.world));
            }
            if let Some(violation) = played.violation {
                say(&violation.to_string());
                return Ok(ExitCode::from(1));
            }
            say(&format!("all holds, in {} steps", played.checker.steps));
        }
        Task::Picture { file, out } => {
            let (setting, ops) = read(&file)?;
            store(&out, &picture::draw(setting, &ops))?;
        }
        Task::Scale { members, svg } => return measure(&members, svg.as_deref()),
    }
    Ok(ExitCode::SUCCESS)
}

fn measure(members: &[usize], svg: Option<&Path>) -> Result<ExitCode, String> {
    let members = if members.is_empty() { &[2, 10, 100, 1_000] } else { members };
    if members.iter().any(|count| !(2..=scale::MOST_MEMBERS).contains(count)) {
        return Err(format!("a channel is measured with 2 to {} members", scale::MOST_MEMBERS));
    }
    say(&scale::head());
    let mut rows = Vec::new();
    for count in members {
        let costs = scale::costs(*count, false)?;
        say(&scale::row(*count, &costs));
        rows.push((*count, costs));
    }
    svg.map_or(Ok(()), |file| store(file, &chart::draw(&rows)))?;
    Ok(ExitCode::SUCCESS)
}

fn say(text: &str) {
    // Whoever read the output may have gone.
    let _ = writeln!(io::stdout(), "{text}");
}

fn read(file: &Path) -> Result<(Setting, Vec<Op>), String> {
    let name = file.display();
    let text = std::fs::read_to_string(file).map_err(|why| format!("cannot read {name}: {why}"))?;
    let setting = script::setting(&text).map_err(|why| format!("{name}: {why}"))?;
    let setting = setting.unwrap_or_else(|| Setting::new(0, keyrota_model::op::CAST.len()));
    Ok((setting, script::parse(&text).map_err(|why| format!("{name}: {why}"))?))
}

fn store(file: &Path, text: &str) -> Result<(), String> {
    std::fs::write(file, text).map_err(|why| format!("cannot write {}: {why}", file.display()))
}

fn explore(until: &Until, first: u64, write: &Path) -> Result<ExitCode, String> {
    let began = Instant::now();
    let (mut steps, mut counters, mut told) = (0_u64, Counters::default(), began);
    let mut seed = first;
    let goes_on = |steps| match until {
        Until::Time(time) => began.elapsed() < *time,
        Until::Steps(most) => steps < *most,
    };
    while goes_on(steps) {
        let (setting, count) = schedule::setting(seed);
        let played = schedule::explore(setting.clone(), count);
        if let Some(violation) = played.violation {
            return fail(&setting, played.ops, &violation, write);
        }
        steps += played.checker.steps;
        counters.add(&played.checker.counters);
        seed = seed.wrapping_add(1);
        if told.elapsed() >= PROGRESS {
            told = Instant::now();
            progress(seed.wrapping_sub(first), steps, began.elapsed(), &counters);
        }
    }
    progress(seed.wrapping_sub(first), steps, began.elapsed(), &counters);
    say(&counters.to_string());
    if counters.missing().is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!("not reached: {}", counters.missing().join(", ")));
    Ok(ExitCode::from(3))
}

fn walk(plans: Vec<Plan>) -> Result<ExitCode, String> {
    for plan in plans {
        let (name, began) = (plan.name, Instant::now());
        if let Err(found) = walk_one(plan, began) {
            say(&format!("{name}: {}", found.violation));
            say(&found.to_string());
            return Ok(ExitCode::from(1));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn walk_one(plan: Plan, began: Instant) -> Result<(), Box<Found>> {
    let name = plan.name;
    let told = |count: Count| {
        let rate = count.states as u128 * 1_000 / began.elapsed().as_millis().max(1);
        say(&format!("{} s: {name}: {count}, {rate} a second", began.elapsed().as_secs()));
    };
    let (mut walk, mut last) = (Walk::new(plan)?, began);
    while walk.step()? {
        if last.elapsed() >= PROGRESS {
            last = Instant::now();
            told(walk.count());
        }
    }
    told(walk.count());
    Ok(())
}

fn progress(schedules: u64, steps: u64, passed: Duration, counters: &Counters) {
    let rate = u128::from(steps) * 1_000 / passed.as_millis().max(1);
    let reached = ALL.len() - counters.missing().len();
    let mut rarest = ALL.map(|what| (counters.get(what), what));
    rarest.sort_unstable();
    let rarest: Vec<String> =
        rarest.iter().take(3).map(|(count, what)| format!("{count} {what}")).collect();
    say(&format!(
        "{} s: {schedules} schedules, {steps} steps, {rate} a second, {reached} of {} reached; fewest: {}",
        passed.as_secs(),
        ALL.len(),
        rarest.join(", ")
    ));
}

fn fail(
    setting: &Setting,
    ops: Vec<Op>,
    violation: &Violation,
    write: &Path,
) -> Result<ExitCode, String> {
    say(&format!("seed {}, {} operations: {violation}", setting.seed, ops.len()));
    // Of a panic its place was told; it is not told again at each try.
    panic::set_hook(Box::new(|_| ()));
    let ops = schedule::shrink(setting, ops, violation.invariant);
    let file = write.join(format!("found-{}.txt", setting.seed));
    let still = schedule::play(setting.clone(), &ops).violation;
    let still = still.map_or_else(String::new, |violation| violation.to_string());
    store(&file, &script::write(setting, &ops, &still))?;
    let drawn = file.with_extension("svg");
    store(&drawn, &picture::draw(setting.clone(), &ops))?;
    let (count, file, drawn) = (ops.len(), file.display(), drawn.display());
    say(&format!("{count} operations, in {file}, drawn in {drawn}: {still}"));
    Ok(ExitCode::from(1))
}
