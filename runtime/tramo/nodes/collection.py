"""The nodes that choose from a list: filter, look up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal

import msgspec

from tramo import sdk
from tramo.nodes import value
from tramo.nodes.item import ITEM, NAMES, ItemName, confused, each, identity, reading
from tramo.sdk import Meta


class Filter(sdk.Params, rename={"as_": "as"}):
    items: Annotated[list[Any], Meta(title="Items", description="The list to choose from.")]
    where: Annotated[
        bool,
        Meta(
            title="Where",
            description="What must hold for an item to be kept.",
        ),
        sdk.hint(widget="condition", names=NAMES),
    ]
    as_: Annotated[
        ItemName,
        Meta(title="Name of the item", description="What the condition calls the item."),
        sdk.hint(fixed=True, advanced=True, renames=ITEM),
    ] = ITEM


class Filtered(sdk.Output):
    """The items for which the condition holds, in their order."""

    items: list[Any]
    count: int


FILTERED: Final = {"items": [{"sku": "MUG-1", "stock": 3}], "count": 1}


def filter_items(params: Mapping[str, Any], compile: sdk.Compile) -> sdk.Settle:
    """Keep the items of a list for which a condition holds."""
    items = compile(params["items"])
    holds = _condition(params, compile)

    def settle(env: sdk.Env) -> sdk.Settled:
        kept = holds(env, value.items(items(env), "items"))
        return "out", {"items": kept, "count": len(kept)}

    return settle


def _condition(
    params: Mapping[str, Any], compile: sdk.Compile
) -> Callable[[sdk.Env, list[Any]], list[Any]]:
    """Return what chooses the items for which `where` holds."""
    name = params.get("as", ITEM)
    where = compile(params["where"])

    def choose(env: sdk.Env, items: list[Any]) -> list[Any]:
        kept: list[Any] = []
        for index, holds in enumerate(where.each(each(env, items, name))):
            if holds is True:
                kept.append(items[index])
            elif holds is not False:
                raise sdk.BadParams(
                    f"“where” must be true or false, but for item {index} it is "
                    f"{value.describe(holds)}; compare it with something, as in {name}.stock < 5.",
                    params={"why": "where_kind", "index": index, "kind": value.describe(holds)},
                )
        return kept

    return choose


class Lookup(sdk.Params, rename={"as_": "as"}):
    rows: Annotated[list[Any], Meta(title="Rows", description="The list to look in.")]
    field: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(
            title="Field",
            description="The field of each row that is compared, such as sku or customer.id.",
        ),
        sdk.hint(widget="place", fixed=True, one_of="condition"),
    ] = None
    value: Annotated[
        Any,
        Meta(title="Value", description="What the field must be equal to."),
        sdk.hint(beside="field"),
    ] = None
    where: Annotated[
        bool | None,
        Meta(
            title="Where",
            description="Instead of a field: a condition over each item and its index.",
        ),
        sdk.hint(widget="condition", names=NAMES, one_of="condition"),
    ] = None
    as_: Annotated[
        ItemName,
        Meta(title="Name of the item", description="What the condition calls the row."),
        sdk.hint(fixed=True, advanced=True, renames=ITEM),
    ] = ITEM
    take: Annotated[
        Literal["first", "all"],
        Meta(title="Take", description="What is handed on if several fit."),
        sdk.hint(labels={"first": "The first that fits", "all": "All that fit"}, fixed=True),
    ] = "first"
    default: Annotated[Any, Meta(title="Otherwise", description="What row is when none fits.")] = (
        None
    )


class LookedUp(sdk.Output):
    """The first row that fits; or all of them and their number, where all are taken."""

    found: bool
    row: Any = msgspec.UNSET
    rows: list[Any] | msgspec.UnsetType = msgspec.UNSET
    count: int | msgspec.UnsetType = msgspec.UNSET


LOOKED_UP: Final = {"found": True, "row": {"sku": "MUG-1", "supplier": "Barro"}}


def lookup(params: Mapping[str, Any], compile: sdk.Compile) -> sdk.Settle:
    """Find the rows of a list that have a value, or for which a condition holds."""
    rows = compile(params["rows"])
    fitting = _condition if params.get("where") is not None else _equality
    choose = fitting(params, compile)
    default = compile(params.get("default"))
    all_rows = params.get("take", "first") == "all"

    def settle(env: sdk.Env) -> sdk.Settled:
        found = choose(env, value.items(rows(env), "rows"))
        if all_rows:
            return "out", {"found": bool(found), "rows": found, "count": len(found)}
        return "out", {"found": bool(found), "row": found[0] if found else default(env)}

    return settle


def _equality(
    params: Mapping[str, Any], compile: sdk.Compile
) -> Callable[[sdk.Env, list[Any]], list[Any]]:
    """Return what chooses the rows whose field is equal to a value."""
    field = params.get("field")
    read = reading(field, compile)
    value_of = compile(params.get("value"))

    def choose(env: sdk.Env, rows: list[Any]) -> list[Any]:
        if not isinstance(field, str):
            raise sdk.BadParams(
                "Give “field” or “where”, to say which rows are looked for.",
                params={"why": "rows_wanted"},
            )
        wanted = value_of(env)
        same = identity(wanted)
        fields = list(read.each(each(env, rows)))
        kept = [row for row, found in zip(rows, fields, strict=True) if identity(found) == same]
        if not kept and confused([wanted], fields):
            kinds = value.describe(wanted), value.describe(fields[0])
            raise sdk.BadParams(
                f"“value” is {kinds[0]}, but “{field}” is {kinds[1]} in every row, so none can "
                "fit; add | number or | text to the expression.",
                params={
                    "why": "never_fits",
                    "kind": kinds[0],
                    "field": field,
                    "other": kinds[1],
                },
            )
        return kept

    return choose
