"""Delayed starts: some time after the newest event about a key."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from tramo.model.value import decode, encode
from tramo.store import table

from tests.bench.order import ORDER
from tests.kit import document, finished, opened, owner, publish, shopify_headers, steps, twin
from tests.kit import post as deliver

SECRET = "hush"


@pytest.fixture
async def house(tmp_path):
    async with opened(tmp_path) as house:
        yield house


@pytest.fixture
async def shop(house):
    return await twin(house, "shopify", shop="tramo-demo", client_secret=SECRET)


def later(seconds: int, **params):
    return document(
        [
            {
                "id": "later",
                "type": "core.after",
                "params": {
                    "type": "shopify.order_updated",
                    "key": "order",
                    "seconds": seconds,
                    **params,
                },
            },
            {
                "id": "note",
                "type": "core.set",
                "params": {"fields": {"name": {"$expr": "later.name"}}},
            },
        ],
        [("later", "note")],
    )


async def changed(house, shop, event: str, order: int = 1001, name: str = "#1") -> None:
    body = encode({**decode(ORDER), "id": order, "name": name})
    headers = shopify_headers(body, SECRET, event, topic="orders/updated")
    status, _ = await deliver(house, shop["address"].rpartition("/")[2], body, **headers)
    assert status == 200


async def queued(house) -> list:
    r = table.run.c
    query = select(r.id, r.state, r.due_at, r.event_id).order_by(r.id)
    return list(await house.database.read(lambda c: c.execute(query).all()))


async def test_the_run_begins_when_the_delay_is_over_with_the_newest_event(house, shop):
    await publish(house, later(1))
    await changed(house, shop, "e1", name="#old")
    await changed(house, shop, "e2", name="#new")
    await changed(house, shop, "e2", name="#new")
    assert [row.state for row in await queued(house)] == ["queued"]
    run = (await finished(house))[0]
    assert run["state"] == "succeeded"
    assert (await steps(house, run["id"]))["note"]["output"] == {"name": "#new"}
    await changed(house, shop, "e3")
    assert len(await queued(house)) == 2


async def test_each_key_has_a_delay_of_its_own(house, shop):
    await publish(house, later(3_600))
    await changed(house, shop, "e1", order=1)
    await changed(house, shop, "e2", order=2)
    assert len(await queued(house)) == 2


async def test_a_newer_event_counts_anew_unless_it_is_told_not_to(house, shop):
    await publish(house, later(3_600))
    await changed(house, shop, "e1")
    first = (await queued(house))[0]
    await changed(house, shop, "e2")
    second = (await queued(house))[0]
    assert second.id == first.id
    assert (second.due_at > first.due_at, second.event_id > first.event_id) == (True, True)
    await publish(house, later(3_600, restart=False))
    await changed(house, shop, "e3")
    assert (await queued(house))[0] == second


async def test_a_cancelled_delay_makes_room_for_the_next_event(house, shop):
    await publish(house, later(3_600))
    await changed(house, shop, "e1")
    run_id = (await queued(house))[0].id
    await house.runs.cancel(owner(house), run_id)
    await changed(house, shop, "e2")
    assert sorted(row.state for row in await queued(house)) == ["cancelled", "queued"]


async def test_by_hand_it_starts_at_once(house, shop):
    await publish(house, later(3_600))
    run_id = await house.flows.start(owner(house), "flow_test", {"id": "1", "name": "#7"})
    assert (await finished(house))[0]["state"] == "succeeded"
    assert (await steps(house, run_id))["note"]["output"] == {"name": "#7"}


async def test_a_delay_goes_on_over_a_restart(tmp_path):
    async with opened(tmp_path) as house:
        shop = await twin(house, "shopify", shop="tramo-demo", client_secret=SECRET)
        await publish(house, later(1))
        await changed(house, shop, "e1", name="#kept")
    async with opened(tmp_path) as house:
        run = (await finished(house))[0]
        assert run["state"] == "succeeded"
        assert (await steps(house, run["id"]))["note"]["output"] == {"name": "#kept"}
        assert {"kind": "order", "value": "1001"} in run["keys"]
