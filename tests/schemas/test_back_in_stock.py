"""Template 36, back in stock: those who wait hear of it in order, in waves as far as the stock
goes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.schemas.kit import Shop, opened, read_event

ITEM = "49148385"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with opened(tmp_path, "back_in_stock") as made:
        yield made


async def wait_for(shop: Shop, names: Iterable[str], *, before: int = 0) -> None:
    """Let people wait for a lamp of which `before` were left."""

    def fill(tables: Any) -> None:
        tables.put("stock_seen", ITEM, {"available": before})
        for number, name in enumerate(names):
            tables.put(
                "waitlist",
                f"{ITEM}:{name}",
                {
                    "key": f"{ITEM}:{name}",
                    "item_id": ITEM,
                    "email": f"{name}@example.com",
                    "language": "en" if name == "bob" else "ro",
                    "title": "Lampă de stejar",
                    "url": "https://magazin.example/lampa",
                    "state": "waiting",
                    "joined_at": f"2031-01-0{number + 1}T10:00:00Z",
                },
            )

    await shop.with_tables(fill)


def told(shop: Shop) -> list[str]:
    return [mail["to"][0] for mail in shop.mails]


async def state(shop: Shop, name: str) -> str | None:
    row = await shop.row("waitlist", f"{ITEM}:{name}")
    return row["state"] if row else None


async def test_people_hear_in_their_order_in_waves_as_large_as_the_stock(shop: Shop) -> None:
    await wait_for(shop, ["ana", "bob", "cleo"])
    run = await shop.run(read_event("back_in_stock"))
    assert run.state == "succeeded"
    assert sorted(told(shop)[:2]) == ["ana@example.com", "bob@example.com"]
    assert told(shop)[2:] == ["cleo@example.com"]
    assert run.output("waves")["results"] == [2, 1]
    hours = [run.step("people", wave)["started_at"][11:13] for wave in (0, 1)]
    assert hours == ["09", "13"]
    assert await state(shop, "ana") == "passed"
    assert "Lampă de stejar is back" in [mail["subject"] for mail in shop.mails]
    assert "3 din 3 oameni" in shop.posts("#stock")[0]


async def test_who_buys_leaves_the_list(shop: Shop) -> None:
    await wait_for(shop, ["ana", "bob"])
    await shop.run(read_event("back_in_stock"), "back_in_stock_one_buys")
    assert await state(shop, "ana") is None
    assert await state(shop, "bob") == "passed"


async def test_stock_that_is_gone_again_ends_the_waves(shop: Shop) -> None:
    await wait_for(shop, ["ana", "bob", "cleo", "dan"])
    run_id = await shop.start(read_event("back_in_stock"))
    while not shop.mails:
        await shop.house.clock.sleep(0.01)
    await wait_for(shop, [], before=0)
    run = await shop.play(run_id)
    assert run.state == "succeeded"
    assert len(told(shop)) == 2
    assert await state(shop, "cleo") == "waiting"


@pytest.mark.parametrize("before", [1, 5])
async def test_stock_that_was_there_already_is_no_news(shop: Shop, before: int) -> None:
    await wait_for(shop, ["ana"], before=before)
    run = await shop.run(read_event("back_in_stock"))
    assert (run.state, run.skipped("waitlist", "waves"), shop.mails) == ("succeeded", True, [])


async def test_with_nobody_waiting_nothing_is_said(shop: Shop) -> None:
    await wait_for(shop, [])
    run = await shop.run(read_event("back_in_stock"))
    assert run.skipped("waves", "report")
    assert shop.posts("#stock") == []
