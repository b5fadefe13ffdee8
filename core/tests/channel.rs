//! x
mod rig;
#[test]
fn t() {
    let w = rig::World::seated(&["a", "b", "c"]);
    for l in &w.lines {
        if l.kind() == Some(8) {
            println!("{:?}", rig::frame(l));
        }
        println!("{} {} {:?} {}", l.at, l.nick, l.kind(), l.text.len());
    }
    println!("{:?}", w.makers(0));
    for u in &w.users {
        println!("{} {:?}", u.nick, u.notices);
    }
}
