"""The demo shop's own life: customers come, orders are placed, paid and cancelled, stock moves.

What it keeps are plain values in the shape of Shopify's webhook bodies, amounts as text. Knows
nothing of GraphQL, HTTP or signatures.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Protocol, TypeVar

from tramo_shopify.twin import record, seed

FIRST_ID: Final = 820982911946154508
"""Shopify's ids pass 2^53; so do the twin's."""
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
        for name, country, city in seed.LOCATIONS:
            location = self.new_id()
            self.state["locations"][str(location)] = {
                "id": location,
                "name": name,
                "country_code": country,
                "city": city,
                "active": True,
            }
        for product in seed.PRODUCTS:
            self._add_product(*product)
        for person in seed.CUSTOMERS:
            self.add_customer(person)
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

    def add_customer(self, person: seed.Person) -> dict[str, Any]:
        """Register a customer."""
        number = self.new_id()
        made = record.customer(number, person, record.address(self.new_id(), person), self.now())
        self.state["customers"][str(number)] = made
        return made

    def welcome(self) -> dict[str, Any]:
        """Let somebody new sign up."""
        return self.add_customer(self.pick(seed.NEWCOMERS))

    # Orders ----------------------------------------------------------------------------------

    def place_order(self, ago_ms: int = 0) -> dict[str, Any]:
        """Let a customer buy one to three articles; now and then a company buys many."""
        buyer = self.pick([c for c in self.state["customers"].values() if _has_address(c)])
        country = buyer["default_address"]["country_code"]
        many = self.ids.fraction() < 0.2
        lines: list[dict[str, Any]] = []
        left = list(self.state["variants"])
        for _ in range(1 + int(self.ids.fraction() * 3)):
            variant = left.pop(int(self.ids.fraction() * len(left)))
            quantity = 1 + int(self.ids.fraction() * (12 if many else 2))
            lines.append(record.line(self.new_id(), variant, quantity, country))
            self._sell(variant["item_id"], quantity)
        number, shipping = self.new_id(), self.new_id()
        named = self.state["next_number"]
        self.state["next_number"] += 1
        order = record.order(number, named, buyer, lines, shipping, self.now(-ago_ms))
        if self.ids.fraction() < 0.85:
            order["payment_gateway_names"] = ["shopify_payments"]
            self.pay(order)
        self.keep(order)
        buyer["orders_count"] += 1
        spent = Decimal(buyer["total_spent"]) + Decimal(order["total_price"])
        buyer["total_spent"] = record.money(spent)
        return order

    def keep(self, order: dict[str, Any]) -> None:
        """Take an order in, with what is to be shipped of it."""
        number = str(order["id"])
        self.state["orders"][number] = order
        waiting = {"id": self.new_id(), "status": "OPEN", "holds": []}
        self.state["fulfilments"][number] = [waiting]
        for oldest in list(self.state["orders"])[:-ORDER_LIMIT]:
            del self.state["orders"][oldest], self.state["fulfilments"][oldest]

    def pay(self, order: dict[str, Any]) -> None:
        """Note that an order was paid in full."""
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
            self.pay(order)
        order["updated_at"] = self.now()
        return order

    def edit_order(self) -> dict[str, Any]:
        """Let staff write a note on the newest order that still stands."""
        order = self.newest_open_order()
        order.update(note="Call before delivery", updated_at=self.now())
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


def _has_address(customer: dict[str, Any]) -> bool:
    return bool(customer["default_address"]["address1"])
