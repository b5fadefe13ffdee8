"""Armour (chapter 4)."""

from keyrota import armor
from keyrota.errors import Rejected

from . import Fields, operation


@operation("armor.encode")
def armor_encode(given: Fields) -> Fields:
    return {"lines": armor.lines(bytes.fromhex(given["frame"]), given["line"], given["id"])}


@operation("armor.parse")
def armor_parse(given: Fields) -> Fields:
    fragment = armor.parse(given["line"])
    if fragment is None:
        raise Rejected("armor", "a plain text")
    if fragment.count == 1:
        return {"frame": fragment.data.hex()}
    return {"id": fragment.id, "index": fragment.index, "count": fragment.count, "bytes": fragment.data.hex()}


@operation("armor.decode")
def armor_decode(given: Fields) -> Fields:
    reassembly, whole = armor.Reassembly(), []
    for number, came in enumerate(given["lines"]):
        frame = reassembly.take(came["ms"], came["line"], came["channel"], came["nick"], came["listed"])
        if frame is not None:
            whole.append({"line": number, "frame": frame.hex()})
    return {"frames": whole}
