"""The golden messages of Fixtures/wire, byte for byte (canonical.md §7)."""

import unittest

from replica import enrol, jsontext, line, op, pull, view
from replica.catalogue import Catalogue
from replica.ids import Malformed, from_base64

from . import WIRE, sample


class WireTests(unittest.TestCase):
    def setUp(self) -> None:
        self.catalogue = sample.catalogue()

    def test_each_op_is_its_json_and_its_bytes(self) -> None:
        files = sorted(WIRE.glob("op-*.cbor.hex"))
        self.assertGreater(len(files), 10)
        for file in files:
            with self.subTest(file.name):
                data = bytes.fromhex(file.read_text().strip())
                shown = file.with_name(file.name.replace(".cbor.hex", ".json")).read_bytes()
                value = op.decode(data)
                self.assertEqual(value.encoded(), data)
                self.assertEqual(jsontext.dumps(view.to_json(value, self.catalogue)), shown.strip())
                self.assertEqual(view.from_json(jsontext.loads(shown), self.catalogue), value)

    def test_an_op_by_numbers_is_the_same_op_to_any_reader(self) -> None:
        for file in sorted(WIRE.glob("op-*.cbor.hex")):
            value = op.decode(bytes.fromhex(file.read_text().strip()))
            numbers = jsontext.loads(jsontext.dumps(view.to_json(value, None)))
            for reader in (self.catalogue, Catalogue([], 1)):
                self.assertEqual(view.from_json(numbers, reader), value, file.name)

    def test_every_op_of_the_golden_messages_is_shown_as_it_stands(self) -> None:
        request = jsontext.loads((WIRE / "sync-request.json").read_bytes())
        reply = jsontext.loads((WIRE / "sync-reply.json").read_bytes())
        shown = list(request["ops"])
        for entry in reply["entries"]:
            shown.append(entry["op"])
            shown += [each for run in entry["runs"] for each in run["ops"]]
        for each in shown:
            again = view.to_json(view.from_json(each, self.catalogue), self.catalogue)
            self.assertEqual(jsontext.dumps(again), jsontext.dumps(each))
        parsed = pull.parse(reply, 4097, self.catalogue)
        self.assertEqual((parsed.head.seq, parsed.more, parsed.catalogue), (33, False, 1))
        self.assertEqual(sorted(parsed.entries[0].runs), [0, 3])

    def test_an_enrolment_and_a_problem(self) -> None:
        golden = (WIRE / "enrol-request.json").read_bytes().strip()
        nonce = from_base64("AAECAwQFBgcICQoLDA0ODw", 16)
        self.assertEqual(enrol.message("K7QM-2X9P", nonce, "青龙街社区 一号机"), golden)
        problem = line.problem(400, (WIRE / "problem.json").read_bytes(), "7")
        self.assertEqual((problem.code, problem.retry, problem.after), ("out-of-range", False, 7))
        self.assertEqual(line.problem(502, b"<html>", None).code, "about:blank")

    def test_what_json_may_not_be(self) -> None:
        for text in ('{"a":1,"a":2}', "1.0", "NaN", "[1", "", '"\ud800"', "[" * 40 + "]" * 40):
            with self.subTest(text), self.assertRaises(Malformed):
                jsontext.loads(text.encode("utf-8", "surrogatepass"))

    def test_what_an_op_may_not_be(self) -> None:
        sound = {
            "id": "4097-12", "stamp": 1, "kind": "#46", "occurred_on": "2026-01-13", "payload": {}
        }
        view.from_json(sound, self.catalogue)
        deep = {"#1": [[[[[[]]]]]], "#2": [[[[[{"#ref": "4097-1"}]]]]]}
        view.from_json({**sound, "payload": deep}, self.catalogue)
        for change in (
            {"id": "4097-012"}, {"id": "0-1"}, {"stamp": -1}, {"stamp": True}, {"stamp": 2**53},
            {"kind": "#046"}, {"kind": "#0"}, {"kind": "#65536"}, {"kind": "no.such"},
            {"occurred_on": "2026-1-13"}, {"occurred_on": "2026-02-30"}, {"names": "AAAA"},
            {"extra": 1}, {"payload": []}, {"payload": {"#1": None}}, {"payload": {"#1": 2**53}},
            {"payload": {"#1": {"#int": "5"}}}, {"payload": {"#1": {"#ref": "4097"}}},
            {"payload": {"#1": [[[[[[1]]]]]]}}, {"payload": {"#1": [{"#ref": "4097-1"}] * 65}},
            {"payload": {"#1": "x" * 33000}}, {"kind": "sample.flag", "payload": {"value": 1}},
            {"kind": "sample.flag", "payload": {"value": True, "#1": True}},
            {"kind": "sample.choice", "payload": {"value": "none"}},
        ):
            with self.subTest(str(change)[:60]), self.assertRaises(Malformed):
                view.from_json({**sound, **change}, self.catalogue)


if __name__ == "__main__":
    unittest.main()
