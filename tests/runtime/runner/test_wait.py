"""Waits in a whole house: an event ends them once, whether the run is in memory or not."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from tramo.store import table

from tests.kit import document, finished, opened, owner, post, publish, steps, twin
from tests.runtime.runner.kit import until

WAITING = [
    {"id": "hook", "type": "core.webhook", "params": {"keys": {"order": "body.id"}}},
    {
        "id": "rest",
        "type": "core.wait",
        "params": {"event": {"type": "core.webhook", "key": "paid"}, "timeout_s": 3600},
    },
]
PAYING = document(
    [{"id": "hook", "type": "core.webhook", "params": {"keys": {"paid": "body.id"}}}], []
) | {"id": "flow_paid"}


def waiting(chat: dict[str, Any], **event: Any) -> dict[str, Any]:
    wait = {**WAITING[1], "params": {**WAITING[1]["params"]}}
    said = {"type": "core.webhook", "key": "paid", "value": {"$expr": "hook.body.id"}, **event}
    wait["params"]["event"] = said
    tell = {
        "id": "tell",
        "type": "slack.post_message",
        "connection": chat["id"],
        "params": {"channel": "#general", "text": "paid"},
    }
    return document([WAITING[0], wait, tell], [("hook", "rest"), ("rest", "tell")])


@pytest.mark.parametrize("restart", [False, True])
async def test_what_an_event_lets_go_on_is_done_once(tmp_path, restart: bool):
    async with opened(tmp_path) as house:
        chat = await twin(house, "slack")
        address = (await publish(house, waiting(chat)))["hook"]
        await publish(house, PAYING)
        await post(house, address, {"id": 7})
        if not restart:
            await pay_and_look(house)
    if restart:
        async with opened(tmp_path) as house:
            await pay_and_look(house)


async def test_a_wait_is_not_over_by_the_event_that_started_its_run(tmp_path):
    wait = {"id": "rest", "type": "core.wait", "params": {**WAITING[1]["params"]}}
    wait["params"]["event"] = {"type": "core.webhook", "key": "order"}
    flow = document([WAITING[0], wait], [("hook", "rest")])
    async with opened(tmp_path) as house:
        address = (await publish(house, flow))["hook"]
        await post(house, address, {"id": 7})
        await post(house, address, {"id": 7})
        await until(house, "succeeded", "waiting")


async def pay_and_look(house: Any) -> None:
    (waits,) = [
        r for r in (await house.runs.list(owner(house)))["items"] if r["state"] == "waiting"
    ]
    address = (await publish(house, PAYING))["hook"]
    await post(house, address, {"id": 7})
    await finished(house, count=2)
    told = await steps(house, waits["id"])
    assert (told["tell"]["state"], told["tell"]["attempts"]) == ("succeeded", 1)
    assert told["rest"]["output"]["event"]["body"] == {"id": 7}
    run = await house.runs.get(owner(house), waits["id"])
    assert run["state"] == "succeeded"


async def test_a_short_wait_is_not_late(tmp_path):
    wait = {"id": "rest", "type": "core.wait", "params": {"seconds": 1}}
    flow = document([{"id": "hook", "type": "core.webhook"}, wait], [("hook", "rest")])
    async with opened(tmp_path) as house:
        address = (await publish(house, flow))["hook"]
        await post(house, address, {})
        (run,) = await finished(house)
        assert run["state"] == "succeeded"
        assert 1_000 <= run["duration_ms"] < 2_500


async def test_a_wait_that_is_over_costs_one_commit(tmp_path):
    rest = {"id": "rest", "type": "core.wait", "params": {"seconds": 1}}
    async with opened(tmp_path) as house:
        tell = waiting(await twin(house, "slack"))["nodes"][2]
        flow = document([WAITING[0], rest, tell], [("hook", "rest"), ("rest", "tell")])
        address = (await publish(house, flow))["hook"]
        await post(house, address, {"id": 7})
        await finished(house)
        (seq,) = await house.database.read(
            lambda c: list(c.execute(select(table.run.c.seq)).scalars())
        )
        assert seq == 2  # The wait's end with the message's start, and the message's end.
