"""The demo shop's own life: customers come, orders are placed, paid and cancelled, stock moves.

What it keeps are plain values in the shape of Shopify's webhook bodies, amounts as text. Knows
nothing of GraphQL, HTTP or signatures.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Protocol, TypeVar

from tramo_shopify.twin import stock

FIRST_ID: Final = 820982911946154508
"""Shopify's ids pass 2^53; so do the twin's."""
CENT: Final = Decimal("0.01")
DELIVERY: Final = 40
ORDER_LIMIT: Final = 200
"""A demo may run for weeks; the shop forgets its oldest orders."""

T = TypeVar("T")


class Clock(Protocol):
    def now_ms(self) -> int: ...


class Ids(Protocol):
    def fraction(self) -> float: ...


class Shop:
    """A shop over its state."""

    def __init__(self, state: dict[str, Any], clock: Clock, ids: Ids) -> None:
        self.state = state
        self.clock = clock
        self.ids = ids

    # The first day ---------------------------------------------------------------------------

    def open(self) -> None:
        """Fill an empty state: products in stock, customers, and the orders of the last days."""
        self.state.update(
            {
                "next_id": FIRST_ID,
                "next_number": 1001,
                "locations": {},
                "items": {},
                "variants": [],
                "products": {},
                "customers": {},
                "orders": {},
                "fulfilments": {},
                "subscriptions": {},
                "keys": {},
                "bucket": {"available": "2000", "at": self.clock.now_ms()},
            }
        )
        for name, country, city in stock.LOCATIONS:
            location = self.new_id()
            self.state["locations"][str(location)] = {
                "id": location,
                "name": name,
                "country_code": country,
                "city": city,
                "active": True,
            }
        for product in stock.PRODUCTS:
            self._add_product(*product)
        for person, more in stock.CUSTOMERS:
            self.add_customer(*person, *more)
        for days_ago in (6, 4, 3, 2, 1, 1):
            self.place_order(ago_ms=days_ago * 86_400_000)

    def _add_product(
        self, title: str, vendor: str, kind: str, variants: Sequence[tuple[str, str, str, int]]
    ) -> None:
        product = self.new_id()
        self.state["products"][str(product)] = {
            "id": product,
            "title": title,
            "vendor": vendor,
            "product_type": kind,
            "tags": "",
        }
        places = list(self.state["locations"])
        for variant_title, sku, price, count in variants:
            item = self.new_id()
            self.state["items"][str(item)] = {
                "id": item,
                "sku": sku,
                "levels": {places[0]: count, places[1]: count // 4},
            }
            self.state["variants"].append(
                {
                    "id": self.new_id(),
                    "product_id": product,
                    "item_id": item,
                    "title": title,
                    "variant_title": variant_title,
                    "sku": sku,
                    "price": price,
                    "vendor": vendor,
                }
            )

    # Customers -------------------------------------------------------------------------------

    def add_customer(
        self,
        first: str,
        last: str,
        language: str,
        country: str,
        city: str = "",
        province: str = "",
        postcode: str = "",
        street: str = "",
        phone: str | None = None,
        tags: str = "",
    ) -> dict[str, Any]:
        """Register a customer."""
        number = self.new_id()
        address = {
            "id": self.new_id(),
            "customer_id": number,
            "first_name": first,
            "last_name": last,
            "name": f"{first} {last}",
            "company": None,
            "address1": street or None,
            "address2": None,
            "city": city or None,
            "province": province or None,
            "zip": postcode or None,
            "country": stock.COUNTRY_NAMES[country],
            "country_code": country,
            "phone": phone,
            "default": True,
        }
        customer = {
            "id": number,
            "admin_graphql_api_id": f"gid://shopify/Customer/{number}",
            "email": f"{_plain(first)}.{_plain(last)}.{number % 1000}@example.com",
            "first_name": first,
            "last_name": last,
            "phone": phone,
            "locale": language,
            "currency": stock.SHOP["currency"],
            "state": "disabled",
            "note": None,
            "verified_email": True,
            "tax_exempt": False,
            "tags": tags,
            "orders_count": 0,
            "total_spent": "0.00",
            "email_marketing_consent": {
                "state": "subscribed" if "newsletter" in tags else "not_subscribed",
                "opt_in_level": "single_opt_in",
                "consent_updated_at": None,
            },
            "created_at": self.now(),
            "updated_at": self.now(),
            "default_address": address,
            "addresses": [address],
        }
        self.state["customers"][str(number)] = customer
        return customer

    def welcome(self) -> dict[str, Any]:
        """Let somebody new sign up."""
        return self.add_customer(*self.pick(stock.NEWCOMERS))

    # Orders ----------------------------------------------------------------------------------

    def place_order(self, ago_ms: int = 0) -> dict[str, Any]:
        """Let a customer buy one to three articles; now and then a company buys many."""
        customer = self.pick([c for c in self.state["customers"].values() if _address1(c)])
        country = customer["default_address"]["country_code"]
        many = self.ids.fraction() < 0.2
        lines: list[dict[str, Any]] = []
        left = list(self.state["variants"])
        for _ in range(1 + int(self.ids.fraction() * 3)):
            variant = left.pop(int(self.ids.fraction() * len(left)))
            quantity = 1 + int(self.ids.fraction() * (12 if many else 2))
            lines.append(self._line(variant, quantity, country))
            self._sell(variant["item_id"], quantity)
        order = self._order(customer, lines, country, self.now(-ago_ms))
        self.state["orders"][str(order["id"])] = order
        for oldest in list(self.state["orders"])[:-ORDER_LIMIT]:
            del self.state["orders"][oldest], self.state["fulfilments"][oldest]
        self.state["fulfilments"][str(order["id"])] = [
            {"id": self.new_id(), "status": "OPEN", "holds": []}
        ]
        customer["orders_count"] += 1
        customer["total_spent"] = money(
            Decimal(customer["total_spent"]) + Decimal(order["total_price"])
        )
        return order

    def _line(self, variant: dict[str, Any], quantity: int, country: str) -> dict[str, Any]:
        number = self.new_id()
        return {
            "id": number,
            "admin_graphql_api_id": f"gid://shopify/LineItem/{number}",
            "product_id": variant["product_id"],
            "variant_id": variant["id"],
            "sku": variant["sku"],
            "title": variant["title"],
            "variant_title": variant["variant_title"],
            "name": f"{variant['title']} - {variant['variant_title']}",
            "vendor": variant["vendor"],
            "quantity": quantity,
            "current_quantity": quantity,
            "price": variant["price"],
            "price_set": bag(Decimal(variant["price"]), country),
            "total_discount": "0.00",
            "total_discount_set": bag(Decimal(0), country),
            "discount_allocations": [],
            "taxable": True,
            "requires_shipping": True,
            "gift_card": False,
            "fulfillment_status": None,
            "properties": [],
        }

    def _order(
        self, customer: dict[str, Any], lines: list[dict[str, Any]], country: str, at: str
    ) -> dict[str, Any]:
        number = self.new_id()
        name = self.state["next_number"]
        self.state["next_number"] += 1
        subtotal = sum((Decimal(line["price"]) * line["quantity"] for line in lines), Decimal(0))
        shipping = Decimal(0) if subtotal > 150 else Decimal(stock.SHIPPING[country])
        rate = Decimal(stock.TAX_RATES[country])
        tax = ((subtotal + shipping) * rate / (1 + rate)).quantize(CENT)
        amounts = {
            "subtotal_price": subtotal,
            "total_line_items_price": subtotal,
            "total_discounts": Decimal(0),
            "total_tax": tax,
            "total_price": subtotal + shipping,
            "current_total_price": subtotal + shipping,
        }
        currency = stock.CURRENCIES[country][0]
        paid = self.ids.fraction() < 0.85
        order: dict[str, Any] = {
            "id": number,
            "admin_graphql_api_id": f"gid://shopify/Order/{number}",
            "name": f"#{name}",
            "number": name - 1000,
            "order_number": name,
            "created_at": at,
            "processed_at": at,
            "updated_at": at,
            "cancelled_at": None,
            "cancel_reason": None,
            "closed_at": None,
            "confirmed": True,
            "test": False,
            "currency": stock.SHOP["currency"],
            "presentment_currency": currency,
            "financial_status": "paid" if paid else "pending",
            "fulfillment_status": None,
            "payment_gateway_names": ["shopify_payments" if paid else "bank_transfer"],
            "source_name": "web",
            "customer_locale": customer["locale"],
            "email": customer["email"],
            "contact_email": customer["email"],
            "phone": customer["phone"],
            "buyer_accepts_marketing": False,
            "note": None,
            "note_attributes": [],
            "tags": "",
            "taxes_included": True,
            "tax_lines": [
                {"title": "VAT", "rate": rate, "price": money(tax), "price_set": bag(tax, country)}
            ],
            **{name: money(amount) for name, amount in amounts.items()},
            **{f"{name}_set": bag(amount, country) for name, amount in amounts.items()},
            "total_shipping_price_set": bag(shipping, country),
            "discount_codes": [],
            "discount_applications": [],
            "shipping_lines": [
                {
                    "id": self.new_id(),
                    "title": "Standard",
                    "price": money(shipping),
                    "price_set": bag(shipping, country),
                }
            ],
            "billing_address": dict(customer["default_address"]),
            "shipping_address": dict(customer["default_address"]),
            "customer": {**customer, "addresses": None},
            "line_items": lines,
            "fulfillments": [],
            "refunds": [],
            "payment_terms": None,
        }
        del order["customer"]["addresses"]
        if paid:
            self._pay(order)
        return order

    def _pay(self, order: dict[str, Any]) -> None:
        paid = order["total_price_set"]["presentment_money"]
        order["financial_status"] = "paid"
        order["transactions"] = [
            {
                "id": self.new_id(),
                "kind": "sale",
                "status": "success",
                "gateway": order["payment_gateway_names"][0],
                "amount": paid["amount"],
                "currency": paid["currency_code"],
            }
        ]

    def pay_order(self) -> dict[str, Any]:
        """Let the newest unpaid order be paid; places one if there is none."""
        waiting = [
            o
            for o in self.state["orders"].values()
            if o["financial_status"] == "pending" and not o["cancelled_at"]
        ]
        order = waiting[-1] if waiting else self.place_order()
        if "transactions" not in order:
            self._pay(order)
        order["updated_at"] = self.now()
        return order

    def newest_open_order(self) -> dict[str, Any]:
        """Return the order that was placed last and still stands; places one if there is none."""
        standing = [o for o in self.state["orders"].values() if not o["cancelled_at"]]
        return standing[-1] if standing else self.place_order()

    def cancel_order(self, order: dict[str, Any], reason: str) -> dict[str, Any]:
        """Cancel an order; money and stock are the caller's."""
        order["cancelled_at"] = order["closed_at"] = order["updated_at"] = self.now()
        order["cancel_reason"] = reason
        for waiting in self.state["fulfilments"][str(order["id"])]:
            waiting.update(status="CLOSED", holds=[])
        return order

    # Stock -----------------------------------------------------------------------------------

    def _sell(self, item_id: int, quantity: int) -> None:
        if self.move_stock(item_id, -quantity) < 0:
            self.move_stock(item_id, DELIVERY)  # The supplier's van was just in time.

    def move_some_stock(self) -> tuple[int, str, int]:
        """Let an article be sold at the counter, or come in when none is left.

        Returns inventory item, location and what is available there now.
        """
        item = self.pick(list(self.state["items"].values()))
        place, present = next(iter(item["levels"].items()))
        sold = min(present, 1 + int(self.ids.fraction() * 4))
        return item["id"], place, self.move_stock(item["id"], -sold if present else DELIVERY, place)

    def move_stock(self, item_id: int, delta: int, location: str | None = None) -> int:
        """Change what is available of an article, at the first location by default."""
        levels = self.state["items"][str(item_id)]["levels"]
        place = location or next(iter(levels))
        levels[place] = levels.get(place, 0) + delta
        return levels[place]

    # Small things ----------------------------------------------------------------------------

    def new_id(self) -> int:
        """Return an id that nothing else in the shop has."""
        self.state["next_id"] += 17
        return self.state["next_id"]

    def pick(self, things: Sequence[T]) -> T:
        """Choose one of several by chance."""
        return things[int(self.ids.fraction() * len(things))]

    def now(self, shift_ms: int = 0) -> str:
        """Return the instant in the form in which Shopify writes it."""
        at = datetime.fromtimestamp((self.clock.now_ms() + shift_ms) // 1000, tz=UTC)
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def money(amount: Decimal) -> str:
    """Return an amount as Shopify writes it: text with two decimals."""
    return f"{amount.quantize(CENT):f}"


def bag(amount: Decimal, country: str) -> dict[str, Any]:
    """Return an amount in the shop's currency and in the one in which the customer pays."""
    currency, rate = stock.CURRENCIES[country]
    return {
        "shop_money": {"amount": money(amount), "currency_code": stock.SHOP["currency"]},
        "presentment_money": {"amount": money(amount * Decimal(rate)), "currency_code": currency},
    }


def _address1(customer: dict[str, Any]) -> str | None:
    return customer["default_address"]["address1"]


def _plain(name: str) -> str:
    accents = str.maketrans("áàâãéêíóôõúüçñăâîșț", "aaaaeeiooouucnaaist")
    return name.lower().translate(accents)
