"""Answers the requests of the conformance runner: one line of JSON each (`conformance/README.md`).

cargo run --release -p keyrota-conformance -- --testee 'python3 conformance/python/testee.py'
"""

import json
import sys

from answers import OPERATIONS, Fields, operation
from answers import armor, certificate, derive, frame, message, mode, order, record, seal  # noqa: F401  they register
from keyrota.errors import Rejected

SPEC = "draft 1"


@operation("hello")
def hello(_: Fields) -> Fields:
    return {"name": "keyrota in Python", "spec": SPEC}


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
