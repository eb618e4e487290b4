"""Another try: what a re-run belongs to, and what stands in its way."""

from __future__ import annotations

from itertools import pairwise

import pytest
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.store import table

from tests.kit import owner, publish
from tests.runtime.app.run.vendor import call, doubtful, event, labelling, start, until


async def refused(act) -> TramoError:
    with pytest.raises(TramoError) as caught:
        await act
    return caught.value


async def failed_run(house, vendor) -> str:
    await publish(house, labelling(vendor, call(vendor, "tell", "/tell")))
    vendor.moods["/tell"] = "refuse"
    run_id = await start(house, event())
    await until(house, run_id, "failed")
    vendor.moods["/tell"] = "ok"
    return run_id


async def test_a_rerun_is_a_run_of_its_own_in_the_family_of_its_origin(open_shop):
    house, vendor = open_shop
    first = await failed_run(house, vendor)
    made = await house.reruns.rerun(owner(house), first)
    assert (made["origin"], made["copied_from"], made["rerun"]) == (first, first, "failed")
    assert made["keys"] == [
        {"kind": "order", "value": "1001"},
        {"kind": "person", "value": "ana@example.com"},
    ]
    family = await house.reruns.family(owner(house), made["id"])
    assert [run["id"] for run in family["items"]] == [first, made["id"]]
    assert [(act["what"], act["run"], act["reference"]) for act in family["acts"]] == [
        ("rerun", made["id"], first)
    ]
    old = await house.runs.get(owner(house), first)
    new = await house.runs.get(owner(house), made["id"])
    assert new["event"] == old["event"]


async def test_a_rerun_goes_on_from_what_failed_and_does_nothing_twice(open_shop):
    house, vendor = open_shop
    first = await failed_run(house, vendor)
    made = await house.reruns.rerun(owner(house), first)
    run = await until(house, made["id"], "succeeded")
    shown = {step["node"]: (step["state"], step.get("copied")) for step in run["steps"]}
    assert shown["label"] == ("skipped", True)
    assert shown["tell"][0] == "succeeded"
    assert len(vendor.calls("/label")) == 1
    assert len(vendor.calls("/tell")) == 2


async def test_from_the_start_reads_anew_and_sends_nothing_twice(open_shop):
    house, vendor = open_shop
    await publish(house, labelling(vendor, call(vendor, "look", "/look", "GET")))
    run_id = await start(house, event())
    await until(house, run_id, "succeeded")
    made = await house.reruns.rerun(owner(house), run_id, "start")
    await until(house, made["id"], "succeeded")
    assert len(vendor.calls("/label")) == 1
    assert len(vendor.calls("/look")) == 2


async def test_everything_again_sends_everything_again(open_shop):
    house, vendor = open_shop
    await publish(house, labelling(vendor))
    run_id = await start(house, event())
    await until(house, run_id, "succeeded")
    made = await house.reruns.again(owner(house), run_id, run_id)
    await until(house, made["id"], "succeeded")
    assert len(vendor.calls("/label")) == 2


async def test_the_newest_version_mends_what_failed(open_shop):
    house, vendor = open_shop
    run_id = await failed_run(house, vendor)
    vendor.moods["/tell"] = "refuse"
    await publish(house, labelling(vendor, call(vendor, "tell", "/other")))
    made = await house.reruns.rerun(owner(house), run_id, "failed", "newest")
    await until(house, made["id"], "succeeded")
    assert len(vendor.calls("/label")) == 1
    assert len(vendor.calls("/other")) == 1


async def test_what_the_first_of_a_family_did_is_known_to_the_last(open_shop):
    """The second fails before it comes to what the first had done already."""
    house, vendor = open_shop
    run_id = await failed_run(house, vendor)
    vendor.moods["/before"] = "refuse"
    flow = labelling(vendor, call(vendor, "tell", "/tell"))
    flow["nodes"].insert(1, call(vendor, "before", "/before"))
    flow["edges"] = [{"from": a["id"], "to": b["id"]} for a, b in pairwise(flow["nodes"])]
    await publish(house, flow)
    second = await house.reruns.rerun(owner(house), run_id, "failed", "newest")
    await until(house, second["id"], "failed")
    vendor.moods["/before"] = "ok"
    third = await house.reruns.rerun(owner(house), run_id)
    assert third["copied_from"] == second["id"]
    await until(house, third["id"], "succeeded")
    assert len(vendor.calls("/label")) == 1
    assert len(vendor.calls("/before")) == 2


async def test_a_run_is_not_rerun_while_it_goes_on_or_asks(open_shop):
    house, vendor = open_shop
    await publish(house, labelling(vendor))
    asking = await doubtful(house, vendor)
    for start_from in ("failed", "start"):
        error = await refused(house.reruns.rerun(owner(house), asking, start_from))
        assert (error.code, error.status, error.params["run"]) == ("rerun.asking", 409, asking)
    error = await refused(house.reruns.again(owner(house), asking, asking))
    assert error.code == "rerun.asking"


@pytest.mark.parametrize("ending", ["abort", "cancel"])
async def test_a_doubt_that_the_end_of_a_run_left_open_is_never_sent_again(open_shop, ending):
    house, vendor = open_shop
    await publish(house, labelling(vendor))
    run_id = await doubtful(house, vendor)
    if ending == "abort":
        await house.runs.answer(owner(house), run_id, "label", [], "abort")
    else:
        await house.runs.cancel(owner(house), run_id)
    error = await refused(house.reruns.rerun(owner(house), run_id))
    assert (error.code, error.params["steps"]) == ("rerun.doubt", "label")
    assert error.params["doubts"] == [{"node": "label", "iteration": ()}]
    assert len(vendor.calls("/label")) == 1


@pytest.mark.parametrize(("outcome", "sent"), [("happened", 1), ("resend", 2)])
async def test_a_doubt_that_a_run_left_open_is_answered_for_its_rerun(open_shop, outcome, sent):
    house, vendor = open_shop
    await publish(house, labelling(vendor, call(vendor, "tell", "/tell")))
    run_id = await doubtful(house, vendor)
    await house.runs.cancel(owner(house), run_id)
    error = await refused(house.runs.answer(owner(house), run_id, "label", [], "abort"))
    assert error.code == "run.ended"
    answered = await house.runs.answer(
        owner(house), run_id, "label", [], outcome, None, "LBL-17" if sent == 1 else None
    )
    assert answered["state"] == "cancelled"
    assert len(vendor.calls("/label")) == 1
    error = await refused(house.runs.answer(owner(house), run_id, "label", [], "happened"))
    assert error.code == "run.ended"
    made = await house.reruns.rerun(owner(house), run_id)
    run = await until(house, made["id"], "succeeded")
    label = next(step for step in run["steps"] if step["node"] == "label")
    assert label["state"] == ("skipped" if sent == 1 else "succeeded")
    assert len(vendor.calls("/label")) == sent
    assert len(vendor.calls("/tell")) == 1


async def test_what_is_not_kept_any_more_is_not_done_again(open_shop):
    house, vendor = open_shop
    first = await failed_run(house, vendor)
    vendor.moods["/tell"] = "refuse"
    second = await house.reruns.rerun(owner(house), first)
    await until(house, second["id"], "failed")
    await house.database.write(
        lambda c: c.execute(table.run.delete().where(table.run.c.id == first))
    )
    for act in (
        house.reruns.rerun(owner(house), second["id"]),
        house.reruns.again(owner(house), second["id"], second["id"]),
    ):
        assert (await refused(act)).code == "rerun.not_kept"
    assert len(vendor.calls("/label")) == 1


async def test_a_run_that_succeeded_has_nothing_that_failed(open_shop):
    house, vendor = open_shop
    await publish(house, labelling(vendor))
    run_id = await start(house, event())
    await until(house, run_id, "succeeded")
    assert (await refused(house.reruns.rerun(owner(house), run_id))).code == "rerun.nothing_failed"
    made = await house.reruns.rerun(owner(house), run_id, "start")
    assert made["rerun"] == "start"


async def test_everything_is_done_again_only_when_the_run_is_named(open_shop):
    house, vendor = open_shop
    await publish(house, labelling(vendor))
    run_id = await start(house, event())
    await until(house, run_id, "succeeded")
    for wrong in ("", "yes", "run_other"):
        error = await refused(house.reruns.again(owner(house), run_id, wrong))
        assert (error.code, error.path) == ("rerun.confirm", "/confirm")
    made = await house.reruns.again(owner(house), run_id, run_id)
    assert (made["origin"], made["copied_from"], made["rerun"]) == (made["id"], None, None)


async def test_the_newest_version_must_still_have_the_trigger(open_shop):
    house, vendor = open_shop
    run_id = await failed_run(house, vendor)
    flow = labelling(vendor)
    flow["nodes"][0]["id"] = "door"
    flow["edges"][0]["from"] = "door"
    flow["nodes"][1]["params"]["json"] = {"$expr": "door.body"}
    await publish(house, flow)
    error = await refused(house.reruns.rerun(owner(house), run_id, "failed", "newest"))
    assert (error.code, error.params) == ("rerun.trigger_gone", {"trigger": "hook"})


async def test_a_viewer_and_a_stranger_rerun_nothing(open_shop):
    house, vendor = open_shop
    run_id = await failed_run(house, vendor)
    viewer = Scope(house.workspace_id, "user_v", "viewer")
    stranger = Scope("ws_other", "user_x", "owner")
    assert (await refused(house.reruns.rerun(viewer, run_id))).status == 403
    assert (await refused(house.reruns.again(viewer, run_id, run_id))).status == 403
    assert (await refused(house.reruns.rerun(stranger, run_id))).status == 404
    assert (await refused(house.reruns.family(stranger, run_id))).status == 404


@pytest.mark.parametrize("full", ["queue", "refuse"])
async def test_a_rerun_keeps_to_the_limit_of_its_flow(open_shop, full):
    house, vendor = open_shop
    later = {"id": "later", "type": "core.wait", "params": {"seconds": 3_600}}
    limits = {"concurrency": {"key": "person", "at_once": 1, "full": full}}
    await publish(house, labelling(vendor, later, limits=limits))
    vendor.moods["/label"] = "refuse"
    failed = await start(house, event("1"))
    await until(house, failed, "failed")
    vendor.moods["/label"] = "ok"
    holding = await start(house, event("2"))
    await until(house, holding, "waiting")
    if full == "refuse":
        assert (await refused(house.reruns.rerun(owner(house), failed))).code == "rerun.refused"
        assert len((await house.reruns.family(owner(house), failed))["items"]) == 1
        return
    made = await house.reruns.rerun(owner(house), failed)
    assert (made["state"], made["reason"]) == ("queued", "concurrency")
    assert len(vendor.calls("/label")) == 2
    await house.runs.hurry(owner(house), holding, "later")
    await until(house, made["id"], "waiting")
    assert len(vendor.calls("/label")) == 3
