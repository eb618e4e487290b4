"""Orders: read, search, note and cancel them."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from tramo import sdk
from tramo.sdk.commerce import Order

from tramo_shopify import connector, example, mapping
from tramo_shopify.customer import CUSTOMER_FIELDS
from tramo_shopify.graphql import Context, call, document, found
from tramo_shopify.identity import OrderId, gid, number

LINES_A_PAGE: Final = 60
"""Keeps one answer below the 1,000 points that Shopify allows a query."""
ORDERS_A_PAGE: Final = 25
ADDRESS: Final = "name company address1 address2 city province zip countryCodeV2 phone"

ORDER_FIELDS: Final = f"""
fragment OrderFields on Order {{
  id name number createdAt updatedAt cancelledAt cancelReason
  currencyCode presentmentCurrencyCode
  subtotalPriceSet {{ shopMoney {{ amount currencyCode }} }}
  totalDiscountsSet {{ shopMoney {{ amount currencyCode }} }}
  totalShippingPriceSet {{ shopMoney {{ amount currencyCode }} }}
  totalTaxSet {{ shopMoney {{ amount currencyCode }} }}
  totalPriceSet {{ shopMoney {{ amount currencyCode }} presentmentMoney {{ amount currencyCode }} }}
  displayFinancialStatus displayFulfillmentStatus paymentGatewayNames
  email phone customerLocale note tags sourceName test discountCodes
  customer {{ ...CustomerFields }}
  billingAddress {{ {ADDRESS} }}
  shippingAddress {{ {ADDRESS} }}
}}"""

GET_ORDER: Final = document(
    """
query GetOrder($id: ID!, $lines: Int!, $after: String) {
  order(id: $id) {
    ...OrderFields
    lineItems(first: $lines, after: $after) {
      nodes {
        id sku title quantity taxable requiresShipping vendor
        product { id }
        variant { id }
        originalUnitPriceSet { shopMoney { amount currencyCode } }
        discountAllocations { allocatedAmountSet { shopMoney { amount currencyCode } } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}""",
    ORDER_FIELDS,
    CUSTOMER_FIELDS,
)

SEARCH_ORDERS: Final = document(
    """
query SearchOrders($query: String, $first: Int!, $after: String, $sort: OrderSortKeys!,
  $reverse: Boolean!) {
  orders(query: $query, first: $first, after: $after, sortKey: $sort, reverse: $reverse) {
    nodes { ...OrderFields }
    pageInfo { hasNextPage endCursor }
  }
}""",
    ORDER_FIELDS,
    CUSTOMER_FIELDS,
)

GET_NOTE: Final = document("query GetOrderNote($id: ID!) { order(id: $id) { id name note } }")

SET_NOTE: Final = document(
    """
mutation SetOrderNote($input: OrderInput!) {
  orderUpdate(input: $input) {
    order { id name note }
    userErrors { field message }
  }
}"""
)

CANCEL_ORDER: Final = document(
    """
mutation CancelOrder($order: ID!, $reason: OrderCancelReason!, $restock: Boolean!,
  $refund: OrderCancelRefundMethodInput, $notify: Boolean, $note: String) {
  orderCancel(orderId: $order, reason: $reason, restock: $restock, refundMethod: $refund,
    notifyCustomer: $notify, staffNote: $note) {
    job { id done }
    orderCancelUserErrors { field message code }
  }
}"""
)

GET_CANCELLATION: Final = document(
    "query GetCancellation($id: ID!) { order(id: $id) { id name cancelledAt } }"
)


class GetOrder(sdk.Params, kw_only=True):
    order_id: OrderId


@connector.action(
    "get_order",
    title="Get order",
    effect="pure",
    synonyms=("read order", "look up order", "find order"),
    example=example.shown(example.order),
)
async def get_order(ctx: Context, params: GetOrder) -> Order:
    """Read one order as it is now, with all its lines and its customer."""
    variables: dict[str, Any] = {"id": gid("Order", params.order_id), "lines": LINES_A_PAGE}
    data = await call(ctx, GET_ORDER, variables)
    node = found(data["order"], "order", params.order_id)
    lines = node["lineItems"]
    page = lines["pageInfo"]
    while page["hasNextPage"]:
        more = await call(ctx, GET_ORDER, {**variables, "after": page["endCursor"]})
        rest = found(more["order"], "order", params.order_id)["lineItems"]
        lines["nodes"] += rest["nodes"]
        page = rest["pageInfo"]
    return mapping.order_of_answer(node)


class SearchOrders(sdk.Params, kw_only=True):
    query: Annotated[
        str,
        sdk.Meta(
            title="Search",
            description=(
                "In Shopify's search syntax, such as financial_status:paid AND "
                "created_at:>2026-11-01. Empty: every order."
            ),
            max_length=2000,
            examples=["financial_status:paid AND tag:vip"],
        ),
    ] = ""
    limit: Annotated[
        int, sdk.Meta(title="At most", description="How many orders to return.", ge=1, le=250)
    ] = 50
    sort: Annotated[
        Literal["newest", "oldest", "updated"],
        sdk.Meta(title="Order of results", description="Which orders come first."),
    ] = "newest"
    cursor: Annotated[
        str | None,
        sdk.Meta(
            title="Continue after", description="The `next` of an earlier search, for what follows."
        ),
        sdk.hint(advanced=True),
    ] = None


class OrderPage(sdk.Output, kw_only=True):
    orders: list[Order]
    """Without their lines; `get_order` has them."""
    has_more: bool
    next: str | None = None


@connector.action(
    "search_orders",
    title="Search orders",
    effect="pure",
    synonyms=("list orders", "find orders", "query orders"),
    example=example.shown(OrderPage(orders=[example.order], has_more=False)),
)
async def search_orders(ctx: Context, params: SearchOrders) -> OrderPage:
    """Find orders by status, date, tag or customer; each comes without its lines."""
    orders: list[Order] = []
    cursor, has_more = params.cursor, True
    while has_more and len(orders) < params.limit:
        data = await call(
            ctx,
            SEARCH_ORDERS,
            {
                "query": params.query or None,
                "first": min(ORDERS_A_PAGE, params.limit - len(orders)),
                "after": cursor,
                "sort": "UPDATED_AT" if params.sort == "updated" else "CREATED_AT",
                "reverse": params.sort != "oldest",
            },
        )
        connection = data["orders"]
        orders += [mapping.order_of_answer(node) for node in connection["nodes"]]
        has_more = connection["pageInfo"]["hasNextPage"]
        cursor = connection["pageInfo"]["endCursor"]
    return OrderPage(orders=orders, has_more=has_more, next=cursor if has_more else None)


class AddNote(sdk.Params, kw_only=True):
    order_id: OrderId
    note: Annotated[
        sdk.LongText,
        sdk.Meta(
            title="Note",
            description="Staff read it on the order's page.",
            min_length=1,
            max_length=5000,
        ),
    ]
    mode: Annotated[
        Literal["append", "replace"],
        sdk.Meta(
            title="If there is a note",
            description="Append adds a line unless the note already has it.",
        ),
    ] = "append"


class OrderNote(sdk.Output, kw_only=True):
    order_id: str
    name: str
    note: str
    changed: bool


@connector.action(
    "add_note",
    title="Add note",
    effect="repeatable",
    synonyms=("comment", "order note", "annotate"),
    causes=("order_updated",),
    example=example.shown(
        OrderNote(
            order_id=example.ORDER_ID, name="#1001", note="Call before delivery", changed=True
        )
    ),
)
async def add_note(ctx: Context, params: AddNote) -> OrderNote:
    """Write a note on an order, beside or instead of the one it has.

    Repeatable, for a text that is already there as lines of its own is not appended again.
    """
    order = gid("Order", params.order_id)
    data = await call(ctx, GET_NOTE, {"id": order})
    before = found(data["order"], "order", params.order_id)
    old = before["note"] or ""
    new = params.note if params.mode == "replace" else _with_lines(old, params.note)
    if new == old:
        return OrderNote(
            order_id=number(before["id"]), name=before["name"], note=old, changed=False
        )
    data = await call(ctx, SET_NOTE, {"input": {"id": order, "note": new}})
    after = data["orderUpdate"]["order"]
    ctx.add_key("order", number(after["id"]))
    return OrderNote(
        order_id=number(after["id"]), name=after["name"], note=after["note"] or "", changed=True
    )


def _with_lines(note: str, text: str) -> str:
    if f"\n{text}\n" in f"\n{note}\n":
        return note
    return f"{note}\n{text}" if note else text


class CancelOrder(sdk.Params, kw_only=True):
    order_id: OrderId
    reason: Annotated[
        Literal["customer", "fraud", "inventory", "declined", "staff", "other"],
        sdk.Meta(title="Reason", description="Why the order is cancelled."),
    ]
    refund: Annotated[
        bool, sdk.Meta(title="Give the money back", description="By the way it was paid.")
    ] = False
    restock: Annotated[
        bool, sdk.Meta(title="Put the goods back into stock", description="At their locations.")
    ] = True
    notify_customer: Annotated[
        bool, sdk.Meta(title="Tell the customer", description="Shopify sends its e-mail.")
    ] = False
    staff_note: Annotated[
        Annotated[str, sdk.Meta(max_length=255)] | None,
        sdk.Meta(title="Note for staff", description="Customers do not see it."),
    ] = None


class Cancellation(sdk.Output, kw_only=True):
    order_id: str
    job_id: str | None = None
    done: bool
    """False while Shopify is still at it; the trigger `order_cancelled` tells when it is done."""


@connector.action(
    "cancel_order",
    title="Cancel order",
    effect="never_repeat",
    costly=True,
    synonyms=("void order", "annul order", "stop order"),
    causes=("order_cancelled", "order_updated"),
    example=example.shown(
        Cancellation(
            order_id=example.ORDER_ID,
            job_id="gid://shopify/Job/5dc2f0a6-6f0f-4d0b-8c1c-8d2f6a7b1f5e",
            done=False,
        )
    ),
)
async def cancel_order(ctx: Context, params: CancelOrder) -> Cancellation:
    """Cancel an order for good; Shopify carries it out in the background.

    Never repeated: it moves money and stock, and Shopify takes no idempotency key for it.
    """
    order = gid("Order", params.order_id)
    data = await call(
        ctx,
        CANCEL_ORDER,
        {
            "order": order,
            "reason": params.reason.upper(),
            "restock": params.restock,
            "refund": {"originalPaymentMethodsRefund": params.refund},
            "notify": params.notify_customer,
            "note": params.staff_note,
        },
    )
    ctx.add_key("order", number(order))
    job = data["orderCancel"]["job"]
    return Cancellation(
        order_id=number(order),
        job_id=job["id"] if job else None,
        done=bool(job and job["done"]),
    )


@connector.probe("cancel_order")
async def was_cancelled(ctx: Context, params: CancelOrder) -> sdk.ProbeResult:
    """Take a cancelled order for proof; one that is not may still have its job on the way."""
    order = gid("Order", params.order_id)
    data = await call(ctx, GET_CANCELLATION, {"id": order})
    if data["order"] and data["order"]["cancelledAt"]:
        return sdk.Happened(Cancellation(order_id=number(order), done=True))
    return sdk.Unknown()
