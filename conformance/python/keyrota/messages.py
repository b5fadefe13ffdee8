"""How a text is sealed, opened and told from repeats (chapter 11; the bytes are in chapter 7, "Texts")."""

from dataclasses import dataclass, field

from .errors import Rejected
from .frames import TEXT_MAX, Control, ControlContent, Record, Text, UnsignedText
from .keys import channel_of, key_id, text_data, text_key, text_nonce, text_signed
from .primitives import open_, seal, sign, verify

REPLAY_WINDOW = 64
CLAIMS_MAX = 4
TAGS_MAX = 4_096
SIGNATURE = 64


@dataclass(frozen=True)
class Held:
    """A key that is held, with its record."""

    record: Record
    key: bytes

    @property
    def name(self) -> bytes:
        return key_id(self.record)


@dataclass(frozen=True)
class Member:
    """A member as its newest Hello shows it."""

    id: bytes
    certificate_key: bytes
    tag: bytes
    accepted: bool = True


def seal_text(
    kind: type[Text], held: Held, tag: bytes, counter: int, content: bytes, private: bytes = b"", member: bytes = b""
) -> Text:
    """Seals a text or control; all kinds but the unsigned text need who signs."""
    if len(content) > TEXT_MAX:
        raise Rejected("text", "longer than a text can be")
    channel = channel_of(held.record)
    unsealed, plaintext = kind(held.name[:3], tag, counter, b""), content
    if kind is not UnsignedText:
        plaintext += sign(private, text_signed(unsealed, channel, held.name, member, content))
    data = text_data(unsealed, channel, held.name)
    sealed = seal(text_key(held.key, held.name, tag), text_nonce(counter), data, plaintext)
    return kind(held.name[:3], tag, counter, sealed)


def open_text(text: Text, held: Held) -> tuple[bytes, bytes]:
    """The content and the signature of a text, if it opens under this key; unsigned ones have an empty one."""
    data = text_data(text, channel_of(held.record), held.name)
    plaintext = open_(text_key(held.key, held.name, text.tag), text_nonce(text.counter), data, text.rest)
    if isinstance(text, UnsignedText):
        return plaintext, b""
    return plaintext[:-SIGNATURE], plaintext[-SIGNATURE:]


def is_by(text: Text, held: Held, content: bytes, signature: bytes, author: Member) -> bool:
    """Whether the signature verifies under this member's key and MemberId (7-8)."""
    signed = text_signed(text, channel_of(held.record), held.name, author.id, content)
    return verify(author.certificate_key, signed, signature)


def check_content(text: Text, content: bytes) -> None:
    """The content is one control, or UTF-8 (11-8, 9)."""
    try:
        if isinstance(text, Control):
            ControlContent.decode(content)
        else:
            content.decode("utf-8")
    except (Rejected, UnicodeDecodeError):
        raise Rejected("text", "no control, or not UTF-8") from None


class Window:
    """Which counters passed: the greatest, and which of the 63 before it (11-12)."""

    def __init__(self) -> None:
        self.greatest = -1
        self.passed: set[int] = set()

    def repeats(self, counter: int) -> bool:
        return counter in self.passed or counter <= self.greatest - REPLAY_WINDOW

    def note(self, counter: int) -> None:
        self.greatest = max(self.greatest, counter)
        self.passed = {c for c in self.passed | {counter} if c > self.greatest - REPLAY_WINDOW}


class Waits(Exception):
    """A text that cannot be shown yet: for a key, or for its author's Hello (11-13)."""


@dataclass
class Receiver:
    """What a terminal needs to hear texts: the tests of 11-8, without its bounds on how much is done and kept."""

    own_tag: bytes = b""
    keys: list[Held] = field(default_factory=list)  # in the order in which they came
    members: dict[bytes, Member] = field(default_factory=dict)
    bound: dict[str, bytes] = field(default_factory=dict)  # nick to MemberId
    windows: dict[tuple[bytes, bytes, bytes], Window] = field(default_factory=dict)

    def hear(self, text: Text, nick: str = "") -> tuple[bytes, bytes] | None:
        """The author's MemberId, empty if the text is unsigned, and its content; nothing of one's own tag."""
        if text.tag == self.own_tag:
            return None
        named = [held for held in reversed(self.keys) if held.name[:3] == text.key]
        if not named:
            raise Waits("key")
        for held in named:  # the last that came first, test 3 before test 4 for each
            self._not_repeated(text, held)
            try:
                content, signature = open_text(text, held)
            except Rejected:
                continue
            author = b""
            if not isinstance(text, UnsignedText):
                author = self._author(text, held, content, signature, nick)
                if not self.members[author].accepted:
                    raise Rejected("certificate", "the author's certificate is not accepted")
            window = self.windows.setdefault((held.name, text.tag, author), Window())
            if window.repeats(text.counter):
                raise Rejected("replay")
            window.note(text.counter)
            check_content(text, content)
            return author, content
        raise Rejected("seal", "no key of this name opens it")

    def _claiming(self, tag: bytes) -> list[Member]:
        """The members whose newest Hello has this tag, in order of MemberId; beyond 4 none counts (11-9)."""
        claiming = sorted((m for m in self.members.values() if m.tag == tag), key=lambda member: member.id)
        return claiming[:CLAIMS_MAX]

    def _not_repeated(self, text: Text, held: Held) -> None:
        """As far as can be told before it is opened: for all that claim the tag, or for anybody that used it."""
        if isinstance(text, UnsignedText):
            of = [b""]
            every = True
        else:
            of = [member.id for member in self._claiming(text.tag)]
            every = bool(of)
            of = of or [author for name, tag, author in self.windows if (name, tag) == (held.name, text.tag) and author]
        windows = [self.windows.get((held.name, text.tag, author), Window()) for author in of]
        repeats = [window.repeats(text.counter) for window in windows]
        if repeats and (all(repeats) if every else any(repeats)):
            raise Rejected("replay")

    def _author(self, text: Text, held: Held, content: bytes, signature: bytes, nick: str) -> bytes:
        """Whose signature it is: the member's at the nick, or one's that claims the tag (11-9)."""
        claiming = self._claiming(text.tag)
        here = self.members.get(self.bound.get(nick, b""))
        for member in ([here] if here else []) + [member for member in claiming if member != here]:
            if is_by(text, held, content, signature, member):
                return member.id
        if here not in claiming:
            raise Waits("author")
        raise Rejected("signature", "the signature of a text")
