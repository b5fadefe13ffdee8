"""Identifiers, signatures, and every derivation from a key (chapter 7, and "Identifiers" of chapter 16)."""

from .errors import Rejected
from .frames import CertificateBody, Genesis, HelloBody, Record, Text, Wrapped, first_byte
from .primitives import expand, extract, is_key, label, sha256, sign, verify

# Names of channels and nicks (7-1 to 7-3)

_UPPER = {"ascii": b"", "rfc1459": b"[\\]^", "rfc1459-strict": b"[\\]"}
_LOWER = {"ascii": b"", "rfc1459": b"{|}~", "rfc1459-strict": b"{|}"}
_LETTERS = bytes(range(ord("A"), ord("Z") + 1))


def fold(name: bytes, mapping: str = "rfc1459") -> bytes:
    """A name as it is compared and hashed: upper case becomes lower case, every other byte stays."""
    if not 1 <= len(name) <= 200 or any(byte in b"\x00\x07\n\r ," for byte in name):
        raise Rejected("name", "no name (7-3)")
    table = bytes.maketrans(_LETTERS + _UPPER[mapping], _LETTERS.lower() + _LOWER[mapping])
    return name.translate(table)


# Identifiers: computed from what they name (7-4)


def member_id(certificate_key: bytes) -> bytes:
    return sha256(label("member") + certificate_key)[:16]


def name_digest(folded: bytes) -> bytes:
    """Of the folded name of a channel; in a conversation, of the empty name (16-5)."""
    return sha256(label("name") + folded)[:16]


def channel_id(genesis: Record) -> bytes:
    return sha256(label("channel") + genesis.encode())[:16]


def direct_id(one: bytes, other: bytes) -> bytes:
    """The ChannelId of a conversation between two members (16-4); nobody has one alone."""
    if one == other:
        raise Rejected("record", "two members are two")
    return sha256(label("direct") + min(one, other) + max(one, other))[:16]


def channel_of(record: Record) -> bytes:
    """The ChannelId of the channel that a record is of: a genesis record holds the name's digest instead (7-5)."""
    return channel_id(record) if isinstance(record.descent, Genesis) else record.channel


def key_id(record: Record) -> bytes:
    """Names a record and its key together; without the signature (1-4)."""
    return sha256(label("key") + record.encode())[:16]


def root(record: Record) -> bytes:
    """Of a wrapped record its field; of a sealed or genesis record the first 8 bytes of its own KeyId."""
    return record.descent.root if isinstance(record.descent, Wrapped) else key_id(record)[:8]


def commit(key: bytes, channel: bytes) -> bytes:
    """`channel` as it stands in the record."""
    return expand(key, label("commit") + channel, 16)


def fits(record: Record, key: bytes) -> bool:
    """Whether this is the key of the record (7-6)."""
    return commit(key, record.channel) == record.commit


# Signatures


def sign_record(private: bytes, record: Record) -> bytes:
    return sign(private, label("sign record") + record.encode())


def verify_record(certificate_key: bytes, record: Record, signature: bytes) -> bool:
    return verify(certificate_key, label("sign record") + record.encode(), signature)


def sign_hello(private: bytes, digest: bytes, body: HelloBody) -> bytes:
    return sign(private, label("sign hello") + digest + body.encode())


def verify_hello(digest: bytes, body: HelloBody, signature: bytes) -> bool:
    """A Hello is signed for one name (7-7), by the key in its own certificate; its member key is one (9-4)."""
    return is_key(body.member_key) and verify(
        body.certificate.body.key, label("sign hello") + digest + body.encode(), signature
    )


def sign_certificate(issuer_private: bytes, body: CertificateBody) -> bytes:
    return sign(issuer_private, label("sign certificate") + body.encode())


def verify_certificate(issuer_key: bytes, body: CertificateBody, signature: bytes) -> bool:
    return verify(issuer_key, label("sign certificate") + body.encode(), signature)


# New keys (7-9)


def new_key(secret: bytes, draw: bytes, previous: bytes, folded_name: bytes, password: bytes, time: int) -> bytes:
    """`previous` is empty if the author has no key, and in a first record; `time` is that of the record."""
    mixed = extract(draw + previous, salt=secret)
    info = label("new key") + len(folded_name).to_bytes(2) + folded_name
    info += len(password).to_bytes(2) + password + time.to_bytes(4)
    return expand(mixed, info, 32)


# Pads of keys under way: one pad both ways


def wrap_pad(previous: bytes, new_key_id: bytes) -> bytes:
    return expand(previous, label("wrap") + new_key_id, 32)


def box_pad(shared: bytes, channel: bytes, name: bytes, member: bytes) -> bytes:
    """Of the shared secret, ChannelId, KeyId and the recipient's MemberId."""
    return expand(shared, label("box") + channel + name + member, 32)


# Saved states (17-7, 17-12)


def saved_check(content: bytes) -> bytes:
    """The last 32 bytes of a saved state, of all before them."""
    return sha256(label("saved") + content)


def restored_seed(secret: bytes, seed: bytes, wall: int, check: bytes) -> bytes:
    """From which a restored terminal draws."""
    return expand(extract(seed + wall.to_bytes(8) + check, salt=secret), label("restore"), 32)


# Texts


def text_key(key: bytes, name: bytes, tag: bytes) -> bytes:
    return expand(key, label("text") + name + tag, 32)


def text_nonce(counter: int) -> bytes:
    return bytes(8) + counter.to_bytes(4)


def text_data(text: Text, channel: bytes, name: bytes) -> bytes:
    """What is authenticated with a text: its first byte, ChannelId, the whole KeyId, tag and counter."""
    return first_byte(text) + channel + name + text.tag + text.counter.to_bytes(4)


def text_signed(text: Text, channel: bytes, name: bytes, member: bytes, content: bytes) -> bytes:
    """What is signed of a text: the same, then who signs (7-8), and the content."""
    return label("sign text") + text_data(text, channel, name) + member + content
