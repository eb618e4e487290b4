"""Template 32, an abandoned cart: a reminder after a day, an offer after three, to who has not
bought and wants to be written to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tramo.model.value import decode

from tests.kit import owner, post, publish
from tests.schemas.kit import EXAMPLES, Shop, opened, read_event


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with opened(tmp_path, "abandoned_cart") as made:
        yield made


def cart(**changes: Any) -> Any:
    event = read_event("abandoned_cart")
    return {**event, "body": {**event["body"], **changes}}


async def test_who_never_buys_gets_a_reminder_and_an_offer_each_once(shop: Shop) -> None:
    run = await shop.run(cart())
    assert (run.state, run.done("remind", "incentive", "count_sent")) == ("succeeded", True)
    assert [mail["subject"] for mail in shop.mails] == [
        "Seu carrinho está esperando",
        "Frete grátis para o seu carrinho",
    ]
    assert "3 × Lâmpada quente" in shop.mails[0]["text"]
    assert await shop.row("cart_series", "2031-01") == {"reminded": 1, "offered": 1}
    began = [
        datetime.fromisoformat(run.step(name)["started_at"]).timestamp()
        for name in ("cart", "remind", "incentive")
    ]
    assert [round((at - began[0]) / 3_600) for at in began] == [0, 24, 72]


async def test_who_buys_within_the_day_hears_nothing(shop: Shop) -> None:
    bought = {"type": "shopify.order_created", "keys": {"email": "Lucia.Alves@example.com"}}
    run = await shop.run(cart(), [{"at_s": 3_600, "event": bought}])
    assert (run.state, run.step("day")["port"], shop.mails) == ("succeeded", "left", [])


async def test_who_buys_after_the_reminder_gets_no_offer(shop: Shop) -> None:
    run = await shop.run(cart(), "abandoned_cart_bought_after_reminder")
    assert run.done("remind", "count_won")
    assert run.skipped("incentive", "count_sent")
    assert len(shop.mails) == 1
    assert await shop.row("cart_series", "2031-01") == {"reminded": 1, "won": 1}


@pytest.mark.parametrize(
    "changes", [{"accepts_marketing": False}, {"email": None}, {"line_items": []}]
)
async def test_who_may_not_be_written_to_is_left_alone(shop: Shop, changes: Any) -> None:
    run = await shop.run(cart(**changes))
    assert (run.state, run.skipped("words", "day", "remind")) == ("succeeded", True)
    assert shop.mails == []


async def test_a_small_cart_gets_no_offer(shop: Shop) -> None:
    run = await shop.run(cart(total="49.99"))
    assert run.done("remind", "count_sent")
    assert run.skipped("incentive")


async def test_a_reminder_speaks_the_customers_language(shop: Shop) -> None:
    for language, subject in (
        ("es-MX", "Tu carrito te espera"),
        ("ro", "Coșul tău te așteaptă"),
        ("en", "Your cart is waiting for you"),
    ):
        await shop.run(cart(language=language, email=f"{language}@example.com", token=language))
        assert subject in [mail["subject"] for mail in shop.mails]


async def test_a_second_cart_of_the_week_is_not_written_about(shop: Shop) -> None:
    first = await shop.run(cart())
    second = await shop.run(cart(token="c2", updated_at="2031-01-10T10:00:00Z"))
    assert first.done("remind")
    assert second.step("cap")["port"] == "seen"
    assert second.skipped("remind")


async def test_a_newer_change_of_the_cart_starts_the_wait_anew(shop: Shop) -> None:
    document = decode((EXAMPLES / "abandoned_cart.json").read_bytes())
    for node in document["nodes"]:
        if node["type"] in ("email.send", "shopify.search_orders"):
            connector = node["type"].partition(".")[0]
            node["connection"] = f"conn_{connector}"
    house = shop.house
    made = {
        name: (await house.connections.create(owner(house), name, name, "twin", {}))["id"]
        for name in ("email", "shopify")
    }
    for node in document["nodes"]:
        if "connection" in node:
            node["connection"] = made[node["connection"].removeprefix("conn_")]
    address = (await publish(house, document))["cart"]
    for delivery in ("d-1", "d-2", "d-2"):
        status, _ = await post(house, address, cart(delivery_id=delivery)["body"])
        assert status == 200
    while not house.runner.at_rest:
        await house.clock.sleep(0.01)
    runs = (await house.runs.list(owner(house)))["items"]
    assert sorted(run["state"] for run in runs) == ["cancelled", "waiting"]
