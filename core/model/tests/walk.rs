//! What must always hold does in every state that can come of a few beginnings, with few faults; the
//! numbers of states are asserted. A larger walk is the program's.

use keyrota_model::plans::plans;
use keyrota_model::walk::{Count, Faults, Plan, Walk};

const NONE: Faults =
    Faults { losses: 0, delays: 0, departures: 0, silences: 0, splits: 0, returns: 0, texts: 0 };

/// Distinct states, last ones among them, and ways to a known one.
fn walks(name: &str, faults: Faults, expected: [usize; 3]) {
    walks_for(3, 90_000, name, faults, expected);
}

/// Likewise, of so many members, for so many milliseconds; depth first, which takes little memory.
fn walks_for(members: usize, time: u64, name: &str, faults: Faults, expected: [usize; 3]) {
    let plan = plans(members).into_iter().find(|plan| plan.name == name).expect("a plan");
    let walk = Walk::new(Plan { faults, time, deep: true, ..plan });
    let count = walk.and_then(Walk::run).unwrap_or_else(|found| panic!("{found}"));
    println!("{name} of {members}, {faults:?}: {count}");
    let Count { states, ends, known, open } = count;
    assert_eq!(([states, ends, known], open), (expected, 0), "{name}");
}

#[test]
fn a_refresh_whatever_is_lost() {
    walks("refresh", Faults { losses: 1, ..NONE }, [9, 5, 0]);
}

#[test]
fn a_refresh_whatever_is_late() {
    walks("refresh", Faults { delays: 1, ..NONE }, [41, 18, 2]);
}

#[test]
fn a_refresh_whoever_hangs_for_how_long() {
    walks("refresh", Faults { silences: 1, returns: 1, ..NONE }, [35, 14, 0]);
}

#[test]
fn a_refresh_whoever_is_split_off_for_how_long() {
    walks("refresh", Faults { splits: 1, returns: 1, ..NONE }, [125, 67, 0]);
}

#[test]
fn a_refresh_whoever_leaves_and_whoever_hangs() {
    walks("refresh", Faults { departures: 1, silences: 1, ..NONE }, [148, 86, 3]);
}

/// All at once, for a moment; with `WALKS=all` for as long as the others, any three of them, and two and three among
/// four members, in a quarter of an hour in release.
#[test]
fn a_refresh_whatever_befalls_at_once() {
    let faults = |losses, departures, silences, splits| Faults {
        losses,
        departures,
        silences,
        splits,
        ..NONE
    };
    let (of_three, of_four) = (faults(1, 1, 1, 1), faults(1, 1, 1, 0));
    if std::env::var_os("WALKS").is_none() {
        walks_for(3, 100, "refresh", of_three, [1_021, 539, 20]);
        walks_for(4, 100, "refresh", of_four, [215, 129, 0]);
        return;
    }
    for (members, faults, expected) in [
        (3, faults(0, 1, 1, 1), [4_613, 2_790, 185]),
        (3, faults(1, 0, 1, 1), [3_381, 1_760, 44]),
        (3, faults(1, 1, 0, 1), [3_651, 2_328, 28]),
        (3, faults(1, 1, 1, 0), [1_529, 889, 22]),
        (4, faults(0, 1, 1, 0), [294, 171, 4]),
        (4, faults(1, 0, 1, 0), [160, 88, 0]),
        (4, faults(1, 1, 0, 0), [183, 119, 0]),
        (4, of_four, [4_166, 2_378, 45]),
        (3, of_three, [51_274, 29_564, 1_864]),
    ] {
        walks_for(members, 90_000, "refresh", faults, expected);
    }
}

#[test]
fn an_exclusion_whatever_is_lost_while_the_member_may_come_back() {
    walks("exclusion", Faults { losses: 1, returns: 1, ..NONE }, [53, 27, 0]);
}

#[test]
fn a_change_of_the_list_whatever_is_late_while_a_refresh_is_wished() {
    walks("rights", Faults { delays: 1, ..NONE }, [110, 43, 11]);
}

#[test]
fn a_heal_whatever_is_lost() {
    walks("heal", Faults { losses: 1, ..NONE }, [29, 15, 0]);
}

#[test]
fn a_heal_of_two_lists_whatever_is_lost() {
    walks("lists", Faults { losses: 1, ..NONE }, [25, 13, 0]);
}

#[test]
fn depth_first_it_sees_the_same_states() {
    let plan = plans(3).into_iter().find(|plan| plan.name == "refresh").expect("a plan");
    let faults = Faults { losses: 1, ..NONE };
    let walk = |deep| Walk::new(Plan { faults, deep, ..plan.clone() }).and_then(Walk::run);
    assert_eq!(
        walk(true).map_err(|found| found.violation),
        walk(false).map_err(|found| found.violation)
    );
}

/// The walk leaves out orders of which it says that they make no difference: with all of them it comes
/// to the same last states, by more ways.
#[test]
fn orders_that_are_left_out_make_no_difference() {
    let plan = plans(3).into_iter().find(|plan| plan.name == "refresh").expect("a plan");
    for faults in [
        Faults { delays: 1, ..NONE },
        Faults { silences: 1, returns: 1, ..NONE },
        Faults { departures: 1, returns: 1, ..NONE },
        Faults { splits: 1, losses: 1, ..NONE },
        Faults { texts: 1, ..NONE },
    ] {
        let [few, many] = [false, true].map(|every_order| {
            let plan = Plan { faults, time: 30_000, every_order, ..plan.clone() };
            let mut walk = Walk::new(plan).expect("a beginning");
            while walk.step().unwrap_or_else(|found| panic!("{found}")) {}
            (walk.count().states, walk.ends().clone())
        });
        println!("{faults:?}: {} states, with every order {}", few.0, many.0);
        assert!(few.0 < many.0, "{faults:?}");
        assert!(few.1 == many.1, "{faults:?}: {} last states, {}", few.1.len(), many.1.len());
    }
}
