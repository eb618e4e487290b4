"""Template 11, where a parcel is: each step told once, as the customer likes; silence noticed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.schemas.kit import Run, Shop, opened, read_event

CODE = "1ZE1234E0000000042"
ROW = {
    "order": "#1088",
    "email": "lucia@example.com",
    "phone": "+34600112233",
    "name": "Lucía",
    "language": "es",
    "channel": "mail",
    "status": "pre_transit",
    "open": True,
}
DAY = 86_400


class Desk:
    """A messaging service and a help desk: both carry each key out once."""

    def __init__(self) -> None:
        self.messages: dict[str, Any] = {}
        self.tickets: dict[str, Any] = {}
        self.silent = False

    async def answer(self, request: web.Request) -> web.Response:
        if self.silent:
            return web.json_response({"error": "no credit"}, status=402)
        kept = self.tickets if request.path == "/tickets" else self.messages
        kept[request.headers["Idempotency-Key"]] = await request.json()
        return web.json_response({"id": len(kept)}, status=201)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def house(
    folder: Path, desk: Desk, name: str = "parcel_news", **more: Any
) -> AbstractAsyncContextManager[Shop]:
    hosts = ("https://whatsapp.example.com", "https://helpdesk.example.com")
    return opened(folder, name, services=dict.fromkeys(hosts, desk.answer), **more)


@pytest.fixture
async def shop(tmp_path: Path, desk: Desk) -> AsyncIterator[Shop]:
    async with house(tmp_path, desk) as made:
        yield made


async def know(shop: Shop, **changes: Any) -> None:
    """Let the shop know whose parcel it is, as the flow does that hands orders to the warehouse."""
    await shop.with_tables(lambda tables: tables.put("parcels", CODE, {**ROW, **changes}))


async def hear(shop: Shop, answers: Any = (), **changes: Any) -> Run:
    return await shop.run(read_event("parcel_news", **changes), answers, trigger="moved")


async def test_each_step_is_told_once_however_often_the_carrier_tells_it(shop: Shop) -> None:
    await know(shop)
    statuses = ["in_transit", "in_transit", "out_for_delivery", "in_transit", "delivered"]
    runs = [await shop.start(event(status), trigger="moved") for status in statuses]
    for run_id in runs:
        await shop.play(run_id, [{"at_s": 60, "event": moved()}])
    assert [mail["subject"] for mail in shop.mails] == [
        "Tu pedido va de camino (#1088)",
        "Hoy te llega tu pedido (#1088)",
        "Tu pedido está entregado (#1088)",
    ]
    assert "https://track.easypost.com/djE6dHJr" in shop.mails[0]["text"]
    row = await shop.row("parcels", CODE)
    assert row is not None
    assert (row["status"], row["open"], row["order"]) == ("delivered", False, "#1088")


def event(status: str) -> Any:
    return read_event("parcel_news", status=status, finished=status == "delivered")


def moved() -> Any:
    return {"type": "easypost.tracking_updated", "keys": {"tracking": CODE}, "data": {}}


async def test_a_parcel_that_goes_on_needs_no_apology(shop: Shop, desk: Desk) -> None:
    await know(shop)
    run = await hear(shop, "parcel_news_delivered")
    assert (run.state, run.step("silence")["port"]) == ("succeeded", "out")
    assert run.skipped("sorry", "ticket")
    assert desk.tickets == {}


async def test_four_days_of_silence_are_excused_and_followed_up_once(
    shop: Shop, desk: Desk
) -> None:
    await know(shop, language="en")
    run = await hear(shop)
    assert round(run.lasted_s("silence") / DAY) == 4
    assert [mail["subject"] for mail in shop.mails] == [
        "Your order is on its way (#1088)",
        "Your order #1088 is late",
    ]
    (ticket,) = desk.tickets.values()
    assert ticket["tags"] == ["envio", "in_transit"]
    await hear(shop, status="out_for_delivery")
    assert len(shop.mails) == 3, "its next step is told, but nobody is sorry twice"
    assert len(desk.tickets) == 1


async def test_a_promised_day_that_passes_counts_as_silence_the_day_after(shop: Shop) -> None:
    await know(shop)
    run = await hear(shop, estimated_delivery=shop.at(hours=-24))
    assert round(run.lasted_s("silence") / DAY) == 2


async def test_news_that_never_reached_us_are_no_silence(shop: Shop, desk: Desk) -> None:
    await know(shop)
    run_id = await shop.start(event("in_transit"), trigger="moved")
    shop.twin("easypost").move(CODE, "delivered")
    run = await shop.play(run_id)
    assert run.output("look")["status"] == "delivered"
    assert (run.skipped("sorry", "ticket"), desk.tickets) == (True, {})


@pytest.mark.parametrize("silent", [False, True], ids=["works", "is down"])
async def test_who_prefers_whatsapp_gets_mail_only_when_that_fails(
    shop: Shop, desk: Desk, silent: bool
) -> None:
    desk.silent = silent
    await know(shop, channel="whatsapp")
    run = await hear(shop, status="delivered", finished=True)
    assert run.state == "succeeded"
    assert (len(desk.messages), len(shop.mails)) == ((0, 1) if silent else (1, 0))


async def test_a_parcel_that_comes_back_goes_straight_to_the_desk(shop: Shop, desk: Desk) -> None:
    await know(shop)
    run = await hear(shop, status="return_to_sender")
    assert run.skipped("words", "silence", "sorry")
    (ticket,) = desk.tickets.values()
    assert "problema de entrega" in ticket["text"]


async def test_a_parcel_of_somebody_else_is_noted_and_no_more(shop: Shop) -> None:
    run = await hear(shop)
    assert run.done("stranger")
    assert shop.mails == []


async def test_the_round_finds_what_no_event_told_and_asks_for_open_parcels_only(
    tmp_path: Path, desk: Desk
) -> None:
    async with house(tmp_path, desk, "parcel_round", also=("parcel_news",)) as shop:
        twin = shop.twin("easypost")
        twin.learn("easypost.tracking_updated", event("in_transit"))
        twin.move(CODE, "out_for_delivery")
        await know(shop, status="in_transit")
        lost = {**ROW, "order": "#1089"}
        closed = {**ROW, "open": False}
        await shop.with_tables(lambda tables: tables.put("parcels", "1ZLOST", lost))
        await shop.with_tables(lambda tables: tables.put("parcels", "1ZCLOSED", closed))
        tick = read_event("parcel_round")
        run = await shop.run(tick)
        assert (run.state, run.output("each")["count"], run.output("each")["failed"]) == (
            "succeeded",
            2,
            1,
        )
        called = run.output("tell", 0)
        told = await shop.play(called["run"], [{"on": "silence", "event": moved()}])
        assert (told.state, [mail["subject"] for mail in shop.mails]) == (
            "succeeded",
            ["Hoy te llega tu pedido (#1088)"],
        )
        assert shop.posts("#shipping") == ["No se pudo preguntar por 1 de 2 envíos abiertos."]
        again = await shop.run(tick)
        assert again.output("changed", 0)["port"] == "else"
