"""Sealed and wrapped keys (chapters 7 and 10)."""

from keyrota import frames, keys, primitives, sealing

from . import Fields, operation, read_record, unhex


@operation("seal.seal")
def seal_seal(given: Fields) -> Fields:
    record, ephemeral, key = read_record(given["record"]), unhex(given["ephemeral"]), unhex(given["key"])
    signed = frames.SignedRecord(record, unhex(given["signature"]))
    public = primitives.public_key(ephemeral)
    made = [
        sealing.make_box(ephemeral, unhex(to["member_key"]), unhex(to["member"]), record, key)
        for to in given["recipients"]
    ]
    return {"frames": [frame.hex() for frame in sealing.pack(signed, public, made, given["line"])]}


@operation("seal.open")
def seal_open(given: Fields) -> Fields:
    first = None
    boxes: list[frames.Box] = []
    for frame in map(frames.decode, map(unhex, given["frames"])):
        if isinstance(frame, frames.SealedKey):
            first = frame
            boxes += frame.boxes
        elif isinstance(frame, frames.Boxes) and first is not None:
            if frame.key == keys.key_id(first.record.record)[:8]:
                boxes += frame.boxes
    if first is None:
        raise ValueError("no sealed key")
    member_keys = list(map(unhex, given["member_keys"]))
    key = sealing.open_boxes(member_keys, unhex(given["member"]), first.record.record, first.ephemeral, boxes)
    return {"key": key.hex()}


@operation("wrap.wrap")
def wrap_wrap(given: Fields) -> Fields:
    name = keys.key_id(read_record(given["record"]))
    return {"wrapped": sealing.wrap(unhex(given["previous"]), name, unhex(given["key"])).hex()}


@operation("wrap.unwrap")
def wrap_unwrap(given: Fields) -> Fields:
    frame = frames.decode(unhex(given["frame"]))
    assert isinstance(frame, frames.Refresh)
    held = [(read_record(one["record"]), unhex(one["key"])) for one in given["held"]]
    return {"key": sealing.unwrap(held, frame.record.record, frame.wrapped).hex()}
