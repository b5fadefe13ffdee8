"""What the testee answers, one module for each kind of operation.

Nothing here is a rule of the protocol: each operation unpacks its input, calls `keyrota`, packs what comes out.
"""

from collections.abc import Callable
from typing import Any

from keyrota import frames

Fields = dict[str, Any]
Operation = Callable[[Fields], Fields]
OPERATIONS: dict[str, Operation] = {}


def operation(name: str) -> Callable[[Operation], Operation]:
    """What answers requests of this name."""

    def register(answer: Operation) -> Operation:
        OPERATIONS[name] = answer
        return answer

    return register


def unhex(form: str) -> bytes:
    return bytes.fromhex(form)


def read_record(form: str) -> frames.Record:
    return frames.Record.decode(unhex(form))


def read_certificate(given: Fields) -> frames.Certificate:
    return frames.Certificate.decode(unhex(given["certificate"]))
