"""The timeline of an order: what touched it in order of time, and stop or hurry what goes on."""

from __future__ import annotations

import pytest
from tramo.app.run import timeline
from tramo.model.problem import TramoError
from tramo.model.scope import Scope

from tests.kit import document, owner, publish
from tests.runtime.app.run.vendor import call, event, labelling, order_hook, start, until


def reminding(vendor, **fields):
    """A flow that waits a day before it writes."""
    nodes = [
        order_hook(),
        {"id": "later", "type": "core.wait", "params": {"seconds": 86_400}, "label": "A day"},
        call(vendor, "tell", "/tell"),
    ]
    edges = [("hook", "later"), ("later", "tell")]
    return document(nodes, edges, id="flow_remind", name="Remind", **fields)


async def shown(house, kind="order", value="1001", **page):
    return await house.timeline.show(owner(house), kind, value, **page)


def told(answer) -> list[str]:
    return [
        f"{item['what']} {item.get('title') or item.get('state') or ''}".strip()
        for item in answer["items"]
    ]


async def test_everything_that_touched_an_order_is_told_in_its_order(open_shop):
    house, vendor = open_shop
    await publish(house, labelling(vendor, call(vendor, "look", "/look", "GET")))
    await publish(house, reminding(vendor))
    run_id = await start(house, event())
    await until(house, run_id, "succeeded")
    waiting = await start(house, event(), "flow_remind")
    await until(house, waiting, "waiting")
    await until(house, await start(house, event("1002")), "succeeded")
    answer = await shown(house)
    assert told(answer) == [
        "event", "began", "step label", "ended succeeded", "event", "began", "wait A day",
    ]  # fmt: skip
    assert [item["at"] for item in answer["items"]] == sorted(
        item["at"] for item in answer["items"]
    )
    label, wait = answer["items"][2], answer["items"][6]
    assert (label["run"], label["path"]) == (run_id, f"/runs/{run_id}")
    assert label["step"]["input"]["json"]["order"] == "1001"
    assert wait["step"]["due_at"] is not None
    assert answer["items"][0]["runs"] == [run_id]
    assert told(await shown(house, "person", "ana@example.com"))[:1] == ["event"]
    assert told(await shown(house, "order", "9999")) == []


async def test_what_people_did_stands_among_the_rest(open_shop):
    house, vendor = open_shop
    await publish(house, labelling(vendor))
    vendor.moods["/label"] = "refuse"
    run_id = await start(house, event())
    await until(house, run_id, "failed")
    vendor.moods["/label"] = "ok"
    again = await house.reruns.rerun(owner(house), run_id)
    await until(house, again["id"], "succeeded")
    items = (await shown(house))["items"]
    [act] = [item for item in items if item["what"] == "act"]
    assert (act["act"]["what"], act["act"]["actor"], act["run"]) == (
        "rerun", "user_test", again["id"],
    )  # fmt: skip
    assert len([item for item in items if item["what"] == "event"]) == 1


async def test_older_runs_are_on_the_next_page(open_shop):
    house, vendor = open_shop
    await publish(house, labelling(vendor))
    runs = [await start(house, event()) for _ in range(3)]
    for run_id in runs:
        await until(house, run_id, "succeeded")
    first = await shown(house, limit=2)
    rest = await shown(house, limit=2, cursor=first["next"])
    began = [item["run"] for item in first["items"] if item["what"] == "began"]
    assert sorted(began) == sorted(runs[1:])
    assert [item["run"] for item in rest["items"] if item["what"] == "began"] == runs[:1]
    assert rest["next"] is None


async def test_all_that_goes_on_for_a_customer_is_stopped_at_once(open_shop):
    house, vendor = open_shop
    await publish(house, reminding(vendor))
    mine = [await start(house, event(order), "flow_remind") for order in ("1", "2")]
    other = await start(house, event("3", "eva@example.com"), "flow_remind")
    for run_id in (*mine, other):
        await until(house, run_id, "waiting")
    done = await house.timeline.stop(owner(house), "person", "ana@example.com")
    assert sorted(done["stopped"]) == sorted(mine)
    assert (done["refused"], done["more"]) == ([], False)
    for run_id in mine:
        run = await until(house, run_id, "cancelled")
        assert [act["what"] for act in run["acts"]] == ["cancel"]
    await until(house, other, "waiting")
    assert vendor.heard == []


async def test_all_waits_of_a_customer_are_over_at_once(open_shop):
    house, vendor = open_shop
    await publish(house, reminding(vendor))
    mine = [await start(house, event(order), "flow_remind") for order in ("1", "2")]
    for run_id in mine:
        await until(house, run_id, "waiting")
    done = await house.timeline.hurry(owner(house), "person", "ana@example.com")
    assert sorted(place["run"] for place in done["hurried"]) == sorted(mine)
    for run_id in mine:
        await until(house, run_id, "succeeded")
    assert sorted(body["order"] for body in vendor.calls("/tell")) == ["1", "2"]


async def test_one_wait_is_hurried_and_a_step_that_does_not_wait_is_not(open_shop):
    house, vendor = open_shop
    await publish(house, reminding(vendor))
    run_id = await start(house, event(), "flow_remind")
    await until(house, run_id, "waiting")
    for node, code in (("tell", "run.not_asking"), ("nobody", "run.node_unknown")):
        with pytest.raises(TramoError) as caught:
            await house.runs.hurry(owner(house), run_id, node)
        assert caught.value.code == code
    await house.runs.hurry(owner(house), run_id, "later")
    run = await until(house, run_id, "succeeded")
    assert [(act["what"], act["node"]) for act in run["acts"]] == [("hurry", "later")]


async def test_a_wait_that_is_over_is_told_too(open_shop):
    house, vendor = open_shop
    await publish(house, reminding(vendor))
    run_id = await start(house, event(), "flow_remind")
    await until(house, run_id, "waiting")
    await house.timeline.hurry(owner(house), "order", "1001")
    await until(house, run_id, "succeeded")
    assert [item for item in told(await shown(house)) if "A day" in item] == ["wait A day"]


async def test_a_run_with_many_steps_says_how_many_are_not_shown(open_shop, monkeypatch):
    house, vendor = open_shop
    monkeypatch.setattr(timeline, "STEPS", 1)
    await publish(house, labelling(vendor, call(vendor, "tell", "/tell")))
    run_id = await start(house, event())
    await until(house, run_id, "succeeded")
    answer = await shown(house)
    assert told(answer) == ["event", "began", "step label", "ended succeeded"]
    assert answer["items"][1]["more_steps"] == 1


async def test_a_viewer_looks_and_a_stranger_sees_nothing(open_shop):
    house, vendor = open_shop
    await publish(house, labelling(vendor))
    await start(house, event())
    viewer = Scope(house.workspace_id, "user_v", "viewer")
    stranger = Scope("ws_other", "user_x", "owner")
    assert (await house.timeline.show(viewer, "order", "1001"))["items"]
    assert (await house.timeline.show(stranger, "order", "1001"))["items"] == []
    assert (await house.timeline.stop(stranger, "order", "1001"))["stopped"] == []
    for act in (house.timeline.stop, house.timeline.hurry):
        with pytest.raises(TramoError) as caught:
            await act(viewer, "order", "1001")
        assert caught.value.status == 403
