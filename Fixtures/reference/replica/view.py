"""Ops as JSON, by names and by numbers: canonical.md §7."""

from __future__ import annotations

from typing import Any

from .catalogue import Catalogue, Field
from .ids import (
    MAX_DAY, MAX_REPLICA, Malformed, OpId, Ref, day_text, from_base64, parse_day, to_base64,
)
from .op import Op

EXACT = 2**53 - 1
"""The largest integer that JSON carries as a number (§7.2)."""

_MEMBERS = {
    "id", "stamp", "kind", "actor", "occurred_on", "policy", "payload", "names", "body", "was",
}


def to_json(op: Op, catalogue: Catalogue | None) -> dict[str, Any]:
    """The op by names; by numbers throughout without a catalogue (§7.4)."""
    kind = catalogue.by_number.get(op.kind) if catalogue else None
    view: dict[str, Any] = {
        "id": str(op.id), "stamp": op.stamp, "kind": kind.name if kind else f"#{op.kind}",
    }
    if op.actor is not None:
        view["actor"] = str(op.actor)
    view["occurred_on"] = day_text(op.occurred_on)
    if op.policy is not None:
        view["policy"] = str(op.policy)
    if kind is not None and misfit(op.payload, kind.fields) is None:
        view["payload"] = _named(op.payload, kind.fields)
    else:
        view["payload"] = _generic(op.payload)
    for name, data in (("names", op.names), ("body", op.body), ("was", op.was)):
        if data is not None:
            view[name] = to_base64(data)
    return view


def from_json(view: Any, catalogue: Catalogue) -> Op:
    """The op that a view shows. Takes names and numbers, also side by side (§7.4)."""
    if not isinstance(view, dict):
        raise Malformed("an op is an object")
    unknown = set(view) - _MEMBERS
    missing = {"id", "stamp", "kind", "occurred_on", "payload"} - set(view)
    if unknown or missing:
        raise Malformed(f"an op with {sorted(unknown)} and without {sorted(missing)}")
    name = view["kind"]
    kind = catalogue.by_name.get(name) if isinstance(name, str) else None
    number = kind.number if kind else _number(name)
    if kind is None:
        kind = catalogue.by_number.get(number)
    sizes = {"names": 8, "body": 32, "was": 32}
    op = Op(
        id=OpId.parse(view["id"]), stamp=view["stamp"], kind=number,
        occurred_on=parse_day(view["occurred_on"]),
        payload=_read_map(view["payload"], kind.fields if kind else []),
        actor=OpId.parse(view["actor"]) if "actor" in view else None,
        policy=OpId.parse(view["policy"]) if "policy" in view else None,
        **{key: from_base64(view[key], size) for key, size in sizes.items() if key in view},
    )
    op.encoded()
    return op


def misfit(payload: dict[int, Any], fields: list[Field]) -> str | None:
    """Why a payload does not fit its table (ops.md §1.2), keys aside that the table lacks."""
    for field in fields:
        if field.key not in payload:
            if field.is_required:
                return f"{field.name} is missing"
        elif not _fits(payload[field.key], field):
            return f"{field.name} has a value that it may not have"
    return None


def has_newer_key(payload: dict[int, Any], fields: list[Field]) -> bool:
    """Whether a newer version wrote it (ops.md §1.3)."""
    if set(payload) - {field.key for field in fields}:
        return True
    return any(
        has_newer_key(record, field.fields)
        for field in fields if field.sort == "records" and isinstance(payload.get(field.key), list)
        for record in payload[field.key] if isinstance(record, dict)
    )


def _fits(value: Any, field: Field) -> bool:
    sort = field.sort
    if sort == "flag":
        return isinstance(value, bool)
    if sort in ("integer", "date", "replica", "choice", "set"):
        if type(value) is not int:
            return False
        if sort == "choice":
            return value in field.choices.values()
        least, most = {
            "integer": (field.least, field.most), "date": (0, MAX_DAY),
            "replica": (1, MAX_REPLICA), "set": (0, sum(1 << n for n in field.choices.values())),
        }[sort]
        return least <= value <= most
    if sort == "text":
        return isinstance(value, str) and field.least <= len(value.encode()) <= field.most
    if sort == "bytes":
        return isinstance(value, bytes) and field.least <= len(value) <= field.most
    if sort == "reference":
        return isinstance(value, Ref)
    if not isinstance(value, list) or not field.least <= len(value) <= field.most:
        return False
    if sort == "references":
        return all(isinstance(each, Ref) for each in value) and value == sorted(set(value))
    return all(isinstance(each, dict) and misfit(each, field.fields) is None for each in value)


def _named(payload: dict[int, Any], fields: list[Field]) -> dict[str, Any]:
    by_key = {field.key: field for field in fields}
    view = {}
    for key in sorted(payload):
        field = by_key.get(key)
        if field is None:
            view[f"#{key}"] = _generic(payload[key])
        else:
            view[field.name] = _typed(payload[key], field)
    return view


def _typed(value: Any, field: Field) -> Any:
    if field.sort == "date":
        return day_text(value)
    if field.sort == "choice":
        return next(name for name, number in field.choices.items() if number == value)
    if field.sort == "set":
        return [name for name, number in field.choices.items() if value >> number & 1]
    if field.sort == "bytes":
        return to_base64(value)
    if field.sort == "reference":
        return str(value.op)
    if field.sort == "references":
        return [str(each.op) for each in value]
    if field.sort == "records":
        return [_named(each, field.fields) for each in value]
    return _generic(value)


def _generic(value: Any) -> Any:
    """A value whose type nobody here knows (§7.3)."""
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= EXACT else {"#int": str(value)}
    if isinstance(value, bytes):
        return {"#bytes": to_base64(value)}
    if isinstance(value, Ref):
        return {"#ref": str(value.op)}
    if isinstance(value, list):
        return [_generic(each) for each in value]
    return {f"#{key}": _generic(value[key]) for key in sorted(value)}


def _number(text: Any) -> int:
    """The number in `#46`. Kinds and keys are unsigned."""
    digits = text[1:] if isinstance(text, str) and text.startswith("#") else ""
    if not (digits.isascii() and digits.isdigit()) or str(int(digits)) != digits:
        raise Malformed(f"neither a name that is known nor a number: {text!r}")
    return int(digits)


def _read_map(view: Any, fields: list[Field]) -> dict[int, Any]:
    if not isinstance(view, dict):
        raise Malformed("a payload is an object")
    by_name = {field.name: field for field in fields}
    payload: dict[int, Any] = {}
    for name, value in view.items():
        field = by_name.get(name)
        key = field.key if field else _number(name)
        if key in payload:
            raise Malformed(f"key {key} twice")
        payload[key] = read_typed(value, field) if field else _read_generic(value)
    return payload


def read_typed(value: Any, field: Field) -> Any:
    """A value by the type of its field (§7.2)."""
    sort = field.sort
    if sort == "date":
        return parse_day(value)
    if sort == "choice":
        if not isinstance(value, str) or value not in field.choices:
            raise Malformed(f"{field.name} is one of {', '.join(field.choices)}")
        return field.choices[value]
    if sort == "set":
        names = value if isinstance(value, list) else [None]
        if any(name not in field.choices for name in names) or len(set(names)) != len(names):
            raise Malformed(f"{field.name} is a set of {', '.join(field.choices)}")
        return sum(1 << field.choices[name] for name in names)
    if sort == "bytes":
        return from_base64(value)
    if sort == "reference":
        return Ref(OpId.parse(value))
    if sort in ("references", "records"):
        if not isinstance(value, list):
            raise Malformed(f"{field.name} is a list")
        if sort == "references":
            return [Ref(OpId.parse(each)) for each in value]
        return [_read_map(each, field.fields) for each in value]
    read = _read_generic(value)
    wanted = {"flag": bool, "text": str}.get(sort, int)
    if type(read) is not wanted:
        raise Malformed(f"{field.name} has the wrong type")
    return read


def _read_generic(value: Any) -> Any:
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        if abs(value) > EXACT:
            raise Malformed("a number beyond 2^53 − 1 is written as text")
        return value
    if isinstance(value, list):
        return [_read_generic(each) for each in value]
    if not isinstance(value, dict):
        raise Malformed(f"nothing that an op may hold: {value!r}")
    if set(value) == {"#bytes"}:
        return from_base64(value["#bytes"])
    if set(value) == {"#ref"}:
        return Ref(OpId.parse(value["#ref"]))
    if set(value) == {"#int"}:
        text = value["#int"]
        if not isinstance(text, str) or str(int(text)) != text or abs(int(text)) <= EXACT:
            raise Malformed(f"no integer beyond 2^53 − 1: {text!r}")
        return int(text)
    return _read_map(value, [])
