//! Triggers, lives and ends of keys, and what floods and crowds do to them (R-UPD, R-EXP, R-KEY, R-OBT).

use super::stage::Scene;
use super::stage::cause::{
    ALONE, ENDS, ENOUGH, GROWN, MISSING, OPENED, OUT, PERIOD, RIGHTS, SILENCE, TOPIC, WISHED,
};

pub(crate) const SCENES: &[Scene] = &[
    Scene {
        name: "triggers",
        read: &[
            ("taro: one key for all of us", "hanako jiro"),
            ("hanako: two", "jiro taro"),
            ("jiro: three", "hanako taro"),
            ("jiro: so many words fill the key up sooner than few", "hanako taro"),
            ("kiku: is anybody here?", "hanako jiro momo taro"),
            ("jiro: taro's turn, and he slept", "hanako kiku momo taro"),
            ("taro: kiku cannot read this", "hanako jiro momo"),
        ],
        keys: &[
            ("/join taro", "hanako jiro taro", "taro", OPENED),
            ("/wait 60", "hanako jiro taro", "taro", ENOUGH),
            ("/wait 60", "hanako jiro momo taro", "taro", ENOUGH),
            ("/join kiku", "hanako jiro kiku momo taro", "taro", GROWN),
            ("/topic the palace below the sea", "hanako jiro kiku momo taro", "taro", TOPIC),
            ("/wait 1000", "hanako jiro kiku momo taro", "taro", SILENCE),
            ("/wait 60", "hanako jiro kiku momo taro", "taro", WISHED),
            ("/mode taro +x jiro", "hanako jiro kiku momo taro", "taro", RIGHTS),
            ("/wait 140", "hanako jiro kiku momo taro", "jiro", PERIOD),
            ("/wait 60", "hanako jiro momo taro", "jiro", OUT),
            ("/wait 60", "taro", "taro", OUT),
            ("/crowd 0", "taro", "taro", ALONE),
        ],
        says: &[("/hang taro", "taro stopped, and the others were not told")],
        opened: 0,
    },
    Scene {
        name: "expiry",
        read: &[
            ("hanako: my clock is four minutes ahead", "jiro taro"),
            ("jiro: it still seals", "hanako taro"),
            ("jiro: is there nobody left?", "hanako"),
        ],
        keys: &[
            ("/join taro", "hanako jiro taro", "taro", OPENED),
            ("/mode taro +x hanako", "hanako jiro taro", "taro", RIGHTS),
            ("/wait 600", "hanako jiro taro", "taro", ENDS),
            ("/wait 550", "hanako jiro taro", "taro", ENDS),
            ("/wake hanako", "hanako jiro", "hanako", MISSING),
        ],
        says: &[(
            "/who",
            "  jiro is in the channel; key *, which it cannot use and 3 older; order: taro, hanako; list: taro +dx, hanako +x",
        )],
        opened: 0,
    },
    Scene {
        name: "nobody",
        read: &[
            ("jiro: this channel is not what it was", ""),
            ("momo: yours, then?", "jiro"),
            ("jiro: yours and mine", "momo"),
        ],
        keys: &[
            ("/join taro", "hanako jiro taro", "taro", OPENED),
            ("/mode taro +d hanako", "hanako jiro taro", "taro", RIGHTS),
            ("/wait 120", "hanako jiro taro", "hanako", WISHED),
            ("/wait 60", "jiro taro", "taro", OUT),
            ("/found jiro", "jiro momo", "jiro", OPENED),
        ],
        says: &[
            (
                "/wait 120",
                "jiro was told that nobody present can renew the key, though somebody who has the last one is out",
            ),
            (
                "/who",
                "  taro is in the channel, and has stopped; key * and 1 older; order: taro, hanako; list: taro +dx, hanako +d",
            ),
        ],
        opened: 0,
    },
    Scene {
        name: "old-keys",
        read: &[
            ("taro: under the first key", "hanako jiro"),
            ("hanako: under the second", "jiro momo taro"),
        ],
        keys: &[
            ("/join taro", "taro", "taro", OPENED),
            ("/join hanako", "hanako jiro taro", "taro", RIGHTS),
            ("/wait 1300", "hanako jiro taro", "taro", RIGHTS),
            ("/refresh taro", "hanako jiro taro", "taro", WISHED),
            ("/refresh taro", "hanako jiro momo taro", "taro", WISHED),
            ("/refresh taro", "hanako jiro momo taro", "taro", WISHED),
        ],
        says: &[
            (
                "/recall momo 1",
                "momo got no key from taro: not there, or not for who was not a member then",
            ),
            ("/wait 90", "momo got an older key, *"),
            ("/recall jiro 1", "jiro got an older key, *"),
            (
                "/who",
                "  jiro is in the channel; key *; order: taro, hanako, jiro; list: taro +dx, hanako +dx, jiro +dx",
            ),
            (
                "/who",
                "  taro is in the channel; key *; order: taro, hanako, jiro; list: taro +dx, hanako +dx, jiro +dx",
            ),
            (
                "/who",
                "  hanako is in the channel; key * and 1 older; order: taro, hanako, jiro; list: taro +dx, hanako +dx, jiro +dx",
            ),
        ],
        opened: 0,
    },
    Scene {
        name: "member-keys",
        read: &[
            ("taro: the first day", "hanako"),
            ("taro: the second day", "hanako"),
            ("hanako: and nobody did anything", "taro"),
            ("hanako: a key for the second day", "taro"),
        ],
        keys: &[
            ("/join taro", "hanako taro", "taro", OPENED),
            ("/mode taro +d hanako", "hanako taro", "taro", RIGHTS),
        ],
        says: &[
            ("/server", "  of 6 lines the last:"),
            ("/mode taro +d hanako", "taro sealed the key to hanako"),
        ],
        opened: 0,
    },
    Scene {
        name: "crowd",
        read: &[
            ("taro: among ten thousand", "hanako jiro"),
            ("hanako: one line for all", "jiro taro"),
            ("jiro: nobody had to do anything", "hanako taro"),
        ],
        keys: &[
            ("/join taro", "taro", "taro", OPENED),
            ("/join hanako", "hanako jiro taro", "taro", RIGHTS),
            ("/refresh taro", "hanako jiro taro", "taro", WISHED),
        ],
        says: &[
            ("/server", "  of 10 lines the last:"),
            ("/crowd 7000", "others in the channel, without terminals: 7000"),
        ],
        opened: 0,
    },
    Scene {
        name: "flood",
        read: &[
            ("hanako: before the storm", "jiro taro"),
            ("hanako: is it stormy over there?", "jiro taro"),
            ("taro: I heard nothing", "hanako jiro"),
            ("jiro: nor I", "hanako taro"),
            ("taro: and the next key came", "hanako jiro"),
        ],
        keys: &[
            ("/join taro", "taro", "taro", OPENED),
            ("/join hanako", "hanako jiro taro", "taro", RIGHTS),
            ("/wait 60", "hanako jiro taro", "taro", WISHED),
        ],
        says: &[
            ("/flood 1000 as hanako", "taro did not accept a line of hanako: too much"),
            ("/replay", "jiro did not accept a line of hanako: heard before"),
        ],
        opened: 0,
    },
];
