"""One sync: push what the hub lacks, pull what is missing here, until nothing is left (sync.md §4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import chain, jsontext, pull, rollcall, view
from .catalogue import Catalogue
from .ids import Malformed, to_base64
from .line import Line, Problem, with_retries
from .pull import Spoilt, Stopped
from .store import Store

LEAST_CHUNK, FIRST_CHUNK, MOST_CHUNK = 4_096, 65_536, 1_048_576
MOST_OPS = 4_096
MOST_HEADS = 1_024
MOST_IDLE = 8
STOPS = {"fork", "token-revoked", "retired", "unauthorized", "chain-broken", "seal-mismatch"}
"""Refusals after which nothing changes before a person has done something (§4.7, errors.md)."""


@dataclass
class Result:
    pushed: int = 0
    pulled: int = 0
    late: int = 0
    bodies_left: int = 0
    idle: int = 0


class Sync:
    """Exchanges of one replica with its hub. `attempts` is how often a failed one is tried."""

    def __init__(
        self, store: Store, line: Line, catalogue: Catalogue, attempts: int = 6,
        first_chunk: int = FIRST_CHUNK,
    ) -> None:
        self.store, self.line, self.catalogue = store, line, catalogue
        self.attempts = attempts
        self.chunk = first_chunk
        self.by_numbers = False
        self.line.authorization = f"{store.get('replica')}.{store.get('token')}"

    def run(self) -> Result:
        """Raises `Stopped`, and what the line raises when the attempts are used up."""
        result = Result()
        calls = 0
        if self.store.get("call_again"):
            rollcall.call(self.store, self.line, self.catalogue, self.attempts)
        while True:
            try:
                if self._exchange(result):
                    break
            except Problem as problem:
                if problem.code in ("new-incarnation", "unknown-progress") and calls < 3:
                    calls += 1
                    rollcall.call(self.store, self.line, self.catalogue, self.attempts)
                elif problem.code == "gap" and self.store.get("have") > 0:
                    with self.store.writing():
                        self.store.set("have", 0)
                elif problem.status == 400 and not self.by_numbers:
                    self.by_numbers = True
                elif problem.code in STOPS:
                    self._stop(problem.code)
                    raise Stopped(problem.code, str(problem)) from problem
                else:
                    raise
            except Spoilt:
                pull.drop_part(self.store)
                result.idle += 1
                if result.idle > MOST_IDLE:
                    raise
            except Stopped as stopped:
                self._stop(stopped.code)
                raise
        result.bodies_left = self._bring_bodies()
        self._stop(None)
        return result

    def _stop(self, code: str | None) -> None:
        with self.store.writing():
            self.store.set("stopped", code)

    def message(self) -> dict[str, Any]:
        """The next request. The same store makes the same bytes, so a retry repeats them."""
        store = self.store
        me, hub = store.get("replica"), store.get("hub")
        ops = self._ops_to_push(me)
        head = store.head(me, ops[-1].id.seq if ops else None)
        knows_names = store.get("hub_catalogue") == self.catalogue.version
        names = self.catalogue if knows_names and not self.by_numbers else None
        whole = store.head(hub, store.get("whole"))
        message: dict[str, Any] = {
            "catalogue": self.catalogue.version,
            "replica": me,
            "head": {"seq": head.seq, "hash": to_base64(head.hash)},
            "seal": to_base64(chain.seal(store.get("secret"), head)),
            "ops": [view.to_json(op, names) for op in ops],
            "hub": {
                "seq": whole.seq, "hash": to_base64(whole.hash),
                "run": store.get("run"), "upto": store.get("upto"),
            },
            "incarnation": store.lives()[-1].json(),
        }
        if store.get("must_hold"):
            heads = [head for head in store.vouched_heads() if head.replica not in (me, hub)]
            message["held"] = [head.json() for head in heads[-MOST_HEADS:]]
        message["max_bytes"] = self.chunk
        return message

    def _ops_to_push(self, me: int) -> list[Any]:
        store, size, ops = self.store, 0, []
        have = store.get("have")
        for op in store.log(me, have, min(store.last(me), have + MOST_OPS)):
            # JSON takes up to about three times the canonical bytes.
            size += 3 * len(op.encoded())
            if ops and size > self.chunk:
                break
            ops.append(op)
        return ops

    def _exchange(self, result: Result) -> bool:
        """One round trip; whether nothing is left behind it."""
        store = self.store
        me, have = store.get("replica"), store.get("have")
        message = jsontext.dumps(self.message())
        before, place = store.get("whole"), self._place()

        def once() -> pull.Reply:
            answer = self.line.post("/v1/sync", message)
            reply = pull.parse(answer, me, self.catalogue)
            if not pull.is_late(store, reply):
                pull.take(store, reply)
            else:
                result.late += 1
            return reply

        reply = with_retries(once, self.attempts, self._halve)
        self.chunk = min(2 * self.chunk, MOST_CHUNK)
        result.pushed += max(store.get("have") - have, 0)
        result.pulled += store.get("whole") - before
        is_done = not reply.more and store.get("have") == store.last(me) and not store.get("run")
        if not is_done and self._place() == place:
            result.idle += 1
            if result.idle > MOST_IDLE:
                raise Malformed("the hub's answers bring nothing new")
        return is_done

    def _place(self) -> tuple[Any, ...]:
        return tuple(self.store.get(name) for name in ("hub", "whole", "run", "upto", "have"))

    def _halve(self) -> None:
        self.chunk = max(self.chunk // 2, LEAST_CHUNK)

    def _bring_bodies(self) -> int:
        """Brings what the hub may lack (bodies.md §3), and says how many it did not take yet."""
        left = 0
        for digest, content in self.store.bodies_to_bring():
            try:
                with_retries(
                    lambda: self.line.put(f"/v1/bodies/{to_base64(digest)}", content), self.attempts
                )
            except Problem as problem:
                if problem.code == "roll-call":
                    return left + 1
                if problem.code != "body-erased":
                    left += 1
                    continue
            with self.store.writing():
                self.store.brought(digest)
        return left
