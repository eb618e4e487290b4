"""The nodes that let a thing pass once, or only so often: dedupe and rate limit."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from tramo import sdk
from tramo.nodes import value
from tramo.sdk import Meta

YEAR_S = 31_622_400


class Dedupe(sdk.Params):
    key: Annotated[
        Any,
        Meta(
            title="Key",
            description="What must be new, such as order.id; a list for what several values make "
            "up together.",
        ),
        sdk.hint(formula=True),
    ]
    scope: Annotated[
        Literal["flow", "workspace"],
        Meta(
            title="Seen by",
            description="Who must not have seen the key: this step alone, or every step of all "
            "flows that says so.",
        ),
        sdk.hint(labels={"flow": "This step", "workspace": "All flows together"}),
    ] = "flow"
    within_s: Annotated[
        Annotated[int, Meta(ge=1, le=10 * YEAR_S)] | None,
        Meta(
            title="Forget after",
            description="After this time the same key is new again. Empty: never.",
        ),
        sdk.hint(widget="duration"),
    ] = None


class Noted(sdk.Output):
    """The key that was looked for, as text."""

    key: str


def dedupe(store: sdk.Store, params: Dedupe) -> sdk.Exit:
    """Go on by new the first time a key comes, and by seen every time after that."""
    key = value.key(params.key, "key")
    scope = "workspace" if params.scope == "workspace" else f"{store.flow_id}/{store.node_id}"
    until = None if params.within_s is None else store.now_ms + params.within_s * 1000
    fresh = store.mark(scope, key, until_ms=until)
    return sdk.Exit("new" if fresh else "seen", Noted(key=key))


class RateLimit(sdk.Params):
    count: Annotated[
        int,
        Meta(title="Runs", description="How many may go on in that time.", ge=1, le=100_000),
    ]
    per_s: Annotated[
        int,
        Meta(title="In", description="The time in which that many may go on.", ge=1, le=YEAR_S),
        sdk.hint(widget="duration"),
    ]
    key: Annotated[
        Any,
        Meta(
            title="Key",
            description="Counted for each value on its own, such as customer.id. Empty: all runs "
            "together.",
        ),
        sdk.hint(formula=True),
    ] = msgspec.UNSET


class Turn(sdk.Output):
    """When the run's turn was."""

    at: str


def rate_limit(store: sdk.Store, params: RateLimit) -> Turn | sdk.Hold:
    """Let only so many runs go on in a stretch of time; the others wait for their turn."""
    at = store.take_turn(
        value.scope(store, params.key), count=params.count, per_ms=params.per_s * 1000
    )
    return sdk.Hold(until_ms=at) if at > store.now_ms else Turn(at=sdk.rfc3339(at))
