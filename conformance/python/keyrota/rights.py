"""Changes of the list by who has a seat with `update` (chapter 10, "Changing the list")."""

from dataclasses import replace

from .errors import Rejected
from .frames import BARRED_MAX, SEATS_MAX, Entry, Record
from .mode import Change

CHANGES_MAX = 2**30 - 1
UPDATE, DISTRIBUTE = 1, 2
RIGHTS = {"x": UPDATE, "d": DISTRIBUTE, "o": UPDATE | DISTRIBUTE}


class Draft:
    """The list and the turn of a next record, while they are being changed. Members stand for their seats.

    What a change finds done already it leaves; the whole must change something (10-25).
    """

    def __init__(self, record: Record, author: bytes) -> None:
        self.record = record
        self.author = author
        self.seats = [entry for entry in record.list if entry.seat]
        self.barred = [entry.id for entry in record.list if not entry.seat]
        self.turn = [record.list[number].id for number in record.turn]
        own = self._entry(author)
        if own is None or not own.update:
            raise Rejected("rights", "the author has no seat with `update`")

    def _entry(self, member: bytes) -> Entry | None:
        return next((entry for entry in self.seats if entry.id == member), None)

    def _must_be_behind(self, member: bytes) -> None:
        """A seat changes what stands behind it (10-25, 10-37); who has no seat stands behind all."""
        ids = [entry.id for entry in self.seats]
        if member in ids and ids.index(member) <= ids.index(self.author):
            raise Rejected("rights", "a seat that is its own, or ahead of it")

    def change(self, member: bytes, change: Change) -> None:
        """Gives or takes rights, or a place in `turn` (10-24 to 10-26, 10-50)."""
        rights = RIGHTS[change.letter]
        entry = self._entry(member)
        had = 0 if entry is None else entry.state & 3
        has = had | rights if change.sign == "+" else had & ~rights
        if has != had:
            if member in self.barred:
                raise Rejected("rights", "barred: pardon it first")
            self._must_be_behind(member)
            self._set(member, entry, has)
        if change.place is not None:
            self.turn.remove(member)
            self.turn.insert(change.place - 1, member)

    def _set(self, member: bytes, entry: Entry | None, rights: int) -> None:
        if entry is None:
            if len(self.seats) == SEATS_MAX:
                raise Rejected("rights", "no room")
            self.seats.append(Entry(member, rights))  # behind all others, `changes` 0
        elif rights == 0:
            self.seats.remove(entry)
        else:
            self.seats[self.seats.index(entry)] = replace(entry, state=entry.changes << 2 | rights)
        if rights & UPDATE and member not in self.turn:
            self.turn.append(member)
        if not rights & UPDATE and member in self.turn:
            self.turn.remove(member)

    def bar(self, member: bytes) -> None:
        """Takes the seat, and adds the member to the barred, behind all others."""
        if member in self.barred:
            raise Rejected("rights", "nothing would change")
        self._must_be_behind(member)
        if len(self.barred) == BARRED_MAX:
            raise Rejected("rights", "no room")
        entry = self._entry(member)
        if entry is not None:
            self._set(member, entry, 0)
        self.barred.append(member)

    def pardon(self, member: bytes) -> None:
        if member not in self.barred:
            raise Rejected("rights", "nothing would change")
        self.barred.remove(member)

    def finish(self) -> tuple[tuple[Entry, ...], tuple[int, ...]]:
        """The list, with its author's `changes` raised if it is another one (8-20), and the turn."""
        entries = (*self.seats, *(Entry(member, 0) for member in self.barred))
        ids = [entry.id for entry in entries]
        turn = tuple(ids.index(member) for member in self.turn)
        if entries == self.record.list:
            if turn == self.record.turn:
                raise Rejected("rights", "nothing would change")
            return entries, turn
        at = ids.index(self.author)
        if entries[at].changes == CHANGES_MAX:
            raise Rejected("rights", "its `changes` are at their end")
        raised = replace(entries[at], state=entries[at].state + 4)
        return (*entries[:at], raised, *entries[at + 1 :]), turn
