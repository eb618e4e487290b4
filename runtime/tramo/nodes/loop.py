"""The box that does something for each item of a list. The engine does the work; here stands what
it is told, and what it must not be given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from tramo import sdk
from tramo.nodes import value
from tramo.sdk import Meta


class ForEach(sdk.Params, rename={"as_": "as"}):
    items: Annotated[
        list[Any],
        Meta(title="Items", description="The list to go through, such as order.line_items."),
    ]
    as_: Annotated[
        str,
        Meta(
            title="Name of the item",
            description="What the nodes inside call the item they are at. Inside another loop, "
            "give each its own name.",
        ),
        sdk.hint(fixed=True),
    ] = "item"
    at_once: Annotated[
        int,
        Meta(
            title="At once",
            description="How many items are worked on side by side; 1 is one after the other.",
            ge=1,
            le=100,
        ),
        sdk.hint(fixed=True),
    ] = 1
    collect: Annotated[
        Any,
        Meta(
            title="Collect",
            description="What to keep of each item, as the list results. Empty: nothing.",
        ),
        sdk.hint(collect=True),
    ] = None
    on_item_error: Annotated[
        Literal["stop", "continue"],
        Meta(
            title="When an item fails",
            description="Stop: the loop fails with it. Else it is counted, and the next item is "
            "taken.",
        ),
        sdk.hint(labels={"stop": "Stop the loop", "continue": "Take the next item"}, fixed=True),
    ] = "stop"


class Looped(sdk.Output):
    """How many items there were, how many failed, and what was kept of each."""

    count: int
    failed: int
    results: list[Any]


LOOPED = {"count": 3, "failed": 0, "results": [{"sku": "MUG-1"}, {"sku": "MUG-2"}, {"sku": "TEE"}]}


def for_each(params: Mapping[str, Any], compile: sdk.Compile) -> sdk.Settle:
    """Do the nodes inside this box once for each item of a list, then go on."""
    items = compile(params["items"])

    def settle(env: sdk.Env) -> sdk.Settled:
        return "done", {"items": value.items(items(env), "items")}

    return settle
