"""Refunds: money back to the customer.

A refund is made once however often it is tried: Shopify demands an idempotency key, and the
refund's note carries a mark of ours, by which an attempt recognises what an earlier one has done.
The key alone would not do, for the transactions are computed from an order that the first attempt
changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

import msgspec
from tramo import sdk
from tramo.sdk.commerce import Refund

from tramo_shopify import connector, example
from tramo_shopify.graphql import KEY_REUSED, Context, call, document, found
from tramo_shopify.identity import OrderId, gid, number
from tramo_shopify.inventory import KEY_WINDOW_S

MONEY: Final = "presentmentMoney { amount currencyCode }"

REFUND_FIELDS: Final = f"""
fragment RefundFields on Refund {{
  id note createdAt totalRefundedSet {{ {MONEY} }}
}}"""

GET_REFUNDABLE: Final = document(
    f"""
query GetRefundable($id: ID!, $lines: [RefundLineItemInput!], $shipping: Boolean, $full: Boolean) {{
  order(id: $id) {{
    id name currencyCode presentmentCurrencyCode
    refunds(first: 100) {{ ...RefundFields }}
    suggestedRefund(refundLineItems: $lines, refundShipping: $shipping, suggestFullRefund: $full) {{
      amountSet {{ {MONEY} }}
      suggestedTransactions {{
        gateway
        parentTransaction {{ id }}
        amountSet {{ {MONEY} }}
        maximumRefundableSet {{ {MONEY} }}
      }}
    }}
  }}
}}""",
    REFUND_FIELDS,
)

GET_REFUNDS: Final = document(
    """
query GetRefunds($id: ID!) {
  order(id: $id) { id refunds(first: 100) { ...RefundFields } }
}""",
    REFUND_FIELDS,
)

CREATE_REFUND: Final = document(
    """
mutation CreateRefund($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) {
    refund { ...RefundFields }
    userErrors { field message }
  }
}""",
    REFUND_FIELDS,
)


class ReturnedLine(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A line of the order whose goods come back or are not sent."""

    line_item_id: Annotated[str | int, sdk.Meta(title="Line", description="The order line's id.")]
    quantity: Annotated[int, sdk.Meta(title="Quantity", description="How many of it.", ge=1)]
    restock: Annotated[
        Literal["no", "return", "cancel"],
        sdk.Meta(
            title="Back into stock",
            description="Return: the goods came back. Cancel: they were never sent.",
        ),
    ] = "no"
    location_id: Annotated[
        str | int | None,
        sdk.Meta(title="Location", description="Where they go back into stock."),
    ] = None


class RefundOrder(sdk.Params, kw_only=True):
    order_id: OrderId
    amount: Annotated[
        sdk.Money | None,
        sdk.Meta(
            title="Amount",
            description="In the currency in which the customer paid. Empty: what the lines cost.",
        ),
    ] = None
    currency: Annotated[
        Annotated[str, sdk.Meta(pattern=r"^[A-Z]{3}$")] | None,
        sdk.Meta(
            title="Currency",
            description="Refuses the refund if the customer paid in another one.",
            examples=["EUR"],
        ),
    ] = None
    lines: Annotated[
        list[ReturnedLine],
        sdk.Meta(title="Lines", description="The goods that the money is for.", max_length=250),
    ] = msgspec.field(default_factory=list)
    refund_shipping: Annotated[
        bool, sdk.Meta(title="Shipping too", description="Give back the shipping that is left.")
    ] = False
    note: Annotated[
        str,
        sdk.Meta(
            title="Note", description="Why, for staff. A short mark is added.", max_length=500
        ),
    ] = ""
    notify_customer: Annotated[
        bool, sdk.Meta(title="Tell the customer", description="Shopify sends its e-mail.")
    ] = False


@connector.action(
    "refund_order",
    title="Refund order",
    effect="keyed",
    key_window_s=KEY_WINDOW_S,
    costly=True,
    synonyms=("money back", "return payment", "reimburse"),
    causes=("refund_created", "order_updated"),
    example=example.shown(example.refund),
)
async def refund_order(ctx: Context, params: RefundOrder) -> Refund:
    """Give a customer money back for an order, an amount or the price of some lines."""
    lines = _lines(params)
    order = gid("Order", params.order_id)
    asked = {
        "id": order,
        "lines": lines,
        "shipping": params.refund_shipping,
        "full": not lines and not params.refund_shipping,
    }
    data = await call(ctx, GET_REFUNDABLE, asked)
    node = found(data["order"], "order", params.order_id)
    done = _marked(node["refunds"], _mark(ctx))
    if done is not None:
        return _refund(done, order)
    refund_input = {
        "orderId": order,
        "currency": node["presentmentCurrencyCode"],
        "note": f"{params.note} {_mark(ctx)}".strip(),
        "notify": params.notify_customer,
        "refundLineItems": lines,
        "transactions": _transactions(params, node),
    }
    if params.refund_shipping:
        refund_input["shipping"] = {"fullRefund": True}
    try:
        data = await call(ctx, CREATE_REFUND, {"input": refund_input, "key": ctx.uuid_key()})
    except sdk.Rejected as refusal:
        # The order changed between two attempts; the first one may have arrived all the same.
        if refusal.code == KEY_REUSED and (done := await _find(ctx, order)) is not None:
            return _refund(done, order)
        raise
    ctx.add_key("order", number(order))
    return _refund(data["refundCreate"]["refund"], order)


@connector.probe("refund_order")
async def was_refunded(ctx: Context, params: RefundOrder) -> sdk.ProbeResult:
    """Look for the refund that carries this effect's mark."""
    order = gid("Order", params.order_id)
    done = await _find(ctx, order)
    return sdk.DidNotHappen() if done is None else sdk.Happened(_refund(done, order))


def _lines(params: RefundOrder) -> list[dict[str, Any]]:
    if params.amount is None and not params.lines and not params.refund_shipping:
        raise sdk.BadParams(
            "Say what to refund: an amount, lines, or the shipping",
            params={"why": "shopify.nothing_to_refund"},
        )
    if params.amount is not None and params.amount <= 0:
        raise sdk.BadParams(
            "The amount to refund must be more than 0", params={"why": "shopify.refund_above_zero"}
        )
    for line in params.lines:
        if line.restock != "no" and line.location_id is None:
            raise sdk.BadParams(
                f"Line {line.line_item_id} goes back into stock, so it needs a location",
                params={"why": "shopify.needs_location", "line": str(line.line_item_id)},
            )
    kinds = {"no": "NO_RESTOCK", "return": "RETURN", "cancel": "CANCEL"}
    return [
        {
            "lineItemId": gid("LineItem", line.line_item_id),
            "quantity": line.quantity,
            "restockType": kinds[line.restock],
            "locationId": None if line.restock == "no" else gid("Location", line.location_id or ""),
        }
        for line in params.lines
    ]


def _transactions(params: RefundOrder, node: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Spread the amount over the order's payments, none above what it can give back."""
    currency = node["presentmentCurrencyCode"]
    if params.currency is not None and params.currency != currency:
        raise sdk.BadParams(
            f"Order {node['name']} was paid in {currency}, not in {params.currency}",
            code="shopify.other_currency",
            params={"order": node["name"], "paid": currency, "asked": params.currency},
        )
    suggested = node["suggestedRefund"] or {"suggestedTransactions": [], "amountSet": None}
    due = params.amount if params.amount is not None else _paid(suggested["amountSet"])
    left = due
    sent: list[dict[str, Any]] = []
    for payment in suggested["suggestedTransactions"]:
        limit = _paid(payment["maximumRefundableSet"] or payment["amountSet"])
        share = min(left, limit)
        if share > 0:
            sent.append(
                {
                    "orderId": node["id"],
                    "parentId": (payment["parentTransaction"] or {}).get("id"),
                    "gateway": payment["gateway"],
                    "kind": "REFUND",
                    "amount": f"{share:f}",
                }
            )
            left -= share
    if left > 0:
        raise sdk.Rejected(
            f"Order {node['name']} can give back {due - left:f} {currency}, not {due:f}",
            code="shopify.refund_too_large",
            details={"possible": due - left, "asked": due, "currency": currency},
            params={
                "order": node["name"],
                "most": f"{due - left:f}",
                "wanted": f"{due:f}",
                "currency": currency,
            },
        )
    return sent


async def _find(ctx: Context, order: str) -> Mapping[str, Any] | None:
    data = await call(ctx, GET_REFUNDS, {"id": order})
    return _marked(data["order"]["refunds"] if data["order"] else [], _mark(ctx))


def _mark(ctx: Context) -> str:
    return f"[tramo {ctx.key[:16]}]"


def _marked(refunds: Sequence[Mapping[str, Any]], mark: str) -> Mapping[str, Any] | None:
    return next((refund for refund in refunds if mark in (refund["note"] or "")), None)


def _refund(node: Mapping[str, Any], order: str) -> Refund:
    paid = node["totalRefundedSet"]["presentmentMoney"]
    return Refund(
        id=number(node["id"]),
        order_id=number(order),
        created_at=node["createdAt"] or "",
        currency=paid["currencyCode"],
        amount=Decimal(paid["amount"]),
        note=node["note"],
        raw=dict(node),
    )


def _paid(bag: Mapping[str, Any] | None) -> Decimal:
    return Decimal(bag["presentmentMoney"]["amount"]) if bag else Decimal(0)
