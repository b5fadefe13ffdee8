//! Writes the schedule of an input of `channel` as a script, as the model checker plays and draws it; of
//! one that fails, the shortest that fails alike.

use keyrota_fuzz_bodies::channel;
use keyrota_model::{schedule, script};

fn main() -> std::io::Result<()> {
    for file in std::env::args_os().skip(1) {
        let channel::Played { setting, mut ops, violation, .. } =
            channel::play(&std::fs::read(&file)?);
        if let Some(violation) = &violation {
            ops = schedule::shrink(&setting, ops, violation.invariant);
        }
        let what = violation.map_or_else(|| "all holds".into(), |violation| violation.to_string());
        print!("{}", script::write(&setting, &ops, &what));
    }
    Ok(())
}
