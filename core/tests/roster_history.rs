//! Long random histories of a channel, the roster beside a plain list (R-ROS-3).

use keyrota::casemap::CaseMapping::Rfc1459;
use keyrota::roster::{Occupant, Roster};
use keyrota_spec::MemberId;

fn same(one: &str, other: &str) -> bool {
    Rfc1459.fold(one).unwrap() == Rfc1459.fold(other).unwrap()
}

/// The roster as a list: slow and plain.
#[derive(Default)]
struct Plain(Vec<(String, Option<MemberId>)>);

impl Plain {
    fn at(&self, nick: &str) -> Option<usize> {
        self.0.iter().position(|(other, _)| same(nick, other))
    }

    fn leave(&mut self, nick: &str) -> bool {
        self.at(nick).map(|at| self.0.remove(at)).is_some()
    }

    fn join(&mut self, nick: &str) {
        if self.at(nick).is_none() {
            self.0.push((nick.into(), None));
        }
    }

    fn rename(&mut self, old: &str, new: &str) {
        if self.at(old).is_some() {
            if !same(old, new) {
                self.leave(new);
            }
            let at = self.at(old).unwrap();
            self.0[at].0 = new.into();
        }
    }

    fn bind(&mut self, nick: &str, member: Option<MemberId>) {
        if let Some(at) = self.at(nick) {
            for (_, bound) in self.0.iter_mut().filter(|(_, bound)| *bound == member) {
                *bound = None;
            }
            self.0[at].1 = member;
        }
    }

    fn snapshot(&mut self, list: &[&str]) {
        self.0.retain(|(nick, _)| list.iter().any(|other| same(nick, other)));
        for nick in list {
            self.rename(nick, nick);
            self.join(nick);
        }
    }
}

#[test]
fn long_random_histories_agree_with_a_plain_list() {
    const NICKS: [&str; 8] = ["a", "A", "b[", "B{", "c", "d", "é", "E"];
    // Two of them go by one hint.
    let mut twin = [1; 16];
    twin[15] = 2;
    let members = [MemberId([0; 16]), MemberId([1; 16]), MemberId(twin)];
    let mut state = 1_u64;
    let mut draw = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let (mut roster, mut plain) = (Roster::new(Rfc1459, 100), Plain::default());
    for _ in 0..20_000 {
        let (one, other, who) = (NICKS[draw(8)], NICKS[draw(8)], members[draw(3)]);
        match draw(8) {
            0..=2 => {
                roster.join(one).unwrap();
                plain.join(one);
            }
            3 => assert_eq!(roster.leave(one).is_some(), plain.leave(one)),
            4 => {
                let _ = roster.rename(one, other);
                plain.rename(one, other);
            }
            5 => {
                let _ = roster.bind(one, who);
                plain.bind(one, Some(who));
            }
            6 => {
                roster.unbind(one);
                plain.bind(one, None);
            }
            _ => {
                // No nick in two spellings: which is shown would be left open.
                let list: Vec<_> = [0, 2, 4, 5, 6].iter().map(|at| NICKS[at + draw(2)]).collect();
                let list = &list[draw(3)..3 + draw(3)];
                let _ = roster.snapshot(list.iter().map(|nick| (*nick, false)));
                plain.snapshot(list);
            }
        }
        let entry = |occupant: &Occupant| (occupant.nick.to_string(), occupant.member);
        assert!(roster.iter().map(entry).eq(plain.0.iter().cloned()));
        for occupant in roster.iter() {
            assert_eq!(roster.occupant(&occupant.nick), Some(occupant));
        }
        for who in members {
            let at = roster.iter().find(|occupant| occupant.member == Some(who));
            assert_eq!(roster.member(&who), at);
        }
    }
}
