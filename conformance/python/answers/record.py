"""Records (chapters 8 and 16)."""

from keyrota import frames, keys, order, records
from keyrota.errors import Rejected

from . import Fields, operation, read_record, unhex


def _announced(form: str) -> tuple[frames.SignedRecord, records.Keys]:
    frame = frames.decode(unhex(form))
    assert isinstance(frame, frames.Announcement)
    return frame.record, records.known([frame.author])


@operation("record.valid")
def record_valid(given: Fields) -> Fields:
    proof = [_announced(one) for one in given["proof"]]
    signed, keys_known = _announced(given["record"])
    for _, known in proof:
        keys_known = {**known, **keys_known}
    digest = keys.name_digest(given["name"].encode())
    records.check_valid(signed, [one for one, _ in proof], digest, keys_known)
    return {"channel": keys.channel_of(signed.record).hex(), "key_id": keys.key_id(signed.record).hex()}


@operation("record.of_two")
def record_of_two(given: Fields) -> Fields:
    signed, known = _announced(given["record"])
    records.check_direct(signed, map(unhex, given["members"]), known)
    return {"key_id": keys.key_id(signed.record).hex()}


@operation("record.compare")
def record_compare(given: Fields) -> Fields:
    return {"a": ("equal", "greater", "less")[records.compare(read_record(given["a"]), read_record(given["b"]))]}


@operation("record.maximum")
def record_maximum(given: Fields) -> Fields:
    waiting = [_announced(one) for one in given["records"]]
    genesis = next((one for one, _ in waiting if isinstance(one.record.descent, frames.Genesis)), None)
    if genesis is None:
        raise Rejected("proof", "no genesis record")
    ledger = records.Ledger(genesis, keys.name_digest(given["name"].encode()))
    valid: list[str] = []
    before = -1
    while len(waiting) != before:  # what lacks a proof is heard again, as long as that brings anything
        before, again = len(waiting), []
        for signed, known in waiting:
            try:
                ledger.hear(signed, known)
                valid.append(keys.key_id(signed.record).hex())
            except Rejected as why:
                if why.layer == "proof":
                    again.append((signed, known))
        waiting = again
    proof = [keys.key_id(one.record).hex() for one in ledger.proof]
    return {"current": keys.key_id(ledger.current).hex(), "proof": proof, "valid": sorted(valid)}


@operation("record.evidence")
def record_evidence(given: Fields) -> Fields:
    return {"member": keys.member_id(records.check_evidence(unhex(given["evidence"])).key).hex()}


@operation("record.life")
def record_life(given: Fields) -> Fields:
    record = read_record(given["record"])
    return {"ms": order.seals_for(record.time, record.lifetime, given["time"]) * 1000}
