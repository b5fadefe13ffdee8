"""Texts and controls (chapters 7 and 11)."""

from typing import Any

from keyrota import frames, keys, messages, primitives
from keyrota.errors import Rejected

from . import Fields, operation, unhex

TEXTS: dict[str, type[frames.Text]] = {
    "signed_text": frames.SignedText,
    "unsigned_text": frames.UnsignedText,
    "control": frames.Control,
}


def _bound(given: Fields) -> messages.Bound:
    return messages.Bound(unhex(given["channel"]), unhex(given["key_id"]), unhex(given["key"]))


@operation("message.seal")
def message_seal(given: Fields) -> Fields:
    private = unhex(given["private"])
    member = keys.member_id(primitives.public_key(private))
    text = messages.seal_text(
        TEXTS[given["kind"]],
        _bound(given),
        unhex(given["tag"]),
        given["counter"],
        unhex(given["content"]),
        private,
        member,
    )
    return {"frame": (frames.first_byte(text) + text.encode()).hex()}


@operation("message.open")
def message_open(given: Fields) -> Fields:
    text, bound = frames.decode(unhex(given["frame"])), _bound(given)
    assert isinstance(text, frames.Text)
    if text.key != bound.name[:3]:
        raise Rejected("key", "it names another key")
    content, signature = messages.open_text(text, bound)
    author = None
    if not isinstance(text, frames.UnsignedText):
        claims = [messages.Member(keys.member_id(key), key, text.tag) for key in map(unhex, given["claims"])]
        author = next((one.id for one in claims if messages.is_by(text, bound, content, signature, one)), None)
        if author is None:
            raise Rejected("signature", "the signature of a text")
    messages.check_content(text, content)
    out: Fields = {"author": None if author is None else author.hex()}
    return out | ({"control": "wish"} if isinstance(text, frames.Control) else {"text": content.decode()})


@operation("message.replay")
def message_replay(given: Fields) -> Fields:
    passed = messages.Passed()
    verdicts: list[Any] = []
    for came in given["texts"]:
        author = None if came["author"] is None else unhex(came["author"])
        try:
            verdicts.append({"passes": passed.note(unhex(came["tag"]), author, came["counter"])})
        except Rejected as why:
            verdicts.append({"replay": "repeat", "flood": "flood"}[why.layer])
    return {"texts": verdicts}
