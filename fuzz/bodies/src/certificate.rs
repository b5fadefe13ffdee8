//! Certificates: what is accepted is the one encoding of what it says; and whether a terminal accepts the
//! certificate in a Hello is what chapter 6 says, here in other words.
//!
//! Spec: chapter 6.

use arbitrary::{Result, Unstructured};
use keyrota::spec::limits::SKEW_S;
use keyrota::spec::{Certificate, IssuerId, MemberId, Name, Vouch, armor};
use keyrota::{
    Action, Authority, Command, Config, Event, Fault, Identity, IdentityError, Notice, Now, Pin,
    Rejection, SelfSigned, Terminal, Voucher,
};

use crate::peer::{Peer, START, YEAR, digest, identity, secret};
use crate::watch::Watch;

const CHANNEL: &str = "#ryugu";
const ME: &str = "me";
const NAMES: [&str; 4] = ["ada", "ben", "cyn", "dan"];

/// The input as a certificate, and as a stored identity; then as a policy and somebody's certificate.
pub fn run(data: &[u8]) {
    if let Ok(certificate) = Certificate::from_bytes(data) {
        assert_eq!(certificate.to_bytes(), data);
        let name = certificate.body.name.as_str();
        assert_eq!(Name::new(name).as_ref(), Some(&certificate.body.name));
    }
    match Identity::from_bytes(data) {
        Ok(identity) => assert_eq!(*identity.to_bytes(), data),
        Err(why) => drop(why.to_string()),
    }
    let mut u = Unstructured::new(data);
    let _ = judge(&mut u);
}

/// What the user of the terminal has decided.
struct Policy {
    self_signed: SelfSigned,
    /// Of each peer, what its word is worth.
    words: [Option<Voucher>; 4],
    pins: Vec<(Name, Pin)>,
    revoked: Vec<MemberId>,
}

fn judge(u: &mut Unstructured<'_>) -> Result<()> {
    let mut number = 0;
    let mut peers = NAMES.map(|name| {
        number += 1;
        Peer::new(number, name)
    });
    let now = Now { ms: 0, unix: START };
    let policy = policy(u, &peers)?;
    let mut config = Config::new(ME);
    config.authentication.self_signed = policy.self_signed;
    for (peer, word) in peers.iter().zip(policy.words) {
        match word {
            Some(Voucher::Server) => assert!(config.authentication.add_server(&peer.point())),
            Some(_) => assert!(config.authentication.add_authority(&peer.point())),
            None => {}
        }
    }
    for (name, pin) in &policy.pins {
        assert!(config.authentication.pin(name.clone(), *pin));
    }
    policy.revoked.iter().for_each(|id| config.authentication.revoke(*id));

    let who = u.int_in_range(0..=3)?;
    let (right, vouch) = certify(u, &mut peers, who)?;
    peers[who].certificate.vouch = vouch;
    let certificate = peers[who].certificate.clone();
    stored(who, &certificate);

    let mut watch = Watch::new(
        Terminal::new(config, identity(0, ME), [1; 32], now).expect("settings in their bounds"),
        now,
        &[CHANNEL],
    );
    watch.handle(Event::Join { channel: CHANNEL, nick: ME });
    watch.handle(Event::Names { channel: CHANNEL, names: &[(ME, false), ("nick", false)] });
    let mut hello = peers[who].hello(&digest(CHANNEL), now.unix, None, false).encode();
    let spoilt = u.int_in_range(0..=15)? == 15;
    if spoilt {
        let last = hello.len() - 1 - u.int_in_range(0..=63)?;
        hello[last] ^= 1;
    }
    let text = armor::whole(&hello);
    let actions = watch.handle(Event::Line { channel: CHANNEL, nick: "nick", text: &text });
    let fault = actions.iter().find_map(|action| match action {
        Action::Notice { notice: Notice::Fault { fault, .. }, .. } => Some(*fault),
        _ => None,
    });
    let view = watch.terminal.channel(CHANNEL).expect("it is in its channel");
    let vouched = view.vouched(&peers[who].id);
    if spoilt {
        assert_eq!((fault, vouched), (Some(Fault::Signature), None));
        return Ok(());
    }
    let verdict = match (fault, vouched) {
        (Some(Fault::Certificate(why)), None | Some(Err(_))) => Err(why),
        (None, Some(verdict)) => verdict,
        other => panic!("{other:?}"),
    };
    let issuers = peers.each_ref().map(|peer| (peer.issuer(), peer.id));
    let (member, asked) = (peers[who].id, verdict == Err(Rejection::Undecided));
    assert_eq!(
        verdict,
        expected(&policy, &issuers, &certificate, right, now.unix),
        "{certificate:?}"
    );
    if asked {
        answer(&mut watch, member, u.arbitrary()?);
    }
    Ok(())
}

/// As its owner stores it, and nobody else's.
fn stored(who: usize, certificate: &Certificate) {
    let number = u8::try_from(who + 1).expect("few peers");
    let own = Identity::certified(&secret(number), certificate.clone()).expect("its own key");
    let again = Identity::from_bytes(&own.to_bytes()).expect("what was stored");
    assert_eq!((again.certificate(), again.id()), (certificate, own.id()));
    let other = Identity::certified(&secret(number + 1), certificate.clone());
    assert_eq!(other.err(), Some(IdentityError::OtherKey));
}

/// The user, who is asked about a member, says yes or no.
fn answer(watch: &mut Watch, member: MemberId, accept: bool) {
    let answered = watch.command(Command::Answer { member, accept });
    assert!(answered.is_ok(), "{answered:?}");
    let view = watch.terminal.channel(CHANNEL).expect("it is in its channel");
    let verdict = view.vouched(&member).expect("a member");
    match accept {
        true => assert!(verdict.is_ok(), "{verdict:?}"),
        false => assert_eq!(verdict, Err(Rejection::Declined)),
    }
}

fn policy(u: &mut Unstructured<'_>, peers: &[Peer; 4]) -> Result<Policy> {
    let self_signed = *u.choose(&[SelfSigned::Pin, SelfSigned::Ask, SelfSigned::Refuse])?;
    let mut words = [None; 4];
    for word in &mut words {
        *word = *u.choose(&[None, Some(Voucher::Authority), Some(Voucher::Server)])?;
    }
    let mut pins: Vec<(Name, Pin)> = Vec::new();
    for _ in 0..u.int_in_range(0..=3)? {
        let name = Name::new(u.choose(&NAMES)?).expect("a name");
        let member = u.choose(peers)?.id;
        let by = if u.arbitrary()? { Some(u.choose(peers)?.issuer()) } else { None };
        // The later one counts, and each stands in one pin.
        pins.retain(|(other, pin)| *other != name && pin.member != member);
        pins.push((name, Pin { member, by }));
    }
    let mut revoked = Vec::new();
    for _ in 0..u.int_in_range(0..=2)? {
        revoked.push(u.choose(peers)?.id);
    }
    Ok(Policy { self_signed, words, pins, revoked })
}

/// Who vouches for a peer, and whether the signature is right; its name and time change too.
fn certify(u: &mut Unstructured<'_>, peers: &mut [Peer; 4], who: usize) -> Result<(bool, Vouch)> {
    let name = match u.int_in_range(0..=7)? {
        0 => {
            let length = u.int_in_range(0..=25)?.min(u.len());
            std::str::from_utf8(u.bytes(length)?).ok().and_then(Name::new)
        }
        1..=3 => None,
        _ => Name::new(u.choose(&NAMES)?),
    };
    let body = &mut peers[who].certificate.body;
    body.name = name.unwrap_or_else(|| body.name.clone());
    (body.not_before, body.lifetime) = match u.int_in_range(0..=7)? {
        0 => (START + SKEW_S + u64::from(u.arbitrary::<u8>()? % 3) - 1, YEAR),
        1 => (START - SKEW_S - 100, 99 + u32::from(u.arbitrary::<u8>()? % 3)),
        2 => (u.arbitrary()?, u.arbitrary()?),
        3 => (u64::MAX - 10, u32::MAX),
        _ => (body.not_before, body.lifetime),
    };
    let body = peers[who].certificate.body.clone();
    let number = u.int_in_range(0..=4)?;
    let Some(issuer) = peers.get(number) else { return Ok((true, Vouch::SelfSigned)) };
    let (right, signer) = match u.int_in_range(0..=7)? {
        0 => (false, &peers[(number + 1) % 4]),
        _ => (true, issuer),
    };
    let vouch = Vouch::Issued { issuer: issuer.issuer(), signature: signer.vouch(&body) };
    if right {
        let number = u8::try_from(number + 1).expect("few peers");
        let office = Authority::new(&secret(number)).expect("a key");
        assert_eq!((office.issue(body).vouch, office.public()), (vouch, issuer.point()));
    }
    Ok((right, vouch))
}

/// Chapter 6, "Acceptance", for whoever was never heard before.
fn expected(
    policy: &Policy,
    issuers: &[(IssuerId, MemberId); 4],
    certificate: &Certificate,
    right: bool,
    unix: u64,
) -> std::result::Result<Voucher, Rejection> {
    let body = &certificate.body;
    let member = keyrota::member_id(&body.key);
    if policy.revoked.contains(&member) {
        return Err(Rejection::Revoked);
    }
    let (begin, length) = (u128::from(body.not_before), u128::from(body.lifetime));
    let end = (begin + length).min(u64::MAX.into());
    let (unix, skew) = (u128::from(unix), u128::from(SKEW_S));
    if unix + skew < begin || unix > end + skew {
        return Err(Rejection::Time);
    }
    // Whose word counts: that of some peers.
    let word = |id: &IssuerId| {
        let number = issuers.iter().position(|(issuer, _)| issuer == id)?;
        policy.words[number].map(|word| (word, issuers[number].1))
    };
    let voucher = match &certificate.vouch {
        Vouch::SelfSigned => Voucher::Itself,
        Vouch::Issued { issuer, .. } => {
            let (voucher, by) = word(issuer).ok_or(Rejection::UnknownIssuer)?;
            if policy.revoked.contains(&by) {
                return Err(Rejection::Revoked);
            }
            if !right {
                return Err(Rejection::Signature);
            }
            voucher
        }
    };
    if voucher == Voucher::Authority {
        return Ok(voucher);
    }
    // A pin on the word of somebody whose word does not count is none.
    let counts = |pin: &Pin| pin.by.is_none_or(|by| word(&by).is_some());
    let pins = || policy.pins.iter().filter(|(_, pin)| counts(pin));
    let of_name = pins().find(|(name, _)| *name == body.name).map(|(_, pin)| *pin);
    let of_member = pins().find(|(_, pin)| pin.member == member);
    let itself = voucher == Voucher::Itself;
    match (of_name, of_member) {
        (Some(pin), _) if pin.member == member => {
            if itself && pin.by.is_some() {
                Err(Rejection::SelfSigned)
            } else {
                Ok(voucher)
            }
        }
        (None, None) => match policy.self_signed {
            SelfSigned::Refuse if itself => Err(Rejection::SelfSigned),
            SelfSigned::Ask if itself => Err(Rejection::Undecided),
            _ => Ok(voucher),
        },
        (Some(pin), None) if policy.self_signed == SelfSigned::Ask => {
            let weak =
                pin.by.is_none_or(|by| word(&by).is_some_and(|one| one.0 == Voucher::Server));
            Err(if weak { Rejection::Undecided } else { Rejection::Pinned })
        }
        _ => Err(Rejection::Pinned),
    }
}
