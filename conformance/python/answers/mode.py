"""Commands, and changes of the list (chapter 10)."""

import forms
from keyrota import mode, rights

from . import Fields, operation, read_record, unhex

LETTERS = {"d": "distribute", "x": "update", "o": "both", "c": "sealed"}


@operation("mode.parse")
def mode_parse(given: Fields) -> Fields:
    channel, changes = mode.parse(given["line"])
    return {
        "channel": channel,
        "changes": [
            {"on": one.sign == "+", "mode": LETTERS[one.letter], "nick": one.whom, "place": one.place}
            for one in changes
        ],
    }


@operation("mode.write")
def mode_write(given: Fields) -> Fields:
    letters = {name: letter for letter, name in LETTERS.items()}
    changes = [
        mode.Change("+" if one["on"] else "-", letters[one["mode"]], one["place"], one["nick"])
        for one in given["changes"]
    ]
    line = mode.write(changes, given["channel"])
    mode.parse(line)
    return {"line": line}


def _changed(draft: rights.Draft) -> Fields:
    entries, turn = draft.finish()
    encoded = bytes([len(entries)]) + b"".join(entry.encode() for entry in entries)
    return {"list": list(map(forms.to_json, entries)), "list_bytes": encoded.hex(), "turn": list(turn)}


@operation("mode.apply")
def mode_apply(given: Fields) -> Fields:
    record, (_, changes) = read_record(given["record"]), mode.parse(given["line"])
    draft = rights.Draft(record, unhex(given["author"]))
    for change in changes:
        assert change.member is not None
        draft.change(change.member, change)
    return _changed(draft)


@operation("mode.bar")
def mode_bar(given: Fields) -> Fields:
    draft = rights.Draft(read_record(given["record"]), unhex(given["author"]))
    draft.bar(unhex(given["member"]))
    return _changed(draft)


@operation("mode.pardon")
def mode_pardon(given: Fields) -> Fields:
    draft = rights.Draft(read_record(given["record"]), unhex(given["author"]))
    draft.pardon(unhex(given["member"]))
    return _changed(draft)
