//! The story: who reads what, which keys come when and from whom, and what is refused.

use std::sync::OnceLock;

use super::stage::{Play, Step, cause, play_scene};

/// Played once for all of them.
fn played() -> &'static Play {
    static STORY: OnceLock<Play> = OnceLock::new();
    STORY.get_or_init(|| play_scene("story"))
}

fn story() -> &'static [Step] {
    &played().steps
}

#[test]
fn the_server_could_open_nothing() {
    assert_eq!(played().opened(), 0);
}

#[test]
fn everyone_reads_what_is_for_them() {
    let story = story();
    let readers = [
        ("taro: welcome", vec!["hanako"]),
        ("hanako: thank you", vec!["taro"]),
        ("jiro: is this", vec!["taro", "hanako"]),
        ("hanako: a new key", vec!["taro", "jiro"]),
        ("taro: one hour", vec!["hanako", "jiro"]),
        // taro has left, and hanako's terminal has stopped.
        ("jiro: taro is gone", vec![]),
        ("hanako: I am back", vec!["jiro"]),
        ("taro: what did", vec!["hanako", "jiro"]),
        ("jiro: I shall tell", vec!["taro", "hanako"]),
        // jiro is barred, and there.
        ("taro: jiro gets", vec!["hanako"]),
        ("hanako: nor this", vec!["taro"]),
        ("hanako: good night", vec!["taro"]),
        ("hanako: who is eve", vec!["taro"]),
        ("taro: nobody we know", vec!["hanako"]),
        // Under the one key that hanako did not wipe.
        ("taro: have a", vec!["hanako"]),
    ];
    let said: Vec<&Step> = story.iter().filter(|scene| !scene.typed.starts_with('/')).collect();
    assert_eq!(said.len(), readers.len());
    for (scene, (begin, readers)) in said.iter().zip(readers) {
        assert!(scene.typed.starts_with(begin), "{} is not {begin}", scene.typed);
        let (speaker, text) = scene.typed.split_once(": ").expect("a text");
        let read = readers.iter().map(|who| format!("{who} read <{speaker}> {text}"));
        assert_eq!(scene.read(), read.collect::<Vec<_>>(), "{begin}");
    }
    let back = story.iter().find(|scene| scene.typed == "/wake hanako").expect("she comes back");
    let missed = "hanako read <jiro> taro is gone, hanako is silent, and this key is mine";
    assert_eq!(back.read(), [missed]);
    let all: usize = story.iter().map(|scene| scene.read().len()).sum();
    assert_eq!(all, 20, "and nobody reads anything else");
}

#[test]
fn keys_come_when_they_are_due_and_from_whose_turn_it_is() {
    use cause::{OUT, RIGHTS};
    let expected = [
        ("/join taro", "taro", "taro", "the channel is opened"),
        ("/join hanako", "hanako taro", "taro", RIGHTS),
        ("/join jiro", "jiro", "taro", RIGHTS),
        // The rule seats jiro.
        ("/wait 700", "hanako jiro taro", "taro", RIGHTS),
        ("/wait 10", "hanako jiro taro", "taro", "somebody wished it"),
        ("/wait 3600", "hanako jiro taro", "taro", "the last one's period is over"),
        // taro has left, hanako is silent: the third takes over.
        ("/wait 40", "jiro", "jiro", OUT),
        ("/wake hanako", "hanako", "jiro", OUT),
        ("/join taro", "taro", "jiro", OUT),
        ("/kick jiro by taro", "hanako taro", "taro", OUT),
        ("/mode taro +x1 hanako", "hanako taro", "taro", RIGHTS),
        ("/refresh hanako", "hanako taro", "hanako", "somebody wished it"),
        ("/mode taro -d hanako", "hanako taro", "taro", RIGHTS),
    ];
    let story = story();
    let came = story.iter().flat_map(|scene| {
        let sorted = |who: &str| {
            let mut who: Vec<&str> = who.split(", ").collect();
            who.sort_unstable();
            who.join(" ")
        };
        let key = move |(_, who, author, cause)| (&*scene.typed, sorted(who), author, cause);
        scene.keys().map(key)
    });
    let came: Vec<_> = came.collect();
    let expected =
        expected.map(|(typed, who, author, cause)| (typed, who.to_owned(), author, cause));
    assert_eq!(came, expected);
}

#[test]
fn rights_are_the_members_affair() {
    let story = story();
    let scene = |typed: &str| story.iter().find(|scene| scene.typed == typed).expect("typed");
    let barred = &story.iter().rev().find(|scene| scene.typed == "/join jiro").expect("again");
    assert!(barred.says("jiro got no key from taro: barred"));
    assert!(scene("/mode jiro -x taro").lines.iter().any(|line| line.starts_with("? jiro cannot")));
    assert!(scene("/mode hanako -x taro").says("? hanako cannot: your seat does not allow it"));
    let last = story.iter().rev().find(|scene| scene.typed == "/who").expect("asked");
    assert!(last.lines[0].ends_with("list: taro +dx, hanako +x, jiro barred"), "{}", last.lines[0]);
}

#[test]
fn who_asks_about_strangers_can_say_no() {
    let story = story();
    let asked = |scene: &&Step| scene.says("taro was asked whether eve is to be let in");
    assert_eq!(story.iter().filter(asked).count(), 1);
    let scene = story.iter().find(|scene| scene.typed == "/decline taro eve").expect("typed");
    assert!(scene.says("taro did not accept the certificate of eve: declined"));
    assert!(scene.says("eve got no key from taro: the certificate is not accepted"));
}
