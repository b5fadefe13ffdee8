"""Answers the requests of the conformance runner: one line of JSON each (`conformance/README.md`).

    cargo run --release -p keyrota-conformance -- --testee 'python3 conformance/python/testee.py'

Nothing here is a rule of the protocol: each operation unpacks its input, calls `keyrota`, packs what comes out.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import forms
from keyrota import armor, frames
from keyrota.errors import Rejected

Fields = dict[str, Any]
SPEC = "draft 1"
OPERATIONS: dict[str, Callable[[Fields], Fields]] = {}


def operation(name: str) -> Callable[[Callable[[Fields], Fields]], Callable[[Fields], Fields]]:
    """What answers requests of this name."""

    def register(answer: Callable[[Fields], Fields]) -> Callable[[Fields], Fields]:
        OPERATIONS[name] = answer
        return answer

    return register


@operation("hello")
def hello(_: Fields) -> Fields:
    return {"name": "keyrota in Python", "spec": SPEC}


# Armour (chapter 4)


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


# Frames (chapter 3)


@operation("frame.decode")
def frame_decode(given: Fields) -> Fields:
    return {"frame": forms.frame_to_json(frames.decode(bytes.fromhex(given["frame"])))}


@operation("frame.encode")
def frame_encode(given: Fields) -> Fields:
    return {"frame": frames.encode(forms.frame_from_json(given["frame"])).hex()}


def answer(request: Fields) -> Fields:
    """The one field of an answer besides the number."""
    act = OPERATIONS.get(request["do"])
    if act is None:
        return {"unsupported": True}
    try:
        return {"out": act(request["in"])}
    except Rejected as why:
        return {"invalid": why.layer}
    except Exception as why:  # a fault of this program, or of the request: the runner is told, and goes on
        return {"error": f"{type(why).__name__}: {why}"}


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps({"id": request["id"]} | answer(request)), flush=True)


if __name__ == "__main__":
    main()
