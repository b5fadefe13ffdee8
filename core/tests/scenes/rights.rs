//! Who may do what: rules, and by hand (R-ROS).

use super::stage::Scene;
use super::stage::cause::{OPENED, OUT, RIGHTS, WISHED};

pub(crate) const SCENES: &[Scene] = &[
    Scene {
        name: "rule-first",
        read: &[
            ("jiro: the channel goes on without taro", "hanako momo"),
            ("momo: and without hanako", "jiro"),
        ],
        keys: &[
            ("/join taro", "taro", "taro", OPENED),
            ("/join hanako", "hanako jiro momo taro", "taro", RIGHTS),
            ("/wait 60", "hanako jiro momo", "hanako", RIGHTS),
            ("/wait 700", "jiro momo", "jiro", RIGHTS),
        ],
        says: &[(
            "/who",
            "  momo is in the channel; key * and 2 older; order: jiro, momo; list: taro +dx, hanako +dx, jiro +dx, momo +dx",
        )],
        opened: 0,
    },
    Scene {
        name: "rule-random",
        read: &[("taro: chance has a long arm", "jiro momo")],
        keys: &[
            ("/join taro", "hanako jiro momo taro", "taro", OPENED),
            ("/wait 700", "hanako jiro momo taro", "taro", RIGHTS),
            ("/wait 700", "jiro momo taro", "taro", OUT),
            ("/wait 700", "jiro momo taro", "taro", RIGHTS),
        ],
        says: &[],
        opened: 0,
    },
    Scene {
        name: "rule-holders",
        read: &[("momo: a chain, and each link picked the next", "hanako jiro taro")],
        keys: &[
            ("/join taro", "taro", "taro", OPENED),
            ("/join hanako", "hanako jiro momo taro", "taro", RIGHTS),
            ("/wait 700", "hanako jiro momo taro", "hanako", RIGHTS),
            ("/wait 1400", "hanako jiro momo taro", "jiro", RIGHTS),
        ],
        says: &[
            ("/wait 700", "hanako, taro heard of rights: +d jiro, +x jiro"),
            ("/wait 1400", "jiro, taro, hanako heard of rights: +d momo, +x momo"),
        ],
        opened: 0,
    },
    Scene {
        name: "rule-operators",
        read: &[],
        keys: &[
            ("/join taro", "jiro taro", "taro", OPENED),
            ("/mute hanako off", "hanako jiro momo taro", "taro", RIGHTS),
        ],
        says: &[
            ("/mute hanako off", "taro, hanako, jiro heard of rights: +d hanako, +x hanako"),
            ("/who", "  momo is in the channel; key *; order: taro; list: taro +dx, hanako +dx"),
        ],
        opened: 0,
    },
    Scene {
        name: "rule-server",
        read: &[("taro: the server giveth, and the server taketh away", "hanako jiro")],
        keys: &[
            ("/join taro", "hanako jiro taro", "taro", OPENED),
            ("/op jiro on", "hanako jiro taro", "taro", RIGHTS),
            ("/wait 700", "hanako jiro taro", "taro", RIGHTS),
        ],
        says: &[
            ("/join taro", "taro was told that the server decides about rights"),
            ("/op jiro on", "taro, hanako, jiro heard of rights: +d jiro, +x jiro"),
            ("/wait 700", "taro, hanako, jiro heard of rights: -d jiro, -x jiro"),
        ],
        opened: 0,
    },
    Scene {
        name: "rule-hand",
        read: &[],
        keys: &[
            ("/join taro", "hanako jiro momo taro", "taro", OPENED),
            ("/mode taro +d hanako", "hanako jiro momo taro", "taro", RIGHTS),
            ("/mode taro +o jiro", "hanako jiro momo taro", "taro", RIGHTS),
            ("/mode taro +x1 jiro", "hanako jiro momo taro", "taro", RIGHTS),
            ("/wait 60", "hanako jiro momo taro", "jiro", WISHED),
            ("/mode taro -d hanako", "hanako jiro momo taro", "taro", RIGHTS),
            ("/mode taro -x jiro", "hanako jiro momo taro", "taro", RIGHTS),
            ("/mode taro -d jiro", "hanako jiro momo taro", "taro", RIGHTS),
            ("/wait 60", "hanako jiro momo taro", "taro", WISHED),
        ],
        says: &[
            ("/mode momo +o momo", "? momo cannot: your seat does not allow it"),
            ("/mode taro -d hanako", "taro, hanako, jiro, momo heard of rights: -d hanako"),
            ("/mode taro -x jiro", "taro, hanako, jiro, momo heard of rights: -x jiro"),
            ("/mode taro -d jiro", "taro, hanako, jiro, momo heard of rights: -d jiro"),
        ],
        opened: 0,
    },
    Scene {
        name: "barring",
        read: &[
            ("momo: everyone can read me", "hanako jiro taro"),
            ("taro: momo hears this as noise", "hanako jiro"),
            ("momo: can anybody hear me?", "hanako jiro taro"),
            ("jiro: welcome back", "hanako momo taro"),
        ],
        keys: &[
            ("/join taro", "hanako jiro momo taro", "taro", OPENED),
            ("/mode taro +o hanako", "hanako jiro momo taro", "taro", RIGHTS),
            ("/bar momo by hanako", "hanako jiro taro", "hanako", OUT),
            ("/pardon momo by hanako", "hanako jiro momo taro", "hanako", RIGHTS),
            ("/bar jiro by hanako", "hanako momo taro", "hanako", OUT),
            ("/pardon jiro by taro", "hanako jiro momo taro", "taro", RIGHTS),
            ("/mode taro -o hanako", "hanako jiro momo taro", "taro", RIGHTS),
        ],
        says: &[
            ("/bar momo by hanako", "hanako, taro heard that momo is barred"),
            ("/join momo", "momo got no key from taro: barred"),
            ("/ask momo", "momo got no key from taro: barred"),
            ("/pardon momo by jiro", "? jiro cannot: your seat does not allow it"),
            ("/bar taro by hanako", "? hanako cannot: your seat does not allow it"),
            ("/pardon jiro by taro", "taro, hanako, jiro, momo heard that jiro is pardoned"),
        ],
        opened: 0,
    },
    Scene {
        name: "revoking",
        read: &[
            ("taro: see you at the beach", "hanako jiro"),
            ("hanako: the thief hears noise", "taro"),
        ],
        keys: &[
            ("/join taro", "hanako jiro taro", "taro", OPENED),
            ("/revoke jiro by taro", "hanako taro", "taro", OUT),
        ],
        says: &[
            ("/ask jiro", "taro did not accept the certificate of otohime: revoked"),
            ("/ask jiro", "jiro got no key from taro: barred"),
        ],
        opened: 0,
    },
];
