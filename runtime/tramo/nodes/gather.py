"""The nodes that gather over runs: digest by time, batch by number.

The run that opens a window waits for it to close and goes on with everything in it; the others put
their item in and go their own way.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from tramo import sdk
from tramo.nodes import value
from tramo.nodes.once import YEAR_S
from tramo.sdk import Meta

MOST = 10_000

_Key = Annotated[
    Any,
    Meta(
        title="Key",
        description="Gathered for each value on its own, such as customer.email. Empty: all runs "
        "together.",
    ),
    sdk.hint(formula=True),
]
_Item = Annotated[
    Any,
    Meta(title="Item", description="What this run puts in."),
    sdk.hint(formula=True),
]


class Digest(sdk.Params, kw_only=True):
    key: _Key = msgspec.UNSET
    item: _Item
    seconds: Annotated[
        int,
        Meta(
            title="Gather for",
            description="From the first item until the run goes on with all of them.",
            ge=1,
            le=YEAR_S,
        ),
        sdk.hint(widget="duration"),
    ]
    size: Annotated[
        Annotated[int, Meta(ge=1, le=MOST)] | None,
        Meta(
            title="At most",
            description="Goes on earlier when there are so many items. Empty: only by time.",
        ),
    ] = None


class Batch(sdk.Params, kw_only=True):
    key: _Key = msgspec.UNSET
    item: _Item
    size: Annotated[
        int,
        Meta(title="Items", description="Goes on when there are so many of them.", ge=1, le=MOST),
    ]
    seconds: Annotated[
        Annotated[int, Meta(ge=1, le=YEAR_S)] | None,
        Meta(
            title="At the latest after",
            description="From the first item; then it goes on with fewer. Empty: it waits until "
            "there are enough.",
        ),
        sdk.hint(widget="duration"),
    ] = None


class Gathered(sdk.Output):
    """Everything that was put in, in the order in which it came."""

    count: int
    items: list[Any]
    opened_at: str
    closed_at: str


GATHERED = {
    "count": 2,
    "items": [{"order": 1001}, {"order": 1002}],
    "opened_at": "2026-11-23T08:00:00.000Z",
    "closed_at": "2026-11-23T08:15:00.000Z",
}


def digest(store: sdk.Store, params: Digest) -> sdk.Exit | sdk.Hold:
    """Gather items over several runs for a while; the first run goes on with all of them, the
    others only add their item."""
    return _gather(store, params.key, params.item, params.seconds, params.size)


def batch(store: sdk.Store, params: Batch) -> sdk.Exit | sdk.Hold:
    """Gather items over several runs until there are enough; the first run goes on with all of
    them, the others only add their item."""
    return _gather(store, params.key, params.item, params.seconds, params.size)


def _gather(
    store: sdk.Store, key: Any, item: Any, seconds: int | None, size: int | None
) -> sdk.Exit | sdk.Hold:
    scope = value.scope(store, key)
    if not store.held:
        closes = None if seconds is None else store.now_ms + seconds * 1000
        carries, number = store.join_window(scope, item, closes_ms=closes, size=size)
        if not carries:
            return sdk.Exit("added", {"position": number})
    window = store.take_window(scope)
    if window.closed_ms is None:
        return sdk.Hold(until_ms=window.closes_ms)
    return sdk.Exit(
        "out",
        Gathered(
            count=len(window.items),
            items=window.items,
            opened_at=sdk.rfc3339(window.opened_ms),
            closed_at=sdk.rfc3339(window.closed_ms),
        ),
    )
