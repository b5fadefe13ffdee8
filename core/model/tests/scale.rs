//! What channels of many cost, and that hearing less costs the same (R-UPD-3; spec chapter 13).

use keyrota_model::crowd::Crowd;
use keyrota_model::scale::{costs, grown, measure};

/// Milliseconds.
const MINUTE: u64 = 60_000;

/// But for a query or two, which whoever knows of more people need not send.
#[test]
fn whether_members_without_a_seat_know_of_one_another_changes_little() {
    let [quiet, loud] = [false, true].map(|loud| costs(34, loud).expect("all is done"));
    for (quiet, loud) in quiet.into_iter().zip(loud) {
        assert_eq!(quiet.rotations, loud.rotations);
        // Waits that are drawn are drawn otherwise.
        assert!(quiet.ms.abs_diff(loud.ms) <= 2_000, "{quiet:?}, {loud:?}");
        assert!(quiet.lines.abs_diff(loud.lines) <= 2, "{quiet:?}, {loud:?}");
    }
}

#[test]
fn when_ninety_nine_of_a_hundred_quit_at_once_one_key_is_made() {
    let mut crowd = grown(100, false).expect("a channel");
    let before = crowd.rotations;
    (1..100).for_each(|who| crowd.quit(who));
    crowd.run(crowd.ms + 10 * MINUTE, None);
    assert_eq!(crowd.rotations - before, 1);
}

/// Each side has renewed its key, and given seats, before the network is whole again.
#[test]
fn when_halves_of_a_hundred_meet_no_key_is_made_and_each_sends_one_line() {
    let mut crowd = grown(100, false).expect("a channel");
    crowd.split();
    crowd.run(crowd.ms + 2 * MINUTE, None);
    let cost = measure(&mut crowd, false, Crowd::heal).expect("one key");
    assert_eq!((cost.rotations, cost.each), (0, 1), "{cost:?}");
}

/// One line of refresh for any number; a box for each where somebody is excluded, 8 boxes a line.
#[test]
fn a_refresh_costs_one_line_and_an_exclusion_a_line_for_seven() {
    let [join, refresh, exclusion, silence, _] = costs(60, false).expect("all is done");
    assert_eq!((refresh.lines, refresh.rotations), (1, 1));
    assert!(exclusion.lines <= 2 + 60_usize.div_ceil(7), "{exclusion:?}");
    assert_eq!(exclusion.rotations, 1);
    assert_eq!(join.rotations, 0);
    assert!(silence.ms < 30_000, "{silence:?}");
}
