"""Template 20, cash on delivery: an offer to pay now; who does not is asked for a word, or the
order is cancelled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from tramo.model.value import decode

from tests.schemas.kit import Shop, opened, read_event

ID = "820982911946154820"


class Service:
    """Takes requests under a key, and answers each key once and the same ever after."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}
        self.down = False

    async def answer(self, request: web.Request) -> web.Response:
        if self.down:
            return web.json_response({"error": "not now"}, status=422)
        key = request.headers["Idempotency-Key"]
        self.asked.setdefault(key, decode(await request.read()))
        return web.json_response({"url": f"https://pay.example/l/{len(self.asked)}"}, status=201)

    @property
    def bodies(self) -> list[Any]:
        return list(self.asked.values())


@pytest.fixture
def pay() -> Service:
    return Service()


@pytest.fixture
def whatsapp() -> Service:
    return Service()


@pytest.fixture
async def shop(tmp_path: Path, pay: Service, whatsapp: Service) -> AsyncIterator[Shop]:
    services = {"https://pay.example": pay.answer, "https://wa.example": whatsapp.answer}
    async with opened(tmp_path, "cash_to_prepaid", services=services) as made:
        yield made


def order(**changes: Any) -> Any:
    return read_event("cash_to_prepaid", **changes)


def event(type: str, at_s: int = 3_600, **data: Any) -> dict[str, Any]:
    return {"at_s": at_s, "event": {"type": type, "keys": {"order": ID}, "data": data}}


def templates(service: Service) -> list[str]:
    return [body["template"] for body in service.bodies]


def cancelled(shop: Shop) -> int:
    return len(shop.asked("orderCancel"))


async def test_who_pays_in_time_saves_and_is_thanked(
    shop: Shop, pay: Service, whatsapp: Service
) -> None:
    run = await shop.run(order(), [event("shopify.order_paid")], trigger="order")
    assert (run.state, run.done("prepaid", "thanks")) == ("succeeded", True)
    assert run.skipped("confirm", "cancel", "call")
    (link,) = pay.bodies
    assert (link["order"], link["amount"]) == (ID, Decimal("582.44"))
    assert templates(whatsapp) == ["pay_now", "paid"]
    assert "save 3 %" in whatsapp.bodies[0]["text"]
    assert cancelled(shop) == 0


async def test_who_says_yes_by_reply_keeps_cash_on_delivery(shop: Shop, whatsapp: Service) -> None:
    run = await shop.run(order(), "cash_to_prepaid_says_yes", trigger="order")
    assert (run.state, run.done("confirmed")) == ("succeeded", True)
    assert templates(whatsapp) == ["pay_now", "confirm_cod"]
    assert cancelled(shop) == 0


@pytest.mark.parametrize("reply", [None, "no", "later"])
async def test_without_a_yes_the_order_is_cancelled_once(shop: Shop, reply: str | None) -> None:
    heard = {"type": "core.webhook", "keys": {"cod_order": ID}, "data": {"body": {"text": reply}}}
    answers = [{"on": "word", "event": heard}] if reply else []
    run = await shop.run(order(), answers, trigger="order")
    assert (run.state, run.done("cancel")) == ("succeeded", True)
    assert cancelled(shop) == 1


async def test_an_order_that_is_cancelled_meanwhile_is_left_alone(
    shop: Shop, whatsapp: Service
) -> None:
    run = await shop.run(order(), [event("shopify.order_cancelled")], trigger="order")
    assert run.skipped("prepaid", "confirm", "cancel")
    assert templates(whatsapp) == ["pay_now"]


@pytest.mark.parametrize(
    "changes",
    [
        {"payment_methods": ["visa"]},
        {"total": Decimal("39.99")},
        {"total": Decimal("1500.01")},
        {"phone": ""},
    ],
)
async def test_other_orders_get_no_offer(
    shop: Shop, pay: Service, whatsapp: Service, changes: Any
) -> None:
    run = await shop.run(order(**changes), trigger="order")
    assert (run.state, run.skipped("terms")) == ("succeeded", True)
    assert not pay.asked
    assert not whatsapp.asked


async def test_who_cannot_be_reached_is_called(shop: Shop, whatsapp: Service) -> None:
    whatsapp.down = True
    run = await shop.run(order(), trigger="order")
    assert run.done("call")
    assert "Phone: +40721000111" in shop.posts("#orders")[0]
    assert cancelled(shop) == 0


async def test_without_a_pay_link_the_customer_is_asked_for_a_word_at_once(
    shop: Shop, pay: Service, whatsapp: Service
) -> None:
    pay.down = True
    run = await shop.run(order(), "cash_to_prepaid_says_yes", trigger="order")
    assert run.done("confirmed")
    assert templates(whatsapp) == ["confirm_cod"]
