"""How a key reaches members: under the previous one, or sealed to each (chapters 7 and 10)."""

from collections.abc import Iterable

from .armor import line_bytes, part_bytes
from .errors import Rejected
from .frames import FRAME_MAX, Box, Boxes, Record, SealedKey, SignedRecord, encode
from .keys import box_pad, channel_of, fits, key_id, root, wrap_pad
from .primitives import decap, encap, xor

BOX = 36

# Wrapping


def wrap(previous: bytes, new_key_id: bytes, key: bytes) -> bytes:
    return xor(key, wrap_pad(previous, new_key_id))


def unwrap(held: list[tuple[Record, bytes]], record: Record, wrapped: bytes) -> bytes:
    """The key of a wrapped record, of held keys with the same list, epoch and root (7-11)."""
    name = key_id(record)
    for previous_record, previous in held:
        same = (previous_record.list, previous_record.epoch) == (record.list, record.epoch)
        if same and channel_of(previous_record) == record.channel and root(previous_record) == root(record):
            key = xor(wrapped, wrap_pad(previous, name))
            if fits(record, key):
                return key
    raise Rejected("commit", "no key that is held unwraps it")


# Boxes


def make_box(ephemeral_private: bytes, member_key: bytes, member: bytes, record: Record, key: bytes) -> Box:
    """A key sealed to one member, by the author of the record or anybody else who has it (7-14)."""
    pad = box_pad(encap(ephemeral_private, member_key), channel_of(record), key_id(record), member)
    return Box(member[:4], xor(key, pad))


def open_boxes(
    member_keys: list[bytes], member: bytes, record: Record, ephemeral: bytes, boxes: Iterable[Box]
) -> bytes:
    """The key, of boxes with one's own hint, with private member keys, until the commitment fits (7-13).

    Where the ephemeral is no key, no box opens (3-18).
    """
    try:
        shared = [decap(private, ephemeral) for private in member_keys]
    except Rejected:
        raise Rejected("commit", "the ephemeral is no key") from None
    for box in boxes:
        if box.whom != member[:4]:
            continue
        for secret in shared:
            pad = box_pad(secret, channel_of(record), key_id(record), member)
            key = xor(box.key, pad)
            if fits(record, key):
                return key
    raise Rejected("commit", "no box opens")


def pack(signed: SignedRecord, ephemeral: bytes, boxes: list[Box], line_length: int) -> list[bytes]:
    """The frames of a sealed key: one `15` and, for what has no room there, frames `16` (10-19)."""
    whole, part = line_bytes(line_length), part_bytes(line_length)
    first = len(encode(SealedKey(signed, ephemeral, tuple(boxes[:1]))))
    # As many more boxes go with the first as go into the lines that this frame takes anyway (4-7).
    room = whole if first <= whole else -(-first // part) * part
    more = (min(room, FRAME_MAX) - first) // BOX
    frames = [encode(SealedKey(signed, ephemeral, tuple(boxes[: 1 + more])))]
    name, rest = key_id(signed.record)[:8], boxes[1 + more :]
    each = (min(whole, FRAME_MAX) - len(encode(Boxes(name, tuple(boxes[:1])))) + BOX) // BOX
    frames += [encode(Boxes(name, tuple(rest[at : at + each]))) for at in range(0, len(rest), each)]
    return frames
