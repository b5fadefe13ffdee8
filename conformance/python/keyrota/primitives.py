"""The primitives, and random inputs (chapter 1)."""

import hashlib
import hmac

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .errors import Rejected

# P-256: the prime of its field, and the order of its group.
PRIME = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def label(text: str) -> bytes:
    """A label of chapter 1: "keyrota/1 ", what it is for, one zero byte (1-8)."""
    return b"keyrota/1 " + text.encode("ascii") + b"\0"


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def xor(one: bytes, other: bytes) -> bytes:
    """⊕ of byte strings of the same length."""
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


# Extract and Expand: HKDF of RFC 5869 with SHA-256.


def extract(ikm: bytes, salt: bytes = b"") -> bytes:
    """The empty salt counts as 32 zero bytes (1-6), which HMAC makes of it by itself."""
    return hmac.digest(salt, ikm, "sha256")


def expand(key: bytes, info: bytes, length: int) -> bytes:
    out, block, number = b"", b"", 1
    while len(out) < length:
        block = hmac.digest(key, block + info + bytes([number]), "sha256")
        out += block
        number += 1
    return out[:length]


# Keys (1-1, 1-2).


def public_point(key: bytes) -> ec.EllipticCurvePublicKey:
    """The point of a public key: compressed, on the curve, x below the prime (1-1)."""
    if len(key) != 33 or key[0] not in (2, 3) or int.from_bytes(key[1:]) >= PRIME:
        raise Rejected("key", "these bytes are no public key")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    except ValueError:
        raise Rejected("key", "no point of the curve has this x") from None


def is_key(key: bytes) -> bool:
    """Whether these bytes are a public key."""
    try:
        public_point(key)
        return True
    except Rejected:
        return False


def private_number(key: bytes) -> ec.EllipticCurvePrivateKey:
    """The private key of these 32 bytes (1-2)."""
    number = int.from_bytes(key)
    if len(key) != 32 or not 1 <= number < ORDER:
        raise Rejected("key", "these bytes are no private key")
    return ec.derive_private_key(number, ec.SECP256R1())


def public_key(private: bytes) -> bytes:
    """The public key of a private one."""
    return private_number(private).public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def _uncompressed(key: bytes) -> bytes:
    return public_point(key).public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


# Sign and Verify: ECDSA over P-256 with SHA-256 (1-3).


def sign(private: bytes, message: bytes) -> bytes:
    """r ‖ s, with the nonce of RFC 6979, and s as it comes."""
    scheme = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    r, s = decode_dss_signature(private_number(private).sign(message, scheme))
    return r.to_bytes(32) + s.to_bytes(32)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this is a signature; a high s is as good as a low one, and no key verifies nothing (3-18)."""
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    if not is_key(public):
        return False
    try:
        public_point(public).verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
        return True
    except InvalidSignature:
        return False


# Encap, Decap, DeriveKeyPair: DHKEM(P-256, HKDF-SHA256) of RFC 9180, sections 4.1 and 7.1.

_SUITE = b"KEM" + (0x0010).to_bytes(2)


def _labeled_extract(name: bytes, ikm: bytes) -> bytes:
    return extract(b"HPKE-v1" + _SUITE + name + ikm)


def _labeled_expand(key: bytes, name: bytes, info: bytes, length: int) -> bytes:
    return expand(key, length.to_bytes(2) + b"HPKE-v1" + _SUITE + name + info, length)


def derive_key_pair(ikm: bytes) -> bytes:
    """The private key that comes of 32 drawn bytes (1-20)."""
    prk = _labeled_extract(b"dkp_prk", ikm)
    for counter in range(256):
        candidate = _labeled_expand(prk, b"candidate", bytes([counter]), 32)
        if 1 <= int.from_bytes(candidate) < ORDER:
            return candidate
    raise ValueError("no key in 256 attempts: this does not happen")


def _shared(private: bytes, other: bytes, ephemeral: bytes, recipient: bytes) -> bytes:
    product = private_number(private).exchange(ec.ECDH(), public_point(other))
    prk = _labeled_extract(b"eae_prk", product)
    context = _uncompressed(ephemeral) + _uncompressed(recipient)  # 65 bytes each (1-5)
    return _labeled_expand(prk, b"shared_secret", context, 32)


def encap(ephemeral_private: bytes, recipient: bytes) -> bytes:
    """The shared secret, of the ephemeral's private half and the recipient's public key."""
    return _shared(ephemeral_private, recipient, public_key(ephemeral_private), recipient)


def decap(recipient_private: bytes, ephemeral: bytes) -> bytes:
    """The same, of the recipient's private key and the ephemeral's public half."""
    return _shared(recipient_private, ephemeral, ephemeral, public_key(recipient_private))


# Seal and Open: AES-256-GCM-SIV of RFC 8452, the tag of 16 bytes after the ciphertext.


def seal(key: bytes, nonce: bytes, data: bytes, plaintext: bytes) -> bytes:
    return AESGCMSIV(key).encrypt(nonce, plaintext, data)


def open_(key: bytes, nonce: bytes, data: bytes, sealed: bytes) -> bytes:
    try:
        return AESGCMSIV(key).decrypt(nonce, sealed, data)
    except InvalidTag:
        raise Rejected("seal", "it does not open") from None


# Random inputs: a test fixes them all by one seed (1-15 to 1-20).

# How many bytes a draw of each chain takes: secret, member key, tag, key, ephemeral, choice, jitter.
DRAWS = (32, 32, 4, 32, 32, 8, 8)


def _stream(key: bytes, nonce: bytes, length: int) -> bytes:
    """The key stream of ChaCha20, from block 0 on. The library takes counter and nonce as one."""
    counter = bytes(4)
    cipher = Cipher(algorithms.ChaCha20(key, counter + nonce), mode=None)
    return cipher.encryptor().update(bytes(length))


class Chain:
    """One of the seven chains of a seed; whoever sees it cannot tell what it has given (1-17)."""

    def __init__(self, seed: bytes, number: int) -> None:
        self.state = _stream(seed, bytes(4) + number.to_bytes(8, "little"), 32)

    def draw(self, count: int) -> bytes:
        stream = _stream(self.state, bytes(12), 32 + count)
        self.state = stream[:32]
        return stream[32:]

    def below(self, n: int) -> int:
        """A number below n, of 8 bytes (1-19)."""
        return int.from_bytes(self.draw(8), "little") * n >> 64
