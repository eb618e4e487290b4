"""Outputs as the editor shows them before the first run: one order of one customer, everywhere."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from tramo import sdk
from tramo.sdk import commerce

ORDER_ID: Final = "820982911946154508"
CUSTOMER_ID: Final = "115310627314723954"

_address = commerce.Address(
    name="Lucía Fernández",
    line1="Calle de Alcalá 21",
    city="Madrid",
    province="Madrid",
    postcode="28014",
    country_code="ES",
)

customer: Final = commerce.Customer(
    id=CUSTOMER_ID,
    email="lucia@example.com",
    first_name="Lucía",
    last_name="Fernández",
    name="Lucía Fernández",
    language="es",
    tags=["vip"],
    accepts_marketing=True,
    orders_count=7,
    total_spent=Decimal("812.40"),
    created_at="2024-03-08T10:15:00Z",
)

order: Final = commerce.Order(
    id=ORDER_ID,
    name="#1001",
    number=1001,
    created_at="2026-11-20T09:30:00Z",
    currency="EUR",
    subtotal=Decimal("119.90"),
    discount=Decimal("0.00"),
    shipping=Decimal("4.95"),
    tax=Decimal("21.67"),
    total=Decimal("124.85"),
    payment_status="paid",
    fulfilment_status="unfulfilled",
    payment_methods=["shopify_payments"],
    customer=customer,
    email="lucia@example.com",
    language="es",
    tags=["web"],
    source="web",
    shipping_address=_address,
    billing_address=_address,
    line_items=[
        commerce.LineItem(
            id="866550311766439020",
            product_id="788032119674292922",
            variant_id="642667041472713922",
            sku="LAMP-OAK-M",
            title="Oak table lamp",
            quantity=1,
            price=Decimal("119.90"),
            total=Decimal("119.90"),
        )
    ],
)

refund: Final = commerce.Refund(
    id="890088186047892319",
    order_id=ORDER_ID,
    created_at="2026-11-21T12:00:00Z",
    currency="EUR",
    amount=Decimal("10.10"),
    note="Scratched lampshade",
)

stock: Final = commerce.StockLevel(
    item_id="271878346596884015",
    location_id="655441491084251789",
    sku="LAMP-OAK-M",
    available=12,
    updated_at="2026-11-21T12:00:00Z",
)


def shown(thing: Any) -> Any:
    """Return an example in the plain form in which a run would hold it."""
    return sdk.plain(thing)
