"""A hub that runs in the test: the messages of sync.md §4 from a master key and logs of its own."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Any

from replica import chain, jsontext, view
from replica.catalogue import Catalogue
from replica.chain import Head, Life
from replica.ids import OpId, Ref, to_base64
from replica.op import Op

STREET, LIFE, KEY = bytes(range(16)), Life(1, bytes(8)), b"a master key"
HUB = 4096


def secret(replica: int) -> bytes:
    text = STREET + LIFE.number.to_bytes(4, "big") + LIFE.random + replica.to_bytes(4, "big")
    return hmac.digest(KEY, text, "sha256")


@dataclass
class Street:
    """The hub's logs. `cut` is after how many ops a reply ends, wherever that is."""

    catalogue: Catalogue
    logs: dict[int, list[Op]] = field(default_factory=dict)
    hashes: dict[int, list[bytes]] = field(default_factory=dict)
    covered: list[dict[int, int]] = field(default_factory=list)
    cut: int = 1_000_000

    def __post_init__(self) -> None:
        named = {each.name: each.number for each in self.catalogue.by_number.values()}
        self.write(HUB, named["street.define"], {1: STREET, 2: "街"})
        self.write(HUB, named["community.define"], {1: "社区"})
        community = Ref(OpId(HUB, 2))
        self.write(HUB, named["policy.set"], {1: community, 2: 0})
        for _ in range(2):
            self.write(HUB, named["staff.appoint"], {1: community, 2: 7, 3: 0})

    def enrol(self, replica: int) -> dict[str, Any]:
        self.write(HUB, 3, {1: replica, 2: Ref(OpId(HUB, 2)), 3: "站"})
        return {
            "street": STREET.hex(), "street_name": "街", "incarnation": LIFE.json(),
            "replica": replica, "community": f"{HUB}-2", "token": to_base64(bytes(32)),
            "secret": to_base64(secret(replica)), "now": 0,
        }

    def head(self, replica: int, seq: int | None = None) -> Head:
        hashes = self.hashes.setdefault(replica, [chain.start(STREET, LIFE, replica)])
        seq = len(hashes) - 1 if seq is None else seq
        return Head(replica, seq, hashes[seq])

    def store(self, op: Op) -> None:
        head = self.head(op.id.replica)
        assert op.id.seq == head.seq + 1, f"a gap before {op.id}"
        self.logs.setdefault(op.id.replica, []).append(op)
        self.hashes[op.id.replica].append(chain.link(head.hash, op.encoded()))
        if op.id.replica == HUB:
            self.covered.append({})

    def write(self, replica: int, kind: int, payload: dict[int, Any], **more: Any) -> Op:
        op = Op(OpId(replica, self.head(replica).seq + 1), 0, kind, 20_000, payload, **more)
        named = [self.head(id.replica, id.seq).hash for id in op.named()]
        op = Op(**{**op.__dict__, "names": chain.names(named)})
        self.store(op)
        return op

    def receive(self, *replicas: int) -> None:
        """A receipt with a run for each of these logs, up to its end."""
        before: dict[int, int] = {}
        for entry in self.covered:
            before.update(entry)
        heads = [self.head(each) for each in replicas]
        runs = [{1: each.replica, 2: each.seq, 3: each.hash} for each in heads]
        self.write(HUB, 5, {1: runs})
        self.covered[-1] = {each.replica: each.seq for each in heads}

    def _begin(self, entry: int, replica: int) -> int:
        return max((each.get(replica, 0) for each in self.covered[:entry]), default=0)

    # The line

    authorization: str | None = None

    def post(self, path: str, data: bytes) -> Any:
        message = jsontext.loads(data)
        me = message["replica"]
        pushed = False
        for shown in message["ops"]:
            op = view.from_json(shown, self.catalogue)
            if op.id.seq > self.head(me).seq:
                self.store(op)
                pushed = True
        if pushed:
            self.receive(me)
        return self.reply(me, message["hub"])

    def put(self, path: str, body: bytes) -> None:
        pass

    def reply(self, me: int, hub: dict[str, Any]) -> dict[str, Any]:
        left, entries, last = self.cut, [], hub["seq"]
        for op in self.logs[HUB][hub["seq"] :]:
            if left <= 0:
                break
            left -= 1
            last = op.id.seq
            is_first = last == hub["seq"] + 1
            runs = []
            for index, (replica, upto) in enumerate(self.covered[last - 1].items()):
                begin = self._begin(last - 1, replica)
                if is_first and index < hub["run"] or replica == me:
                    continue
                if is_first and index == hub["run"]:
                    begin = max(begin, hub["upto"])
                ops = self.logs[replica][begin:upto][: max(left, 0)]
                left -= len(ops)
                if ops:
                    runs.append({"index": index, "ops": [view.to_json(op, None) for op in ops]})
                if begin + len(ops) < upto:
                    left = -1
                    break
            entries.append({"op": view.to_json(op, None), "runs": runs})
        head = self.head(HUB, last)
        successor = hmac.digest(KEY, b"hub" + head.encoded(), "sha256")
        have = self.head(me)
        return {
            "now": 1, "have": {"seq": have.seq, "hash": to_base64(have.hash)}, "entries": entries,
            "head": head.json(), "seal": to_base64(chain.hub_seal(secret(me), head, successor)),
            "successor_seal": to_base64(successor),
            "more": left < 0 or last < self.head(HUB).seq,
        }
