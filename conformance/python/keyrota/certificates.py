"""Whose key is whose, and whose word counts for it (chapter 6)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .errors import Rejected
from .frames import Certificate, Issued
from .keys import member_id, verify_certificate
from .primitives import label, sha256

SKEW_S = 600
PINS_MAX = 16_384
U64_MAX = 2**64 - 1


def issuer_id(key: bytes) -> bytes:
    """The name of an issuer (6-2)."""
    return sha256(label("issuer") + key)[:8]


def fingerprint(certificate: Certificate) -> bytes:
    """What users compare by another way (6-15)."""
    return sha256(label("certificate") + certificate.encode())


def shown(digest: bytes) -> str:
    """A fingerprint as users see it: groups of four digits (6-27)."""
    digits = digest.hex()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


@dataclass(frozen=True)
class Pin:
    """A name and a MemberId that belong together, and on whose word: an IssuerId, or nobody's."""

    name: str
    member: bytes
    issuer: bytes | None = None


@dataclass
class Store:
    """What a terminal stores about certificates, and its judgement.

    `issuers` are public keys, and whether each is the user's own ("user"), an authority's ("authority") or the
    server's ("server").
    `unknown` says what becomes of a self-signed certificate whose name and key are both not pinned.
    """

    issuers: dict[bytes, str] = field(default_factory=dict)
    pins: list[Pin] = field(default_factory=list)
    revoked: set[bytes] = field(default_factory=set)
    declined: set[bytes] = field(default_factory=set)
    unknown: str = "pin"  # or "ask", or "refuse"

    def take_pins(self, stored: Iterable[Pin]) -> None:
        """Pins from storage, but none on the word of an issuer that is not known (6-22)."""
        known = {issuer_id(key) for key in self.issuers}
        self.pins = [pin for pin in stored if pin.issuer is None or pin.issuer in known]

    def accept(self, certificate: Certificate, wall: int) -> str:
        """Accepts a certificate at `wall` seconds, and says on whose word: that of an issuer, or "itself".

        Raises `Rejected` of the layer `certificate`, with the reason as chapter 12 names it; the first
        test that fails is the reason. A reason of "Undecided" means that the user is asked.
        """
        body, member = certificate.body, member_id(certificate.body.key)
        if member in self.revoked:
            raise Rejected("certificate", "Revoked")  # 6-6
        if wall + SKEW_S < body.not_before:
            raise Rejected("certificate", "Time")  # 6-7
        if wall > min(body.not_before + body.lifetime + SKEW_S, U64_MAX):
            raise Rejected("certificate", "Time")
        voucher, issuer = "itself", None
        if isinstance(certificate.vouch, Issued):
            voucher, issuer = self._issued(certificate)
        if voucher in ("user", "authority"):
            self._pin_on_authority(Pin(body.name, member, issuer))
        else:
            self._unvouched(Pin(body.name, member, issuer), voucher)
        return voucher

    def _issued(self, certificate: Certificate) -> tuple[str, bytes]:
        """Which kind of issuer signed it (6-8), and that it is not revoked (6-6)."""
        assert isinstance(certificate.vouch, Issued)
        found = [key for key in self.issuers if issuer_id(key) == certificate.vouch.issuer]
        if not found:
            raise Rejected("certificate", "UnknownIssuer")
        if member_id(found[0]) in self.revoked:
            raise Rejected("certificate", "Revoked")
        if not verify_certificate(found[0], certificate.body, certificate.vouch.signature):
            raise Rejected("certificate", "Signature")
        return self.issuers[found[0]], certificate.vouch.issuer

    def _of(self, wanted: Pin) -> tuple[Pin | None, Pin | None]:
        """The pin of the name, and the pin of the member."""
        of_name = next((pin for pin in self.pins if pin.name == wanted.name), None)
        of_member = next((pin for pin in self.pins if pin.member == wanted.member), None)
        return of_name, of_member

    def _pin_on_authority(self, wanted: Pin) -> None:
        """An authority gives any name to any key (6-9)."""
        of_name, of_member = self._of(wanted)
        if of_name is not None and of_name is of_member and of_name.issuer is None:
            return
        if len(self.pins) >= PINS_MAX and of_name is None:
            return
        self.pins = [pin for pin in self.pins if pin not in (of_name, of_member)] + [wanted]

    def _unvouched(self, wanted: Pin, voucher: str) -> None:
        """A certificate that is self-signed, or that the server has issued (6-10)."""
        of_name, of_member = self._of(wanted)
        if of_name is not None and of_name is of_member:
            if voucher == "itself" and of_name.issuer is not None:
                raise Rejected("certificate", "SelfSigned")
            return
        if wanted.member in self.declined:
            raise Rejected("certificate", "Declined")
        if of_name is None and of_member is None:
            if voucher == "itself" and self.unknown == "refuse":
                raise Rejected("certificate", "SelfSigned")
            if voucher == "itself" and self.unknown == "ask":
                raise Rejected("certificate", "Undecided")
            if len(self.pins) >= PINS_MAX:
                raise Rejected("certificate", "PinsFull")
            self.pins.append(wanted)
            return
        if of_name is not None and of_member is None and self.unknown == "ask":
            if of_name.issuer is None or self._is_server(of_name.issuer):
                raise Rejected("certificate", "Undecided")
        raise Rejected("certificate", "Pinned")

    def _is_server(self, issuer: bytes) -> bool:
        return any(issuer_id(key) == issuer and kind == "server" for key, kind in self.issuers.items())
