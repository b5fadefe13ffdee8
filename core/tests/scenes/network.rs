//! What networks and machines do: splits, storms, losses, restarts (R-SYS, R-CLI).

use super::stage::Scene;
use super::stage::cause::{OPENED, OUT, PERIOD, RIGHTS, WISHED};

pub(crate) const SCENES: &[Scene] = &[
    Scene {
        name: "netsplit",
        read: &[
            ("taro: all four of us", "hanako jiro momo"),
            ("taro: only hanako reads this", "hanako"),
            ("hanako: so it is", "taro"),
            ("jiro: only momo reads this", "momo"),
            ("momo: and only you read me", "jiro"),
            ("taro: one channel again", "hanako jiro momo"),
            ("momo: and one key", "hanako jiro taro"),
        ],
        keys: &[
            ("/join taro", "taro", "taro", OPENED),
            ("/join hanako", "hanako jiro momo taro", "taro", RIGHTS),
            ("/wait 700", "hanako jiro momo taro", "taro", RIGHTS),
            ("/wait 60", "hanako taro", "taro", OUT),
            ("/wait 60", "jiro kiku momo", "jiro", RIGHTS),
            ("/bar kiku by jiro", "jiro momo", "jiro", OUT),
            ("/refresh taro", "hanako taro", "taro", WISHED),
            ("/mode taro -d hanako", "hanako taro", "taro", RIGHTS),
            ("/mode taro +d hanako", "hanako jiro momo taro", "taro", RIGHTS),
            ("/wait 120", "hanako jiro momo taro", "taro", OUT),
        ],
        says: &[
            ("/join kiku", "kiku got no key from taro: barred"),
            ("/bar kiku by jiro", "jiro, momo, kiku heard that kiku is barred"),
            ("/wait 120", "taro, hanako, jiro, momo heard that kiku is barred"),
        ],
        opened: 0,
    },
    Scene {
        name: "two-channels",
        read: &[
            ("jiro: taro's channel", "taro"),
            ("momo: hanako's channel", "hanako"),
            ("taro: can hanako read this?", "hanako jiro momo"),
            ("hanako: can taro read this?", "momo"),
            ("momo: one channel of two", "hanako jiro taro"),
        ],
        keys: &[
            ("/join taro", "taro", "taro", OPENED),
            ("/join jiro", "hanako jiro momo taro", "taro", RIGHTS),
            ("/join hanako", "hanako", "hanako", OPENED),
            ("/join momo", "hanako momo", "hanako", RIGHTS),
        ],
        says: &[
            (
                "/wait 120",
                "hanako, momo met another channel of this name, *; the one known so far is *",
            ),
            (
                "/wait 120",
                "taro, jiro met another channel of this name, *; the one known so far is *",
            ),
        ],
        opened: 0,
    },
    Scene {
        name: "storm",
        read: &[
            ("hanako: where is everybody?", "jiro"),
            ("taro: one storm, and few lines", "hanako jiro"),
            ("jiro: we have the same key again", "hanako taro"),
        ],
        keys: &[
            ("/join taro", "taro", "taro", OPENED),
            ("/join hanako", "hanako jiro taro", "taro", RIGHTS),
            ("/wait 700", "hanako jiro taro", "taro", RIGHTS),
            ("/wait 60", "hanako jiro taro", "taro", OUT),
            ("/wait 60", "hanako jiro", "hanako", OUT),
        ],
        says: &[(
            "/who",
            "  jiro is in the channel; key * and 3 older; order: taro, hanako, jiro; list: taro +dx, hanako +dx, jiro +dx",
        )],
        opened: 0,
    },
    Scene {
        name: "faults",
        read: &[
            ("taro: hanako misses this", "jiro"),
            ("taro: jiro reads this after the next", "hanako jiro"),
            ("hanako: the next", "jiro taro"),
            ("jiro: hanako reads this once", "hanako taro"),
            ("taro: jiro has to ask for the key of this", "hanako jiro"),
            ("taro: without hanako", "jiro"),
            ("hanako: with me again", "jiro taro"),
        ],
        keys: &[
            ("/join taro", "taro", "taro", OPENED),
            ("/join hanako", "hanako jiro taro", "taro", RIGHTS),
            ("/wait 700", "hanako jiro taro", "taro", RIGHTS),
            ("/refresh taro", "hanako jiro taro", "taro", WISHED),
            ("/wait 60", "hanako jiro taro", "taro", OUT),
        ],
        says: &[
            ("jiro: hanako reads", "hanako did not accept a line of jiro: heard before"),
            ("/wait 60", "jiro asked hanako for a key"),
        ],
        opened: 0,
    },
    Scene {
        name: "saving",
        read: &[
            ("taro: save what matters", "hanako jiro"),
            ("taro: I know that jiro is barred", "hanako"),
            ("taro: an old memory, and a new key", "hanako"),
            ("hanako: I can read you", "taro"),
            ("hanako: who are we?", "taro"),
        ],
        keys: &[
            ("/join taro", "taro", "taro", OPENED),
            ("/join hanako", "hanako jiro taro", "taro", RIGHTS),
            ("/wait 700", "hanako jiro taro", "taro", RIGHTS),
            ("/bar jiro by taro", "hanako taro", "taro", OUT),
            ("/wait 60", "hanako taro", "hanako", OUT),
            ("/wait 30", "hanako taro", "hanako", OUT),
            ("/wait 30", "hanako taro", "taro", OUT),
        ],
        says: &[(
            "/who",
            "  hanako is in the channel; key *; order: taro, hanako; list: taro +dx, hanako +dx, jiro barred",
        )],
        opened: 0,
    },
    Scene {
        name: "plain",
        read: &[
            ("hanako: sealed", "taro"),
            ("taro: the server can read this line", "hanako"),
            ("hanako: and not mine", "taro"),
            ("taro: nor this", "hanako"),
        ],
        keys: &[
            ("/join taro", "taro", "taro", OPENED),
            ("/join hanako", "hanako taro", "taro", RIGHTS),
        ],
        says: &[],
        opened: 1,
    },
    Scene {
        name: "replayed",
        read: &[
            ("taro: on a network that takes its time", "hanako jiro"),
            ("hanako: jiro is a second behind", "jiro taro"),
            ("jiro: together again", "hanako taro"),
        ],
        keys: &[
            ("/wait 5", "taro", "taro", OPENED),
            ("/wait 5", "hanako jiro taro", "taro", RIGHTS),
            ("/wait 60", "hanako jiro taro", "hanako", RIGHTS),
            ("/wait 60", "taro", "taro", OUT),
        ],
        says: &[],
        opened: 0,
    },
    Scene {
        name: "conversation",
        read: &[
            ("/msg taro hanako can you keep a secret?", "hanako"),
            ("/msg hanako taro as well as any server cannot", "taro"),
            ("/msg taro hanako the palace is below the sea", "hanako"),
            ("/msg taro hanako and the box must stay shut", "hanako"),
            ("/msg taro hanako one more thing", "hanako"),
            ("/msg hanako taro I was asleep", "taro"),
            ("/msg jiro momo are you there?", "momo"),
            ("/msg momo jiro are you, jiro?", "jiro"),
            ("/msg jiro momo so we both are", "momo"),
            ("/msg taro jiro between us", "jiro"),
            ("taro: good evening everybody", "jiro"),
        ],
        keys: &[
            ("/msg taro hanako can you keep a secret?", "hanako taro", "hanako", OPENED),
            ("/wait 3600", "hanako taro", "taro", PERIOD),
            ("/wait 3600", "hanako taro", "taro", PERIOD),
            ("/wait 3600", "hanako taro", "hanako", PERIOD),
            ("/wait 3700", "hanako taro", "taro", PERIOD),
            ("/wait 30", "momo", "momo", OPENED),
            ("/wait 30", "jiro momo", "jiro", OPENED),
            ("/join taro", "taro", "taro", OPENED),
            ("/wait 30", "jiro taro", "taro", RIGHTS),
            ("/wait 30", "jiro taro", "jiro", OPENED),
        ],
        says: &[
            ("/wait 30", "jiro got an older key, *"),
            ("/msg taro hanako can", "taro asked for the key"),
        ],
        opened: 0,
    },
    Scene {
        name: "lone-founders",
        read: &[("taro: whose channel is it?", "hanako"), ("hanako: ours", "taro")],
        keys: &[
            ("/join taro", "taro", "taro", OPENED),
            ("/join hanako", "hanako", "hanako", OPENED),
            ("/wait 120", "hanako taro", "taro", RIGHTS),
        ],
        says: &[],
        opened: 0,
    },
];
