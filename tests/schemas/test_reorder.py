"""Template 2, articles that run low: gathered, ordered once a day per supplier, followed up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.runtime.outbound.server import http_server
from tests.schemas.kit import Run, Shop, opened, read_event

LAMP = {
    "title": "Lámpara",
    "supplier": "lumina",
    "supplier_code": "L-77",
    "reorder_at": 10,
    "target": 30,
    "per_day": 2,
    "lead_days": 5,
    "pack": 6,
    "cost": Decimal("40.50"),
}
MUG = {**LAMP, "title": "Taza", "supplier": "barro", "supplier_code": "B-1", "cost": 4}
LUMINA = {"name": "Lumina S.L.", "email": "pedidos@lumina.example"}
BARRO = {"name": "Barro", "email": "hola@barro.example"}
NIGHT = {"scheduled_at": "2031-01-06T05:30:00Z", "fired_at": "2031-01-06T05:30:00Z"}
YES = {"on": "agree", "answer": {"port": "yes"}}
DAY = 86_400


class Supplier:
    """A supplier's ordering system; carries each key out once."""

    def __init__(self) -> None:
        self.orders: dict[str, Any] = {}
        self.closed = False

    async def answer(self, request: web.Request) -> web.Response:
        if self.closed:
            return web.json_response({"error": "holidays"}, status=403)
        self.orders[request.headers["Idempotency-Key"]] = await request.json()
        return web.json_response({"taken": True}, status=201)


@pytest.fixture
def barro() -> Supplier:
    return Supplier()


@pytest.fixture
async def shop(tmp_path: Path, barro: Supplier) -> AsyncIterator[Shop]:
    async with opened(tmp_path, "reorder") as made, http_server(barro.answer) as port:
        await put(made, "suppliers", lumina=LUMINA)
        await put(made, "suppliers", barro={**BARRO, "api": f"http://127.0.0.1:{port}"})
        await put(made, "articles", lamp=LAMP, mug=MUG)
        yield made


async def put(shop: Shop, table: str, **rows: Any) -> None:
    for key, row in rows.items():
        await shop.with_tables(lambda tables, k=key, r=row: tables.put(table, k, r))


async def runs_low(shop: Shop, *articles: str, available: int = 4) -> None:
    for article in articles:
        event = read_event("reorder", item_id=article, available=available)
        await shop.run(event, trigger="level")


async def night(shop: Shop, *answers: Any) -> Run:
    return await shop.run(NIGHT, answers, trigger="night")


def number(supplier: str) -> str:
    return f"PO-20310106-{supplier.upper()}"


def confirms(supplier: str, at_s: int) -> Any:
    event = {"type": "core.webhook", "keys": {"purchase_order": number(supplier)}, "data": {}}
    return {"at_s": at_s, "event": event}


async def test_what_runs_low_is_wanted_in_whole_packs_up_to_what_sells_meanwhile(
    shop: Shop,
) -> None:
    await runs_low(shop, "lamp")
    row = await shop.row("wanted", "lamp")
    assert row is not None
    assert (row["quantity"], str(row["amount"]), row["open"]) == (36, "1458.00", True)


async def test_what_is_plenty_on_its_way_or_not_ours_is_not_wanted(shop: Shop) -> None:
    await put(shop, "articles", mug={**MUG, "on_order": 36})
    for article, available in (("lamp", 11), ("mug", 4), ("unknown", 0)):
        await runs_low(shop, article, available=available)
        assert await shop.row("wanted", article) is None, article


async def test_a_small_sum_is_ordered_at_once_and_a_large_one_when_somebody_agrees(
    shop: Shop, barro: Supplier
) -> None:
    await runs_low(shop, "lamp", "mug")
    run = await night(shop, YES, confirms("barro", DAY))
    assert (run.state, run.output("each")["failed"]) == ("succeeded", 0)
    (order,) = barro.orders.values()
    assert (order["number"], order["total"]) == (number("barro"), 144)
    written, reminder = shop.mails
    assert "36 × L-77 (Lámpara) a 40,50\xa0€" in written["text"]
    assert reminder["subject"] == f"¿Habéis recibido el pedido {number('lumina')}?"
    assert len(shop.posts("#almacen")) == 1, "the one that did not confirm in two days"
    kept = await shop.row("purchase_orders", number("lumina"))
    assert kept is not None
    assert (kept["status"], str(kept["amount"])) == ("sent", "1458.00")


async def test_what_was_ordered_is_not_ordered_again_the_next_day(
    shop: Shop, barro: Supplier
) -> None:
    await runs_low(shop, "mug")
    first = await shop.start(NIGHT, trigger="night")
    await shop.play(first, [confirms("barro", 60)])
    await runs_low(shop, "mug", available=3)
    again = await night(shop)
    assert (again.state, again.output("by_supplier")["count"]) == ("succeeded", 0)
    assert len(barro.orders) == 1
    article = await shop.row("articles", "mug")
    assert article is not None
    assert article["on_order"] == 36


async def test_a_no_sends_nothing(shop: Shop) -> None:
    await runs_low(shop, "lamp")
    run = await night(shop, {"on": "agree", "iteration": [0], "answer": {"port": "no"}})
    assert (run.state, run.step("refused", 0)["state"]) == ("succeeded", "succeeded")
    assert shop.mails == []


async def test_without_an_answer_nothing_is_bought_and_the_next_day_asks_again(
    shop: Shop,
) -> None:
    await runs_low(shop, "lamp")
    run = await night(shop)
    assert run.step("agree", 0)["port"] == "late"
    assert "Mañana se pregunta otra vez" in shop.posts("#almacen")[0]
    assert shop.mails == []
    again = await night(shop, YES)
    assert (again.step("agree", 0)["port"], len(shop.mails)) == ("yes", 2)


async def test_a_supplier_whose_system_is_closed_gets_a_mail(shop: Shop, barro: Supplier) -> None:
    barro.closed = True
    await runs_low(shop, "mug")
    run = await night(shop, confirms("barro", DAY))
    assert (run.state, [mail["to"] for mail in shop.mails]) == (
        "succeeded",
        [["hola@barro.example"]],
    )


async def test_one_supplier_that_cannot_be_reached_stops_no_other(
    shop: Shop, barro: Supplier
) -> None:
    await put(shop, "suppliers", lumina={**LUMINA, "email": "nobody@lumina.example"})
    await put(shop, "articles", vase={**MUG, "supplier": "nuevo"})
    await runs_low(shop, "lamp", "mug", "vase")
    run = await night(shop, YES, confirms("barro", DAY))
    assert (run.state, run.output("each")["failed"], len(barro.orders)) == ("succeeded", 1, 1)
    said = shop.posts("#almacen")
    assert "a «nuevo», pero no está en la tabla suppliers" in said[0]
    assert "1 de 3 pedidos a proveedores no han salido" in said[-1]
    wanted = await shop.row("wanted", "lamp")
    assert wanted is not None
    assert wanted["open"], "so it is tried again"


async def test_a_confirmation_is_noted_with_its_day(shop: Shop) -> None:
    body = {"id": "c1", "number": number("barro"), "arrives_on": "2031-01-10"}
    call = {"body": body, "headers": {}, "query": {}, "method": "POST"}
    run = await shop.run(call, trigger="confirmed")
    assert run.output("arrives")["row"] == {"status": "confirmed", "arrives_on": "2031-01-10"}
