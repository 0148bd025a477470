"""The kinds of the ops in Fixtures/wire, as its README.md lists them."""

from replica.catalogue import Catalogue, Field, Kind

_INTEGERS = {"least": -(2**63), "most": 2**63 - 1}
_SORTS = {
    101: ("integer", _INTEGERS), 102: ("text", {"least": 0, "most": 60}),
    103: ("bytes", {"least": 0, "most": 60}), 104: ("flag", {}),
    105: ("choice", {"choices": {"home": 0, "grant": 1, "stand_in": 2}}),
    106: ("set", {"choices": {"clerk": 0, "grid": 1, "approver": 2}}),
    107: ("date", {}), 108: ("replica", {}), 109: ("reference", {}),
    110: ("references", {"least": 0, "most": 4}), 111: ("records", {"least": 0, "most": 4}),
}


def catalogue() -> Catalogue:
    kinds = []
    for number, (sort, more) in _SORTS.items():
        value = Field(1, "value", sort, True, **more)
        other = Field(2, "other", sort, False, **more)
        if sort == "records":
            value.fields = other.fields = [
                Field(1, "item", "reference"),
                Field(2, "qty", "integer", True, 1, 99),
                Field(3, "note", "text", False, 0, 60),
            ]
        name = "sample." + {"set": "choices"}.get(sort, sort)
        kinds.append(Kind(number, name, fields=[value, other]))
    return Catalogue(kinds, 1)
