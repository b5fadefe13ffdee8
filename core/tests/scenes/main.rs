//! Plays the scenes of the chat example, one for each feature, and reads what it prints: who reads
//! what, which keys come when, from whom and why, what users are told, and that the server could open
//! nothing (R-SYS-1). Each file of the folder has its expectation here.

mod keys;
mod network;
mod rights;
mod stage;
mod story;
mod trust;
mod typing;

use std::collections::BTreeSet;

use keyrota_model::script;
use keyrota_model::world::World;
use stage::{FOLDER, Scene, play_scene};

const SCENES: [&[Scene]; 4] = [keys::SCENES, network::SCENES, rights::SCENES, trust::SCENES];

fn check(scenes: &[Scene]) {
    scenes.iter().for_each(Scene::check);
}

#[test]
fn keys_come_and_go() {
    check(keys::SCENES);
}

#[test]
fn networks_and_memories_fail() {
    check(network::SCENES);
}

#[test]
fn rights_are_given_and_taken() {
    check(rights::SCENES);
}

#[test]
fn some_are_trusted_and_some_are_not() {
    check(trust::SCENES);
}

#[test]
fn no_scene_of_the_folder_is_forgotten() {
    let files = std::fs::read_dir(FOLDER).expect("a folder").map(|file| {
        let name = file.expect("a file").file_name().into_string().expect("UTF-8");
        name.strip_suffix(".txt").expect("a scene").to_owned()
    });
    let files: BTreeSet<String> = files.collect();
    let expected = SCENES.iter().flat_map(|scenes| scenes.iter()).map(|scene| scene.name);
    let expected: BTreeSet<String> = expected.chain(["story"]).map(str::to_owned).collect();
    assert_eq!(files, expected);
}

/// What the model checker writes down is played to the line as it was found.
#[test]
fn a_script_with_its_world_is_that_world() {
    let text = std::fs::read_to_string(format!("{FOLDER}/replayed.txt")).expect("a scene");
    let setting = script::setting(&text).expect("a world").expect("a world");
    let mut world = World::new(setting);
    for op in script::parse(&text).expect("a script") {
        world.apply(&op).expect("not refused");
    }
    let sent = world.lines.iter().map(|line| format!("{} {}", line.nick, &line.text[..20]));
    let play = play_scene("replayed");
    let shown = play.steps.iter().flat_map(|step| &step.lines).filter_map(|line| {
        let (nick, rest) = line.strip_prefix("server: ")?.split_once(" sent ")?;
        Some(format!("{nick} {}", &rest.rsplit_once(": ")?.1[..20]))
    });
    assert_eq!(shown.collect::<Vec<_>>(), sent.collect::<Vec<_>>());
}
