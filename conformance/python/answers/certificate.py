"""Certificates and Hellos (chapters 6 and 7)."""

import forms
from keyrota import certificates, frames, keys, primitives
from keyrota.errors import Rejected

from . import Fields, operation, read_certificate, unhex


@operation("certificate.decode")
def certificate_decode(given: Fields) -> Fields:
    return {"certificate": forms.to_json(read_certificate(given))}


@operation("certificate.fingerprint")
def certificate_fingerprint(given: Fields) -> Fields:
    certificate = read_certificate(given)
    member = keys.member_id(certificate.body.key)
    return {
        "certificate": certificates.shown(certificates.fingerprint(certificate)),
        "member": certificates.shown(member),
    }


@operation("certificate.issue")
def certificate_issue(given: Fields) -> Fields:
    issuer = unhex(given["issuer"])
    body = frames.CertificateBody(given["name"], unhex(given["key"]), int(given["not_before"]), given["lifetime"])
    vouch = frames.Issued(certificates.issuer_id(primitives.public_key(issuer)), keys.sign_certificate(issuer, body))
    return {"certificate": frames.Certificate(body, vouch).encode().hex()}


@operation("certificate.verify")
def certificate_verify(given: Fields) -> Fields:
    certificate = read_certificate(given)
    store = certificates.Store(unknown=given["self_signed"])
    for issuer in given["issuers"]:
        primitives.public_point(unhex(issuer["key"]))
        store.issuers[unhex(issuer["key"])] = issuer["voucher"]
    store.issuers[unhex(given["own"])] = "user"
    store.take_pins(
        certificates.Pin(pin["name"], unhex(pin["member"]), None if pin["by"] is None else unhex(pin["by"]))
        for pin in given["pins"]
    )
    store.revoked = set(map(unhex, given["revoked"]))
    store.declined = set(map(unhex, given["declined"]))
    try:
        voucher = store.accept(certificate, given["time"])
    except Rejected as why:
        if why.why != "Undecided":
            raise
        voucher = "undecided"
    pins = sorted(store.pins, key=lambda pin: pin.name.encode())
    return {
        "voucher": voucher,
        "pins": [
            {"name": pin.name, "member": pin.member.hex(), "by": None if pin.issuer is None else pin.issuer.hex()}
            for pin in pins
        ],
    }


@operation("certificate.sign_hello")
def certificate_sign_hello(given: Fields) -> Fields:
    hello = forms.from_json(frames.Hello, given["hello"])
    digest = keys.name_digest(given["channel"].encode())
    return {"signature": keys.sign_hello(unhex(given["private"]), digest, hello.body).hex()}


@operation("certificate.verify_hello")
def certificate_verify_hello(given: Fields) -> Fields:
    hello = frames.Hello.decode(unhex(given["frame"])[1:])
    if not keys.verify_hello(keys.name_digest(given["channel"].encode()), hello.body, hello.signature):
        raise Rejected("signature", "the signature of a Hello")
    return {"member": keys.member_id(hello.body.certificate.body.key).hex()}
