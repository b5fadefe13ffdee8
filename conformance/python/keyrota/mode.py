"""Commands that change rights and order, as users know them from chat (chapter 10, "Commands")."""

from dataclasses import dataclass

from .errors import Rejected
from .keys import fold

CHANGES_MAX = 16
COMMAND_MAX = 3_486
TAKES_NICK = "dxo"


@dataclass(frozen=True)
class Change:
    """One change: `sign` and `letter`, a place in `turn` for `+xN`, and whom; `c` is of nobody."""

    sign: str
    letter: str
    place: int | None
    whom: str | None

    @property
    def member(self) -> bytes | None:
        """32 hexadecimal digits stand for a MemberId, and for no nick (10-51)."""
        digits = "0123456789abcdefABCDEF"
        if self.whom is None or len(self.whom) != 32 or any(c not in digits for c in self.whom):
            return None
        return bytes.fromhex(self.whom)


def parse(line: str) -> tuple[str | None, list[Change]]:
    """The channel, if it is named, and the changes in their order (10-30, 10-49)."""
    if len(line.encode("utf-8")) > COMMAND_MAX:
        raise Rejected("mode", "too long")
    words = [word for word in line.split(" ") if word]
    if words and words[0].upper() == "MODE":
        words = words[1:]
    channel = None
    if words and words[0][0] in "#&!":
        channel, words = words[0], words[1:]
        _name(channel)
    letters, nicks = (words[0], words[1:]) if words else ("", [])
    changes = []
    sign, at = None, 0
    while at < len(letters):
        letter = letters[at]
        at += 1
        if letter in "+-":
            sign = letter
            continue
        if sign is None or letter not in TAKES_NICK + "c":
            raise Rejected("mode", "a letter without a sign, or one that is none")
        end = at
        while end < len(letters) and letters[end] in "0123456789":
            end += 1
        place = int(letters[at:end]) if end > at else None
        at = end
        if place is not None and ((sign, letter) != ("+", "x") or not 1 <= place <= 16):
            raise Rejected("mode", "a number that does not belong here")
        whom = None
        if letter in TAKES_NICK:
            if not nicks:
                raise Rejected("mode", "a nick too few")
            whom, nicks = nicks[0], nicks[1:]
            _name(whom)
        changes.append(Change(sign, letter, place, whom))
    if nicks:
        raise Rejected("mode", "a nick too many")
    if not 1 <= len(changes) <= CHANGES_MAX:
        raise Rejected("mode", "no change, or too many")
    return channel, changes


def write(changes: list[Change], channel: str | None = None) -> str:
    """The command that wants these changes."""
    letters, sign = "", None
    for change in changes:
        letters += ("" if change.sign == sign else change.sign) + change.letter
        letters += "" if change.place is None else str(change.place)
        sign = change.sign
    words = [] if channel is None else ["MODE", channel]
    return " ".join([*words, letters, *(change.whom for change in changes if change.whom is not None)])


def _name(name: str) -> None:
    try:
        fold(name.encode("utf-8"))
    except Rejected:
        raise Rejected("mode", "no name (7-3)") from None
