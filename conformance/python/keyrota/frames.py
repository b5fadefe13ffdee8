"""Every structure of the wire (chapter 3). The tables there are the classes here."""

from dataclasses import dataclass

from .errors import Rejected
from .wire import (
    LAYER,
    U32,
    U64,
    Bool,
    Byte,
    Bytes,
    Choice,
    List,
    Names,
    Of,
    Option,
    Rest,
    String,
    Structure,
    ToTheEnd,
    Varint,
    as_type,
)

VERSION = 1
FRAME_MAX = 880
TEXT_MAX = 789
SEATS_MAX, BARRED_MAX = 16, 16


def _must(condition: bool, why: str) -> None:
    if not condition:
        raise Rejected(LAYER, why)


# Signed records


@dataclass(frozen=True)
class Entry(Structure):
    """An entry of a list: a seat, or a barred member."""

    id: bytes = as_type(Bytes(16))
    state: int = as_type(U32)

    @property
    def changes(self) -> int:
        return self.state >> 2

    @property
    def distribute(self) -> bool:
        return self.state & 2 != 0

    @property
    def update(self) -> bool:
        return self.state & 1 != 0

    @property
    def seat(self) -> bool:
        """An entry with a right is a seat; one with none is barred."""
        return self.update or self.distribute


@dataclass(frozen=True)
class Genesis(Structure):
    """The first key of a channel."""

    founder: bytes = as_type(Bytes(33))
    signed: bool = as_type(Bool())


@dataclass(frozen=True)
class Sealed(Structure):
    """The key is sealed to each member: this starts an epoch."""


@dataclass(frozen=True)
class Wrapped(Structure):
    """The key travels under the previous one."""

    root: bytes = as_type(Bytes(8))
    step: int = as_type(Byte(1, 127))


CAUSES = (
    "founding", "period", "messages", "bytes", "growth", "topic", "idle", "wish", "alone", "lifetime",
    "exclusion", "list", "missing",
)  # fmt: skip


@dataclass(frozen=True)
class Record(Structure):
    """What members agree on: who may do what, in which order, and which key this is (chapter 8)."""

    channel: bytes = as_type(Bytes(16))
    list: tuple[Entry, ...] = as_type(List(Of(Entry), SEATS_MAX + BARRED_MAX))
    turn: tuple[int, ...] = as_type(List(Byte(), SEATS_MAX))
    epoch: int = as_type(Varint(16, 0, 16_383))
    descent: Genesis | Sealed | Wrapped = as_type(Choice(genesis=Genesis, sealed=Sealed, wrapped=Wrapped))
    author: int = as_type(Byte())
    cause: str = as_type(Names(*CAUSES))
    time: int = as_type(U32)
    lifetime: int = as_type(Varint(16, 1, 43_200))
    commit: bytes = as_type(Bytes(16))

    def check(self) -> None:
        """Well-formed lists and well-formed records (3-5 to 3-11)."""
        seats = [number for number, entry in enumerate(self.list) if entry.seat]
        _must(len(self.list) >= 1 and len(seats) <= SEATS_MAX, "no entry, or too many seats")
        _must(len(self.list) - len(seats) <= BARRED_MAX, "too many barred")
        _must(seats == list(range(len(seats))), "a seat behind a barred entry")
        _must(len({entry.id for entry in self.list}) == len(self.list), "a member appears twice")
        _must(self.list[0].update, "entry 0 has not `update`")
        _must(all(entry.seat or entry.state == 0 for entry in self.list), "a barred entry has changes")
        updating = [number for number in seats if self.list[number].update]
        _must(sorted(self.turn) == updating, "turn is not each seat with `update` once")
        _must(self.author in seats, "the author is no seat")
        if isinstance(self.descent, Genesis):
            _must(self.author == 0 and self.epoch == 0, "a genesis record with another author or epoch than 0")
            _must(all(entry.changes == 0 for entry in self.list), "a genesis record with changes")


@dataclass(frozen=True)
class SignedRecord(Structure):
    record: Record = as_type(Of(Record))
    signature: bytes = as_type(Bytes(64))


# Texts and controls


@dataclass(frozen=True)
class Text(Structure):
    """What the kinds `10`, `11` and `12` have in common."""

    key: bytes = as_type(Bytes(3))
    tag: bytes = as_type(Bytes(4))
    counter: int = as_type(Varint(32, 0, 2**21 - 1))
    rest: bytes = as_type(Rest(80, 869))  # content up to 789 bytes, signature 64, tag 16 (3-12)


class SignedText(Text):
    pass


@dataclass(frozen=True)
class UnsignedText(Text):
    rest: bytes = as_type(Rest(16, 805))


class Control(Text):
    pass


@dataclass(frozen=True)
class Wish(Structure):
    """Please renew the key."""


@dataclass(frozen=True)
class ControlContent(Structure):
    """What is sealed in a control."""

    control: Wish = as_type(Choice(wish=Wish))


# Hello

_UNSEEN = [
    (0x0000, 0x001F), (0x007F, 0x009F), (0x00AD, 0x00AD), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0xE0000, 0xE0FFF),
]  # fmt: skip
_SPACES = [
    (0x0020, 0x0020), (0x00A0, 0x00A0), (0x1680, 0x1680), (0x2000, 0x200A), (0x202F, 0x202F), (0x205F, 0x205F),
    (0x3000, 0x3000),
]  # fmt: skip


def _among(character: str, ranges: list[tuple[int, int]]) -> bool:
    return any(low <= ord(character) <= high for low, high in ranges)


@dataclass(frozen=True)
class SelfSigned(Structure):
    """Its own key vouches, by signing the Hello."""


@dataclass(frozen=True)
class Issued(Structure):
    """An issuer vouches, by this signature of the body."""

    issuer: bytes = as_type(Bytes(8))
    signature: bytes = as_type(Bytes(64))


@dataclass(frozen=True)
class CertificateBody(Structure):
    """A certificate without the vouch: what an issuer signs (6-3)."""

    name: str = as_type(String(1, 23))
    key: bytes = as_type(Bytes(33))
    not_before: int = as_type(U64)
    lifetime: int = as_type(U32)

    def check(self) -> None:
        """A name has nothing that cannot be seen, and no space at its ends (3-13, 3-14)."""
        _must(not any(_among(c, _UNSEEN) for c in self.name), "a code point that is not allowed in a name")
        _must(not any(_among(c, _SPACES) for c in (self.name[:1], self.name[-1:]) if c), "a space at an end")


@dataclass(frozen=True)
class Certificate(Structure):
    body: CertificateBody = as_type(Of(CertificateBody))
    vouch: SelfSigned | Issued = as_type(Choice(self_signed=SelfSigned, issued=Issued))


@dataclass(frozen=True)
class Latest(Structure):
    """The newest key; the asker has no record of this channel."""


@dataclass(frozen=True)
class Hint(Structure):
    """The key that a text named."""

    key: bytes = as_type(Bytes(3))


@dataclass(frozen=True)
class OfRecord(Structure):
    """The key of a record that the asker has; the variant *key*."""

    key: bytes = as_type(Bytes(8))


@dataclass(frozen=True)
class Ask(Structure):
    which: Latest | Hint | OfRecord = as_type(Choice(latest=Latest, hint=Hint, key=OfRecord))
    whom: bytes | None = as_type(Option(Bytes(4)))


@dataclass(frozen=True)
class HelloBody(Structure):
    """A Hello without the signature: what its member signs."""

    certificate: Certificate = as_type(Of(Certificate))
    member_key: bytes = as_type(Bytes(33))
    tag: bytes = as_type(Bytes(4))
    time: int = as_type(U64)
    ask: Ask | None = as_type(Option(Of(Ask)))


@dataclass(frozen=True)
class Hello(Structure):
    body: HelloBody = as_type(Of(HelloBody))
    signature: bytes = as_type(Bytes(64))


class RelayedHello(Hello):
    """A Hello, sent by another than its member; the same structure and the same signature."""


# Keys


@dataclass(frozen=True)
class Refresh(Structure):
    record: SignedRecord = as_type(Of(SignedRecord))
    wrapped: bytes = as_type(Bytes(32))

    def check(self) -> None:
        _must(isinstance(self.record.record.descent, Wrapped), "the record of a refresh is not wrapped (3-15)")


@dataclass(frozen=True)
class Box(Structure):
    """A key under a pad that only this member and the sender can make."""

    whom: bytes = as_type(Bytes(4))
    key: bytes = as_type(Bytes(32))


@dataclass(frozen=True)
class SealedKey(Structure):
    record: SignedRecord = as_type(Of(SignedRecord))
    ephemeral: bytes = as_type(Bytes(33))
    boxes: tuple[Box, ...] = as_type(ToTheEnd(Of(Box)))  # 3-16


@dataclass(frozen=True)
class Boxes(Structure):
    key: bytes = as_type(Bytes(8))
    boxes: tuple[Box, ...] = as_type(ToTheEnd(Of(Box)))


@dataclass(frozen=True)
class Announcement(Structure):
    record: SignedRecord = as_type(Of(SignedRecord))
    author: bytes = as_type(Bytes(33))


# Query and refusal


@dataclass(frozen=True)
class AboutProof(Structure):
    """The records that prove the list of this key's record, from number `have` on."""

    key: bytes = as_type(Bytes(8))
    have: int = as_type(Byte())


@dataclass(frozen=True)
class AboutHello(Structure):
    """The Hello of the member with these first bytes."""

    member: bytes = as_type(Bytes(4))


@dataclass(frozen=True)
class AboutTag(Structure):
    """The Hello of whoever sends texts with this tag."""

    tag: bytes = as_type(Bytes(4))


@dataclass(frozen=True)
class Query(Structure):
    whom: bytes | None = as_type(Option(Bytes(4)))
    subject: AboutProof | AboutHello | AboutTag = as_type(Choice(proof=AboutProof, hello=AboutHello, tag=AboutTag))


@dataclass(frozen=True)
class Refusal(Structure):
    whom: bytes = as_type(Bytes(4))
    reason: str = as_type(Names("certificate", "barred", "key"))


# Frames: the first byte is the version in the high half, and the place in this table in the low half.

Frame = (
    SignedText | UnsignedText | Control | Hello | Refresh | SealedKey | Boxes | Announcement | Query | Refusal
    | RelayedHello
)  # fmt: skip
KINDS = (
    SignedText, UnsignedText, Control, Hello, Refresh, SealedKey, Boxes, Announcement, Query, Refusal, RelayedHello,
)  # fmt: skip


def decode(frame: bytes) -> Frame:
    """What a frame holds; raises `Rejected` of the layer `frame` for all that 3-2 names."""
    _must(1 <= len(frame) <= FRAME_MAX, "no bytes, or too many")
    version, kind = divmod(frame[0], 16)
    _must(version == VERSION, "another version")
    _must(kind < len(KINDS), "a kind that is not in the table")
    return KINDS[kind].decode(frame[1:])


def first_byte(value: Structure) -> bytes:
    """The first byte of a frame, which the signature and the data of a text hold as well."""
    return bytes([VERSION << 4 | [kind is type(value) for kind in KINDS].index(True)])


def encode(value: Frame) -> bytes:
    """The frame; one that would be too long is rejected (3-4)."""
    frame = first_byte(value) + value.encode()
    _must(len(frame) <= FRAME_MAX, "too long")
    return frame
