"""Frames as lines of printable ASCII (chapter 4)."""

from dataclasses import dataclass

from .errors import Rejected

FRAME_MAX = 880
LINE_MIN, LINE_MAX = 300, 2048
FRAGMENTS_MAX = 4
PARTIAL_PER_NICK, PARTIAL_MAX, PARTIAL_AGE = 2, 32, 60_000

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True)
class Fragment:
    """A part of a frame; a line `+K` is the only one of its frame."""

    id: int
    index: int
    count: int
    data: bytes


def _digits(data: bytes) -> str:
    """Base64url without padding, with zero bits where the last digit has more than it needs (4-1)."""
    out = []
    for at in range(0, len(data), 3):
        group = data[at : at + 3]
        number = int.from_bytes(group + bytes(3 - len(group)))
        out.append("".join(ALPHABET[number >> shift & 63] for shift in (18, 12, 6, 0))[: len(group) + 1])
    return "".join(out)


def _bytes(digits: str) -> bytes | None:
    """The bytes of base64url, or nothing if it has another form than the one of 4-1."""
    if not digits or len(digits) % 4 == 1 or any(digit not in ALPHABET for digit in digits):
        return None
    bits = 0
    for digit in digits:
        bits = bits << 6 | ALPHABET.index(digit)
    count = len(digits) * 6 // 8
    spare = len(digits) * 6 - count * 8
    if bits & (1 << spare) - 1:
        return None
    return (bits >> spare).to_bytes(count)


def parse(line: str) -> Fragment | None:
    """What a line holds, or nothing if it has not the form of this chapter: then it is plain text (4-4)."""
    if len(line) > LINE_MAX:
        return None
    if line.startswith("+K"):
        data = _bytes(line[2:])
        return None if data is None else Fragment(0, 0, 1, data)
    if not line.startswith("+k") or any(c not in ALPHABET for c in line[2:6]) or len(line) < 6:
        return None
    id = 0
    for digit in line[2:5]:
        id = id << 6 | ALPHABET.index(digit)
    index, count = divmod(ALPHABET.index(line[5]), 4)
    count += 1  # the digit is index · 4 + count − 1 (4-2)
    data = _bytes(line[6:])
    if data is None or count < 2 or index >= count:
        return None
    return Fragment(id, index, count, data)


def _length(line_length: int) -> int:
    """What the line length counts as (4-6)."""
    return min(max(line_length, LINE_MIN), LINE_MAX)


def line_bytes(line_length: int) -> int:
    """How many bytes one line `+K` holds (4-7)."""
    return (_length(line_length) - 2) * 3 // 4


def part_bytes(line_length: int) -> int:
    """How many bytes a fragment holds."""
    return (_length(line_length) - 6) * 3 // 4


def lines(frame: bytes, line_length: int, id: int = 0) -> list[str]:
    """The lines of a frame, for a transport that lets a line have so many characters (4-6, 4-7)."""
    if not 0 < len(frame) <= FRAME_MAX:
        raise Rejected("frame", f"a frame of {len(frame)} bytes")
    if len(frame) <= line_bytes(line_length):
        return ["+K" + _digits(frame)]
    size = part_bytes(line_length)
    parts = [frame[at : at + size] for at in range(0, len(frame), size)]
    name = "".join(ALPHABET[id >> shift & 63] for shift in (12, 6, 0))
    return [f"+k{name}{ALPHABET[index * 4 + len(parts) - 1]}{_digits(part)}" for index, part in enumerate(parts)]


@dataclass
class Partial:
    """A frame of which not all fragments have come."""

    channel: str
    nick: str
    id: int
    count: int
    since: int
    listed: bool
    parts: dict[int, bytes]


class Reassembly:
    """The unfinished frames of a terminal (4-9 to 4-14), the oldest first."""

    def __init__(self) -> None:
        self.partials: list[Partial] = []

    def take(self, now: int, line: str, channel: str = "", nick: str = "", listed: bool = True) -> bytes | None:
        """Takes in a line at `now` ms, and gives the bytes that are whole by it; plain text is none."""
        fragment = parse(line)
        if fragment is None:
            return None
        self.partials = [p for p in self.partials if now - p.since < PARTIAL_AGE]
        if fragment.count == 1:
            return fragment.data  # if it is too long for a frame, it is malformed (3-2)
        partial = self._partial(now, fragment, channel, nick, listed)
        if partial is None:
            return None
        partial.parts.setdefault(fragment.index, fragment.data)  # an index that is there is dropped (4-11)
        if len(partial.parts) < partial.count:
            return None
        self.partials.remove(partial)
        frame = b"".join(partial.parts[index] for index in range(partial.count))
        return frame if len(frame) <= FRAME_MAX else None  # 4-10

    def _partial(self, now: int, fragment: Fragment, channel: str, nick: str, listed: bool) -> Partial | None:
        of_nick = [p for p in self.partials if (p.channel, p.nick) == (channel, nick)]
        for partial in of_nick:
            if (partial.id, partial.count) == (fragment.id, fragment.count):
                return partial
        if len(of_nick) == PARTIAL_PER_NICK:  # before all else (4-14)
            self.partials.remove(of_nick[0])
        elif len(self.partials) == PARTIAL_MAX:
            unlisted = [p for p in self.partials if not p.listed]
            if not unlisted and not listed:
                return None
            self.partials.remove((unlisted or self.partials)[0])
        partial = Partial(channel, nick, fragment.id, fragment.count, now, listed, {})
        self.partials.append(partial)
        return partial
