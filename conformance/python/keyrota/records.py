"""Records: which are valid, and which of two counts (chapter 8; "Records" of chapter 16)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from .errors import Rejected
from .frames import Entry, Genesis, Record, Sealed, SignedRecord, Wrapped
from .keys import channel_id, channel_of, direct_id, key_id, member_id, root, verify_record
from .wire import Reader

EVIDENCE_MAX = 1_760

# Certificate keys of authors by MemberId, as a terminal knows them from announcements and Hellos.
Keys = Mapping[bytes, bytes]


def known(certificate_keys: Iterable[bytes]) -> Keys:
    return {member_id(key): key for key in certificate_keys}


def check_signature(signed: SignedRecord, keys: Keys) -> None:
    """It verifies under the certificate key whose MemberId is the id of the author's entry (8-11)."""
    author = signed.record.list[signed.record.author].id
    if author not in keys:
        raise Rejected("signature", "the author's certificate key is not known")
    if not verify_record(keys[author], signed.record, signed.signature):
        raise Rejected("signature", "the signature of a record")


# Steps and proofs


def is_step(before: tuple[Entry, ...], record: Record) -> bool:
    """Whether a record makes a step from a list (8-1 to 8-4)."""
    author = record.author
    if not isinstance(record.descent, Sealed) or record.epoch != 0:
        return False
    if len(before) <= author or before[:author] != record.list[:author]:
        return False
    was, now = before[author], record.list[author]
    return was.update and now.id == was.id and now.state & 3 == was.state & 3 and now.changes > was.changes


def check_genesis(signed: SignedRecord, name_digest: bytes) -> None:
    """A genesis record is valid in the channel of this name (8-9)."""
    record = signed.record
    if not isinstance(record.descent, Genesis):
        raise Rejected("proof", "no genesis record")
    if record.channel != name_digest:
        raise Rejected("channel", "the channel has another name")
    if record.list[0].id != member_id(record.descent.founder):
        raise Rejected("signature", "entry 0 is not the founder's")
    if not verify_record(record.descent.founder, record, signed.signature):
        raise Rejected("signature", "the signature of a genesis record")


def check_proof(proof: list[SignedRecord], name_digest: bytes, keys: Keys) -> tuple[Entry, ...]:
    """The list that a row of records proves (8-5 to 8-8)."""
    if not proof:
        raise Rejected("proof", "no records")
    check_genesis(proof[0], name_digest)
    channel = channel_id(proof[0].record)
    author = -1
    for before, signed in pairwise(proof):
        record = signed.record
        if record.channel != channel:
            raise Rejected("channel", "a record of another channel")
        if not is_step(before.record.list, record):
            raise Rejected("proof", "no step from the list before it")
        if record.author <= author:
            raise Rejected("proof", "the authors do not rise")
        author = record.author
        check_signature(signed, keys)
    return proof[-1].record.list


def check_valid(signed: SignedRecord, proof: list[SignedRecord], name_digest: bytes, keys: Keys) -> None:
    """A record is valid, by a proof of its list or all of one but the record itself (8-9, 8-10).

    Nothing else counts (8-12).
    """
    record = signed.record
    if isinstance(record.descent, Genesis):
        check_genesis(signed, name_digest)
        return
    if proof and proof[-1].record.list != record.list:
        proof = [*proof, signed]
    check_proof(proof, name_digest, keys)
    if record.channel != channel_id(proof[0].record):
        raise Rejected("channel", "another channel")
    check_signature(signed, keys)


def next_proof(proof: list[SignedRecord], signed: SignedRecord) -> list[SignedRecord]:
    """The proof of a list that an author has changed (chapter 8, "Proofs").

    The genesis record stays whoever signs: only later ones are changes that a newer one takes the place of.
    """
    changes = [change for change in proof[1:] if change.record.author < signed.record.author]
    return [proof[0], *changes, signed]


def check_direct(signed: SignedRecord, members: Iterable[bytes], keys: Keys) -> None:
    """A record is valid in the conversation of two members (16-6)."""
    record, ids = signed.record, sorted(members)
    if record.channel != direct_id(*ids):
        raise Rejected("channel", "another conversation")
    if not isinstance(record.descent, Sealed):
        raise Rejected("channel", "a record of a conversation is sealed")
    both = [entry.update and entry.distribute for entry in record.list]
    if [entry.id for entry in record.list] != ids or both != [True, True]:
        raise Rejected("channel", "not the list of a conversation")
    check_signature(signed, keys)


# Order


def step_of(record: Record) -> int:
    return record.descent.step if isinstance(record.descent, Wrapped) else 0


def _lower_first(data: bytes) -> bytes:
    """Where the lower is greater: each byte the other way round."""
    return bytes(255 - byte for byte in data)


def rank(record: Record) -> tuple[object, ...]:
    """What decides which of two records is the greater; Python compares tuples and bytes in the same way."""
    encoded_list = b"".join(entry.encode() for entry in record.list)
    return (
        [entry.changes for entry in record.list],
        bytes([len(record.list)]) + encoded_list,
        record.epoch,
        _lower_first(root(record)),
        step_of(record),
        _lower_first(key_id(record)),
    )


def compare(one: Record, other: Record) -> int:
    """1 if the first is greater, -1 if the second is, 0 if they are one record."""
    a, b = rank(one), rank(other)
    return (a > b) - (a < b)


def maximum(records: Iterable[Record]) -> Record:
    """The current record, whatever came first (8-14)."""
    return max(records, key=rank)


# Hearing a record


class Ledger:
    """The records of a channel that a terminal has heard, and which of them is current.

    It is that of a terminal with room for all: what chapter 8 forgets, the genesis record never, is kept.
    """

    def __init__(self, genesis: SignedRecord, name_digest: bytes) -> None:
        check_genesis(genesis, name_digest)
        self.channel = channel_id(genesis.record)
        self.current = genesis.record
        self.proof = [genesis]
        self.keys: dict[bytes, bytes] = {}  # certificate keys of authors, by MemberId
        if isinstance(genesis.record.descent, Genesis):
            self.keys.update(known([genesis.record.descent.founder]))
        self.heard: list[tuple[Record, list[SignedRecord]]] = [(genesis.record, [genesis])]

    def hear(self, signed: SignedRecord, keys: Keys) -> None:
        """Takes a record in that is valid by what was heard before; raises `Rejected` otherwise."""
        record = signed.record
        if channel_of(record) != self.channel:
            raise Rejected("channel", "a record of another channel")
        if any(record == other for other, _ in self.heard):
            return
        proof = self._proof_of(signed)
        known_keys = {**keys, **self.keys}  # a MemberId has one key, wherever it was shown (8-24)
        check_signature(signed, known_keys)  # the last, as it costs most (8-13)
        author = record.list[record.author].id
        self.keys[author] = known_keys[author]
        self.heard.append((record, proof))
        if compare(record, self.current) > 0:
            self.current, self.proof = record, proof

    def _proof_of(self, signed: SignedRecord) -> list[SignedRecord]:
        """The proof of a record's list, if it is proven at once (8-16); of several the one of 8-23."""
        record = signed.record
        for proof in [self.proof] + [proof for _, proof in self.heard]:
            for length in range(len(proof), 0, -1):
                last = proof[length - 1].record
                if last.list == record.list:
                    return proof[:length]
                if (length == 1 or last.author < record.author) and is_step(last.list, record):
                    return [*proof[:length], signed]
        raise Rejected("proof", "its list is not proven by what was heard")


# Signing twice


@dataclass(frozen=True)
class Evidence:
    """Two records that one key has signed where an honest terminal signs once (8-22)."""

    key: bytes
    lesser: SignedRecord
    greater: SignedRecord

    def encode(self) -> bytes:
        """The one whose signed bytes are less first (8-33)."""
        return self.key + self.lesser.encode() + self.greater.encode()


def check_evidence(data: bytes) -> Evidence:
    """Anybody can check it, without having been there (8-34)."""
    if len(data) > EVIDENCE_MAX:
        raise Rejected("evidence", "longer than evidence can be")
    try:
        reader = Reader(data)
        found = Evidence(reader.take(33), SignedRecord.read(reader), SignedRecord.read(reader))
        reader.end()
    except Rejected as why:
        raise Rejected("evidence", why.why) from None
    one, other = found.lesser.record, found.greater.record
    if one.encode() >= other.encode():
        raise Rejected("evidence", "one record, or the lesser is not first")
    if isinstance(one.descent, Genesis) or isinstance(other.descent, Genesis):
        raise Rejected("evidence", "a genesis record")
    if _place(one) != _place(other):
        raise Rejected("evidence", "an honest terminal may sign both")
    for signed in (found.lesser, found.greater):
        check_signature(signed, known([found.key]))
    return found


def _place(record: Record) -> tuple[object, ...]:
    """What two records must agree in to be evidence."""
    wrapped_root = record.descent.root if isinstance(record.descent, Wrapped) else None
    return (record.channel, record.list, record.epoch, step_of(record), wrapped_root, record.author)
