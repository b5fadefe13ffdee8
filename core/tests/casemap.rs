//! Which names are the same name (R-ROS-1).

use keyrota::casemap::CaseMapping::{self, Ascii, Rfc1459, Rfc1459Strict};

fn same(mapping: CaseMapping, one: &str, other: &str) -> bool {
    mapping.fold(one).unwrap() == mapping.fold(other).unwrap()
}

#[test]
fn one_channel_on_one_server_two_on_another() {
    assert!(same(Rfc1459, "#Z[x]", "#z{X}"));
    assert!(same(Rfc1459Strict, "#Z[x]", "#z{X}"));
    assert!(!same(Ascii, "#Z[x]", "#z{X}"));
    assert!(same(Rfc1459, "a^b", "A~B"));
    assert!(!same(Rfc1459Strict, "a^b", "A~B"));
    assert_eq!(&*Rfc1459.fold("#Z[x]\\^").unwrap(), "#z{x}|~");
    assert_eq!(&*Ascii.fold("#Z[x]\\^").unwrap(), "#z[x]\\^");
}

#[test]
fn every_character_folds_as_in_the_tables() {
    let tables = [(Ascii, "", ""), (Rfc1459, "[\\]^", "{|}~"), (Rfc1459Strict, "[\\]", "{|}")];
    for (mapping, upper, lower) in tables {
        for character in ('\u{1}'..='\u{ff}').chain("Ωя日😀".chars()) {
            let name = character.to_string();
            let expected = match upper.find(character) {
                Some(at) => lower[at..=at].to_string(),
                None => name.to_ascii_lowercase(),
            };
            match mapping.fold(&name) {
                Some(folded) => assert_eq!(&*folded, expected, "{mapping:?}"),
                None => assert!("\u{7}\r\n ,".contains(character), "{character:?}"),
            }
        }
    }
}

#[test]
fn what_no_server_has_as_a_name_does_not_fold() {
    for bad in ["", " ", "a b", "a,b", "a\0", "\u{7}a", "a\r", "a\n"] {
        assert_eq!(Rfc1459.fold(bad), None, "{bad:?}");
    }
    let longest = "é".repeat(100);
    assert_eq!(&*Rfc1459.fold(&longest).unwrap(), longest);
    assert_eq!(Rfc1459.fold(&format!("{longest}a")), None);
    assert_eq!(Rfc1459.fold(&"a".repeat(256)), None);
}

#[test]
fn folded_names_order_as_their_texts() {
    let mut texts = ["b", "a", "ab", "a-", "aa", "é", "z{", "#a", "abc"];
    let mut folded = texts.map(|text| Ascii.fold(text).unwrap());
    texts.sort_unstable();
    folded.sort_unstable();
    assert_eq!(folded.each_ref().map(|name| &**name), texts);
    assert_eq!(format!("{:?}", folded[0]), "\"#a\"");
}

#[test]
fn the_server_names_its_mapping() {
    assert_eq!(CaseMapping::default(), Rfc1459);
    let known = [
        ("ascii", Ascii),
        ("rfc1459", Rfc1459),
        ("rfc1459-strict", Rfc1459Strict),
        ("strict-rfc1459", Rfc1459Strict),
    ];
    for (value, mapping) in known {
        assert_eq!(CaseMapping::from_isupport(value), Some(mapping));
    }
    assert_eq!(CaseMapping::from_isupport("rfc8265"), None);
    assert_eq!(CaseMapping::from_isupport(""), None);
}
