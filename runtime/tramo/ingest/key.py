"""Business keys: which order, person or product an event is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from tramo.model.event import Key
from tramo.model.node_type import NodeType

KEYS_PER_EVENT: Final = 200
VALUE_LENGTH: Final = 300


def extract_keys(paths: Mapping[str, str], output: Any, connection_id: str = "") -> tuple[Key, ...]:
    """Return the keys that `paths` (key kind -> `line_items[].sku`) find in a trigger's output.

    What is missing, empty or not a text or number gives no key; each key is given once.
    """
    found: dict[Key, None] = {}
    for kind, path in paths.items():
        for value in _values(output, _steps(path)):
            text = _text(value)
            if text and len(found) < KEYS_PER_EVENT:
                found[Key(kind, text[:VALUE_LENGTH], connection_id)] = None
    return tuple(found)


def trigger_keys(
    kind: NodeType, params: Mapping[str, Any], output: Any, connection_id: str = ""
) -> tuple[Key, ...]:
    """Return the keys of an event, by its trigger's declaration or by what its node names."""
    own = params.get("keys")
    if isinstance(own, dict) and own:
        return extract_keys(own, output, connection_id)
    return extract_keys(kind.trigger.keys, output, connection_id) if kind.trigger else ()


def about(kind: NodeType, keys: tuple[Key, ...]) -> Key | None:
    """Return the key that says what an event is about: the first kind that its trigger declares."""
    first = next(iter(kind.trigger.keys), None) if kind.trigger else None
    return next((key for key in keys if key.kind == first), None)


@lru_cache(maxsize=4_096)
def _steps(path: str) -> tuple[tuple[str, bool], ...]:
    """Return the names on a path, and whether what lies there is a list of which each counts."""
    return tuple((step.removesuffix("[]"), step.endswith("[]")) for step in path.split("."))


def _values(output: Any, steps: Sequence[tuple[str, bool]]) -> list[Any]:
    found = [output]
    for name, each in steps:
        inner = [value.get(name) for value in found if isinstance(value, dict)]
        if each:
            inner = [item for items in inner if isinstance(items, list) for item in items]
        found = inner
    return found


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    return None
