"""Deterministic CBOR: canonical.md §2. One value has one encoding; every other is refused."""

from __future__ import annotations

from typing import Any

from .ids import Malformed, OpId, Ref

REFERENCE_TAG = 44444
DEEPEST = 32
"""A guard of the decoder's own stack. What an op may have is said in `op`."""

_INT, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)


def encode(value: Any) -> bytes:
    out = bytearray()
    _write(value, out)
    return bytes(out)


def decode(data: bytes) -> Any:
    """The value whose encoding `data` is. Raises `Malformed` for any other bytes."""
    reader = _Reader(data)
    value = reader.value(0)
    if reader.place != len(data):
        raise Malformed("bytes behind the value")
    return value


def _head(major: int, number: int, out: bytearray) -> None:
    """The shortest head (RFC 8949 §4.2.1)."""
    if number < 24:
        out.append(major << 5 | number)
        return
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * size:
            out.append(major << 5 | code)
            out += number.to_bytes(size, "big")
            return
    raise Malformed(f"no number of 64 bits: {number}")


def _write(value: Any, out: bytearray) -> None:
    if isinstance(value, bool):
        out.append(0xF5 if value else 0xF4)
    elif isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise Malformed(f"beyond 64 signed bits: {value}")
        _head(_INT, value, out) if value >= 0 else _head(_NEGATIVE, -1 - value, out)
    elif isinstance(value, bytes):
        _head(_BYTES, len(value), out)
        out += value
    elif isinstance(value, str):
        data = value.encode("utf-8")
        _head(_TEXT, len(data), out)
        out += data
    elif isinstance(value, list):
        _head(_ARRAY, len(value), out)
        for element in value:
            _write(element, out)
    elif isinstance(value, dict):
        _head(_MAP, len(value), out)
        for key in sorted(value):
            _head(_INT, key, out)
            _write(value[key], out)
    elif isinstance(value, Ref):
        _head(_TAG, REFERENCE_TAG, out)
        _write([value.op.replica, value.op.seq], out)
    else:
        raise Malformed(f"nothing that an op may hold: {value!r}")


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def take(self, count: int) -> bytes:
        if count > len(self.data) - self.place:
            raise Malformed("the bytes end too early")
        self.place += count
        return self.data[self.place - count : self.place]

    def head(self) -> tuple[int, int]:
        first = self.take(1)[0]
        major, code = first >> 5, first & 31
        if code < 24:
            return major, code
        if major == _SIMPLE or code > 27:
            raise Malformed("a float, a simple value, or an indefinite length")
        size = 1 << code - 24
        number = int.from_bytes(self.take(size), "big")
        if number < (24 if size == 1 else 1 << 4 * size):
            raise Malformed("a head that is not the shortest")
        return major, number

    def value(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise Malformed("too deep")
        major, number = self.head()
        if major in (_INT, _NEGATIVE):
            if number >= 2**63:
                raise Malformed("beyond 64 signed bits")
            return number if major == _INT else -1 - number
        if major == _BYTES:
            return self.take(number)
        if major == _TEXT:
            try:
                return self.take(number).decode("utf-8")
            except UnicodeDecodeError as error:
                raise Malformed("no valid UTF-8") from error
        if major == _ARRAY:
            return [self.value(depth + 1) for _ in range(self.counted(number))]
        if major == _MAP:
            return self.map(self.counted(number), depth)
        if major == _TAG:
            return self.reference(number, depth)
        if number in (20, 21):
            return number == 21
        raise Malformed("a simple value other than false and true")

    def counted(self, number: int) -> int:
        """No element takes less than a byte, so a count beyond the bytes is a lie."""
        if number > len(self.data) - self.place:
            raise Malformed("the bytes end too early")
        return number

    def map(self, count: int, depth: int) -> dict[int, Any]:
        result: dict[int, Any] = {}
        last = -1
        for _ in range(count):
            major, key = self.head()
            if major != _INT or key <= last:
                raise Malformed("map keys are unsigned integers, ascending")
            last = key
            result[key] = self.value(depth + 1)
        return result

    def reference(self, tag: int, depth: int) -> Ref:
        pair = self.value(depth + 1) if tag == REFERENCE_TAG else None
        return Ref(op_id(pair))


def op_id(value: Any) -> OpId:
    """The plain pair `[replica, seq]`, as in a reference, an actor, and a policy."""
    is_pair = isinstance(value, list) and len(value) == 2
    if not is_pair or any(type(part) is not int for part in value):
        raise Malformed("no [replica, seq]")
    return OpId(*value)
