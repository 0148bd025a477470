"""JSON as this protocol has it: no floats, no member twice, at most 32 levels (limits.md)."""

from __future__ import annotations

import json
from typing import Any

from .ids import Malformed

DEEPEST = 32


def dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def loads(data: bytes) -> Any:
    """The value. Raises `Malformed`, also for text that is cut off."""
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_members, parse_float=_refuse,
            parse_constant=_refuse,
        )
    except RecursionError as error:
        raise Malformed("JSON that is too deep") from error
    except ValueError as error:
        raise Malformed(f"no JSON: {error}") from error
    if _levels(value) > DEEPEST:
        raise Malformed("JSON that is too deep")
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("a member twice")
    return members


def _refuse(text: str) -> Any:
    raise Malformed(f"no integer: {text}")


def _levels(value: Any) -> int:
    if not isinstance(value, (dict, list)):
        return 0
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max(map(_levels, inner), default=0)
