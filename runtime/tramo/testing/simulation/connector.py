"""The connector of the simulated vendor: one action of every effect, two triggers, one door.

What it sends names the step that sends it, so that the vendor's ledger can be held against the
runs. `sim.poison` takes its worker down with it.
"""

from __future__ import annotations

from typing import Any, Final

from tramo import sdk

KEY_WINDOW_S: Final = 86_400
"""How long the vendor knows a key again."""
SECRET: Final = "simulated"  # noqa: S105 - it opens nothing
ORDER: Final = "sim.order"
PAID: Final = "sim.paid"

connector = sdk.Connector("sim", title="Simulated vendor", base_url="https://vendor.example/")


class Deed(sdk.Params):
    """What is to be done, and by which step of which family of runs and version (0: of any)."""

    run: str
    node: str
    version: int = 1
    place: str = ""
    value: Any = None
    size: int = 0


async def _do(ctx: sdk.Context[Any], params: Deed, method: str, kind: str) -> Any:
    body = {
        "run": params.run,
        "node": params.node,
        "version": params.version,
        "place": params.place,
        "value": params.value,
        "size": params.size,
    }
    headers = {"Idempotency-Key": ctx.key, "X-Attempt": str(ctx.attempt)}
    return (await ctx.http.request(method, kind, json=body, headers=headers, safe=None)).json()


@connector.action("look", title="Look", effect="pure")
async def look(ctx: sdk.Context[Any], params: Deed) -> Any:
    """Change nothing."""
    return await _do(ctx, params, "GET", "look")


@connector.action("put", title="Put", effect="repeatable")
async def put(ctx: sdk.Context[Any], params: Deed) -> Any:
    """Leave the same state however often it is done."""
    return await _do(ctx, params, "PUT", "put")


@connector.action("pay", title="Pay", effect="keyed", key_window_s=KEY_WINDOW_S)
async def pay(ctx: sdk.Context[Any], params: Deed) -> Any:
    """Pay once for a key, for as long as the vendor remembers it."""
    return await _do(ctx, params, "POST", "pay")


@connector.action("ship", title="Ship", effect="never_repeat")
async def ship(ctx: sdk.Context[Any], params: Deed) -> Any:
    """Ship every time it is asked to."""
    return await _do(ctx, params, "POST", "ship")


@connector.action("label", title="Label", effect="never_repeat")
async def label(ctx: sdk.Context[Any], params: Deed) -> Any:
    """Print a label every time; whether it did can be read back."""
    return await _do(ctx, params, "POST", "label")


@connector.probe("label")
async def find_label(ctx: sdk.Context[Any], params: Deed) -> sdk.ProbeResult:
    """Ask whether a label was printed."""
    del params
    found = (await ctx.http.get("label", query={"key": ctx.key})).json()
    match found["found"]:
        case True:
            return sdk.Happened(found["answer"])
        case False:
            return sdk.DidNotHappen()
        case _:
            return sdk.Unknown()


@connector.action("poison", title="Poison", effect="pure")
async def poison(ctx: sdk.Context[Any], params: Deed) -> Any:
    """Take the worker down."""
    return await _do(ctx, params, "GET", "poison")


class Count(sdk.Params):
    """Which counter counts up."""

    run: str
    node: str
    place: str = ""
    version: int = 1


@connector.stored("count", title="Count")
def count(store: sdk.Store, params: Count) -> Any:
    """Count up by one in a table of Tramo's own."""
    name = f"{params.run}/{params.node}/{params.place}"
    row = store.tables.get("count", name) or {"count": 0}
    store.tables.put("count", name, {"count": row["count"] + 1})
    return {"count": row["count"] + 1}


class News(sdk.Params):
    """How often the vendor is asked."""

    every_s: int = 600


@connector.poll("news", title="News", keys={"order": "order"})
async def news(ctx: sdk.Context[Any], params: News, cursor: Any) -> sdk.Page:
    """Ask what is new."""
    del params
    found = (await ctx.http.get("news", query={"after": str(cursor or 0)})).json()
    items = [sdk.Polled(item["id"], item) for item in found["items"]]
    return sdk.Page(items, found["next"], found["more"])


connector.webhook_trigger("order", title="Order", topic="order", keys={"order": "order"})
PAID_KEYS: Final = {"shop": "shop", "order": "order"}
"""What runs wait for is not the first of them."""
connector.webhook_trigger("paid", title="Paid", topic="paid", keys=PAID_KEYS)


def _read(delivery: sdk.Delivery) -> list[sdk.Incoming]:
    told = sdk.decode(delivery.body)
    return [
        sdk.Incoming(topic=each["topic"], delivery_id=each["id"], payload=each["payload"])
        for each in told
    ]


connector.door(
    sdk.WebhookDoor(
        signature=sdk.QuerySecret(secret="secret"),  # noqa: S106 - the field that holds it
        read=_read,
        only_tells=True,
    )
)
