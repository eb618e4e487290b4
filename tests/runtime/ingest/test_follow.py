"""Flows that start when a run fails: each failure is heard once, and chains of them end."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from tramo.store import table

from tests.kit import document, finished, opened, owner, post, publish, steps


@pytest.fixture
async def house(tmp_path):
    async with opened(tmp_path) as house:
        yield house


def failing(id="flow_broken"):
    return document(
        [
            {
                "id": "hook",
                "type": "core.webhook",
                "params": {"keys": {"order": "body.id"}},
            },
            {
                "id": "work",
                "type": "core.set",
                "params": {"fields": {"total": {"$expr": "hook.body.total"}}},
            },
        ],
        [("hook", "work")],
        id=id,
        name="Broken one",
    )


def listening(id="flow_nurse", *, flows=(), breaks=False):
    value = {"$expr": "failure.nothing.here" if breaks else "failure.error.code"}
    return document(
        [
            {"id": "failure", "type": "core.run_failed", "params": {"flows": list(flows)}},
            {"id": "note", "type": "core.set", "params": {"fields": {"code": value}}},
        ],
        [("failure", "note")],
        id=id,
    )


async def runs_of(house, flow: str) -> list[dict]:
    return [run for run in await finished(house) if run["flow_id"] == flow]


async def test_a_failed_run_starts_the_flow_that_listens_with_what_went_wrong(house):
    await publish(house, listening())
    address = (await publish(house, failing()))["hook"]
    assert (await post(house, address, {"id": "1001"}))[0] == 200
    runs = await finished(house, count=2)
    heard = next(run for run in runs if run["flow_id"] == "flow_nurse")
    broken = next(run for run in runs if run["flow_id"] == "flow_broken")
    assert (heard["state"], broken["state"]) == ("succeeded", "failed")
    told = (await steps(house, heard["id"]))["failure"]["output"]
    assert told["flow"] == {"id": "flow_broken", "name": "Broken one"}
    assert told["node"] == "work"
    assert told["error"]["code"].startswith("expression.")
    assert told["error"]["message"]
    assert told["run"]["id"] == broken["id"]
    assert told["run"]["keys"] == {"order": "1001"}
    assert told["run"]["ended_at"] >= told["run"]["started_at"]
    assert {"kind": "order", "value": "1001"}.items() <= heard["keys"][0].items()


async def test_only_the_flows_that_were_named_are_followed(house):
    await publish(house, listening(flows=["flow_other"]))
    for name in ("flow_broken", "flow_other"):
        address = (await publish(house, failing(name)))["hook"]
        await post(house, address, {})
    heard = [run for run in await finished(house, count=3) if run["flow_id"] == "flow_nurse"]
    assert len(heard) == 1
    told = (await steps(house, heard[0]["id"]))["failure"]["output"]
    assert told["flow"]["id"] == "flow_other"


async def test_a_listener_that_fails_does_not_start_itself(house):
    await publish(house, listening(breaks=True))
    address = (await publish(house, failing()))["hook"]
    await post(house, address, {})
    assert [run["state"] for run in await finished(house, count=2)] == ["failed", "failed"]


async def test_listeners_that_fail_for_each_other_end_after_ten(house):
    await publish(house, listening("flow_a", breaks=True))
    await publish(house, listening("flow_b", breaks=True))
    address = (await publish(house, failing()))["hook"]
    await post(house, address, {})
    # Both follow the first failure, and from then on each follows the other's.
    assert len(await finished(house, count=21)) == 21
    depths = await house.database.read(
        lambda c: c.execute(select(table.run.c.depth)).scalars().all()
    )
    assert (min(depths), max(depths)) == (0, 10)


async def test_a_paused_listener_hears_nothing(house):
    await publish(house, listening())
    await house.flows.pause(owner(house), "flow_nurse")
    address = (await publish(house, failing()))["hook"]
    await post(house, address, {})
    assert len(await finished(house)) == 1


async def test_a_failure_after_work_in_the_world_is_heard_too(house):
    await publish(house, listening())
    flow = document(
        [
            {"id": "hook", "type": "core.webhook"},
            {
                "id": "ask",
                "type": "core.http_request",
                "params": {"url": "http://127.0.0.1:1/"},
                "retry": {"attempts": 1},
            },
        ],
        [("hook", "ask")],
        id="flow_broken",
    )
    address = (await publish(house, flow))["hook"]
    await post(house, address, {})
    runs = await finished(house, count=2)
    heard = next(run for run in runs if run["flow_id"] == "flow_nurse")
    assert (await steps(house, heard["id"]))["failure"]["output"]["node"] == "ask"


async def test_a_listener_with_a_limit_goes_on_one_by_one(house):
    flow = listening()
    flow["limits"] = {"concurrency": {"at_once": 1, "full": "queue"}}
    await publish(house, flow)
    address = (await publish(house, failing()))["hook"]
    for _ in range(4):
        await post(house, address, {})
    states = [run["state"] for run in await finished(house, count=8)]
    assert sorted(states) == ["failed"] * 4 + ["succeeded"] * 4
