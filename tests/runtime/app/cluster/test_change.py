"""What one process changes, the others go by at once, with Redis and without."""

from __future__ import annotations

import asyncio
import time

import pytest
from tramo.app.cluster.change import Changes
from tramo.store import change

from tests.kit import document, owner, post, publish, twin
from tests.runtime.app.cluster.conftest import until


def answers(value: int, **fields: object) -> dict:
    return document(
        [
            {"id": "hook", "type": "core.webhook", "params": {"answer": "finished"}},
            {"id": "say", "type": "core.set", "params": {"fields": {"said": value}}},
        ],
        [("hook", "say")],
        **fields,
    )


async def test_what_is_published_at_one_door_counts_at_the_other_at_once(town):
    async with town.house() as one, town.house() as other:
        address = (await publish(one, answers(0)))["hook"]
        for number in range(10):
            status, told = await post(other, address, {})
            assert (status, told["output"]) == (200, {"said": number})
            await publish(one if number % 2 else other, answers(number + 1))
            for house in (other, one):
                status, told = await post(house, address, {})
                assert (status, told["output"]) == (200, {"said": number + 1})


async def test_a_paused_flow_takes_nothing_at_any_door_and_goes_on_at_all(town):
    async with town.house() as one, town.house() as other:
        address = (await publish(one, answers(1)))["hook"]
        assert (await post(other, address, {}))[0] == 200
        await one.flows.pause(owner(one), "flow_test")
        assert (await post(other, address, {}))[0] == 404
        await other.flows.resume(owner(other), "flow_test")
        assert (await post(one, address, {}))[0] == 200
        await other.flows.delete(owner(other), "flow_test")
        assert (await post(one, address, {}))[0] == 404


async def test_deliveries_during_a_publish_begin_with_the_old_version_or_the_new_one(town):
    async with town.house() as one, town.house() as other:
        address = (await publish(one, answers(0)))["hook"]
        told: list[tuple[float, int, float]] = []
        over = False

        async def knock() -> None:
            while not over:
                began = time.monotonic()
                status, said = await post(other, address, {})
                assert status == 200, said
                told.append((began, said["output"]["said"], time.monotonic()))

        knocking = [asyncio.create_task(knock()) for _ in range(4)]
        published = [(0, 0.0, 0.0)]
        for number in range(1, 8):
            began = time.monotonic()
            await publish(one, answers(number))
            published.append((number, began, time.monotonic()))
            await asyncio.sleep(0.03)
        over = True
        await asyncio.gather(*knocking)
        assert len({number for _, number, _ in told}) > 3
        for began, number, ended in told:
            oldest = max(version for version, _, done in published if done <= began)
            newest = max(version for version, begun, _ in published if begun <= ended)
            assert oldest <= number <= newest, "what was published before it came counts"


async def test_variables_and_connections_are_followed(town, redis):
    async with (
        town.house(redis=redis.url) as one,
        town.house(redis=redis.url) as near,
        town.house() as far,
    ):
        await until(lambda: one.links.bus._speaking and near.links.bus._speaking)
        shop = await twin(one, "shopify")
        for house in (near, far):
            opened = await house.keeper.open_connection(house.workspace_id, shop["id"])
            assert opened.connection.name == "Shopify"
        began = time.monotonic()
        await one.variables.put(owner(one), "rate", 7)
        await one.connections.update(owner(one), shop["id"], name="Another")
        for house in (near, far):
            await until(lambda house=house: house.variables.of(house.workspace_id))
            async with asyncio.timeout(50):
                while True:
                    opened = await house.keeper.open_connection(house.workspace_id, shop["id"])
                    if opened.connection.name == "Another":
                        break
                    await asyncio.sleep(0.01)
            assert time.monotonic() - began < (0.9 if house is near else 2.5)


async def test_a_draft_that_one_process_tries_gets_events_that_come_to_another(town):
    flow = document(
        [
            {"id": "start", "type": "core.manual"},
            {
                "id": "paid",
                "type": "core.wait",
                "params": {
                    "event": {"type": "shopify.order_paid", "key": "order"},
                    "timeout_s": 60,
                },
            },
        ],
        [("start", "paid")],
    )
    async with town.house() as one, town.house() as other:
        assert not other.subscriptions.awaits(other.workspace_id, "shopify.order_paid")
        await one.flows.put(owner(one), flow)
        await one.flows.start(owner(one), flow["id"], {})
        await other._look()
        assert other.subscriptions.awaits(other.workspace_id, "shopify.order_paid")


async def test_what_could_not_be_read_is_read_again(town):
    async with town.house() as one:
        changes, tries = Changes(one.database), []

        async def fail_once() -> None:
            tries.append(1)
            if len(tries) == 1:
                await one.runs.get(owner(one), "run_that_is_not")

        changes.on(change.FLOWS, fail_once)
        await one.database.write(lambda c: change.bump(c, change.FLOWS))
        await changes.look()
        assert changes.seen(change.FLOWS) == 0
        await changes.look()
        await changes.look()
        assert changes.seen(change.FLOWS) == 1
        assert len(tries) == 2


@pytest.mark.parametrize("asking", [1, 20])
async def test_many_who_look_at_once_share_a_look(town, asking, monkeypatch):
    async with town.house() as one:
        reads = []
        read = change.read_changes
        monkeypatch.setattr(change, "read_changes", lambda c: reads.append(1) or read(c))
        changes = Changes(one.database)
        await asyncio.gather(*(changes.look() for _ in range(asking)))
        assert len(reads) <= 3
