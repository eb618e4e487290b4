"""A twin shop whose traffic a test can look at, and one good call of every action."""

from __future__ import annotations

from typing import Any

from tramo import sdk
from tramo.ports.http import Request
from tramo_shopify import connector
from tramo_shopify.twin import ShopifyTwin

from tests.plugins.attempt import Attempt, FrozenClock, make_twin

shopify = connector.tramo_connector()


class Shop:
    """A fresh twin, with what went out and what came back."""

    def __init__(self) -> None:
        self.clock = FrozenClock()
        self.twin: ShopifyTwin = make_twin(shopify, self.clock)
        self.sent: list[Request] = []
        self.answers: list[sdk.Response] = []
        self.lose: list[str] = []
        """Operations whose next answer gets lost on its way back."""

    def attempt(self, key: str = "ab" * 16, credential: Any = None) -> Attempt[Any]:
        made: Attempt[Any] = Attempt(
            shopify, self, key=key, credential=credential or self.twin.credential
        )
        return made

    def demo_credential(self) -> dict[str, Any]:
        return self.twin.demo_credential()

    async def send(self, request: Request) -> sdk.Response:
        response = await self.twin.send(request)
        self.sent.append(request)
        self.answers.append(response)
        for name in self.lose:
            if f'"{name}"'.encode() in request.body:
                self.lose.remove(name)
                raise sdk.Transient("The answer was lost")
        return response

    @property
    def state(self) -> dict[str, Any]:
        return self.twin.state

    def orders(self) -> list[dict[str, Any]]:
        return list(self.state["orders"].values())

    def paid_order(self) -> dict[str, Any]:
        return next(o for o in self.orders() if o["financial_status"] == "paid")

    def fill_bucket(self) -> None:
        self.state["bucket"].update(available="2000", at=self.clock.now_ms())

    def location(self) -> str:
        return next(iter(self.state["locations"]))

    def item(self, sku: str = "MUG-BLUE") -> dict[str, Any]:
        return next(i for i in self.state["items"].values() if i["sku"] == sku)


async def every_action(shop: Shop, name: str) -> Any:
    """Carry out an action once, with params that exercise as much of it as one call can."""
    order = shop.paid_order()
    attempt = shop.attempt()
    number = str(order["id"])
    line = {
        "line_item_id": order["line_items"][0]["id"],
        "quantity": 1,
        "restock": "return",
        "location_id": shop.location(),
    }
    params: dict[str, Any] = {
        "get_order": {"order_id": number},
        "search_orders": {"query": "financial_status:paid", "limit": 3},
        "add_note": {"order_id": number, "note": "Llamar antes de entregar"},
        "cancel_order": {"order_id": number, "reason": "customer", "refund": True},
        "add_tags": {"id": number, "tags": ["vip", "ștampilă"]},
        "remove_tags": {"id": number, "tags": ["vip"]},
        "hold_fulfilment": {"order_id": number, "reason": "high_risk_of_fraud", "note": "AVS"},
        "release_fulfilment": {"order_id": number},
        "refund_order": {"order_id": number, "lines": [line], "refund_shipping": True},
        "adjust_inventory": {"sku": "MUG-BLUE", "location_id": shop.location(), "delta": -2},
        "update_customer": {
            "customer_id": order["customer"]["id"],
            "email": "nueva@example.com",
            "first_name": "Íris",
            "language": "pt-BR",
        },
    }[name]
    if name == "release_fulfilment":
        await attempt.act("hold_fulfilment", order_id=number)
    return await attempt.act(name, **params)
