"""Large values in views: their beginning is shown, with how large they are; the whole is one call
away."""

from __future__ import annotations

from typing import Any, Final

from tramo.model import limit
from tramo.model.value import encode

TEXT: Final = 2_000
ITEMS: Final = 50
FIELDS: Final = 200


def shorten(value: Any) -> tuple[Any, int | None]:
    """Return a value, or the beginning of a large one with the size of the whole in bytes."""
    size = len(encode(value))
    if size <= limit.INLINE_VALUE_BYTES:
        return value, None
    return _beginning(value, ITEMS), size


def shorten_fields(shown: dict[str, Any], *names: str) -> dict[str, Any]:
    """Shorten what these fields hold; `shortened` says which were, and how large they are."""
    sizes: dict[str, int] = {}
    for name in names:
        if name in shown:
            shown[name], size = shorten(shown[name])
            if size is not None:
                sizes[name] = size
    return {**shown, "shortened": sizes} if sizes else shown


def _beginning(value: Any, items: int) -> Any:
    """Return the beginning of every text, list and object; deeper lists are cut shorter."""
    if isinstance(value, str):
        return value if len(value) <= TEXT else f"{value[:TEXT]}…"
    if isinstance(value, list):
        return [_beginning(item, max(1, items // 5)) for item in value[:items]]
    if isinstance(value, dict):
        return {name: _beginning(value[name], items) for name in list(value)[:FIELDS]}
    return value
