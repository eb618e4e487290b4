"""Leafing through the steps of a run with many rounds."""

from __future__ import annotations

import pytest
from tramo.app.run import history
from tramo.app.run.leaf import StepFilter, read_iteration
from tramo.model.problem import TramoError

from tests.kit import document, opened, owner, publish
from tests.runtime.app.run.vendor import until

ROUNDS = 30
FLOW = document(
    [
        {"id": "start", "type": "core.manual"},
        {"id": "each", "type": "core.for_each", "params": {"items": {"$expr": "start.items"}}},
        {
            "id": "inner",
            "type": "core.for_each",
            "inside": "each",
            "params": {"items": [1, 2], "as": "part"},
        },
        {"id": "copy", "type": "core.set", "inside": "inner", "params": {"fields": {"a": 1}}},
        {"id": "after", "type": "core.set", "params": {"fields": {"a": 1}}},
    ],
    [("start", "each"), ("each", "done", "after")],
)
TOTAL = 3 + ROUNDS + 2 * ROUNDS


@pytest.fixture
async def house(tmp_path):
    async with opened(tmp_path, synchronous="OFF") as house:
        yield house


async def long_run(house) -> str:
    await publish(house, FLOW)
    event = {"items": list(range(ROUNDS))}
    return await house.flows.start(owner(house), "flow_test", event, version="published")


def place(step) -> tuple[str, tuple[int, ...]]:
    return step["node"], tuple(step["iteration"])


async def leafed(house, run_id, wanted=StepFilter(), limit=7):  # noqa: B008 - frozen
    cursor, steps = None, []
    while True:
        page = await house.runs.steps(owner(house), run_id, wanted, limit, cursor)
        assert len(page["items"]) <= limit
        steps += page["items"]
        cursor = page["next"]
        if cursor is None:
            assert page["total"] == len(steps)
            return [place(step) for step in steps]


@pytest.mark.parametrize("large", [False, True])
async def test_every_step_is_on_one_page_and_those_outside_loops_come_first(
    house, monkeypatch, large
):
    if large:
        monkeypatch.setattr(history, "LARGE_BYTES", 0)
    run_id = await long_run(house)
    whole = await house.runs.get(owner(house), run_id)
    assert (len(whole["steps"]), whole["steps_total"], whole["next"]) == (TOTAL, TOTAL, None)
    steps = await leafed(house, run_id)
    assert sorted(steps) == sorted(place(step) for step in whole["steps"])
    assert steps[:3] == [("start", ()), ("each", ()), ("after", ())]


async def test_the_document_of_a_long_run_carries_its_first_page(house):
    run_id = await long_run(house)
    run = await house.runs.get(owner(house), run_id, 10)
    assert (len(run["steps"]), run["steps_total"]) == (10, TOTAL)
    assert {step["node"] for step in run["steps"]} >= {"start", "each", "after"}
    rest = await house.runs.steps(owner(house), run_id, StepFilter(), 1_000, run["next"])
    assert len(rest["items"]) == TOTAL - 10


async def test_steps_are_narrowed_to_a_node_a_state_and_a_round(house):
    run_id = await long_run(house)
    assert await leafed(house, run_id, StepFilter(node="copy", inside=(4,))) == [
        ("copy", (4, 0)),
        ("copy", (4, 1)),
    ]
    assert await leafed(house, run_id, StepFilter(inside=(4, 1))) == [("copy", (4, 1))]
    assert await leafed(house, run_id, StepFilter(state="failed")) == []
    assert len(await leafed(house, run_id, StepFilter(node="copy"))) == 2 * ROUNDS


async def test_a_large_run_that_goes_on_is_told_as_it_stands(house, monkeypatch):
    monkeypatch.setattr(history, "LARGE_BYTES", 0)
    flow = document(
        [
            {"id": "start", "type": "core.manual"},
            {"id": "later", "type": "core.wait", "params": {"seconds": 3_600}},
        ],
        [("start", "later")],
    )
    await publish(house, flow)
    run_id = await house.flows.start(owner(house), "flow_test", {}, version="published")
    waiting = await house.runs.steps(owner(house), run_id, StepFilter(node="later"))
    assert waiting["items"][0]["state"] == "waiting"
    await house.runs.hurry(owner(house), run_id, "later")
    done = await house.runs.steps(owner(house), run_id, StepFilter(node="later"))
    assert done["items"][0]["state"] == "succeeded"


@pytest.mark.parametrize("text", ["a", "3,", "-1", "1.2", "9" * 20])
def test_what_names_no_round_is_refused(text):
    with pytest.raises(TramoError) as caught:
        read_iteration(text)
    assert caught.value.code == "run.iteration"


async def test_a_made_up_cursor_is_refused(house):
    run_id = await long_run(house)
    for cursor in ("x", "WzEsInJ1biJd"):
        with pytest.raises(TramoError) as caught:
            await house.runs.steps(owner(house), run_id, StepFilter(), 10, cursor)
        assert caught.value.code == "page.cursor"


async def test_the_next_round_after_one_is_a_call_away_and_so_is_a_round_with_a_text(house):
    run_id = await long_run(house)
    wanted = StepFilter(node="copy", after=(11, 0))
    page = await house.runs.steps(owner(house), run_id, wanted, 1)
    assert [place(step) for step in page["items"]] == [("copy", (11, 1))]
    assert page["total"] == 2 * ROUNDS - 23
    holding = StepFilter(node="each", text="RESULTS")
    assert await leafed(house, run_id, holding) == [("each", ())]
    assert await leafed(house, run_id, StepFilter(text="no such text")) == []


async def test_a_long_run_counts_all_its_steps_beside_its_first_page(house):
    run_id = await long_run(house)
    totals = (await house.runs.get(owner(house), run_id, 10))["totals"]
    copied = totals["copy"]
    assert (copied["states"], copied["last"]) == ({"succeeded": 2 * ROUNDS}, [ROUNDS - 1, 1])
    assert totals["each"]["ports"] == {"done": 1}
    assert "totals" not in await house.runs.get(owner(house), run_id, 1_000)


async def test_a_step_that_waits_for_a_called_run_leads_to_it_meanwhile(house):
    nodes = [
        {"id": "called", "type": "core.flow_called"},
        {"id": "pause", "type": "core.wait", "params": {"seconds": 3600}},
    ]
    await publish(house, document(nodes, [("called", "pause")], id="flow_child", name="Child"))
    nodes = [
        {"id": "start", "type": "core.manual"},
        {"id": "call", "type": "core.call_flow", "params": {"flow": "flow_child"}},
    ]
    await publish(house, document(nodes, [("start", "call")]))
    run_id = await house.flows.start(owner(house), "flow_test", {}, version="published")

    run = await until(house, run_id, "waiting")
    step = next(it for it in run["steps"] if it["node"] == "call")
    child = await house.runs.get(owner(house), step["calls"])
    assert child["flow"] == "flow_child"
