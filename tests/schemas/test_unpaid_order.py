"""Template 19, an order nobody has paid: reminded twice, looked at once more, then cancelled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.schemas.kit import Run, Shop, opened, read_event

HOUR = 3_600


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with opened(tmp_path, "unpaid_order") as made:
        yield made


def order(**changes: Any) -> Any:
    return read_event("unpaid_order", **changes)


def hours(run: Run, node: str) -> int:
    return round(run.after_s(node) / HOUR)


async def test_who_never_pays_hears_of_it_twice_and_is_cancelled_once(shop: Shop) -> None:
    sold = order()
    account = shop.twin("shopify").shop
    lamp = next(v for v in account.state["variants"] if v["sku"] == "LAMP-OAK-M")
    sold["line_items"][0]["variant_id"] = str(lamp["id"])
    before = account.move_stock(lamp["item_id"], 0)
    run = await shop.run(sold)
    assert (run.state, run.skipped("call", "stuck", "closed")) == ("succeeded", True)
    assert account.move_stock(lamp["item_id"], 0) == before + 5
    assert [hours(run, node) for node in ("remind", "last_call", "cancel")] == [6, 30, 42]
    assert [mail["subject"] for mail in shop.mails] == [
        "Tu pedido #1077 espera el pago",
        "Última llamada para tu pedido #1077",
    ]
    assert "600,45\xa0€" in shop.mails[0]["text"]
    assert "/authenticate?key=" in shop.mails[0]["text"]
    (asked,) = shop.asked("orderCancel")
    assert (asked["restock"], asked["refund"]) == (True, {"originalPaymentMethodsRefund": False})
    assert run.output("tag")["tags"] == ["cancelado-sin-pago"]
    assert "5 artículos vuelven al almacén" in shop.posts("#pedidos")[0]


async def test_who_pays_after_the_first_reminder_is_left_alone(shop: Shop) -> None:
    run = await shop.run(order(), "unpaid_order_paid_in_time")
    assert (run.state, run.step("second_wait")["port"]) == ("succeeded", "left")
    assert run.done("remind", "closed")
    assert len(shop.mails) == 1
    assert shop.asked("orderCancel") == []


async def test_a_payment_of_which_no_event_came_is_seen_before_anything_is_cancelled(
    shop: Shop,
) -> None:
    run_id = await shop.start(order())
    account = shop.twin("shopify").shop
    account.pay(account.state["orders"][order()["id"]])
    run = await shop.play(run_id)
    assert run.output("fresh")["payment_status"] == "paid"
    assert run.skipped("cancel", "tell")
    assert shop.asked("orderCancel") == []


async def test_what_owes_nothing_now_is_not_reminded(shop: Shop) -> None:
    on_delivery = {"payment_methods": ["Cash on Delivery (COD)"]}
    for changes in ({"payment_status": "paid"}, on_delivery, {"total": 0}, {"test": True}):
        run = await shop.run(order(**changes))
        assert run.skipped("words", "first_wait", "cancel"), changes
    assert shop.mails == []


async def test_a_transfer_has_two_days_and_english_buyers_read_english(shop: Shop) -> None:
    run = await shop.run(order(payment_methods=["bank_transfer"], language="en-GB"))
    assert [hours(run, node) for node in ("remind", "cancel")] == [48, 84]
    assert shop.mails[1]["subject"] == "Last call for your order #1077"


@pytest.mark.parametrize(
    ("email", "said"),
    [("nobody@example.com", "lo rechaza el servidor. Teléfono: no hay"), (None, "por correo.")],
)
async def test_somebody_calls_whom_no_mail_reaches(shop: Shop, email: Any, said: str) -> None:
    run = await shop.run(order(email=email))
    assert said in shop.posts("#pedidos")[0]
    assert run.skipped("second_wait", "last_call")
    assert shop.mails == []
    assert len(shop.asked("orderCancel")) == 1, "and the goods do not stay reserved for ever"


async def test_the_same_order_told_twice_is_reminded_and_cancelled_once(shop: Shop) -> None:
    first, second = [await shop.start(order()) for _ in range(2)]
    runs = [await shop.play(run) for run in (first, second)]
    assert [run.state for run in runs] == ["succeeded", "succeeded"]
    assert len(shop.mails) == 2
    assert len(shop.asked("orderCancel")) == 1


async def test_a_cancellation_whose_answer_is_lost_is_looked_up_and_not_repeated(
    shop: Shop,
) -> None:
    shop.lose_answer("shopify", "graphql.json", "orderCancel")
    run = await shop.run(order())
    assert (run.state, run.done("cancel", "tell")) == ("succeeded", True)
    assert len(shop.asked("orderCancel")) == 1
