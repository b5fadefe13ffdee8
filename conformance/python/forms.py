"""Structures as JSON, and back, as the vectors write them (`conformance/README.md`).

Bytes are small hexadecimal digits; a structure is an object of its fields; a choice is the name of its
variant, or an object of that one name if the variant has fields. Numbers from 2^53 on are strings of
digits. The fields of a body stand beside those of the whole; `state` of an entry stands as its three parts.
"""

from dataclasses import fields
from typing import Any, TypeVar

from keyrota import frames
from keyrota.errors import Rejected
from keyrota.wire import Bytes, Choice, Codec, List, Of, Option, Rest, Structure, ToTheEnd, Varint

T = TypeVar("T", bound=Structure)
Json = Any

EXACT = 2**53


def to_json(value: Structure) -> Json:
    """A structure as an object."""
    if isinstance(value, frames.Entry):
        rights = {"update": value.update, "distribute": value.distribute}
        return {"id": value.id.hex(), "changes": value.changes} | rights
    out: dict[str, Json] = {}
    for field in fields(value):  # type: ignore[arg-type]
        part = getattr(value, field.name)
        if field.name == "body":
            out |= to_json(part)
        else:
            out[field.name] = _out(field.metadata["codec"], part)
    return out


def from_json(kind: type[T], form: Json) -> T:
    """The structure of an object; rejected as malformed if it is none."""
    if kind is frames.Entry:
        state = form["changes"] * 4 + form["distribute"] * 2 + form["update"]
        return frames.Entry(bytes.fromhex(form["id"]), state)  # type: ignore[return-value]
    parts = []
    for field in fields(kind):  # type: ignore[arg-type]
        codec = field.metadata["codec"]
        parts.append(_in(codec, form if field.name == "body" else form[field.name]))
    value = kind(*parts)
    value.encode()  # each bound is looked at
    return value


def _out(codec: Codec, value: Any) -> Json:
    match codec:
        case Of():
            return to_json(value)
        case Choice():
            inner = to_json(value)
            return {codec.name(value): inner} if inner else codec.name(value)
        case Option():
            return None if value is None else _out(codec.inner, value)
        case List() | ToTheEnd():
            return [_out(codec.inner, one) for one in value]
        case Bytes() | Rest():
            return value.hex()
        case Varint():
            return number(value)
        case _:
            return value


def _in(codec: Codec, form: Json) -> Any:
    match codec:
        case Of():
            return from_json(codec.structure, form)
        case Choice():
            name, inner = (form, {}) if isinstance(form, str) else next(iter(form.items()))
            if name not in codec.variants:
                raise Rejected("frame", f"no such variant: {name}")
            return from_json(codec.variants[name], inner)
        case Option():
            return None if form is None else _in(codec.inner, form)
        case List() | ToTheEnd():
            return tuple(_in(codec.inner, one) for one in form)
        case Bytes() | Rest():
            return bytes.fromhex(form)
        case Varint():
            return int(form)
        case _:
            return form


def number(value: int) -> Json:
    """A number of a field of 64 bits."""
    return value if value < EXACT else str(value)


# Frames: an object with the name of the kind.

KINDS = {
    "signed_text": frames.SignedText,
    "unsigned_text": frames.UnsignedText,
    "control": frames.Control,
    "hello": frames.Hello,
    "refresh": frames.Refresh,
    "sealed_key": frames.SealedKey,
    "boxes": frames.Boxes,
    "announcement": frames.Announcement,
    "query": frames.Query,
    "refusal": frames.Refusal,
    "relayed_hello": frames.RelayedHello,
}
NAMES = {kind: name for name, kind in KINDS.items()}


def frame_to_json(frame: frames.Frame) -> Json:
    return {NAMES[type(frame)]: to_json(frame)}


def frame_from_json(form: Json) -> frames.Frame:
    name, inner = next(iter(form.items()))
    return from_json(KINDS[name], inner)
