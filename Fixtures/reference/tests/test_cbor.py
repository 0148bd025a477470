"""canonical.md §2: one value has one encoding."""

import random
import unittest

from replica import cbor
from replica.ids import Malformed, OpId, Ref

REFUSED = {
    "a head that is too long": "1817", "a longer head for 0": "1800", "bytes behind": "0000",
    "a float": "fb3ff0000000000000", "null": "f6", "undefined": "f7", "a simple value": "f820",
    "an indefinite array": "9fff", "an indefinite text": "7fff", "an indefinite map": "bfff",
    "keys that descend": "a202000100", "a key twice": "a201000100", "a text as key": "a1616100",
    "a negative key": "a12000", "another tag": "c100", "a tag around a text": "d9ad9c6161",
    "a reference to seq 0": "d9ad9c82191001" "00", "a reference of three": "d9ad9c8319100101" "01",
    "invalid UTF-8": "61ff", "a surrogate": "63eda080", "beyond 63 bits": "1b8000000000000000",
    "beyond −2^63": "3b8000000000000000", "cut off": "19", "a count that lies": "9b00000000ffffffff",
    "nothing": "",
}


class CBORTests(unittest.TestCase):
    def test_every_other_encoding_is_refused(self) -> None:
        for words, digits in REFUSED.items():
            with self.subTest(words), self.assertRaises(Malformed):
                cbor.decode(bytes.fromhex(digits))

    def test_the_ends_of_ranges(self) -> None:
        for value in (0, 23, 24, 255, 256, 65535, 65536, 2**32, 2**63 - 1, -1, -24, -25, -(2**63)):
            self.assertEqual(cbor.decode(cbor.encode(value)), value)
        for value in (2**63, -(2**63) - 1):
            with self.assertRaises(Malformed):
                cbor.encode(value)

    def test_what_is_written_is_read(self) -> None:
        source = random.Random(1)
        for _ in range(500):
            value = _value(source, 4)
            data = cbor.encode(value)
            self.assertEqual(cbor.decode(data), value)
            self.assertEqual(cbor.encode(cbor.decode(data)), data)

    def test_damage_is_refused_or_means_what_it_says(self) -> None:
        source = random.Random(2)
        data = cbor.encode({1: [Ref(OpId(4097, 3)), "盐", b"\x01"], 2: {9: -5}, 3: True})
        for _ in range(2000):
            spoiled = bytearray(data)
            spoiled[source.randrange(len(data))] ^= 1 << source.randrange(8)
            try:
                value = cbor.decode(bytes(spoiled))
            except Malformed:
                continue
            self.assertEqual(cbor.encode(value), bytes(spoiled))


def _value(source: random.Random, depth: int) -> object:
    sort = source.randrange(7 if depth else 5)
    if sort == 0:
        return source.randrange(-(2**63), 2**63) >> source.randrange(63)
    if sort == 1:
        return source.randbytes(source.randrange(30))
    if sort == 2:
        return "".join(source.choice("a盐\t\"𠮷") for _ in range(source.randrange(30)))
    if sort == 3:
        return source.random() < 0.5
    if sort == 4:
        return Ref(OpId(source.randrange(1, 2**31), source.randrange(1, 2**32)))
    many = range(source.randrange(5))
    if sort == 5:
        return [_value(source, depth - 1) for _ in many]
    return {source.randrange(2**64): _value(source, depth - 1) for _ in many}


if __name__ == "__main__":
    unittest.main()
