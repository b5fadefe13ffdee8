"""Whose turn it is to renew the key, and when (chapter 10)."""

from collections.abc import Collection

from .errors import Rejected
from .frames import Record

GRACE = 20_000
SEALED_GAP = 60_000


def updating(record: Record, present: Collection[bytes]) -> list[int]:
    """The updating order, as numbers of seats (10-9): with `update` as in `turn`, then who stands in for them."""
    here = [number for number, entry in enumerate(record.list) if entry.id in present]
    first = [number for number in record.turn if number in here]
    stand_in = [number for number in here if record.list[number].distribute and not record.list[number].update]
    return first + stand_in


def turn_after(record: Record, present: Collection[bytes], author: int) -> tuple[int, ...]:
    """The `turn` of the next record: those who stand before its author in the order come last (10-10)."""
    order = updating(record, present)
    if author not in order:
        raise Rejected("order", "who is not in the order makes no record")
    passed = [number for number in order[: order.index(author)] if number in record.turn]
    return tuple([number for number in record.turn if number not in passed] + passed)


def due(since: int, position: int, made: int | None = None) -> int:
    """When position p does what is due since a time, in ms (10-11); not within 60 s of its last record (10-12)."""
    turn = since + position * GRACE
    return turn if made is None else max(turn, made + SEALED_GAP)


def missing_due(since: int, position: int) -> int:
    """When position p replaces a key that is missing, or has ceased to seal (10-23)."""
    return since + (position + 1) * GRACE


def seals_for(time: int, lifetime: int, wall: int) -> int:
    """For how many seconds a key may seal that comes at `wall` seconds; times of records are minutes (8-21)."""
    left = (time + lifetime + 10) * 60 - wall
    return min(max(left, 0), lifetime * 60)
