"""Template 14, a return asked for by form: decided by the policy, by one person, or by two."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.schemas.kit import Run, Shop, opened, read_event

YES = {"port": "yes"}
MUG, CANDLE = {"sku": "MUG-BLUE", "price": 10.10}, {"sku": "CANDLE-FIG", "price": 18.75}


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with opened(tmp_path, "returns_desk") as made:
        sell(made)
        yield made


def sell(shop: Shop, days_ago: float = 5) -> None:
    """Let Lucía have bought five lamps, two mugs and a candle."""
    order = read_event("vip_orders", id="7001", name="#1009", created_at=shop.at(days=days_ago))
    (lamps,) = order["line_items"]
    lines = [
        {**lamps, "id": None, "title": article["sku"], "quantity": 2, "total": None, **article}
        for article in (MUG, CANDLE)
    ]
    order["line_items"] = [lamps, *lines]
    shop.twin("shopify").learn("shopify.order_created", order)


async def ask(shop: Shop, answers: Any = (), **changes: Any) -> Run:
    return await shop.run(read_event("returns_desk", **changes), answers)


def labels(shop: Shop) -> int:
    """Count the labels bought, the demo account's own left out."""
    shipments = shop.twin("easypost").state["shipments"].values()
    return sum(1 for shipment in shipments if shipment["postage_label"]) - 1


async def test_a_small_return_needs_nobody(shop: Shop) -> None:
    run = await ask(shop, sku=" mug-blue ", quantity=2)
    assert (run.state, run.skipped("ask", "second", "no_mail")) == ("succeeded", True)
    assert labels(shop) == 1
    (mail,) = shop.mails
    assert run.output("label")["label_url"] in mail["text"]
    assert "off your refund of €20.20" in mail["text"]
    assert run.output("tag")["tags"] == ["return-approved", "web"]
    kept = await shop.row("returns", "7001/MUG-BLUE")
    assert kept is not None
    assert (kept["order"], str(kept["value"])) == ("#1009", "20.20")


async def test_one_person_decides_on_a_lamp(shop: Shop) -> None:
    run = await ask(shop, [{"on": "ask", "answer": YES}])
    assert (run.state, run.skipped("second"), labels(shop)) == ("succeeded", True, 1)


async def test_three_lamps_need_two_yes(shop: Shop) -> None:
    answers = [{"on": "ask", "answer": YES}, {"on": "second", "answer": YES}]
    run = await ask(shop, answers, quantity=3, reason="Wrong article")
    assert (run.done("second", "yes_mail"), labels(shop)) == (True, 1)
    assert "costs you nothing" in shop.mails[0]["text"]


async def test_the_second_persons_no_and_its_reason_reach_the_customer(shop: Shop) -> None:
    run = await ask(shop, "returns_desk_second_says_no", quantity=3)
    assert (run.state, labels(shop)) == ("succeeded", 0)
    assert "cannot accept it. The lamp was used." in shop.mails[0]["text"]
    assert await shop.row("returns", "7001/LAMP-OAK-M") is None


async def test_what_the_policy_refuses_nobody_has_to_look_at(shop: Shop) -> None:
    refused = {
        "no such article in your order": [{"sku": "VASE-TALL"}, {"quantity": 6}],
        "for reasons of hygiene": [{"sku": "CANDLE-FIG"}],
    }
    for said, asked in refused.items():
        for changes in asked:
            run = await ask(shop, **changes)
            assert (run.state, run.skipped("ask", "approved", "label")) == ("succeeded", True)
            assert said in shop.mails[-1]["text"]


async def test_thirty_days_are_over_except_for_what_is_the_shops_own_fault(tmp_path: Path) -> None:
    async with opened(tmp_path, "returns_desk") as shop:
        sell(shop, days_ago=31)
        run = await ask(shop)
        assert "the 30 days for returns are over" in shop.mails[0]["text"]
        run = await ask(shop, [{"on": "ask", "answer": YES}], sku="MUG-BLUE", reason="Damaged")
        assert run.done("ask", "yes_mail")


async def test_who_sends_much_back_is_looked_at(shop: Shop) -> None:
    person = "115310627314723954"
    for number in range(3):
        row = {"person": person, "at": shop.at(days=100)}
        await shop.with_tables(lambda t, n=number, row=row: t.put("returns", f"old/{n}", row))
    run = await ask(shop, [{"on": "ask", "answer": YES}], sku="MUG-BLUE")
    assert run.done("ask", "yes_mail")


async def test_silence_is_passed_on_and_decides_nothing(shop: Shop) -> None:
    run = await ask(shop, [{"on": "second", "answer": YES}])
    assert (run.output("ask")["ended"], run.done("second", "yes_mail")) == ("late", True)


async def test_five_days_of_silence_are_told_and_the_customer_is_not_refused(shop: Shop) -> None:
    run = await ask(shop)
    assert (run.state, run.skipped("approved", "no_mail")) == ("succeeded", True)
    assert "has waited for five days" in shop.posts("#returns")[0]


async def test_nobody_returns_what_another_bought(shop: Shop) -> None:
    for changes in ({"order": "#9999"}, {"email": "emma@example.com"}):
        run = await ask(shop, sku="MUG-BLUE", quantity=2, **changes)
        assert (run.done("not_found"), run.skipped("order")) == (True, True)


async def test_a_form_sent_twice_gets_one_label(shop: Shop) -> None:
    await ask(shop, sku="MUG-BLUE")
    run = await ask(shop, sku="mug-blue", order=" #1009")
    assert run.done("again")
    assert (labels(shop), len(shop.mails)) == (1, 2)


async def test_an_approved_return_without_a_label_is_finished_by_people(shop: Shop) -> None:
    shop.twin("easypost").state["wallet"] = "empty"
    run = await ask(shop, sku="MUG-BLUE")
    assert (run.state, run.done("keep", "by_hand")) == ("succeeded", True)
    assert "there is no label" in shop.posts("#returns")[0]
