"""Fulfilment: hold the shipping of an order, and release it.

Shopify splits an order into fulfilment orders, one for each place that ships; these actions take
the order and mean all of its open ones. A hold carries a handle of ours, which Shopify keeps unique
per app and fulfilment order: that is what makes holding repeatable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from tramo import sdk

from tramo_shopify import connector, example
from tramo_shopify.graphql import Context, call, document, found
from tramo_shopify.identity import OrderId, gid, number

HOLDABLE: Final = frozenset({"OPEN", "SCHEDULED", "ON_HOLD"})

GET_FULFILMENT: Final = document(
    """
query GetFulfilment($id: ID!) {
  order(id: $id) {
    id name
    fulfillmentOrders(first: 50) {
      nodes {
        id status
        fulfillmentHolds { id handle heldByRequestingApp }
      }
    }
  }
}"""
)

HOLD_FULFILMENT: Final = document(
    """
mutation HoldFulfilment($id: ID!, $hold: FulfillmentOrderHoldInput!) {
  fulfillmentOrderHold(id: $id, fulfillmentHold: $hold) {
    fulfillmentHold { id handle }
    fulfillmentOrder { id status }
    userErrors { field message code }
  }
}"""
)

RELEASE_FULFILMENT: Final = document(
    """
mutation ReleaseFulfilment($id: ID!, $holds: [ID!]) {
  fulfillmentOrderReleaseHold(id: $id, holdIds: $holds) {
    fulfillmentOrder { id status }
    userErrors { field message code }
  }
}"""
)

Handle = Annotated[
    str,
    sdk.Meta(
        title="Name of the hold",
        description="Tells this hold from others, so that the flow releases its own only.",
        min_length=1,
        max_length=64,
    ),
    sdk.hint(advanced=True),
]


class HoldFulfilment(sdk.Params, kw_only=True):
    order_id: OrderId
    reason: Annotated[
        Literal[
            "high_risk_of_fraud",
            "incorrect_address",
            "awaiting_payment",
            "awaiting_return_items",
            "inventory_out_of_stock",
            "unknown_delivery_date",
            "other",
        ],
        sdk.Meta(title="Reason", description="Why the order must not ship yet."),
    ] = "other"
    note: Annotated[
        Annotated[str, sdk.Meta(max_length=1000)] | None,
        sdk.Meta(title="Note", description="More about the reason, for staff."),
    ] = None
    notify_staff: Annotated[
        bool, sdk.Meta(title="Tell the staff", description="Shopify sends a notice of the hold.")
    ] = False
    name: Handle = "tramo"


class FulfilmentState(sdk.Output, kw_only=True):
    order_id: str
    order_name: str
    changed: list[str]
    """Ids of the fulfilment orders that this step held or released."""
    on_hold: bool


_EXAMPLE: Final = FulfilmentState(
    order_id=example.ORDER_ID, order_name="#1001", changed=["1046000791"], on_hold=True
)


@connector.action(
    "hold_fulfilment",
    title="Hold fulfilment",
    effect="repeatable",
    synonyms=("stop shipping", "hold order", "pause fulfilment", "fraud hold"),
    example=example.shown(_EXAMPLE),
)
async def hold_fulfilment(ctx: Context, params: HoldFulfilment) -> FulfilmentState:
    """Hold an order back from shipping until it is released.

    Repeatable: what already carries a hold of this name is left alone.
    """
    order = await _read(ctx, params.order_id)
    open_orders = [f for f in order["fulfillmentOrders"]["nodes"] if f["status"] in HOLDABLE]
    if not open_orders:
        raise sdk.Rejected(
            f"Order {order['name']} has nothing left to hold: it is shipped, in work or cancelled",
            code="shopify.nothing_to_hold",
            params={"order": order["name"]},
        )
    hold = {
        "reason": params.reason.upper(),
        "reasonNotes": params.note,
        "notifyMerchant": params.notify_staff,
        "handle": params.name,
    }
    changed: list[str] = []
    for waiting in open_orders:
        if any(_own_holds(waiting, params.name)):
            continue
        try:
            await call(ctx, HOLD_FULFILMENT, {"id": waiting["id"], "hold": hold})
        except sdk.Rejected as refusal:
            if (refusal.details or {}).get("code") == "DUPLICATE_FULFILLMENT_HOLD_HANDLE":
                continue  # An earlier attempt, whose answer was lost, has placed it.
            raise
        changed.append(number(waiting["id"]))
    return FulfilmentState(
        order_id=number(order["id"]), order_name=order["name"], changed=changed, on_hold=True
    )


class ReleaseFulfilment(sdk.Params, kw_only=True):
    order_id: OrderId
    name: Handle = "tramo"
    everyone: Annotated[
        bool,
        sdk.Meta(
            title="Release every hold",
            description="Also those that staff and other apps have placed.",
        ),
        sdk.hint(advanced=True),
    ] = False


@connector.action(
    "release_fulfilment",
    title="Release fulfilment",
    effect="repeatable",
    synonyms=("resume shipping", "release hold", "unhold order"),
    example=example.shown(
        FulfilmentState(
            order_id=example.ORDER_ID, order_name="#1001", changed=["1046000791"], on_hold=False
        )
    ),
)
async def release_fulfilment(ctx: Context, params: ReleaseFulfilment) -> FulfilmentState:
    """Let an order that was held ship again.

    Repeatable: it names each hold that it releases, and one that is gone is no error.
    """
    order = await _read(ctx, params.order_id)
    changed: list[str] = []
    left = False
    for held in order["fulfillmentOrders"]["nodes"]:
        every = [hold["id"] for hold in held["fulfillmentHolds"]]
        chosen = every if params.everyone else list(_own_holds(held, params.name))
        left = left or len(every) > len(chosen)
        if chosen:
            await call(ctx, RELEASE_FULFILMENT, {"id": held["id"], "holds": chosen})
            changed.append(number(held["id"]))
    return FulfilmentState(
        order_id=number(order["id"]), order_name=order["name"], changed=changed, on_hold=left
    )


async def _read(ctx: Context, order_id: str | int) -> Mapping[str, Any]:
    data = await call(ctx, GET_FULFILMENT, {"id": gid("Order", order_id)})
    return found(data["order"], "order", order_id)


def _own_holds(fulfilment: Mapping[str, Any], handle: str) -> Iterator[str]:
    for hold in fulfilment["fulfillmentHolds"]:
        if hold["heldByRequestingApp"] and hold["handle"] == handle:
            yield hold["id"]
