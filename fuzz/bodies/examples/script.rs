//! Writes the schedule of an input of `channel` as a script, as the model checker plays and draws it.

fn main() -> std::io::Result<()> {
    for file in std::env::args_os().skip(1) {
        let data = std::fs::read(&file)?;
        let (setting, ops, violation) = keyrota_fuzz_bodies::channel::play(&data);
        let what = violation.map_or_else(|| "all holds".into(), |violation| violation.to_string());
        print!("{}", keyrota_model::script::write(&setting, &ops, &what));
    }
    Ok(())
}
