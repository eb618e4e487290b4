"""Watches a list at a web address: what has not been in it before is an event.

For systems that tell nobody and have no connector: a JSON list whose entries have an id.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

from tramo import sdk
from tramo.nodes.http_request import WebAccount, sign_in
from tramo.nodes.trigger import Path
from tramo.sdk import Meta

ENTRIES_MOST: Final = 10_000
PAGE: Final = 500


class WatchUrl(sdk.Params, kw_only=True):
    url: Annotated[
        str,
        Meta(
            title="Address",
            description="Where the list is read, such as https://api.example.com/orders.",
            min_length=1,
            extra_json_schema={"format": "web-address"},
        ),
    ]
    items: Annotated[
        Path | None,
        Meta(
            title="List",
            description="Where the list stands in the answer, such as data.orders. "
            "Empty: the answer is the list.",
        ),
    ] = None
    id: Annotated[
        Path,
        Meta(
            title="Entry's id",
            description="Where an entry's own id stands in it. An id starts the flow once.",
        ),
    ] = "id"
    keys: Annotated[
        dict[str, Path],
        Meta(
            title="Business keys",
            description="What an entry is about, so that its runs can be found by it later: "
            "a kind such as order, and where its value stands, such as item.number.",
        ),
        sdk.hint(widget="keys"),
    ] = msgspec.field(default_factory=dict)
    every_s: Annotated[
        sdk.Duration,
        Meta(title="Every", description="The time between two looks.", ge=10, le=2_678_400),
    ] = 300


class Entry(sdk.Output, kw_only=True):
    """An entry that was not in the list before."""

    id: str
    item: Any


EXAMPLE: Final = {"id": "1001", "item": {"id": 1001, "status": "packed"}}


async def find_entries(
    ctx: sdk.Context[WebAccount], params: WatchUrl, cursor: dict[str, Any] | None
) -> sdk.Page:
    """Starts when a list at a web address has a new entry. What is in it when the flow is
    published starts nothing."""
    headers = {} if ctx.credential is None else sign_in(ctx.credential, params.url)
    answer = (await ctx.http.get(params.url, headers=headers)).json()
    entries = _at(answer, params.items) if params.items else answer
    if not isinstance(entries, list):
        place = f"at {params.items}" if params.items else "as its answer"
        raise sdk.BadParams(
            f"The address gives no list {place}; look at the field List.",
            params={"why": "no_list"},
        )
    if len(entries) > ENTRIES_MOST:
        raise sdk.BadParams(
            f"The list has {len(entries)} entries and {ENTRIES_MOST} is the most; "
            "ask the service for the newest only.",
            params={"why": "entries", "count": len(entries), "most": ENTRIES_MOST},
        )
    found: dict[str, Any] = {}
    for entry in entries:
        known = _at(entry, params.id)
        if isinstance(known, bool) or known is None or isinstance(known, list | dict):
            raise sdk.BadParams(
                f"An entry has no id at {params.id}; look at the field Entry's id.",
                params={"why": "no_id", "place": params.id},
            )
        found.setdefault(str(known), entry)
    seen = set(cursor["seen"]) if cursor is not None else set()
    new = [each for each in found if each not in seen]
    told = [] if cursor is None else new[:PAGE]
    left = set() if cursor is None else set(new[PAGE:])
    return sdk.Page(
        [sdk.Polled(each, {"id": each, "item": found[each]}) for each in told],
        {"seen": [each for each in found if each not in left]},
        more=bool(left),
    )


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value
