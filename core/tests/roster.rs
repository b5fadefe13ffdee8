//! The roster against what real servers sent (R-ROS-1, R-ROS-3).
//!
//! The replays restate captures of ngircd 26.1 and inspircd 3.15 as events, as one member saw them.

use keyrota::casemap::CaseMapping::{self, Ascii, Rfc1459};
use keyrota::roster::{
    DETAIL_CHANNELS_MAX, DETAIL_MAX, Detail, Occupant, Roster, RosterError, Snapshot, split_prefix,
};
use keyrota_spec::MemberId;

/// One line of a server that changes who is in the channel.
enum Line {
    Join(&'static str),
    /// PART, QUIT or KICK.
    Leave(&'static str),
    Nick(&'static str, &'static str),
    Op(&'static str),
}
use Line::{Join, Leave, Nick, Op};

fn replay(roster: &mut Roster, lines: &[Line]) {
    for line in lines {
        match *line {
            Join(nick) => {
                roster.join(nick).unwrap();
            }
            Leave(nick) => {
                roster.leave(nick).unwrap();
            }
            Nick(old, new) => {
                roster.rename(old, new).unwrap();
            }
            Op(nick) => roster.set_operator(nick, true).unwrap(),
        }
    }
}

fn names(roster: &mut Roster, list: &str) -> Snapshot {
    roster.snapshot(list.split(' ').map(split_prefix))
}

/// The roster in order of joining, operators marked.
fn shown(roster: &Roster) -> String {
    let entry = |occupant: &Occupant| {
        let mark = if occupant.operator { "@" } else { "" };
        format!("{mark}{}", occupant.nick)
    };
    roster.iter().map(entry).collect::<Vec<_>>().join(" ")
}

fn roster(mapping: CaseMapping, list: &str) -> Roster {
    let mut roster = Roster::new(mapping, 100);
    assert_eq!(names(&mut roster, list), Snapshot::default());
    roster
}

fn member(number: u8) -> MemberId {
    MemberId([number; 16])
}

// NAMES

#[test]
fn names_entries_are_split() {
    let entries = [
        ("alice", "alice", false),
        ("@alice", "alice", true),
        ("+carol", "carol", false),
        ("%carol", "carol", false),
        ("@+carol", "carol", true),
        ("~&@%+carol", "carol", true),
        ("!carol", "carol", true),
        ("&carol", "carol", true),
        ("@alice!alice@127.0.0.1", "alice", true),
        ("alice!@x", "alice", false),
        ("{a}", "{a}", false),
        ("a@b", "a@b", false),
        ("@", "", true),
        ("", "", false),
    ];
    for (entry, nick, operator) in entries {
        assert_eq!(split_prefix(entry), (nick, operator), "{entry}");
    }
}

#[test]
fn a_list_in_any_order_leaves_the_order_of_joining() {
    // ngircd lists the last comer first, inspircd as it likes.
    for list in ["+dave carol bob @alice", "@alice carol dave bob"] {
        let mut roster = roster(Ascii, "@alice");
        replay(&mut roster, &[Join("bob"), Join("carol"), Join("dave")]);
        assert_eq!(names(&mut roster, list), Snapshot::default());
        assert_eq!(shown(&roster), "@alice bob carol dave");
    }
}

#[test]
fn a_list_removes_adds_and_corrects() {
    let mut roster = roster(Rfc1459, "@alice bob carol dave");
    roster.bind("bob", member(2)).unwrap();
    roster.bind("carol", member(3)).unwrap();
    let outcome = names(&mut roster, "frank @CAROL erin alice alice");
    let left: Vec<_> = outcome.left.iter().map(|gone| (&*gone.nick, gone.member)).collect();
    assert_eq!(left, [("bob", Some(member(2))), ("dave", None)]);
    assert_eq!(outcome.refused, 0);
    assert_eq!(shown(&roster), "alice @CAROL frank erin");
    assert_eq!(&*roster.member(&member(3)).unwrap().nick, "CAROL");
    assert_eq!(roster.member(&member(2)), None);
    assert_eq!(roster.occupant("bob"), None);
}

#[test]
fn a_list_counts_what_it_cannot_take() {
    let mut small = Roster::new(Ascii, 3);
    assert_eq!(names(&mut small, "a b c d e f g").refused, 4);
    assert_eq!(shown(&small), "a b c");
    // Who left makes room first.
    let outcome = names(&mut small, "x,y b d e @");
    assert_eq!(outcome.left.len(), 2);
    assert_eq!(outcome.refused, 2);
    assert_eq!(shown(&small), "b d e");
    assert_eq!(small.snapshot([]).left.len(), 3);
    assert!(small.is_empty());
}

// Replays

#[test]
fn ngircd_netsplit_seen_by_alice() {
    let mut roster = roster(Ascii, "@alice");
    replay(&mut roster, &[Join("bob"), Join("carol"), Join("dave"), Op("dave")]);
    for (number, nick) in ["alice", "bob", "carol", "dave"].iter().enumerate() {
        roster.bind(nick, member(number as u8)).unwrap();
    }
    assert_eq!(shown(&roster), "@alice bob carol @dave");
    replay(&mut roster, &[Leave("dave"), Leave("carol")]);
    assert_eq!(names(&mut roster, "bob @alice"), Snapshot::default());
    assert_eq!(shown(&roster), "@alice bob");
    // bob parts; frank is here and there, and the server kills both.
    replay(&mut roster, &[Leave("bob"), Join("frank"), Leave("frank")]);
    // carol was renamed on the other side: she comes as a nick never seen before.
    replay(&mut roster, &[Join("erin"), Join("dave"), Op("dave"), Join("carola")]);
    assert_eq!(names(&mut roster, "+carola @dave erin @alice"), Snapshot::default());
    assert_eq!(shown(&roster), "@alice erin @dave carola");
    for lost in 1..4 {
        assert_eq!(roster.member(&member(lost)), None, "nobody has signed since");
    }
    assert_eq!(roster.occupant("dave").unwrap().member, None);
    roster.bind("carola", member(2)).unwrap();
    assert_eq!(&*roster.member(&member(2)).unwrap().nick, "carola");
}

#[test]
fn ngircd_netsplit_seen_by_carol_who_changes_nick() {
    let mut roster = roster(Ascii, "carol bob @alice");
    replay(&mut roster, &[Join("dave"), Op("dave"), Leave("bob"), Leave("alice")]);
    roster.bind("carol", member(2)).unwrap();
    assert_eq!(names(&mut roster, "@dave +carol"), Snapshot::default());
    replay(&mut roster, &[Join("erin"), Nick("carol", "carola"), Join("frank")]);
    assert_eq!(&*roster.member(&member(2)).unwrap().nick, "carola");
    replay(&mut roster, &[Leave("frank"), Join("alice"), Op("alice")]);
    assert_eq!(names(&mut roster, "@alice erin @dave +carola"), Snapshot::default());
    assert_eq!(shown(&roster), "carola @dave erin @alice");
}

#[test]
fn inspircd_nick_collision_renames_one_frank() {
    // alice's side: the frank she knows is renamed, then the other one joins under his old nick.
    let mut roster = roster(Rfc1459, "@alice frank");
    roster.bind("frank", member(6)).unwrap();
    replay(
        &mut roster,
        &[
            Nick("frank", "1CCAAAAAC"),
            Join("carola"),
            Join("dave"),
            Join("erin"),
            Join("frank"),
            Op("dave"),
        ],
    );
    let list = "@alice frank +carola 1CCAAAAAC erin @dave";
    assert_eq!(names(&mut roster, list), Snapshot::default());
    assert_eq!(shown(&roster), "@alice 1CCAAAAAC carola @dave erin frank");
    assert_eq!(&*roster.member(&member(6)).unwrap().nick, "1CCAAAAAC");
    assert_eq!(roster.occupant("frank").unwrap().member, None);
}

#[test]
fn a_storm_of_ten_thousand_quits_and_joins() {
    let nick = |number: u32| format!("guest{:05}", number * 7919 % 10_000);
    let mut roster = Roster::new(Rfc1459, 16_384);
    for number in 0..10_000 {
        assert_eq!(roster.join(&nick(number)), Ok(true));
    }
    for number in (0..10_000).rev().filter(|number| number % 2 == 1) {
        assert_eq!(*roster.leave(&nick(number)).unwrap().nick, nick(number));
    }
    assert_eq!(roster.len(), 5_000);
    for number in (0..10_000).filter(|number| number % 2 == 1) {
        assert_eq!(roster.join(&nick(number).to_uppercase()), Ok(true));
    }
    let back = (0..10_000).step_by(2).map(nick);
    let back = back.chain((1..10_000).step_by(2).map(|number| nick(number).to_uppercase()));
    assert!(roster.iter().map(|occupant| occupant.nick.to_string()).eq(back));
    assert!(roster.iter().is_sorted_by(|one, next| one.joined < next.joined));
}

// Single events

#[test]
fn a_repeated_join_changes_nothing() {
    let mut roster = roster(Rfc1459, "@alice bob");
    roster.bind("alice", member(1)).unwrap();
    let before = roster.occupant("alice").cloned();
    assert_eq!(roster.join("ALICE"), Ok(false));
    assert_eq!(roster.occupant("alice").cloned(), before);
    assert_eq!(roster.len(), 2);
}

#[test]
fn joins_beyond_the_limit_are_refused() {
    let mut roster = Roster::new(Ascii, 2);
    assert_eq!(roster.join("a"), Ok(true));
    assert_eq!(roster.join("b"), Ok(true));
    assert_eq!(roster.join("c"), Err(RosterError::Full));
    assert_eq!(roster.join("a"), Ok(false));
    assert_eq!(roster.join("c d"), Err(RosterError::BadNick));
    roster.leave("a").unwrap();
    assert_eq!(roster.join("c"), Ok(true));
    assert_eq!(shown(&roster), "b c");
}

#[test]
fn leaving_lets_go_and_coming_back_does_not_bind() {
    let mut roster = roster(Rfc1459, "@alice bob");
    roster.bind("alice", member(1)).unwrap();
    let gone = roster.leave("Alice").unwrap();
    assert_eq!((&*gone.nick, gone.operator, gone.member), ("alice", true, Some(member(1))));
    assert_eq!(roster.leave("alice"), None);
    assert_eq!(roster.member(&member(1)), None);
    assert_eq!(roster.join("alice"), Ok(true));
    let back = roster.occupant("alice").unwrap();
    assert_eq!((back.operator, back.member), (false, None));
    assert!(back.joined > gone.joined);
    assert_eq!(shown(&roster), "bob alice");
}

#[test]
fn who_left_leaves_nothing_behind() {
    let mut roster = roster(Rfc1459, "alice bob carol dave");
    for (number, nick) in [(1, "alice"), (2, "bob"), (3, "carol"), (4, "dave")] {
        roster.bind(nick, member(number)).unwrap();
    }
    roster.leave("alice").unwrap();
    roster.rename("bob", "carol").unwrap().unwrap();
    assert_eq!(roster.snapshot([]).left.len(), 2);
    // A forgotten entry cannot be looked up, and would still fill the memory.
    let inside = format!("{roster:?}");
    let kept = ["alice", "bob", "carol", "dave", "MemberId"].map(|word| inside.contains(word));
    assert_eq!(kept, [false; 5], "{inside}");
}

#[test]
fn a_new_nick_keeps_place_properties_and_member() {
    let mut roster = roster(Rfc1459, "@alice bob carol");
    roster.bind("alice", member(1)).unwrap();
    roster.describe("alice", Detail::Idle(7)).unwrap();
    // A change of spelling only, as ngircd passes it on, then a real one.
    assert_eq!(roster.rename("alice", "ALICE"), Ok(None));
    assert_eq!(shown(&roster), "@ALICE bob carol");
    assert_eq!(roster.rename("Alice", "zoe"), Ok(None));
    assert_eq!(shown(&roster), "@zoe bob carol");
    let zoe = roster.member(&member(1)).unwrap();
    assert_eq!(Some(zoe), roster.occupant("ZOE"));
    assert_eq!(zoe.info.as_ref().unwrap().idle, Some(7));
    assert_eq!(roster.occupant("alice"), None);
}

#[test]
fn a_nick_that_is_taken_displaces() {
    let mut roster = roster(Rfc1459, "alice bob carol");
    roster.bind("alice", member(1)).unwrap();
    roster.bind("bob", member(2)).unwrap();
    let displaced = roster.rename("alice", "Bob").unwrap().unwrap();
    assert_eq!((&*displaced.nick, displaced.member), ("bob", Some(member(2))));
    assert_eq!(shown(&roster), "Bob carol");
    assert_eq!(roster.occupant("bob").unwrap().member, Some(member(1)));
    assert_eq!(roster.member(&member(2)), None);
}

#[test]
fn a_bad_rename_changes_nothing() {
    let mut roster = roster(Rfc1459, "alice bob");
    assert_eq!(roster.rename("nobody", "bob"), Err(RosterError::Absent));
    assert_eq!(roster.rename("", "bob"), Err(RosterError::Absent));
    assert_eq!(roster.rename("alice", "a b"), Err(RosterError::BadNick));
    assert_eq!(shown(&roster), "alice bob");
    assert!(roster.occupant("alice").is_some());
}

#[test]
fn a_member_is_where_it_signed_last() {
    let mut roster = roster(Rfc1459, "alice bob");
    roster.bind("alice", member(1)).unwrap();
    roster.bind("bob", member(1)).unwrap();
    assert_eq!(roster.occupant("alice").unwrap().member, None);
    assert_eq!(&*roster.member(&member(1)).unwrap().nick, "bob");
    roster.bind("bob", member(2)).unwrap();
    assert_eq!(roster.member(&member(1)), None);
    roster.bind("bob", member(2)).unwrap();
    assert_eq!(&*roster.member(&member(2)).unwrap().nick, "bob");
    assert_eq!(roster.bind("outsider", member(2)), Err(RosterError::Absent));
    assert_eq!(&*roster.member(&member(2)).unwrap().nick, "bob");
    assert_eq!(roster.unbind("Bob"), Some(member(2)));
    assert_eq!(roster.unbind("Bob"), None);
    assert_eq!(roster.member(&member(2)), None);
    assert_eq!(roster.occupant("bob").unwrap().member, None);
}

#[test]
fn operators_come_and_go() {
    let mut roster = roster(Rfc1459, "alice bob");
    assert_eq!(roster.set_operator("BOB", true), Ok(()));
    assert_eq!(shown(&roster), "alice @bob");
    assert_eq!(roster.set_operator("bob", false), Ok(()));
    assert_eq!(shown(&roster), "alice bob");
    assert_eq!(roster.set_operator("eve", true), Err(RosterError::Absent));
}

#[test]
fn user_information_is_bounded() {
    let mut roster = roster(Rfc1459, "alice");
    assert_eq!(roster.occupant("alice").unwrap().info, None);
    let long = format!("a{}", "é".repeat(DETAIL_MAX));
    let details = [
        Detail::RealName(&long),
        Detail::User("~alice"),
        Detail::Host("127.0.0.1"),
        Detail::Server("a.irc.test"),
        Detail::Idle(13),
        Detail::Channel("#c"),
        Detail::Channel("#c"),
    ];
    for detail in details {
        roster.describe("alice", detail).unwrap();
    }
    let info = roster.occupant("alice").unwrap().info.as_deref().unwrap();
    assert_eq!(info.real_name.len(), DETAIL_MAX - 1, "no half of a character");
    assert!(long.starts_with(&*info.real_name));
    assert_eq!((&*info.user, &*info.host, &*info.server), ("~alice", "127.0.0.1", "a.irc.test"));
    assert_eq!((&*info.channels, info.idle), (&["#c".into()][..], Some(13)));
    for number in 0..100 {
        roster.describe("alice", Detail::Channel(&format!("#{number}"))).unwrap();
    }
    let info = roster.occupant("alice").unwrap().info.as_deref().unwrap();
    assert_eq!(info.channels.len(), DETAIL_CHANNELS_MAX);
    assert_eq!(roster.describe("bob", Detail::Idle(1)), Err(RosterError::Absent));
}
