"""The commerce model: what an order, product or customer is for every shop, so that one flow fits
all of them.

Ids are the vendor's, as text; amounts are Decimals with the currency beside them; instants are
RFC 3339 text. `raw` holds the vendor's own payload.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import msgspec

from tramo.sdk.param import Personal

Name = Annotated[str | None, Personal("name")]
Email = Annotated[str | None, Personal("email")]
Phone = Annotated[str | None, Personal("phone")]
Street = Annotated[str | None, Personal("address")]


class Address(msgspec.Struct, kw_only=True):
    name: Name = None
    company: str | None = None
    line1: Street = None
    line2: Street = None
    city: str | None = None
    province: str | None = None
    postcode: str | None = None
    country_code: str | None = None
    phone: Phone = None


class Customer(msgspec.Struct, kw_only=True):
    id: str | None = None
    email: Email = None
    phone: Phone = None
    first_name: Name = None
    last_name: Name = None
    name: Name = None
    language: str | None = None
    tags: list[str] = []
    accepts_marketing: bool | None = None
    orders_count: int | None = None
    total_spent: Decimal | None = None
    created_at: str | None = None
    raw: Any = None


class LineItem(msgspec.Struct, kw_only=True):
    id: str | None = None
    product_id: str | None = None
    variant_id: str | None = None
    sku: str | None = None
    title: str
    quantity: int
    price: Decimal
    """Unit price before discounts."""
    discount: Decimal = Decimal(0)
    total: Decimal
    taxable: bool | None = None
    requires_shipping: bool | None = None
    vendor: str | None = None


class Order(msgspec.Struct, kw_only=True):
    id: str
    name: str
    number: int | None = None
    created_at: str
    updated_at: str | None = None
    cancelled_at: str | None = None
    cancel_reason: str | None = None
    currency: str
    subtotal: Decimal
    discount: Decimal
    shipping: Decimal
    tax: Decimal
    total: Decimal
    payment_status: str | None = None
    fulfilment_status: str | None = None
    payment_methods: list[str] = []
    customer: Customer | None = None
    email: Email = None
    phone: Phone = None
    language: str | None = None
    note: str | None = None
    tags: list[str] = []
    source: str | None = None
    test: bool = False
    billing_address: Address | None = None
    shipping_address: Address | None = None
    line_items: list[LineItem] = []
    discount_codes: list[str] = []
    raw: Any = None


class RefundLine(msgspec.Struct, kw_only=True):
    line_item_id: str | None = None
    sku: str | None = None
    title: str | None = None
    quantity: int
    amount: Decimal


class Refund(msgspec.Struct, kw_only=True):
    id: str
    order_id: str
    created_at: str
    currency: str | None = None
    amount: Decimal
    note: str | None = None
    lines: list[RefundLine] = []
    raw: Any = None


class StockLevel(msgspec.Struct, kw_only=True):
    item_id: str
    location_id: str
    sku: str | None = None
    available: int | None
    updated_at: str | None = None
    raw: Any = None


class Product(msgspec.Struct, kw_only=True):
    id: str
    title: str
    handle: str | None = None
    status: str | None = None
    vendor: str | None = None
    kind: str | None = None
    tags: list[str] = []
    updated_at: str | None = None
    raw: Any = None
