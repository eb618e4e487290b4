"""A flow's own change does not start it again, and flows cannot keep each other busy for ever."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from sqlalchemy import func, select
from tramo.model.event import Key
from tramo.model.value import decode, encode
from tramo.store import echo, table

from tests.bench.order import ORDER
from tests.kit import document, finished, opened, owner, publish, shopify_headers, twin
from tests.kit import post as deliver

SECRET = "hush"
TYPE = "shopify.order_updated"


@pytest.fixture
async def house(tmp_path):
    async with opened(tmp_path) as house:
        yield house


@pytest.fixture
async def shop(house):
    return await twin(house, "shopify", shop="tramo-demo", client_secret=SECRET)


def watching(shop, id="flow_test", **params):
    return document(
        [
            {"id": "order", "type": TYPE, "connection": shop["id"], "params": params},
            {"id": "note", "type": "core.set", "params": {"fields": {"done": True}}},
        ],
        [("order", "note")],
        id=id,
    )


async def changed(house, shop, event: str, order: int = 1001) -> int:
    body = encode({**decode(ORDER), "id": order})
    headers = shopify_headers(body, SECRET, event, topic="orders/updated")
    address = shop["address"].rpartition("/")[2]
    status, answer = await deliver(house, address, body, **headers)
    assert status == 200, answer
    return len(answer["events"])


async def tagged(house, shop, *, flows=("flow_test",), order="1001", depth=0, now=None) -> None:
    """Note what the commit of a step that tagged an order notes."""
    changes = [
        echo.Change(
            workspace_id=house.workspace_id,
            flow_id=flow,
            run_id="run_1",
            connection_id=shop["id"],
            causes=(TYPE,),
            keys=(Key("order", order, shop["id"]),),
            depth=depth,
            now=now or house.clock.now_ms(),
        )
        for flow in flows
    ]
    await house.database.write(lambda c: [change.write(c) for change in changes])


async def started(house) -> list[str]:
    rows = await house.database.read(
        lambda c: c.execute(select(table.run.c.flow_id).order_by(table.run.c.id)).scalars().all()
    )
    return list(rows)


async def events(house) -> int:
    return await house.database.read(
        lambda c: c.execute(select(func.count()).select_from(table.event)).scalar_one()
    )


async def test_the_first_event_of_an_own_change_is_kept_and_starts_nothing(house, shop):
    await publish(house, watching(shop))
    await tagged(house, shop)
    await changed(house, shop, "e1")
    assert (await started(house), await events(house)) == ([], 1)
    await changed(house, shop, "e1")
    assert (await started(house), await events(house)) == ([], 1)
    await changed(house, shop, "e2")
    assert await started(house) == ["flow_test"]


async def test_another_flow_and_another_order_start_as_ever(house, shop):
    await publish(house, watching(shop))
    await publish(house, watching(shop, id="flow_other"))
    await tagged(house, shop)
    await changed(house, shop, "e1")
    assert await started(house) == ["flow_other"]
    await tagged(house, shop)
    await changed(house, shop, "e2", order=1002)
    assert sorted(await started(house)) == ["flow_other", "flow_other", "flow_test"]


async def test_two_changes_answer_for_two_events(house, shop):
    await publish(house, watching(shop))
    await tagged(house, shop)
    await tagged(house, shop)
    for event in ("e1", "e2", "e3"):
        await changed(house, shop, event)
    assert await started(house) == ["flow_test"]


async def test_a_note_is_forgotten_after_ten_minutes(house, shop):
    await publish(house, watching(shop))
    await tagged(house, shop, now=house.clock.now_ms() - echo.REMEMBERED_MS - 1)
    await changed(house, shop, "e1")
    assert await started(house) == ["flow_test"]


async def test_a_flow_that_asks_for_its_own_changes_gets_them(house, shop):
    await publish(house, watching(shop, own_changes=True))
    await tagged(house, shop)
    await changed(house, shop, "e1")
    assert await started(house) == ["flow_test"]


async def test_runs_that_cause_each_other_are_counted_and_end_at_ten(house, shop):
    await publish(house, watching(shop, own_changes=True))
    await tagged(house, shop, depth=3)
    await changed(house, shop, "e1")
    depths = select(table.run.c.depth)
    assert await house.database.read(lambda c: c.execute(depths).scalars().all()) == [4]
    await tagged(house, shop, depth=echo.DEPTH_LIMIT)
    await changed(house, shop, "e2")
    assert (await started(house), await events(house)) == (["flow_test"], 2)
    await finished(house)


async def test_the_catalogue_offers_it_on_triggers_that_actions_bring_about(house):
    catalog = await house.catalog.catalog("es")
    fields = {
        item["type"]: item["params_schema"]
        for item in catalog["node_types"]
        if item["kind"] == "trigger"
    }
    offered = {
        name
        for name, schema in fields.items()
        if "own_changes" in msgspec.json.encode(schema).decode()
    }
    assert {TYPE, "shopify.order_cancelled", "shopify.refund_created"} <= offered
    assert "shopify.order_created" not in offered
    assert "También cambios propios" in msgspec.json.encode(fields[TYPE]).decode()


def test_each_cause_is_a_trigger_with_a_key_that_says_what_the_event_is_about(house):
    causes = {
        (kind.connector, cause) for kind in house.registry.node_types() for cause in kind.causes
    }
    assert causes
    for connector, cause in causes:
        trigger = house.registry.node_type(cause, 1)
        assert trigger is not None
        assert trigger.connector == connector
        assert trigger.trigger.keys


async def test_a_wrong_param_of_such_a_trigger_is_still_a_problem(house, shop):
    problems = await house.flows.check(owner(house), watching(shop, own_change=True))
    assert [problem.code for problem in problems] == ["params.unknown"]


async def test_a_flow_that_tags_the_order_it_starts_by_runs_once(house, shop):
    flow = document(
        [
            {"id": "order", "type": TYPE, "connection": shop["id"]},
            {
                "id": "tag",
                "type": "shopify.add_tags",
                "connection": shop["id"],
                "params": {"kind": "order", "id": {"$expr": "order.id"}, "tags": ["seen"]},
            },
        ],
        [("order", "tag")],
    )
    await publish(house, flow)
    await changed(house, shop, "e1")
    runs = await finished(house)
    assert [run["state"] for run in runs] == ["succeeded"]
    await changed(house, shop, "e2")  # what Shopify delivers because of the tag
    assert len(await started(house)) == 1
    await changed(house, shop, "e3")  # somebody else's change
    assert len(await started(house)) == 2
    await finished(house, count=2)


async def test_a_change_made_by_a_called_flow_does_not_start_the_caller_again(house, shop):
    tagging = document(
        [
            {"id": "called", "type": "core.flow_called"},
            {
                "id": "tag",
                "type": "shopify.add_tags",
                "connection": shop["id"],
                "params": {"kind": "order", "id": {"$expr": "called.id"}, "tags": ["seen"]},
            },
        ],
        [("called", "tag")],
        id="flow_tagging",
    )
    calling = document(
        [
            {"id": "order", "type": TYPE, "connection": shop["id"]},
            {
                "id": "call",
                "type": "core.call_flow",
                "params": {"flow": "flow_tagging", "event": {"id": {"$expr": "order.id"}}},
            },
        ],
        [("order", "call")],
    )
    await publish(house, tagging)
    await publish(house, calling)
    await changed(house, shop, "e1")
    runs = await finished(house, count=2)
    assert [run["state"] for run in runs] == ["succeeded", "succeeded"]
    await changed(house, shop, "e2")
    assert len(await started(house)) == 2


async def test_many_copies_of_such_an_event_at_once_make_one_run(house, shop):
    await publish(house, watching(shop))
    await asyncio.gather(*(changed(house, shop, "same") for _ in range(30)))
    assert await started(house) == ["flow_test"]
    await finished(house)
