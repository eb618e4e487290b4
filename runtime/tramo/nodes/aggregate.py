"""The node that sums a list up, as a whole or group by group, in exact numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from tramo import sdk
from tramo.nodes import value
from tramo.nodes.item import ITEM, NAMES, ItemName, each, identity, reading
from tramo.sdk import Meta

_PLACE: Final = sdk.hint(names=NAMES, widget="place")

Op = Literal["sum", "count", "avg", "min", "max", "first", "last", "list", "unique"]


class Total(sdk.Params):
    """One figure over the items."""

    op: Annotated[
        Op,
        Meta(
            title="Figure",
            description="How the values are brought together.",
        ),
        sdk.hint(
            labels={
                "sum": "Sum",
                "count": "Count",
                "avg": "Average",
                "min": "Smallest",
                "max": "Largest",
                "first": "First",
                "last": "Last",
                "list": "All in a list",
                "unique": "Each value once",
            },
            fixed=True,
        ),
    ]
    value: Annotated[
        Any,
        Meta(
            title="Of what",
            description="A field of each item, such as total, or a formula over item and index. "
            "Empty: the item itself.",
        ),
        _PLACE,
    ] = None


class Aggregate(sdk.Params, rename={"as_": "as"}):
    items: Annotated[list[Any], Meta(title="Items", description="The list to sum up.")]
    fields: Annotated[
        dict[str, Total],
        Meta(title="Figures", description="A name for each figure, and what it is of."),
        sdk.hint(fixed=True, widget="figures"),
    ]
    group_by: Annotated[
        Any,
        Meta(
            title="Group by",
            description="A field of each item, such as customer.id, or a formula over item. "
            "Empty: all items are one group.",
        ),
        _PLACE,
    ] = None
    as_: Annotated[
        ItemName,
        Meta(title="Name of the item", description="What the formulas call the item."),
        sdk.hint(fixed=True, advanced=True, renames=ITEM),
    ] = ITEM


AGGREGATED: Final = {"total": Decimal("129.90"), "orders": 3}


def aggregate(params: Mapping[str, Any], compile: sdk.Compile) -> sdk.Settle:
    """Sum a list up: totals, counts, averages, extremes, for all items or group by group."""
    name = params.get("as", ITEM)
    items = compile(params["items"])
    totals = {
        field: (total["op"], _read(total.get("value"), compile, name))
        for field, total in params["fields"].items()
    }
    grouped = params.get("group_by") is not None
    key_of = _read(params.get("group_by"), compile, name)

    def settle(env: sdk.Env) -> sdk.Settled:
        found = value.items(items(env), "items")
        values = {
            field: list(read.each(each(env, found, name))) for field, (_, read) in totals.items()
        }
        if not grouped:
            return "out", _figures(totals, values)
        if "key" in totals:
            raise sdk.BadParams(
                "“key” is what each group is known by; give the figure another name.",
                params={"why": "key_name"},
            )
        keys: dict[Any, Any] = {}
        members: dict[Any, list[int]] = {}
        for place, key in enumerate(key_of.each(each(env, found, name))):
            known = identity(key)
            keys.setdefault(known, key)
            members.setdefault(known, []).append(place)
        rows: list[dict[str, Any]] = []
        for known, places in members.items():
            own = {field: [column[place] for place in places] for field, column in values.items()}
            rows.append({"key": keys[known], **_figures(totals, own)})
        return "out", {"groups": rows, "count": len(rows)}

    return settle


_Totals = Mapping[str, tuple[str, sdk.Formula]]


def _figures(totals: _Totals, values: Mapping[str, list[Any]]) -> dict[str, Any]:
    return {field: _FIGURES[op](values[field], field) for field, (op, _) in totals.items()}


def _read(template: Any, compile: sdk.Compile, name: str) -> sdk.Formula:
    """Compile what a figure is of; nothing said is the item itself."""
    return compile({"$expr": name}) if template is None else reading(template, compile, name)


_NUMERAL: Final = re.compile(r"\s*[-+]?[0-9]+([.,][0-9]+)?\s*")


def _present(found: list[Any]) -> list[Any]:
    return [one for one in found if one is not None]


def _numbers(found: list[Any], field: str) -> list[int | Decimal]:
    """Return the numbers among values, of which only null may be left out."""
    for one in (numbers := _present(found)):
        if not value.is_number(one):
            cure = "add | number to" if isinstance(one, str) else "correct"
            raise sdk.BadParams(
                f"“{field}” is a figure of numbers, but one value is {value.describe(one)}; "
                f"{cure} its formula.",
                params={
                    "why": "kind",
                    "field": field,
                    "wanted": "a number",
                    "kind": value.describe(one),
                },
            )
    return numbers


def _add(found: list[Any], field: str) -> int | Decimal:
    return value.kept(_exact_sum(_numbers(found, field)), field)


def _exact_sum(numbers: list[int | Decimal]) -> int | Decimal:
    total: int | Decimal = sum(number for number in numbers if isinstance(number, int))
    for number in numbers:
        if isinstance(number, Decimal):
            total = value.EXACT.add(Decimal(total), number)
    return total


def _average(found: list[Any], field: str) -> int | Decimal | None:
    numbers = _numbers(found, field)
    if not numbers:
        return None
    mean = value.EXACT.divide(Decimal(_exact_sum(numbers)), Decimal(len(numbers)))
    return value.kept(mean, field)


def _extreme(choose: Callable[..., Any]) -> Callable[[list[Any], str], Any]:
    def figure(found: list[Any], field: str) -> Any:
        values = _present(found)
        if any(not isinstance(one, str) for one in values):
            return choose(_numbers(values, field))
        if values and all(_NUMERAL.fullmatch(one) for one in values):
            raise sdk.BadParams(
                f"“{field}” would compare texts that hold numbers letter by letter; "
                "add | number to its formula.",
                params={"why": "number_texts", "field": field},
            )
        return choose(values, default=None)

    return figure


def _unique(found: list[Any], field: str) -> list[Any]:
    del field
    first: dict[Any, Any] = {}
    for one in found:
        first.setdefault(identity(one), one)
    return list(first.values())


_FIGURES: Final[dict[str, Callable[[list[Any], str], Any]]] = {
    "sum": _add,
    "count": lambda found, _: len(_present(found)),
    "avg": _average,
    "min": _extreme(min),
    "max": _extreme(max),
    "first": lambda found, _: found[0] if found else None,
    "last": lambda found, _: found[-1] if found else None,
    "list": lambda found, _: found,
    "unique": _unique,
}
