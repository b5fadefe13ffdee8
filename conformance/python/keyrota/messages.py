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
class Bound:
    """A key with what a text under it is bound to: ChannelId and KeyId."""

    channel: bytes
    name: bytes
    key: bytes


def bound(record: Record, key: bytes) -> Bound:
    """A key that is held, with its record."""
    return Bound(channel_of(record), key_id(record), key)


@dataclass(frozen=True)
class Member:
    """A member as its newest Hello shows it."""

    id: bytes
    certificate_key: bytes
    tag: bytes
    accepted: bool = True


def seal_text(
    kind: type[Text], held: Bound, tag: bytes, counter: int, content: bytes, private: bytes = b"", member: bytes = b""
) -> Text:
    """Seals a text or control; all kinds but the unsigned text need who signs."""
    if len(content) > TEXT_MAX:
        raise Rejected("frame", "longer than a text can be")
    unsealed, plaintext = kind(held.name[:3], tag, counter, b""), content
    if kind is not UnsignedText:
        plaintext += sign(private, text_signed(unsealed, held.channel, held.name, member, content))
    data = text_data(unsealed, held.channel, held.name)
    sealed = seal(text_key(held.key, held.name, tag), text_nonce(counter), data, plaintext)
    return kind(held.name[:3], tag, counter, sealed)


def open_text(text: Text, held: Bound) -> tuple[bytes, bytes]:
    """The content and the signature of a text, if it opens under this key; unsigned ones have an empty one."""
    data = text_data(text, held.channel, held.name)
    plaintext = open_(text_key(held.key, held.name, text.tag), text_nonce(text.counter), data, text.rest)
    if isinstance(text, UnsignedText):
        return plaintext, b""
    return plaintext[:-SIGNATURE], plaintext[-SIGNATURE:]


def is_by(text: Text, held: Bound, content: bytes, signature: bytes, author: Member) -> bool:
    """Whether the signature verifies under this member's key and MemberId (7-8)."""
    signed = text_signed(text, held.channel, held.name, author.id, content)
    return verify(author.certificate_key, signed, signature)


def check_content(text: Text, content: bytes) -> None:
    """The content is one control, or UTF-8 (11-8, 9)."""
    try:
        if isinstance(text, Control):
            ControlContent.decode(content)
        else:
            content.decode("utf-8")
    except (Rejected, UnicodeDecodeError):
        raise Rejected("content", "no control, or not UTF-8") from None


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


class Passed:
    """What passed under one key: a window for each tag and author, and for the unsigned texts of each tag."""

    def __init__(self) -> None:
        self.windows: dict[tuple[bytes, bytes | None], Window] = {}

    def of(self, tag: bytes, author: bytes | None) -> Window:
        return self.windows.get((tag, author), Window())

    def authors(self, tag: bytes) -> list[bytes]:
        """Whoever has sent signed texts with this tag."""
        return [author for other, author in self.windows if other == tag and author is not None]

    def note(self, tag: bytes, author: bytes | None, counter: int) -> int:
        """Test 8 of 11-8; how many texts of the author did not come before this one (11-24)."""
        window = self.of(tag, author)
        if window.repeats(counter):
            raise Rejected("replay", "a repeat")
        if (tag, author) not in self.windows:
            unsigned = sum(other is None for _, other in self.windows)
            if len(self.windows) == TAGS_MAX or author is None and unsigned == TAGS_MAX // 2:
                raise Rejected("flood", "no room to tell it from repeats")
        missing = self._missing(tag, author, counter)
        self.windows[tag, author] = window
        window.note(counter)
        return missing

    def _missing(self, tag: bytes, author: bytes | None, counter: int) -> int:
        """Of an author; what is sent unsigned is nobody's, so who asks for that leaves the number unused."""
        greatest = self.of(tag, author).greatest
        if greatest < 0 or counter <= greatest:
            return 0
        unsigned = self.of(tag, None)
        last = range(max(greatest + 1, counter - REPLAY_WINDOW), counter)
        return counter - greatest - 1 - sum(unsigned.repeats(number) for number in last if author is not None)


class Waits(Exception):
    """A text that cannot be shown yet: for a key, or for its author's Hello (11-13)."""


@dataclass
class Receiver:
    """What a terminal needs to hear texts: the tests of 11-8, without its bounds on how much is done and kept."""

    own_tag: bytes = b""
    keys: list[Bound] = field(default_factory=list)  # in the order in which they came
    members: dict[bytes, Member] = field(default_factory=dict)
    bound: dict[str, bytes] = field(default_factory=dict)  # nick to MemberId
    passed: dict[bytes, Passed] = field(default_factory=dict)  # by KeyId

    def hear(self, text: Text, nick: str = "") -> tuple[bytes | None, bytes] | None:
        """The author's MemberId, if the text is signed, and its content; nothing of one's own tag."""
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
            author = None
            if not isinstance(text, UnsignedText):
                author = self._author(text, held, content, signature, nick)
                if not self.members[author].accepted:
                    raise Rejected("certificate", "the author's certificate is not accepted")
            self.passed.setdefault(held.name, Passed()).note(text.tag, author, text.counter)
            check_content(text, content)
            return author, content
        raise Rejected("seal", "no key of this name opens it")

    def _claiming(self, tag: bytes) -> list[Member]:
        """The members whose newest Hello has this tag, in order of MemberId; beyond 4 none counts (11-9)."""
        claiming = sorted((m for m in self.members.values() if m.tag == tag), key=lambda member: member.id)
        return claiming[:CLAIMS_MAX]

    def _not_repeated(self, text: Text, held: Bound) -> None:
        """As far as can be told before it is opened: for all that claim the tag, or for anybody that used it."""
        passed = self.passed.get(held.name, Passed())
        claiming = self._claiming(text.tag)
        if isinstance(text, UnsignedText):
            repeat = passed.of(text.tag, None).repeats(text.counter)
        elif claiming:
            repeat = all(passed.of(text.tag, member.id).repeats(text.counter) for member in claiming)
        else:
            repeat = any(passed.of(text.tag, author).repeats(text.counter) for author in passed.authors(text.tag))
        if repeat:
            raise Rejected("replay", "a repeat")

    def _author(self, text: Text, held: Bound, content: bytes, signature: bytes, nick: str) -> bytes:
        """Whose signature it is: the member's at the nick, or one's that claims the tag (11-9)."""
        claiming = self._claiming(text.tag)
        here = self.members.get(self.bound.get(nick, b""))
        for member in ([here] if here else []) + [member for member in claiming if member != here]:
            if is_by(text, held, content, signature, member):
                return member.id
        if here not in claiming:
            raise Waits("author")
        raise Rejected("signature", "the signature of a text")
