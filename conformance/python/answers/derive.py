"""Identifiers, derivations, and the primitives under them (chapters 1, 6, 7, 16 and 17)."""

from typing import Any

import forms
from keyrota import certificates, frames, keys, primitives
from keyrota.errors import Rejected

from . import Fields, operation, read_certificate, read_record, unhex


@operation("derive.member_id")
def derive_member_id(given: Fields) -> Fields:
    return {"member": keys.member_id(unhex(given["key"])).hex()}


@operation("derive.issuer_id")
def derive_issuer_id(given: Fields) -> Fields:
    return {"issuer": certificates.issuer_id(unhex(given["key"])).hex()}


@operation("derive.fold")
def derive_fold(given: Fields) -> Fields:
    return {"folded": keys.fold(given["name"].encode(), given["mapping"]).decode()}


@operation("derive.name_digest")
def derive_name_digest(given: Fields) -> Fields:
    return {"digest": keys.name_digest(given["name"].encode()).hex()}


@operation("derive.channel_id")
def derive_channel_id(given: Fields) -> Fields:
    record = read_record(given["record"])
    if not isinstance(record.descent, frames.Genesis):
        raise Rejected("record", "no genesis record")
    return {"channel": keys.channel_id(record).hex()}


@operation("derive.conversation")
def derive_conversation(given: Fields) -> Fields:
    return {"channel": keys.direct_id(*map(unhex, given["members"])).hex()}


@operation("derive.key_id")
def derive_key_id(given: Fields) -> Fields:
    return {"key_id": keys.key_id(read_record(given["record"])).hex()}


@operation("derive.commit")
def derive_commit(given: Fields) -> Fields:
    return {"commit": keys.commit(unhex(given["key"]), unhex(given["channel"])).hex()}


@operation("derive.new_key")
def derive_new_key(given: Fields) -> Fields:
    previous = b"" if given["previous"] is None else unhex(given["previous"])
    name, password = given["name"].encode(), given["password"].encode()
    made = keys.new_key(unhex(given["secret"]), unhex(given["draw"]), previous, name, password, given["time"])
    return {"key": made.hex()}


@operation("derive.wrap_pad")
def derive_wrap_pad(given: Fields) -> Fields:
    return {"pad": keys.wrap_pad(unhex(given["previous"]), unhex(given["key_id"])).hex()}


@operation("derive.box_pad")
def derive_box_pad(given: Fields) -> Fields:
    record = read_record(given["record"])
    pad = keys.box_pad(unhex(given["shared"]), keys.channel_of(record), keys.key_id(record), unhex(given["member"]))
    return {"pad": pad.hex()}


@operation("derive.text_key")
def derive_text_key(given: Fields) -> Fields:
    made = keys.text_key(unhex(given["key"]), unhex(given["key_id"]), unhex(given["tag"]))
    return {"text_key": made.hex(), "nonce": keys.text_nonce(given["counter"]).hex()}


@operation("derive.key_pair")
def derive_key_pair(given: Fields) -> Fields:
    private = primitives.derive_key_pair(unhex(given["ikm"]))
    return {"private": private.hex(), "public": primitives.public_key(private).hex()}


@operation("derive.public")
def derive_public(given: Fields) -> Fields:
    return {"public": primitives.public_key(unhex(given["private"])).hex()}


@operation("derive.point")
def derive_point(given: Fields) -> Fields:
    primitives.public_point(unhex(given["key"]))
    return {"key": given["key"]}


@operation("derive.shared")
def derive_shared(given: Fields) -> Fields:
    private, public = unhex(given["private"]), unhex(given["public"])
    return {"encap": primitives.encap(private, public).hex(), "decap": primitives.decap(private, public).hex()}


@operation("derive.sign")
def derive_sign(given: Fields) -> Fields:
    return {"signature": primitives.sign(unhex(given["private"]), unhex(given["data"])).hex()}


@operation("derive.verify")
def derive_verify(given: Fields) -> Fields:
    primitives.public_point(unhex(given["key"]))
    if not primitives.verify(unhex(given["key"]), unhex(given["data"]), unhex(given["signature"])):
        raise Rejected("signature", "it does not verify")
    return {}


@operation("derive.certificate")
def derive_certificate(given: Fields) -> Fields:
    return {"digest": certificates.fingerprint(read_certificate(given)).hex()}


@operation("derive.saved")
def derive_saved(given: Fields) -> Fields:
    return {"check": keys.saved_check(unhex(given["content"])).hex()}


@operation("derive.restore")
def derive_restore(given: Fields) -> Fields:
    secret, seed, check = unhex(given["secret"]), unhex(given["seed"]), unhex(given["check"])
    return {"seed": keys.restored_seed(secret, seed, given["time"], check).hex()}


@operation("derive.draws")
def derive_draws(given: Fields) -> Fields:
    chains = [primitives.Chain(unhex(given["seed"]), number) for number in range(len(primitives.DRAWS))]
    drawn: list[Any] = []
    for draw in given["draws"]:
        chain = chains[draw["chain"]]
        if draw["below"] is None:
            drawn.append(chain.draw(primitives.DRAWS[draw["chain"]]).hex())
        else:
            drawn.append(forms.number(chain.below(int(draw["below"]))))
    return {"draws": drawn}
