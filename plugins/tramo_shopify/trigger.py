"""What Shopify delivers: its triggers, the door that reads them, and their subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tramo import sdk
from tramo.sdk.commerce import Customer, Order, Refund, StockLevel

from tramo_shopify import connector, example, mapping
from tramo_shopify.credential import DOMAIN
from tramo_shopify.graphql import Context, call, document

ORDER_KEYS: Final = {
    "order": "id",
    "order_name": "name",
    "person": "customer.id",
    "email": "email",
    "sku": "line_items[].sku",
    "product": "line_items[].product_id",
}
CUSTOMER_KEYS: Final = {"person": "id", "email": "email"}

connector.webhook_trigger(
    "order_created",
    title="Order created",
    summary="Starts when a customer places an order.",
    topic="ORDERS_CREATE",
    event=Order,
    output=mapping.order_of_webhook,
    keys=ORDER_KEYS,
    synonyms=("new order", "order placed", "sale"),
    example=example.shown(example.order),
)
connector.webhook_trigger(
    "order_updated",
    title="Order changed",
    summary="Starts when anything of an order changes: its tags, note, address, payment or state.",
    topic="ORDERS_UPDATED",
    event=Order,
    output=mapping.order_of_webhook,
    keys=ORDER_KEYS,
    synonyms=("order edited", "order updated", "order tagged"),
    example=example.shown(example.order),
)
connector.webhook_trigger(
    "order_paid",
    title="Order paid",
    summary="Starts when an order is paid in full.",
    topic="ORDERS_PAID",
    event=Order,
    output=mapping.order_of_webhook,
    keys=ORDER_KEYS,
    synonyms=("payment received", "paid order"),
    example=example.shown(example.order),
)
connector.webhook_trigger(
    "order_cancelled",
    title="Order cancelled",
    summary="Starts when an order is cancelled, by a person, an app or this connector.",
    topic="ORDERS_CANCELLED",
    event=Order,
    output=mapping.order_of_webhook,
    keys=ORDER_KEYS,
    synonyms=("order canceled", "order voided"),
    example=example.shown(example.order),
)
connector.webhook_trigger(
    "refund_created",
    title="Refund created",
    summary="Starts when money goes back to a customer or goods come back.",
    topic="REFUNDS_CREATE",
    event=Refund,
    output=mapping.refund_of_webhook,
    keys={"order": "order_id", "refund": "id", "sku": "lines[].sku"},
    synonyms=("money back", "return"),
    example=example.shown(example.refund),
)
connector.webhook_trigger(
    "inventory_level_changed",
    title="Inventory level changed",
    summary="Starts when the available stock of an article changes at a location.",
    topic="INVENTORY_LEVELS_UPDATE",
    event=StockLevel,
    output=mapping.stock_of_webhook,
    keys={"inventory_item": "item_id", "location": "location_id"},
    synonyms=("stock changed", "low stock", "out of stock"),
    example=example.shown(example.stock),
)
connector.webhook_trigger(
    "customer_created",
    title="Customer created",
    summary="Starts when the shop gets a new customer.",
    topic="CUSTOMERS_CREATE",
    event=Customer,
    output=mapping.customer_of_webhook,
    keys=CUSTOMER_KEYS,
    synonyms=("new customer", "sign-up"),
    example=example.shown(example.customer),
)


# The door -----------------------------------------------------------------------------------------


def read(delivery: sdk.Delivery) -> list[sdk.Incoming]:
    """Read a genuine delivery, of the older (`X-Shopify-…`) or the newer header family."""
    topic = _header(delivery, "topic")
    if not topic:
        raise ValueError("The delivery names no topic")
    payload = sdk.decode(delivery.body)
    if not isinstance(payload, dict):
        raise ValueError("The delivery's body is not a JSON object")
    return [
        sdk.Incoming(
            topic=topic.replace("/", "_").upper(),
            # One event over several subscriptions has one event id; retries keep the webhook id.
            delivery_id=_header(delivery, "event-id") or _header(delivery, "webhook-id"),
            payload=payload,
        )
    ]


def belongs(delivery: sdk.Delivery, account: Mapping[str, Any]) -> bool:
    """Tell whether a delivery is of this shop: an app signs for all its shops with one secret."""
    sender = _header(delivery, "shop-domain")
    return sender is None or sender.lower().removesuffix(DOMAIN) == account["shop"].removesuffix(
        DOMAIN
    )


def _header(delivery: sdk.Delivery, name: str) -> str | None:
    return delivery.headers.get(f"x-shopify-{name}") or delivery.headers.get(f"shopify-{name}")


connector.door(
    sdk.WebhookDoor(
        signature=sdk.HmacSignature(
            header="x-shopify-hmac-sha256",
            other_headers=("shopify-hmac-sha256",),
            secret="client_secret",  # noqa: S106 - the name of the field, not a secret
            algorithm="sha256",
            encoding="base64",
        ),
        read=read,
        only_tells=True,
        belongs=belongs,
    )
)


# Subscriptions ------------------------------------------------------------------------------------

LIST_SUBSCRIPTIONS: Final = document(
    """
query ListSubscriptions($uri: String!, $after: String) {
  webhookSubscriptions(first: 100, uri: $uri, after: $after) {
    nodes { id topic uri }
    pageInfo { hasNextPage endCursor }
  }
}"""
)

CREATE_SUBSCRIPTION: Final = document(
    """
mutation CreateSubscription(
  $topic: WebhookSubscriptionTopic!, $subscription: WebhookSubscriptionInput!
) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $subscription) {
    webhookSubscription { id topic uri }
    userErrors { field message }
  }
}"""
)

DELETE_SUBSCRIPTION: Final = document(
    """
mutation DeleteSubscription($id: ID!) {
  webhookSubscriptionDelete(id: $id) {
    deletedWebhookSubscriptionId
    userErrors { field message }
  }
}"""
)


@connector.subscribe
async def subscribe(ctx: Context, topics: list[str], address: str) -> None:
    """Make Shopify deliver these topics to an address; topics that it delivers already stay."""
    present = {topic for _, topic in await _subscriptions(ctx, address)}
    for topic in topics:
        if topic not in present:
            await call(
                ctx,
                CREATE_SUBSCRIPTION,
                {"topic": topic, "subscription": {"uri": address, "format": "JSON"}},
            )


@connector.unsubscribe
async def unsubscribe(ctx: Context, topics: list[str], address: str) -> None:
    """Make Shopify stop delivering these topics to an address."""
    for subscription, topic in await _subscriptions(ctx, address):
        if topic in topics:
            await call(ctx, DELETE_SUBSCRIPTION, {"id": subscription})


async def _subscriptions(ctx: Context, address: str) -> list[tuple[str, str]]:
    kept: list[tuple[str, str]] = []
    cursor, more = None, True
    while more:
        page = (await call(ctx, LIST_SUBSCRIPTIONS, {"uri": address, "after": cursor}))[
            "webhookSubscriptions"
        ]
        kept += [(node["id"], node["topic"]) for node in page["nodes"] if node["uri"] == address]
        more, cursor = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
    return kept
