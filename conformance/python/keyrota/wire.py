"""The encoding of values (chapter 1, "Encoding of values").

A *codec* reads one type of value from a `Reader` and writes it again. A *structure* is a dataclass
whose fields name their codecs in the order of its table in chapter 3:

    @dataclass(frozen=True)
    class Entry(Structure):
        id: bytes = as_type(Bytes(16))
        state: int = as_type(U32)

Every value has one encoding (1-11), since each codec rejects all others (1-10).
"""

from dataclasses import dataclass, field, fields
from typing import Any, Protocol, Self

from .errors import Rejected

LAYER = "frame"


class Reader:
    """Bytes, and how far they have been read."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        if len(self.data) - self.at < count:
            raise Rejected(LAYER, "bytes end too early")
        taken = self.data[self.at : self.at + count]
        self.at += count
        return taken

    def rest(self) -> bytes:
        """All bytes up to the end."""
        return self.take(len(self.data) - self.at)

    def end(self) -> None:
        """Nothing may be left."""
        if self.at != len(self.data):
            raise Rejected(LAYER, "bytes after the end")


class Codec(Protocol):
    """How one type of the tables stands on the wire."""

    def read(self, reader: Reader) -> Any: ...

    def write(self, value: Any) -> bytes: ...


def _bounded(value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise Rejected(LAYER, f"{value} is not from {low} to {high}")
    return value


@dataclass(frozen=True)
class Varint:
    """`u16`, `u32`, `u64`: base 128, least significant digit first, fewest digits (1-9)."""

    bits: int
    low: int = 0
    high: int | None = None

    def _top(self) -> int:
        return 2**self.bits - 1 if self.high is None else self.high

    def read(self, reader: Reader) -> int:
        value, shift = 0, 0
        while True:
            byte = reader.take(1)[0]
            value |= (byte & 0x7F) << shift
            if value >= 2**self.bits:
                raise Rejected(LAYER, "a number beyond its type")
            if byte & 0x80 == 0:
                break
            shift += 7
            if shift >= self.bits:
                raise Rejected(LAYER, "a varint that is too long")
        if byte == 0 and shift > 0:
            raise Rejected(LAYER, "a varint with more digits than needed")
        return _bounded(value, self.low, self._top())

    def write(self, value: int) -> bytes:
        _bounded(value, self.low, self._top())
        out = bytearray()
        while value >= 0x80:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        out.append(value)
        return bytes(out)


@dataclass(frozen=True)
class Byte:
    """`u8`: the byte."""

    low: int = 0
    high: int = 255

    def read(self, reader: Reader) -> int:
        return _bounded(reader.take(1)[0], self.low, self.high)

    def write(self, value: int) -> bytes:
        return bytes([_bounded(value, self.low, self.high)])


@dataclass(frozen=True)
class Bytes:
    """`bytes[n]`: n bytes as they are."""

    count: int

    def read(self, reader: Reader) -> bytes:
        return reader.take(self.count)

    def write(self, value: bytes) -> bytes:
        _bounded(len(value), self.count, self.count)
        return value


@dataclass(frozen=True)
class Rest:
    """The rest of a frame: all bytes up to the end, without a length (chapter 3, "Frames")."""

    low: int
    high: int

    def read(self, reader: Reader) -> bytes:
        return self.write(reader.rest())

    def write(self, value: bytes) -> bytes:
        _bounded(len(value), self.low, self.high)
        return value


@dataclass(frozen=True)
class ToTheEnd:
    """A rest that is one or more of T, one after the other, up to the end."""

    inner: Codec

    def read(self, reader: Reader) -> tuple[Any, ...]:
        values = [self.inner.read(reader)]
        while reader.at < len(reader.data):
            values.append(self.inner.read(reader))
        return tuple(values)

    def write(self, value: tuple[Any, ...]) -> bytes:
        if not value:
            raise Rejected(LAYER, "an empty rest")
        return b"".join(map(self.inner.write, value))


@dataclass(frozen=True)
class Bool:
    """`bool`: `00` for no, `01` for yes."""

    def read(self, reader: Reader) -> bool:
        return bool(Byte(0, 1).read(reader))

    def write(self, value: bool) -> bytes:
        return b"\1" if value else b"\0"


@dataclass(frozen=True)
class Option:
    """`option T`: `00` for nothing; `01`, then T."""

    inner: Codec

    def read(self, reader: Reader) -> Any:
        return self.inner.read(reader) if Bool().read(reader) else None

    def write(self, value: Any) -> bytes:
        return b"\0" if value is None else b"\1" + self.inner.write(value)


@dataclass(frozen=True)
class List:
    """`list T`: how many as a varint, then each T."""

    inner: Codec
    high: int

    def read(self, reader: Reader) -> tuple[Any, ...]:
        count = Varint(32, 0, self.high).read(reader)
        return tuple(self.inner.read(reader) for _ in range(count))

    def write(self, value: tuple[Any, ...]) -> bytes:
        return Varint(32, 0, self.high).write(len(value)) + b"".join(map(self.inner.write, value))


@dataclass(frozen=True)
class String:
    """`string`: how many bytes as a varint, then that many bytes of UTF-8."""

    low: int
    high: int

    def read(self, reader: Reader) -> str:
        count = Varint(32, self.low, self.high).read(reader)
        try:
            return reader.take(count).decode("utf-8")
        except UnicodeDecodeError:
            raise Rejected(LAYER, "a string that is not UTF-8") from None

    def write(self, value: str) -> bytes:
        data = value.encode("utf-8")
        return Varint(32, self.low, self.high).write(len(data)) + data


def as_type(codec: Codec) -> Any:
    """A field of a structure, with its type in the table of chapter 3."""
    return field(metadata={"codec": codec})


class Structure:
    """Fields in the order of their table, with nothing between them."""

    @classmethod
    def read(cls, reader: Reader) -> Self:
        value = cls(*(f.metadata["codec"].read(reader) for f in fields(cls)))  # type: ignore[arg-type]
        value.check()
        return value

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """The value that is all of these bytes."""
        reader = Reader(data)
        value = cls.read(reader)
        reader.end()
        return value

    def encode(self) -> bytes:
        """The one encoding of this value."""
        self.check()
        return b"".join(f.metadata["codec"].write(getattr(self, f.name)) for f in fields(self))  # type: ignore[arg-type]

    def check(self) -> None:
        """Bounds that concern more than one field; raises `Rejected`."""


@dataclass(frozen=True)
class Of:
    """A structure as the type of a field."""

    structure: type[Structure]

    def read(self, reader: Reader) -> Structure:
        return self.structure.read(reader)

    def write(self, value: Structure) -> bytes:
        return value.encode()


class Choice:
    """`choice`: the number of the variant as a varint, then the variant's fields. The names are those of the table."""

    def __init__(self, **variants: type[Structure]) -> None:
        self.variants = variants
        self.names = Names(*variants)

    def read(self, reader: Reader) -> Structure:
        return self.variants[self.names.read(reader)].read(reader)

    def write(self, value: Structure) -> bytes:
        return self.names.write(self.name(value)) + value.encode()

    def name(self, value: Structure) -> str:
        """How the table calls the variant of a value."""
        return next(name for name, variant in self.variants.items() if variant is type(value))


class Names:
    """A choice whose variants have no fields; the value is the name."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.number = Varint(32, 0, len(names) - 1)

    def read(self, reader: Reader) -> str:
        return self.names[self.number.read(reader)]

    def write(self, value: str) -> bytes:
        if value not in self.names:
            raise Rejected(LAYER, f"no such name: {value}")
        return self.number.write(self.names.index(value))


U32, U64 = Varint(32), Varint(64)
