"""What Shopify's data means: webhook bodies (REST shape) and GraphQL answers, as commerce Structs.

Amounts are in the shop's currency. A payload without what makes it that thing is a ValueError.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from tramo.sdk.commerce import (
    Address,
    Customer,
    LineItem,
    Order,
    Refund,
    RefundLine,
    StockLevel,
)

from tramo_shopify.identity import number

Json = Mapping[str, Any]


def order_of_webhook(payload: Any) -> Order:
    """Map the body of an `orders/*` delivery."""
    with _naming("order"):
        person = payload.get("customer")
        return Order(
            id=str(payload["id"]),
            name=payload["name"],
            number=payload.get("order_number"),
            created_at=payload["created_at"],
            updated_at=payload.get("updated_at"),
            cancelled_at=payload.get("cancelled_at"),
            cancel_reason=payload.get("cancel_reason"),
            currency=payload["currency"],
            subtotal=_amount(payload.get("subtotal_price")),
            discount=_amount(payload.get("total_discounts")),
            shipping=_amount(_shop_money(payload.get("total_shipping_price_set"))),
            tax=_amount(payload.get("total_tax")),
            total=_amount(payload["total_price"]),
            payment_status=payload.get("financial_status"),
            fulfilment_status=payload.get("fulfillment_status") or "unfulfilled",
            payment_methods=list(payload.get("payment_gateway_names") or []),
            customer=_customer(person) if person else None,
            email=payload.get("email") or payload.get("contact_email"),
            phone=payload.get("phone"),
            language=payload.get("customer_locale"),
            note=payload.get("note"),
            tags=_tags(payload.get("tags")),
            source=payload.get("source_name"),
            test=bool(payload.get("test")),
            billing_address=_address(payload.get("billing_address")),
            shipping_address=_address(payload.get("shipping_address")),
            line_items=[_line(line) for line in payload.get("line_items") or []],
            discount_codes=[d["code"] for d in payload.get("discount_codes") or []],
            raw=payload,
        )


def refund_of_webhook(payload: Any) -> Refund:
    """Map the body of a `refunds/create` delivery; its amount is what went back to the customer."""
    with _naming("refund"):
        paid_back = [
            t
            for t in payload.get("transactions") or []
            if t.get("kind") == "refund" and t.get("status") in ("success", "pending")
        ]
        return Refund(
            id=str(payload["id"]),
            order_id=str(payload["order_id"]),
            created_at=payload["created_at"],
            currency=paid_back[0].get("currency") if paid_back else None,
            amount=sum((_amount(t["amount"]) for t in paid_back), Decimal(0)),
            note=payload.get("note"),
            lines=[
                RefundLine(
                    line_item_id=_id(line.get("line_item_id")),
                    sku=(line.get("line_item") or {}).get("sku"),
                    title=(line.get("line_item") or {}).get("title"),
                    quantity=line["quantity"],
                    amount=_amount(line.get("subtotal")),
                )
                for line in payload.get("refund_line_items") or []
            ],
            raw=payload,
        )


def customer_of_webhook(payload: Any) -> Customer:
    """Map the body of a `customers/*` delivery."""
    with _naming("customer"):
        customer = _customer(payload)
        customer.raw = payload
        return customer


def stock_of_webhook(payload: Any) -> StockLevel:
    """Map the body of an `inventory_levels/update` delivery."""
    with _naming("stock level"):
        return StockLevel(
            item_id=str(payload["inventory_item_id"]),
            location_id=str(payload["location_id"]),
            available=payload.get("available"),
            updated_at=payload.get("updated_at"),
            raw=payload,
        )


def order_of_answer(node: Json) -> Order:
    """Map an Order of the GraphQL API, asked for with the fragment `OrderFields`."""
    person = node["customer"]
    return Order(
        id=number(node["id"]),
        name=node["name"],
        number=node["number"],
        created_at=node["createdAt"],
        updated_at=node["updatedAt"],
        cancelled_at=node["cancelledAt"],
        cancel_reason=_lower(node["cancelReason"]),
        currency=node["currencyCode"],
        subtotal=_amount(_shop_money(node["subtotalPriceSet"])),
        discount=_amount(_shop_money(node["totalDiscountsSet"])),
        shipping=_amount(_shop_money(node["totalShippingPriceSet"])),
        tax=_amount(_shop_money(node["totalTaxSet"])),
        total=_amount(_shop_money(node["totalPriceSet"])),
        payment_status=_lower(node["displayFinancialStatus"]),
        fulfilment_status=_lower(node["displayFulfillmentStatus"]),
        payment_methods=list(node["paymentGatewayNames"]),
        customer=customer_of_answer(person) if person else None,
        email=node["email"],
        phone=node["phone"],
        language=node["customerLocale"],
        note=node["note"],
        tags=list(node["tags"]),
        source=node["sourceName"],
        test=node["test"],
        billing_address=_address_of_answer(node["billingAddress"]),
        shipping_address=_address_of_answer(node["shippingAddress"]),
        line_items=[line_of_answer(line) for line in node.get("lineItems", {}).get("nodes", [])],
        discount_codes=list(node["discountCodes"]),
        raw=dict(node),
    )


def line_of_answer(node: Json) -> LineItem:
    """Map a LineItem of the GraphQL API."""
    price = _amount(_shop_money(node["originalUnitPriceSet"]))
    discount = sum(
        (_amount(_shop_money(d["allocatedAmountSet"])) for d in node["discountAllocations"]),
        Decimal(0),
    )
    return LineItem(
        id=number(node["id"]),
        product_id=number(node["product"]["id"]) if node["product"] else None,
        variant_id=number(node["variant"]["id"]) if node["variant"] else None,
        sku=node["sku"],
        title=node["title"],
        quantity=node["quantity"],
        price=price,
        discount=discount,
        total=price * node["quantity"] - discount,
        taxable=node["taxable"],
        requires_shipping=node["requiresShipping"],
        vendor=node["vendor"],
    )


def customer_of_answer(node: Json) -> Customer:
    """Map a Customer of the GraphQL API, asked for with the fragment `CustomerFields`."""
    mail = node["defaultEmailAddress"] or {}
    spent = node["amountSpent"]
    return Customer(
        id=number(node["id"]),
        email=mail.get("emailAddress"),
        phone=(node["defaultPhoneNumber"] or {}).get("phoneNumber"),
        first_name=node["firstName"],
        last_name=node["lastName"],
        name=node["displayName"],
        language=node["locale"],
        tags=list(node["tags"]),
        accepts_marketing=mail.get("marketingState") == "SUBSCRIBED",
        orders_count=int(node["numberOfOrders"]),
        total_spent=_amount(spent["amount"]),
        created_at=node["createdAt"],
    )


# Parts ------------------------------------------------------------------------------------------


class _naming:  # noqa: N801 - reads as a statement
    """Turn a missing or mistyped field into a ValueError that names the thing."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: Any) -> None:
        if isinstance(error, KeyError):
            raise ValueError(f"This is not a Shopify {self.what}: it has no {error}") from None
        if isinstance(error, TypeError | AttributeError | ArithmeticError):
            raise ValueError(f"This is not a Shopify {self.what}: {error}") from None


def _customer(payload: Json) -> Customer:
    first, last = payload.get("first_name"), payload.get("last_name")
    spent = payload.get("total_spent")
    consent = payload.get("email_marketing_consent") or {}
    return Customer(
        id=str(payload["id"]),
        email=payload.get("email"),
        phone=payload.get("phone"),
        first_name=first,
        last_name=last,
        name=" ".join(part for part in (first, last) if part) or None,
        language=payload.get("locale"),
        tags=_tags(payload.get("tags")),
        accepts_marketing=consent.get("state") == "subscribed" if consent else None,
        orders_count=payload.get("orders_count"),
        total_spent=None if spent is None else _amount(spent),
        created_at=payload.get("created_at"),
    )


def _line(line: Json) -> LineItem:
    price = _amount(line["price"])
    shares: Sequence[Json] = line.get("discount_allocations") or []
    discount = (
        sum((_amount(share["amount"]) for share in shares), Decimal(0))
        if shares
        else _amount(line.get("total_discount"))
    )
    return LineItem(
        id=_id(line.get("id")),
        product_id=_id(line.get("product_id")),
        variant_id=_id(line.get("variant_id")),
        sku=line.get("sku"),
        title=line["title"],
        quantity=line["quantity"],
        price=price,
        discount=discount,
        total=price * line["quantity"] - discount,
        taxable=line.get("taxable"),
        requires_shipping=line.get("requires_shipping"),
        vendor=line.get("vendor"),
    )


def _address(payload: Json | None) -> Address | None:
    if not payload:
        return None
    return Address(
        name=payload.get("name"),
        company=payload.get("company"),
        line1=payload.get("address1"),
        line2=payload.get("address2"),
        city=payload.get("city"),
        province=payload.get("province"),
        postcode=payload.get("zip"),
        country_code=payload.get("country_code"),
        phone=payload.get("phone"),
    )


def _address_of_answer(node: Json | None) -> Address | None:
    return _address({**node, "country_code": node["countryCodeV2"]}) if node else None


def _tags(value: Any) -> list[str]:
    """Split tags: one text with commas in webhooks, though some senders give a list."""
    parts = value.split(",") if isinstance(value, str) else value or []
    return [tag for tag in (part.strip() for part in parts) if tag]


def _amount(value: Any) -> Decimal:
    return Decimal(0) if value is None else Decimal(value)


def _shop_money(bag: Json | None) -> Any:
    """Return the amount in the shop's own currency, of either shape of a money bag."""
    if not bag:
        return None
    return (bag.get("shop_money") or bag["shopMoney"])["amount"]


def _id(value: Any) -> str | None:
    return None if value is None else str(value)


def _lower(value: str | None) -> str | None:
    return value.lower() if value else None
