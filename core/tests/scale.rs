//! Many members in a channel, many channels in a terminal: what one more costs, and what one event costs
//! among them (spec chapter 13, "Denial of service").
//!
//! Times are compared, not measured: of the same event among few and among many, in turn, so that
//! whatever slows the machine down slows both.

use crate::crowd;

use std::time::{Duration, Instant};

use allocation_counter::measure;
use crowd::{CHANNEL, Member, Site};
use keyrota::{Command, Event, GrantRule};

/// The bytes that remain of what `act` does, for each of so many.
fn bytes(count: usize, act: impl FnOnce()) -> i64 {
    measure(act).bytes_current / i64::try_from(count).expect("few")
}

/// An occupant that has introduced itself and holds the key, with nick and name of eight letters: at
/// most 400 bytes; and no more when it has left.
#[test]
fn a_member_takes_at_most_400_bytes() {
    let all: Vec<Member> = (0..450).map(|number| Member::new(number, true)).collect();
    let mut site = Site::founder(&all, |_| {});
    let meet = |site: &mut Site, members: &[Member]| {
        for member in members {
            site.join(&member.nick);
            site.introduced(member);
        }
        site.wait(1_000_000);
        site.wait(1);
    };
    // What only some take is taken, and what was taken for a while is given back.
    meet(&mut site, &all[..150]);
    let here = bytes(300, || meet(&mut site, &all[150..]));
    assert!(all.iter().all(|one| site.is_present(one)), "all were met");
    assert!(here <= 400, "{here} bytes");
    let left = bytes(300, || all[150..].iter().for_each(|one| site.part(&one.nick)));
    assert!(!all[150..].iter().any(|one| site.is_present(one)), "they have left");
    assert!(here + left <= 400, "{} bytes", here + left);
}

/// How many times longer an event takes among many than among few.
fn ratio<S>(few: &mut S, many: &mut S, mut event: impl FnMut(&mut S, usize)) -> f64 {
    let mut times: [Vec<Duration>; 2] = Default::default();
    for round in 0..60 {
        for (site, times) in [&mut *few, &mut *many].into_iter().zip(&mut times) {
            let start = Instant::now();
            event(site, round);
            times.push(start.elapsed());
        }
    }
    let [few, many] = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64()
    });
    many / few
}

/// Among ten times as many members, and sixty times as many occupants, an event takes less than three times as
/// long: nothing walks them all. The grant rule looks for somebody to seat, and finds nobody.
#[test]
fn no_event_walks_all_members() {
    let all: Vec<Member> = (0..500).map(|number| Member::new(number, false)).collect();
    let site = |members: &[Member], strangers: usize| {
        let mut site = Site::founder(members, |config| {
            assert_ne!(config.channel.rule, GrantRule::ByHand);
        });
        (0..strangers).for_each(|number| site.join(&format!("stranger{number}")));
        for member in members {
            site.join(&member.nick);
            site.introduced(member);
        }
        site
    };
    let (mut few, mut many) = (site(&all[..70], 30), site(&all, 6_000));
    let mut check = |what: &str, event: &mut dyn FnMut(&mut Site, usize)| {
        let ratio = ratio(&mut few, &mut many, event);
        assert!(ratio < 3.0, "{what}: {ratio:.1} times as long");
    };
    check("join", &mut |site, round| site.join(&format!("new{round}")));
    check("nick of a stranger", &mut |site, round| {
        site.event(Event::Nick { old: &format!("new{round}"), new: &format!("newer{round}") });
    });
    check("part of a stranger", &mut |site, round| site.part(&format!("newer{round}")));
    check("nick of a member", &mut |site, round| {
        site.event(Event::Nick { old: &all[round].nick, new: &format!("other{round}") });
    });
    check("part of a member", &mut |site, round| site.part(&format!("other{round}")));
    check("its nick again", &mut |site, round| site.join(&format!("other{round}")));
    check("quit of a member", &mut |site, round| {
        if round < 10 {
            site.event(Event::Quit { nick: &all[60 + round].nick });
        }
    });
    check("plain line", &mut |site, _| {
        site.event(Event::Line { channel: CHANNEL, nick: "other0", text: "hello" });
    });
    check("repeated Hello", &mut |site, round| {
        let hello = &all[round].hello;
        site.event(Event::Line { channel: CHANNEL, nick: "other0", text: hello });
    });
    check("text", &mut |site, _| {
        let now = site.now();
        let say = Command::Say { channel: CHANNEL, text: "hello", signed: Some(false) };
        site.terminal.command(now, say).expect("said").for_each(drop);
    });
    check("command of a nick that left", &mut |site, round| {
        let now = site.now();
        let modes = format!("-d other{round}");
        let command = Command::Mode { channel: CHANNEL, modes: &modes };
        site.terminal.command(now, command).expect_err("it has no right");
    });
    check("time", &mut |site, _| site.wait(1_000));
}

/// In thirty times as many channels.
#[test]
fn no_event_walks_all_channels() {
    let site = |count: usize| {
        let mut site = Site::new([], |_| {});
        (0..count).for_each(|number| site.enter(&format!("#c{number}")));
        site
    };
    let (mut few, mut many) = (site(10), site(300));
    let mut check = |what: &str, event: &mut dyn FnMut(&mut Site, usize)| {
        let ratio = ratio(&mut few, &mut many, event);
        assert!(ratio < 3.0, "{what}: {ratio:.1} times as long");
    };
    let channel = "#c7";
    check("join", &mut |site, round| {
        site.event(Event::Join { channel, nick: &format!("new{round}") });
    });
    check("line", &mut |site, round| {
        site.event(Event::Line { channel, nick: &format!("new{round}"), text: "hello" });
    });
    check("text", &mut |site, _| {
        let now = site.now();
        let say = Command::Say { channel, text: "hello", signed: Some(false) };
        site.terminal.command(now, say).expect("said").for_each(drop);
    });
    check("tick", &mut |site, _| site.event(Event::Tick));
    check("channel", &mut |site, round| site.enter(&format!("#more{round}")));
}
