"""Whether a request's variables are of the types that Shopify's schema gives them.

The types come from `contract.json`, which is cut out of the vendor's published schema; a test keeps
it fresh and compares the verdicts with a full GraphQL implementation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Final

import msgspec
from tramo import sdk

from tramo_shopify.twin.document import GraphqlError

CONTRACT: Final[dict[str, Any]] = sdk.decode(
    files("tramo_shopify").joinpath("contract.json").read_bytes()
)
INPUTS: Final[dict[str, dict[str, str]]] = CONTRACT["inputs"]
ENUMS: Final[dict[str, list[str]]] = CONTRACT["enums"]
ONE_OF: Final = frozenset(CONTRACT["one_of"])

_MONEY: Final = re.compile(r"-?\d+(\.\d+)?\Z")
_DATE_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?\Z"
)


class _Wrong(Exception):
    def __init__(self, path: tuple[str | int, ...], explanation: str) -> None:
        super().__init__(explanation)
        self.path = path
        self.explanation = explanation


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31


SCALARS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "String": _is_text,
    "ID": lambda value: isinstance(value, str | int) and not isinstance(value, bool),
    "Int": _is_int,
    "Float": lambda value: msgspec.json.encode(value)[:1] in b"-0123456789",
    "Boolean": lambda value: isinstance(value, bool),
    "Money": lambda value: _is_text(value) and bool(_MONEY.match(value)),
    "DateTime": lambda value: _is_text(value) and bool(_DATE_TIME.match(value)),
    "URL": _is_text,
}


def coerce(types: Mapping[str, str], given: Any, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables as the schema reads them; raises GraphqlError naming what is wrong."""
    if not isinstance(given, dict):
        raise GraphqlError("Variables are invalid JSON: expected an object")
    taken: dict[str, Any] = {}
    for name, kind in types.items():
        if name not in given and name in defaults:
            taken[name] = defaults[name]
            continue
        if name not in given and not kind.endswith("!"):
            continue
        value = given.get(name)
        try:
            taken[name] = _read(kind, value, ())
        except _Wrong as wrong:
            place = f" for {'.'.join(map(str, wrong.path))}" if wrong.path else ""
            raise GraphqlError(
                f"Variable ${name} of type {kind} was provided invalid value{place} "
                f"({wrong.explanation})",
                value=value,
                problems=[{"path": list(wrong.path), "explanation": wrong.explanation}],
            ) from None
    return taken


def _read(kind: str, value: Any, path: tuple[str | int, ...]) -> Any:
    if kind.endswith("!"):
        if value is None:
            raise _Wrong(path, "Expected value to not be null")
        kind = kind[:-1]
    if value is None:
        return None
    if kind.startswith("["):
        items = value if isinstance(value, list) else [value]
        return [_read(kind[1:-1], item, (*path, at)) for at, item in enumerate(items)]
    if kind in INPUTS:
        return _read_object(kind, value, path)
    if kind in ENUMS:
        if not isinstance(value, str) or value not in ENUMS[kind]:
            raise _Wrong(path, f"Expected {value!r} to be one of: {', '.join(ENUMS[kind][:20])}")
        return value
    check = SCALARS.get(kind)
    if check is None:
        raise GraphqlError(f"{kind} isn't a defined input type")
    if not check(value):
        raise _Wrong(path, f"Could not coerce value {value!r} to {kind}")
    return str(value) if kind == "ID" else value


def _read_object(kind: str, value: Any, path: tuple[str | int, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong(path, f"Expected an object of type {kind}")
    fields = INPUTS[kind]
    for name in value:
        if name not in fields:
            raise _Wrong((*path, name), f"Field is not defined on {kind}")
    if kind in ONE_OF and (len(value) != 1 or None in value.values()):
        raise _Wrong(path, f"'{kind}' requires exactly one argument")
    return {
        name: _read(field, value.get(name), (*path, name))
        for name, field in fields.items()
        if name in value or field.endswith("!")
    }
