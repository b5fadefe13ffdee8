"""Computes the worked examples of the specification anew: `python3 -m unittest` in this folder.

An example is a block of a chapter behind a line `<!-- example NAME -->`. Of blocks that explain each
byte, the bytes are what stands before two spaces or more; of others, the last word of each line is
looked up by the words before it.
"""

import re
import unittest
from pathlib import Path
from typing import TypeVar

from keyrota import armor, certificates, frames, keys, messages, order, primitives, records, sealing
from keyrota.errors import Rejected
from keyrota.primitives import derive_key_pair, public_key

T = TypeVar("T")
SPEC = Path(__file__).resolve().parents[2] / "spec"
EXAMPLES = {
    name: block
    for chapter in sorted(SPEC.glob("[0-9]*.md"))
    for name, block in re.findall(r"<!-- example ([^>]*) -->\n```text\n(.*?)\n```", chapter.read_text(), re.S)
}


def frame(name: str) -> bytes:
    """The bytes of a block that explains them, up to the first empty line."""
    body = EXAMPLES[name].split("\n\n")[0]
    return bytes.fromhex("".join(line.split("  ")[0] for line in body.splitlines()))


def table(name: str) -> dict[str, str]:
    """A block of names and values, its last paragraph; a value goes on in lines that begin with spaces."""
    out: dict[str, str] = {}
    last = ""
    for line in EXAMPLES[name].split("\n\n")[-1].splitlines():
        if line.startswith(" "):
            out[last] += line.strip()
        elif "  " in line:
            last, value = re.split(r" {2,}", line, maxsplit=1)
            out[last] = value
        else:
            last, value = line.rsplit(" ", 1)
            out[last] = value
    return out


def decoded(name: str, kind: type[T]) -> T:
    """The frame of a block, of the kind that it must be."""
    value = frames.decode(frame(name))
    assert type(value) is kind
    return value


ADA, BEN, CYN, AUTHORITY = (bytes([byte]) * 32 for byte in (0x11, 0x22, 0x33, 0xAA))
BEN_MEMBER, CYN_MEMBER = derive_key_pair(b"\xb2" * 32), derive_key_pair(b"\xc3" * 32)
E1, E2 = derive_key_pair(b"\xe1" * 32), derive_key_pair(b"\xe2" * 32)
K0, K1, K2 = (bytes([byte]) * 32 for byte in (0xF0, 0xF1, 0xF2))
DIGEST = keys.name_digest(keys.fold(b"#Garden"))
KNOWN = records.known(map(public_key, (ADA, BEN, CYN)))
ADA_ID, BEN_ID, CYN_ID = (keys.member_id(public_key(private)) for private in (ADA, BEN, CYN))


class Examples(unittest.TestCase):
    maxDiff = None

    def setUp(self) -> None:
        self.genesis = decoded("announcement", frames.Announcement).record
        self.refresh = decoded("refresh", frames.Refresh)
        self.sealed = decoded("sealed key", frames.SealedKey)
        self.held = messages.bound(self.genesis.record, K0)

    def test_every_frame_is_its_own_encoding(self) -> None:
        names = [name for name in EXAMPLES if re.match("1[0-9a] ", EXAMPLES[name])]
        self.assertEqual(len(names), 14)
        for name in names:
            whole = frame(name)
            self.assertEqual(frames.encode(frames.decode(whole)), whole, name)
            if whole[0] in (0x10, 0x11, 0x12, 0x15, 0x16):
                continue  # a rest has no length, so a part of it can be one as well
            for wrong in [whole[:cut] for cut in range(len(whole))] + [whole + b"\0"]:
                with self.assertRaises(Rejected, msg=f"{name}, {len(wrong)} bytes"):
                    frames.decode(wrong)

    def test_chains(self) -> None:
        want, chain = table("chains"), primitives.Chain(b"\x5e" * 32, 1)
        self.assertEqual(chain.state.hex(), want["chain 1 at its beginning"])
        drawn = chain.draw(32)
        self.assertEqual(drawn.hex(), want["its first draw, 32 bytes"])
        self.assertEqual(derive_key_pair(drawn).hex(), want["private key"])
        self.assertEqual(public_key(derive_key_pair(drawn)).hex(), want["public key"])
        self.assertEqual(chain.state.hex(), want["chain 1 after it"])
        self.assertEqual(chain.draw(32).hex(), want["its second draw, 32 bytes"])
        self.assertEqual(primitives.Chain(b"\x5e" * 32, 2).draw(4).hex(), want["first draw from chain 2, 4 bytes"])
        self.assertEqual(primitives.Chain(b"\x5e" * 32, 5).draw(8).hex(), want["first draw from chain 5, 8 bytes"])
        self.assertEqual(primitives.Chain(b"\x5e" * 32, 5).below(10), int(want["that, as a number below 10"]))

    def test_lines(self) -> None:
        self.assertEqual(armor.lines(bytes(range(25)), 300), [EXAMPLES["whole line"]])
        long = bytes(byte % 256 for byte in range(300))
        want = EXAMPLES["fragments"].split("\n\n")
        self.assertEqual(armor.lines(long, 300, 5), want)
        for row in (want, want[::-1]):
            reassembly = armor.Reassembly()
            self.assertEqual([reassembly.take(0, line) for line in row], [None, long])

    def test_certificate(self) -> None:
        certificate = frames.Certificate.decode(frame("certificate"))
        want = table("certificate")
        self.assertEqual(public_key(AUTHORITY).hex(), want["authority's key"])
        self.assertEqual(certificates.fingerprint(certificate).hex(), want["fingerprint"])
        assert isinstance(certificate.vouch, frames.Issued)
        self.assertEqual(certificate.vouch.signature, keys.sign_certificate(AUTHORITY, certificate.body))
        store = certificates.Store({public_key(AUTHORITY): "authority"})
        self.assertEqual(store.accept(certificate, 1_735_691_400), "authority")

    def test_hellos(self) -> None:
        relayed = decoded("relayed hello", frames.RelayedHello)
        for hello, private in ((decoded("hello", frames.Hello), BEN), (relayed, CYN)):
            self.assertTrue(keys.verify_hello(DIGEST, hello.body, hello.signature))
            self.assertEqual(keys.sign_hello(private, DIGEST, hello.body), hello.signature)
        self.assertEqual(decoded("hello", frames.Hello).body.member_key, public_key(BEN_MEMBER))

    def test_identifiers(self) -> None:
        want = table("identifiers")
        for name, private in (("Ada", ADA), ("Ben", BEN), ("Cyn", CYN)):
            self.assertEqual(public_key(private).hex(), want[f"{name}'s certificate key"])
            self.assertEqual(keys.member_id(public_key(private)).hex(), want[f"{name}'s MemberId"])
        self.assertEqual(certificates.issuer_id(public_key(AUTHORITY)).hex(), want["authority's IssuerId"])
        self.assertEqual(DIGEST.hex(), want["name digest"])
        self.assertEqual(keys.channel_id(self.genesis.record).hex(), want["ChannelId"])
        for number, signed in enumerate((self.genesis, self.refresh.record, self.sealed.record)):
            self.assertEqual(keys.key_id(signed.record).hex(), want[f"KeyId of K{number}"])
        for number, (signed, key) in enumerate(((self.genesis, K0), (self.refresh.record, K1))):
            self.assertEqual(keys.commit(key, signed.record.channel).hex(), want[f"commit of K{number}"])
        text = (SPEC / "16-conversations.md").read_text()
        self.assertIn(f"= {keys.name_digest(b'').hex()}", text)

    def test_wrap(self) -> None:
        want, record = table("wrap"), self.refresh.record.record
        self.assertEqual(keys.wrap_pad(K0, keys.key_id(record)).hex(), want["pad"])
        self.assertEqual(sealing.wrap(K0, keys.key_id(record), K1).hex(), want["wrapped"])
        held = [(self.sealed.record.record, K2), (self.genesis.record, K0)]
        self.assertEqual(sealing.unwrap(held, record, self.refresh.wrapped), K1)
        with self.assertRaises(Rejected):
            sealing.unwrap(held[:1], record, self.refresh.wrapped)

    def test_boxes(self) -> None:
        want, grant = table("box"), decoded("grant", frames.SealedKey)
        record = grant.record.record
        self.assertEqual(BEN_MEMBER.hex(), want["Ben's member key, private"])
        self.assertEqual(public_key(BEN_MEMBER).hex(), want["Ben's member key, public"])
        self.assertEqual(E1.hex(), want["ephemeral, private"])
        self.assertEqual(public_key(E1).hex(), want["ephemeral, public"])
        shared = primitives.encap(E1, public_key(BEN_MEMBER))
        self.assertEqual(shared.hex(), want["shared"])
        pad = keys.box_pad(shared, keys.channel_id(record), keys.key_id(record), BEN_ID)
        self.assertEqual(pad.hex(), want["pad"])
        self.assertEqual(sealing.make_box(E1, public_key(BEN_MEMBER), BEN_ID, record, K0).encode().hex(), want["box"])
        self.assertEqual(grant.boxes[0].encode().hex(), want["box"])
        self.assertEqual(sealing.open_boxes([CYN_MEMBER, BEN_MEMBER], BEN_ID, record, grant.ephemeral, grant.boxes), K0)
        more = decoded("boxes", frames.Boxes)
        record, ephemeral = self.sealed.record.record, self.sealed.ephemeral
        self.assertEqual(ephemeral, public_key(E2))
        self.assertEqual(sealing.open_boxes([BEN_MEMBER], BEN_ID, record, ephemeral, self.sealed.boxes), K2)
        self.assertEqual(sealing.open_boxes([CYN_MEMBER], CYN_ID, record, ephemeral, more.boxes), K2)
        with self.assertRaises(Rejected):
            sealing.open_boxes([CYN_MEMBER], CYN_ID, record, ephemeral, self.sealed.boxes)

    def test_text(self) -> None:
        want, text = table("text"), decoded("signed text", frames.SignedText)
        name, channel = keys.key_id(self.genesis.record), keys.channel_id(self.genesis.record)
        self.assertEqual(keys.text_key(K0, name, text.tag).hex(), want["text key"])
        self.assertEqual(keys.text_nonce(0).hex(), want["nonce"])
        self.assertEqual(keys.text_data(text, channel, name).hex(), want["data"])
        content, signature = messages.open_text(text, self.held)
        self.assertEqual((content.hex(), signature.hex()), (want["content"], want["signature"]))
        self.assertEqual(text.rest.hex(), want["rest"])

    def test_texts(self) -> None:
        receiver = messages.Receiver(keys=[self.held])
        ben = messages.Member(BEN_ID, public_key(BEN), b"\xb0" * 4)
        wanted: tuple[tuple[str, type[frames.Text], int, bytes, bytes | None], ...] = (
            ("signed text", frames.SignedText, 0, b"Good morning", BEN_ID),
            ("unsigned text", frames.UnsignedText, 300, b"Guess who", None),
            ("control", frames.Control, 301, b"\0", BEN_ID),
        )
        with self.assertRaises(messages.Waits):
            receiver.hear(decoded("signed text", frames.SignedText))
        receiver.members[BEN_ID] = ben
        for name, kind, counter, content, author in wanted:
            text = decoded(name, kind)
            self.assertEqual(messages.seal_text(kind, self.held, ben.tag, counter, content, BEN, BEN_ID), text)
            self.assertEqual(receiver.hear(text), (author, content))
            with self.assertRaises(Rejected) as repeat:
                receiver.hear(text)
            self.assertEqual(repeat.exception.layer, "replay")

    def test_new_key(self) -> None:
        want = table("new key")
        made = keys.new_key(b"\x50" * 32, b"\x51" * 32, K0, b"#garden", b"tulip", 28_928_160)
        self.assertEqual(made.hex(), want["key"])
        self.assertEqual(primitives.extract(b"\x51" * 32 + K0, salt=b"\x50" * 32).hex(), want["secret"])

    def test_records(self) -> None:
        genesis, refresh, sealed = self.genesis, self.refresh.record, self.sealed.record
        records.check_valid(genesis, [], DIGEST, KNOWN)
        records.check_valid(refresh, [genesis], DIGEST, KNOWN)
        records.check_valid(sealed, records.next_proof([genesis], sealed), DIGEST, KNOWN)
        records.check_valid(sealed, [genesis], DIGEST, KNOWN)
        with self.assertRaises(Rejected):
            records.check_valid(refresh, [genesis, sealed], DIGEST, KNOWN)
        for signed, private in ((genesis, ADA), (refresh, ADA), (sealed, ADA)):
            self.assertEqual(keys.sign_record(private, signed.record), signed.signature)
        row = sorted((refresh.record, sealed.record, genesis.record), key=records.rank, reverse=True)
        listed = [line.split()[1] for line in EXAMPLES["order"].splitlines()]
        self.assertEqual([keys.key_id(record).hex() for record in row], listed)
        self.assertEqual(records.maximum(row), sealed.record)

    def test_order(self) -> None:
        record = self.sealed.record.record
        self.assertEqual(order.updating(record, {ADA_ID, BEN_ID}), [0, 1])
        self.assertEqual(order.turn_after(record, {ADA_ID, BEN_ID}, 1), (1, 0))
        self.assertEqual(order.seals_for(record.time, record.lifetime, record.time * 60), 86_400)


if __name__ == "__main__":
    unittest.main()
