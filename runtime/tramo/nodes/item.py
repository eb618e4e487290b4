"""What is said of each item of a list: a field of it, or a formula over it.

One environment serves all items of a step: only the item in it changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from json import dumps
from typing import Annotated, Any, Final

from tramo import sdk
from tramo.sdk import Meta

ITEM: Final = "item"
ItemName = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,63}$")]
NAMES: Final = (ITEM, "index")
"""The variables of a formula over items, besides those of the run."""


def each(env: sdk.Env, items: Sequence[Any], name: str = ITEM) -> Iterator[sdk.Env]:
    """Yield the variables for each item in turn: always the same object, so read it at once."""
    inner = dict(env)
    for index, item in enumerate(items):
        inner[name] = item
        inner["index"] = index
        yield inner


def reading(template: Any, compile: sdk.Compile, name: str = ITEM) -> sdk.Formula:
    """Compile what is read of an item: a plain text is a path into it, such as customer.id, and a
    list reads several of them."""
    return compile(_formula(template, name))


def _formula(template: Any, name: str) -> Any:
    if isinstance(template, list):
        return [_formula(part, name) for part in template]
    if not isinstance(template, str):
        return template
    steps = "".join(f"[{dumps(step, ensure_ascii=False)}]" for step in template.split("."))
    return {"$expr": name + steps}


def identity(value: Any) -> Any:
    """Return what two equal values have in common and no others: numbers by value, not by form."""
    match value:
        case bool() | None:
            return (type(value), value)
        case int() | Decimal():
            return ("number", value)
        case list():
            return ("list", *map(identity, value))
        case dict():
            return ("object", frozenset((name, identity(item)) for name, item in value.items()))
        case _:
            return value


def confused(wanted: Sequence[Any], found: Sequence[Any]) -> bool:
    """Tell whether texts are looked for among numbers only, or numbers among texts only."""
    kinds = {_kind(value) for value in wanted}, {_kind(value) for value in found}
    return {*kinds[0], *kinds[1]} == {"text", "number"} and len(kinds[0]) == len(kinds[1]) == 1


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return "number"
    return "other"
