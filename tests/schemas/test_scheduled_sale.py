"""Template 28, a sale of some days: prices kept in a table, reduced, and put back to the cent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from tramo.ports.http import Request, Response

from tests.kit import owner
from tests.schemas.kit import Run, Shop, opened, read_event

BEFORE = {
    "LAMP-OAK-S": ("79.90", None),
    "LAMP-OAK-M": ("119.90", "149.00"),
    "CANDLE-FIG": ("18.75", None),
}
DURING = {
    "LAMP-OAK-S": ("59.93", "79.90"),
    "LAMP-OAK-M": ("89.93", "149.00"),
    "CANDLE-FIG": ("14.06", "18.75"),
}
YES = {"on": "ask", "answer": {"port": "yes"}}
STOP = {"type": "core.form", "keys": {"stopped_sale": "Iarna 2031"}}


class Theme:
    """The shop's theme: the banner that it shows."""

    def __init__(self) -> None:
        self.banner: Any = None
        self.said: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.said.append(request.method)
        self.banner = await request.json() if request.method == "PUT" else None
        return web.json_response({})


@pytest.fixture
def theme() -> Theme:
    return Theme()


@pytest.fixture
async def shop(tmp_path: Path, theme: Theme) -> AsyncIterator[Shop]:
    services = {"https://theme.example.com": theme.answer}
    async with opened(tmp_path, "scheduled_sale", services=services) as made:
        made.variant("LAMP-OAK-M")["compare_at_price"] = "149.00"
        yield made


def prices(shop: Shop) -> dict[str, Any]:
    found = {sku: shop.variant(sku) for sku in BEFORE}
    return {sku: (each["price"], each.get("compare_at_price")) for sku, each in found.items()}


async def sell(shop: Shop, answers: Any = "scheduled_sale_runs_its_days", **changes: Any) -> Run:
    return await shop.run(read_event("scheduled_sale", **changes), answers, trigger="form")


async def stop(shop: Shop) -> Run:
    return await shop.run({"name": "Iarna 2031"}, trigger="stop")


def when_told(shop: Shop, *acts: Callable[[], Awaitable[None]]) -> None:
    """Do one thing after the other as the team is told of something."""
    twin = shop.twin("slack")
    send, left = twin.send, list(acts)

    async def heard(request: Request) -> Response:
        if left:
            await left.pop(0)()
        return await send(request)

    twin.send = heard


async def test_prices_fall_on_the_first_day_and_are_as_before_after_the_last(
    shop: Shop, theme: Theme
) -> None:
    run_id = await shop.start(read_event("scheduled_sale"), trigger="form")
    seen: list[Any] = []

    async def look() -> None:
        seen.append((prices(shop), theme.banner))

    when_told(shop, look, look)
    run = await shop.play(run_id, "scheduled_sale_runs_its_days")
    assert (run.state, run.error) == ("succeeded", None)
    banner = {"title": "Iarna 2031", "percent": 25, "until": "2031-01-12"}
    assert seen == [(DURING, banner), (BEFORE, None)]
    assert prices(shop) == BEFORE
    assert run.step("articles")["started_at"].startswith("2031-01-09T22:00:00")
    assert run.step("rows")["started_at"].startswith("2031-01-12T22:00:00")
    started, ended = shop.posts("#marketing")
    assert "3 din 3 articole cu −25 %" in started
    assert "s-a încheiat: 3 prețuri sunt din nou ca înainte" in ended


async def test_a_sale_stopped_in_the_middle_puts_prices_back_at_once(
    shop: Shop, theme: Theme
) -> None:
    run = await sell(shop, "scheduled_sale_stopped_in_the_middle")
    assert (run.state, run.step("end")["port"]) == ("succeeded", "left")
    assert (prices(shop), theme.said) == (BEFORE, ["PUT", "DELETE"])
    assert "a fost oprită" in shop.posts("#marketing")[-1]


async def test_a_sale_stopped_before_its_first_day_changes_nothing(
    shop: Shop, theme: Theme
) -> None:
    run = await sell(shop, [YES, {"on": "begin", "event": STOP}])
    assert run.done("nothing")
    assert run.skipped("reduce", "restore", "banner")
    assert (prices(shop), theme.said) == (BEFORE, [])


async def test_prices_come_back_even_when_the_run_of_a_sale_was_cancelled(
    shop: Shop, theme: Theme
) -> None:
    run_id = await shop.start(read_event("scheduled_sale"), trigger="form")

    async def cancel() -> None:
        await shop.house.runs.cancel(owner(shop.house), run_id)

    when_told(shop, cancel)
    run = await shop.play(run_id, "scheduled_sale_runs_its_days")
    assert (run.state, prices(shop)) == ("cancelled", DURING)
    run = await stop(shop)
    assert (run.state, prices(shop), theme.banner) == ("succeeded", BEFORE, None)
    assert "Iarna 2031 a fost oprită" in shop.posts("#marketing")[-1]
    assert (await stop(shop)).done("nothing")


async def test_an_article_whose_price_cannot_fall_harms_no_other_nor_does_a_lost_answer(
    shop: Shop,
) -> None:
    shop.refuse_price("LAMP-OAK-S", "59.93")
    shop.lose_answer("shopify", "graphql.json", said='"price":"14.06"')
    run = await sell(shop)
    assert (run.state, run.output("restore")["count"]) == ("succeeded", 3)
    assert "2 din 3 articole" in shop.posts("#marketing")[0]
    assert prices(shop) == BEFORE


async def test_a_price_that_does_not_come_back_is_named_and_the_owner_alarmed(
    shop: Shop,
) -> None:
    mend = shop.refuse_price("LAMP-OAK-M", "119.90")
    run = await sell(shop)
    assert (run.state, run.done("by_hand")) == ("failed", True)
    assert prices(shop) == {**BEFORE, "LAMP-OAK-M": DURING["LAMP-OAK-M"]}
    said = shop.posts("#marketing")[-1]
    assert "1 prețuri trebuie puse la loc de mână" in said
    assert "Oak table lamp - Medium (LAMP-OAK-M): 119.90 EUR, tăiat 149.00" in said
    mend()
    again = await stop(shop)
    assert (again.state, prices(shop)) == ("succeeded", BEFORE)


async def test_an_article_of_a_running_sale_is_left_out_of_the_next(shop: Shop) -> None:
    first = await shop.start(read_event("scheduled_sale"), trigger="form")
    await shop.until(first, "ask")
    kept = {
        "key": "Alta/1",
        "sale": "Alta",
        "variant_id": str(shop.variant("CANDLE-FIG")["id"]),
        "state": "reduced",
    }
    await shop.with_tables(lambda tables: tables.put("sale_prices", "Alta/1", kept))
    run = await shop.play(first, "scheduled_sale_runs_its_days")
    assert run.output("chosen")["count"] == 2
    assert "1 sunt în altă reducere" in shop.posts("#marketing")[0]


async def test_a_sale_that_makes_no_sense_does_not_start(shop: Shop) -> None:
    for changes, said in (
        ({"percent": 90}, "între 1 și 70"),
        ({"last_day": "2031-01-09"}, "ultima zi"),
        ({"search": "vendor:Nimeni"}, "găsește 0 articole"),
        ({}, "numele este folosit deja"),
    ):
        run = await sell(shop, (), **changes)
        assert (run.state, run.skipped("begin", "reduce")) == ("succeeded", True)
        assert said in shop.posts("#marketing")[-1]


async def test_without_a_yes_nothing_starts(shop: Shop) -> None:
    run_id = await shop.start(read_event("scheduled_sale"), trigger="form")
    await shop.until(run_id, "ask")
    (question,) = (await shop.house.approvals.list(owner(shop.house), run=run_id))["items"]
    assert question["title"] == "Iarna 2031: −25 % la 3 articole"
    assert "Scented candle - Fig: 18.75 → 14.06 EUR" in question["text"]
    run = await shop.play(run_id)
    assert (run.step("ask")["port"], prices(shop)) == ("no", BEFORE)
    assert "nu a spus nimeni da" in shop.posts("#marketing")[0]
