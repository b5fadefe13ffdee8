//! Whose key is whose (R-DIS-2).

use super::stage::Scene;
use super::stage::cause::{MISSING, OPENED, OUT, RIGHTS, WISHED};

pub(crate) const SCENES: &[Scene] = &[
    Scene {
        name: "vouching",
        read: &[
            ("hanako: an office knows us both", "taro"),
            ("jiro: taro knows me, and hanako believes him", "hanako taro"),
            ("momo: the server knows me", "hanako jiro taro"),
            ("taro: who is kiku?", "hanako jiro kiku momo"),
            ("hanako: my cousin", "jiro kiku momo taro"),
            ("kiku: thank you for asking", "hanako jiro taro"),
            ("taro: momo can read no further", "hanako jiro kiku"),
        ],
        keys: &[
            ("/join taro", "hanako jiro kiku momo taro", "taro", OPENED),
            ("/wait 60", "hanako jiro kiku taro", "taro", OUT),
        ],
        says: &[
            (
                "/join hanako",
                "taro did not accept the certificate of hanako: nobody known vouches for it",
            ),
            ("/join hanako", "taro met hanako, vouched for by an authority"),
            ("/join jiro", "taro met jiro, vouched for by oneself"),
            (
                "/join jiro",
                "hanako did not accept the certificate of jiro: nobody known vouches for it",
            ),
            ("/trust hanako taro", "hanako met jiro, vouched for by an authority"),
            (
                "/join momo",
                "taro, hanako, jiro met momo, vouched for by the server, whose word that is",
            ),
            ("/join kiku", "taro, hanako, jiro, momo were asked whether kiku is to be let in"),
            ("/decline momo kiku", "momo did not accept the certificate of kiku: declined"),
            ("/wait 60", "momo got no key from taro: the certificate is not accepted"),
        ],
        opened: 0,
    },
    Scene {
        name: "pins",
        read: &[
            ("hanako: remember me", "taro"),
            ("taro: the key is not for you", ""),
            ("kiku: it is me, with another key", "taro"),
        ],
        keys: &[
            ("/join taro", "taro", "taro", OPENED),
            ("/join hanako", "hanako taro", "taro", RIGHTS),
            ("/wait 60", "kiku taro", "taro", OUT),
        ],
        says: &[
            (
                "/join momo",
                "taro did not accept the certificate of momo: the name belongs to another key",
            ),
            ("/pins taro", "  hanako is hanako: 9626 71a2 90f8 2c27 f22f cd97 97df af6b"),
            ("/pins taro", "  hanako is kiku: b7c5 bb8b 50c8 e153 df0e b6b8 8b79 644a"),
            ("/pins kiku", "  kiku itself: b7c5 bb8b 50c8 e153 df0e b6b8 8b79 644a"),
        ],
        opened: 0,
    },
    Scene {
        name: "clone",
        read: &[("taro: good morning", "hanako"), ("hanako: neither of the two can read this", "")],
        keys: &[
            ("/join taro", "taro", "taro", OPENED),
            ("/join hanako", "hanako taro umi", "taro", RIGHTS),
            ("/revoke taro by hanako", "hanako", "hanako", OUT),
            ("/found hanako", "hanako", "hanako", OPENED),
            ("/wait 60", "taro", "taro", MISSING),
            ("/wait 60", "umi", "taro", MISSING),
        ],
        says: &[
            ("/join umi", "taro was told that somebody else uses its key"),
            ("/wait 60", "hanako did not accept the certificate of taro: revoked"),
        ],
        opened: 0,
    },
    Scene {
        name: "signed-twice",
        read: &[("hanako: taro, your key is in two places", "jiro taro umi")],
        keys: &[
            ("/join taro", "taro", "taro", OPENED),
            ("/join hanako", "hanako jiro taro", "taro", RIGHTS),
            ("/wait 700", "hanako jiro taro umi", "taro", RIGHTS),
            ("/refresh taro", "hanako jiro taro", "taro", WISHED),
            ("/refresh umi", "hanako jiro taro umi", "taro", WISHED),
        ],
        says: &[
            ("/join umi", "taro, umi were told that somebody else uses its key"),
            (
                "/refresh umi",
                "hanako, jiro were shown two records where one is signed; whoever checks finds: by taro",
            ),
        ],
        opened: 0,
    },
];
