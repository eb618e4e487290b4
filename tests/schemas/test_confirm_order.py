"""Template 8, a new order: stock, payment and address side by side, then label and warehouse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from tramo.ports.http import Interrupted, Request, Response

from tests.schemas.kit import Run, Shop, opened, read_event


class Warehouse:
    """A warehouse system: what lies on its shelves, and which pick lists it took."""

    def __init__(self) -> None:
        self.shelf = {"LAMP-OAK-M": 20, "CUSH-SAND": 2}
        self.picks: dict[str, Any] = {}
        self.down = False

    async def answer(self, request: web.Request) -> web.Response:
        if self.down:
            return web.json_response({"error": "night shift"}, status=503)
        if request.path == "/stock":
            asked = request.query["sku"].split(",")
            items = [{"sku": sku, "available": self.shelf[sku]} for sku in asked]
            return web.json_response({"items": items})
        pick = await request.json()
        self.picks[request.headers["Idempotency-Key"]] = pick
        answer = {"pick": f"P-{len(self.picks)}", "ship_on": pick["ship_on"]}
        return web.json_response(answer, status=201)


@pytest.fixture
def warehouse() -> Warehouse:
    return Warehouse()


@pytest.fixture
async def shop(tmp_path: Path, warehouse: Warehouse) -> AsyncIterator[Shop]:
    services = {"https://wms.example.com": warehouse.answer}
    async with opened(tmp_path, "confirm_order", services=services) as made:
        yield made


def order(**changes: Any) -> Any:
    return read_event("confirm_order", **changes)


def labels(shop: Shop) -> int:
    """Count the labels bought, the demo account's own left out."""
    shipments = shop.twin("easypost").state["shipments"].values()
    return sum(1 for shipment in shipments if shipment["postage_label"]) - 1


def is_held(run: Run) -> bool:
    return run.done("hold", "ask_team") and run.skipped("label", "warehouse", "message")


async def test_a_good_order_gets_one_label_one_pick_list_and_one_mail(
    shop: Shop, warehouse: Warehouse
) -> None:
    run = await shop.run(order())
    assert (run.state, run.skipped("why", "hold")) == ("succeeded", True)
    (pick,) = warehouse.picks.values()
    assert pick["lines"] == [
        {"sku": "LAMP-OAK-M", "title": "Oak table lamp", "quantity": 5, "packing": "bubble wrap"},
        {"sku": "CUSH-SAND", "title": "Linen cushion", "quantity": 2, "packing": "box"},
    ]
    assert (pick["gift"], pick["ship_on"]) == (True, "2031-01-06")
    assert pick["label"]["tracking"] == run.output("label")["tracking_number"]
    assert labels(shop) == 1
    (mail,) = shop.mails
    assert "- 2 × Linen cushion" in mail["text"]
    assert run.output("confirm")["tags"] == ["confirmed"]


async def test_the_same_order_told_twice_ships_once(shop: Shop, warehouse: Warehouse) -> None:
    await shop.run(order())
    again = await shop.run(order())
    assert (again.state, again.skipped("warehouse", "message")) == ("succeeded", True)
    assert (labels(shop), len(warehouse.picks), len(shop.mails)) == (1, 1, 1)


async def test_a_payment_that_comes_late_is_waited_for(shop: Shop) -> None:
    run = await shop.run(order(payment_status="pending"), "confirm_order_paid_later")
    assert (run.state, run.step("payment")["port"], labels(shop)) == ("succeeded", "out", 1)


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"payment_status": "pending"}, "awaiting_payment", "Not paid within half an hour"),
        ({"street": "Calle de Alcalá"}, "incorrect_address", "Address: House number is missing"),
        ({"cushions": 3}, "inventory_out_of_stock", "Short: CUSH-SAND"),
        ({"cushions": 120, "shelf": 500}, "other", "No carrier takes it: The parcel is too heavy"),
    ],
)
async def test_an_order_that_cannot_ship_is_held_and_the_team_reads_why(
    shop: Shop, warehouse: Warehouse, changes: dict[str, Any], code: str, said: str
) -> None:
    placed = order(payment_status=changes.get("payment_status", "paid"))
    placed["shipping_address"]["line1"] = changes.get("street", "Calle de Alcalá 21")
    placed["line_items"][1]["quantity"] = changes.get("cushions", 2)
    warehouse.shelf["CUSH-SAND"] = changes.get("shelf", 2)
    run = await shop.run(placed)
    assert (run.state, is_held(run)) == ("succeeded", True)
    assert run.output("why")["code"] == code
    assert said in shop.posts("#orders")[0]
    assert (labels(shop), warehouse.picks) == (0, {})
    (asked,) = [v for v in shop.asked("fulfillmentOrderHold") if "hold" in v]
    assert said in asked["hold"]["reasonNotes"]


async def test_a_warehouse_that_is_silent_holds_the_order_after_five_tries(
    shop: Shop, warehouse: Warehouse
) -> None:
    warehouse.down = True
    run = await shop.run(order())
    assert (is_held(run), run.step("stock")["attempts"]) == (True, 5)
    assert "The warehouse does not answer" in shop.posts("#orders")[0]


async def test_a_lost_answer_of_the_carrier_is_looked_up(shop: Shop, warehouse: Warehouse) -> None:
    shop.lose_answer("easypost", "/buy")
    run = await shop.run(order())
    assert (run.state, labels(shop), len(warehouse.picks)) == ("succeeded", 1, 1)


async def test_a_label_in_doubt_asks_and_is_never_bought_again(
    shop: Shop, warehouse: Warehouse
) -> None:
    twin = shop.twin("easypost")
    send, gone = twin.send, False

    async def vanish(request: Request) -> Response:
        """Take the purchase, and be out of reach from then on."""
        nonlocal gone
        if gone:
            raise Interrupted("no route")
        response = await send(request)
        gone = request.url.endswith("/buy")
        if gone:
            raise Interrupted("the line went dead")
        return response

    twin.send = vanish
    run = await shop.run(order())
    assert (run.state, run.reason, run.step("label")["state"]) == (
        "asking",
        "unknown_outcome",
        "asking",
    )
    assert (labels(shop), warehouse.picks) == (1, {})
    twin.send = send
    (bought,) = [s for s in twin.state["shipments"].values() if s["reference"] == order()["id"]]
    told = {
        "tracking_number": bought["tracking_code"],
        "label_url": bought["postage_label"]["label_url"],
        "carrier": bought["selected_rate"]["carrier"],
        "tracking_url": "https://track.easypost.com/djE6dHJr",
    }
    run = await shop.play(run.id, [{"on": "label", "outcome": "happened", "output": told}])
    assert (run.state, run.error, labels(shop)) == ("succeeded", None, 1)
    (pick,) = warehouse.picks.values()
    assert pick["label"]["tracking"] == bought["tracking_code"]
