"""A shop's real order: signed door, flow, other systems."""

from __future__ import annotations

import asyncio
import gc
import warnings

import pytest
from sqlalchemy import func, select
from tramo.store import table

from tests.bench.order import ORDER
from tests.kit import (
    document,
    finished,
    opened,
    owner,
    post,
    publish,
    shopify_headers,
    steps,
    twin,
)

SECRET = "hush"


async def shop_and_chat(house):
    shop = await twin(house, "shopify", shop="tramo-demo", client_secret=SECRET)
    chat = await twin(house, "slack")
    return shop, chat


def tell_team(shop, chat, **fields):
    return document(
        [
            {"id": "order", "type": "shopify.order_created", "connection": shop["id"]},
            {
                "id": "tell",
                "type": "slack.post_message",
                "connection": chat["id"],
                "params": {
                    "channel": "#orders",
                    "text": {
                        "$text": "Order {{ order.name }}: {{ order.total }} {{ order.currency }}"
                    },
                },
                **fields,
            },
        ],
        [("order", "tell")],
    )


async def messages(house, chat) -> list[str]:
    ledger = (await house.connections.twin(owner(house), chat["id"]))["ledger"]
    return [
        entry["body"]["text"] if isinstance(entry["body"], dict) else entry["body"]
        for entry in ledger
        if "chat.postMessage" in entry["path"]
    ]


@pytest.fixture
async def house(tmp_path):
    async with opened(tmp_path) as house:
        yield house


async def test_a_signed_order_runs_through_the_flow_and_the_team_is_told(house):
    shop, chat = await shop_and_chat(house)
    await publish(house, tell_team(shop, chat))
    headers = shopify_headers(ORDER, SECRET, "event-1")
    status, answer = await post(house, shop["address"].rpartition("/")[2], ORDER, **headers)
    assert status == 200
    assert len(answer["events"]) == 1
    run = (await finished(house))[0]
    assert run["state"] == "succeeded"
    assert {"kind": "order", "value": "820982911946154508"} in run["keys"]
    assert await messages(house, chat) == ["Order #2047: 189.85 EUR"]


async def test_a_wrong_signature_is_401_and_nothing_is_stored(house):
    shop, chat = await shop_and_chat(house)
    await publish(house, tell_team(shop, chat))
    headers = shopify_headers(ORDER, "not the secret", "event-1")
    address = shop["address"].rpartition("/")[2]
    assert (await post(house, address, ORDER, **headers))[0] == 401
    assert (await post(house, address, ORDER))[0] == 401
    for what in (table.event, table.run, table.rejected):
        found = await house.database.read(
            lambda c, what=what: c.execute(select(func.count()).select_from(what)).scalar_one()
        )
        assert found == 0


async def test_a_genuine_delivery_that_is_no_order_is_kept_as_rejected(house):
    shop, chat = await shop_and_chat(house)
    await publish(house, tell_team(shop, chat))
    body = b'{"id": 1}'
    headers = shopify_headers(body, SECRET, "event-1")
    status, answer = await post(house, shop["address"].rpartition("/")[2], body, **headers)
    assert status == 202
    assert "Shopify order" in answer["reason"]


async def test_the_same_delivery_twice_is_one_run_and_one_message(house):
    shop, chat = await shop_and_chat(house)
    await publish(house, tell_team(shop, chat))
    headers = shopify_headers(ORDER, SECRET, "event-1")
    address = shop["address"].rpartition("/")[2]
    assert (await post(house, address, ORDER, **headers))[0] == 200
    assert (await post(house, address, ORDER, **headers))[0] == 200
    runs = await finished(house)
    assert len(runs) == 1
    assert len(await messages(house, chat)) == 1


async def test_one_event_starts_a_run_of_each_subscribed_flow(house):
    shop, chat = await shop_and_chat(house)
    await publish(house, tell_team(shop, chat))
    await publish(house, {**tell_team(shop, chat), "id": "flow_second"})
    headers = shopify_headers(ORDER, SECRET, "event-1")
    await post(house, shop["address"].rpartition("/")[2], ORDER, **headers)
    assert len(await finished(house, count=2)) == 2


async def test_once_per_order_holds_over_different_events(house):
    shop, chat = await shop_and_chat(house)
    await publish(house, tell_team(shop, chat, once="order"))
    address = shop["address"].rpartition("/")[2]
    for number in range(3):
        headers = shopify_headers(ORDER, SECRET, f"event-{number}")
        assert (await post(house, address, ORDER, **headers))[0] == 200
    runs = await finished(house, count=3)
    assert {run["state"] for run in runs} == {"succeeded"}
    assert len(await messages(house, chat)) == 1
    states = sorted([(await steps(house, run["id"]))["tell"]["state"] for run in runs])
    assert states == ["skipped", "skipped", "succeeded"]


async def test_a_delivery_made_by_the_shops_twin_comes_in_like_a_real_one(house):
    shop, chat = await shop_and_chat(house)
    await publish(house, tell_team(shop, chat))
    answer = await house.connections.twin_deliver(
        owner(house), shop["id"], "shopify.order_created", None
    )
    assert answer["status"] == 200
    assert (await finished(house))[0]["state"] == "succeeded"
    assert len(await messages(house, chat)) == 1


async def test_a_step_that_is_stopped_before_it_begins_is_let_go_in_silence(house):
    shop, chat = await shop_and_chat(house)
    await publish(house, tell_team(shop, chat))
    headers = shopify_headers(ORDER, SECRET, "event-1")
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        await post(house, shop["address"].rpartition("/")[2], ORDER, **headers)
        for live in list(house.runner._runs.values()):
            live.cancel()
        await asyncio.sleep(0.01)
        gc.collect()
    assert not [each for each in warned if "never awaited" in str(each.message)]
