//! Whether implementations talk to each other: terminals of two or three programs on one relay, each
//! program in each role (README.md, "Interoperation").
//!
//! Only what is asked of every implementation counts here: who can read what, and that a key is made
//! when it has to be, and by whom. No bytes are compared.

mod scenes;

use std::fmt::Write as _;

use serde_json::Value;

use crate::case::Step;
use crate::input::Settings;
use crate::relay::Relay;
use crate::testee::{Answer, Testee};

pub use scenes::{SCENES, Scene};

/// Who takes part: the first opens the channel, and stands first in its list.
pub const ROLES: [&str; 3] = ["ada", "ben", "cyn"];
/// The longest text in a transcript that is shown whole, in characters.
const LONG: usize = 160;

/// How a scene went with programs in these roles.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Which scene, of [`SCENES`].
    pub scene: &'static str,
    /// Which program each of [`ROLES`] has, counted from 0.
    pub roles: [usize; 3],
    /// What went wrong, and all that was said until then.
    pub wrong: Option<(String, String)>,
}

/// All ways to give the roles to so many programs, such that each has one at least.
pub fn castings(programs: usize) -> Vec<[usize; 3]> {
    let all = 0..programs;
    let of = |one: usize| {
        let all = 0..programs;
        all.clone().flat_map(move |two| all.clone().map(move |three| [one, two, three]))
    };
    let each = |roles: &[usize; 3]| (0..programs).all(|program| roles.contains(&program));
    all.flat_map(of).filter(each).collect()
}

/// Plays all scenes with these programs in all roles; `progress` is told of each before it begins.
pub fn play(
    programs: &mut [Box<dyn Testee>],
    mut progress: impl FnMut(&'static str, [usize; 3]),
) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (scene, _, script) in SCENES {
        for roles in castings(programs.len()) {
            progress(scene, roles);
            let testees = programs.iter_mut().map(|one| &mut **one as &mut dyn Testee);
            let mut relay = Relay::new(testees.collect());
            for (name, program) in ROLES.into_iter().zip(roles) {
                relay.begin(name, program, Settings::by_hand());
            }
            script(&mut relay);
            let wrong = relay.wrong.take().map(|why| (why, transcript(&relay.steps)));
            cells.push(Cell { scene, roles, wrong });
        }
    }
    cells
}

/// What failed, then a row for each scene and a column for each way to give the roles.
pub fn table(names: &[String], cells: &[Cell]) -> String {
    let mut text = String::new();
    let digits = |cell: &Cell| cell.roles.map(|program| (program + 1).to_string()).concat();
    for cell in cells {
        if let Some((why, transcript)) = &cell.wrong {
            let _ =
                writeln!(text, "FAILED  {} with roles {}\n{transcript}", cell.scene, digits(cell));
            let _ = writeln!(text, "        {why}\n");
        }
    }
    for (number, name) in names.iter().enumerate() {
        let _ = writeln!(text, "{} is {name}", number + 1);
    }
    let _ = write!(text, "\n{:<12}", ROLES.join(" "));
    let first = cells.first().map_or("", |cell| cell.scene);
    for cell in cells.iter().take_while(|cell| cell.scene == first) {
        let _ = write!(text, "{:>8}", digits(cell));
    }
    for (scene, ..) in SCENES {
        let _ = write!(text, "\n{scene:<12}");
        for cell in cells.iter().filter(|cell| cell.scene == *scene) {
            let _ = write!(text, "{:>8}", if cell.wrong.is_some() { "FAILED" } else { "ok" });
        }
    }
    text + "\n"
}

/// What was asked and answered, a line each.
fn transcript(steps: &[Step]) -> String {
    let mut text = String::new();
    for Step { operation, input, answer } in steps {
        let begun = input.get("beginning").and_then(Value::as_object).unwrap_or(input);
        let [name, ms] = ["terminal", "ms"].map(|field| begun.get(field).unwrap_or(&Value::Null));
        let (name, what) = (name.as_str().unwrap_or_default(), &operation["terminal.".len()..]);
        let more = input.get("event").or(input.get("command"));
        let more = more.map(|more| format!(" {more}")).unwrap_or_default();
        let _ = writeln!(text, "{ms:>9} {name} {}", short(format!("{what}{more}")));
        match answer {
            Answer::Out(out) => {
                for action in out.get("actions").and_then(Value::as_array).into_iter().flatten() {
                    let _ = writeln!(text, "            {}", short(action.to_string()));
                }
            }
            other => {
                let _ = writeln!(text, "            {other:?}");
            }
        }
    }
    text
}

fn short(text: String) -> String {
    match text.char_indices().nth(LONG) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text,
    }
}
