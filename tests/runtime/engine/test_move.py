"""Waiting runs and new versions: a run moves only where its journal reads the same."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tramo.engine import Recovered
from tramo.engine.move import Run, Stay, why_it_stays
from tramo.graph.plan import Plan
from tramo.model.flow import Concurrency

from tests.runtime.engine.world import World, busy, plan

WAIT = {"params": {"seconds": 60}}
OLD: list[tuple[Any, ...]] = [
    ("start", "start"),
    ("tag", "tag"),
    ("look", "branch", {"params": {"rules": [{"port": "big", "when": {"$expr": "true"}}]}}),
    ("rest", "wait", WAIT),
    ("tell", "label", {"params": {"text": "old"}}),
]
EDGES = "start > tag, tag > look, look.big > rest, rest > tell"


def standing(made: Plan) -> World:
    """A run that has done what comes before its wait."""
    world = World(made)
    while world.performs:
        world.step()
    assert world.state.status == "waiting"
    return world


def run_of(world: World) -> Run:
    return Run(
        id="run_1",
        trigger="start",
        output=world.output,
        segments=world.segments,
        origin="run_1",
    )


def verdict(world: World, new: Plan, *, later: int = 0) -> Stay | None:
    run = run_of(world)
    return why_it_stays(run, run.stand(world.plan), new, world.at + later)


def move(world: World, new: Plan) -> None:
    """Go on with what was read, as whoever takes the run up next does."""
    world.plan = new
    world.crash()
    world.happen(Recovered(world.at))


def changed(*nodes: tuple[Any, ...], without: str = "", edges: str = EDGES, **limits: Any) -> Plan:
    by_id = {node[0]: node for node in OLD if node[0] != without}
    by_id |= {node[0]: node for node in nodes}
    return plan(list(by_id.values()), edges, **limits)


def test_a_run_moves_to_a_version_that_differs_after_its_wait():
    world = standing(plan(OLD, EDGES))
    new = changed(
        ("tell", "label", {"params": {"text": "new"}}),
        ("also", "read"),
        edges=f"{EDGES}, rest > also",
    )
    assert verdict(world, new) is None
    move(world, new)
    world.run()
    assert [(node, attempt) for node, attempt, _ in world.sent] == [
        ("tag", 1),
        ("tell", 1),
        ("also", 1),
    ]
    assert world.at >= 1_060_000, "its wait goes on from where it was"


def test_names_and_what_was_done_in_the_world_may_differ():
    world = standing(plan(OLD, EDGES))
    new = changed(
        ("tag", "tag", {"params": {"to": "another"}, "label": "Tag it"}),
        ("rest", "wait", {**WAIT, "label": "Rest a while", "note": "!"}),
    )
    assert verdict(world, new) is None


@pytest.mark.parametrize(
    ("new", "stay"),
    [
        (changed(("rest", "wait", {"params": {"seconds": 61}})), Stay("node", "rest")),
        (
            changed(without="rest", edges="start > tag, tag > look, look.big > tell"),
            Stay("node", "rest"),
        ),
        (changed(("tag", "count")), Stay("path", "tag")),
        (
            changed(without="tag", edges="start > look, look.big > rest, rest > tell"),
            Stay("path", "tag"),
        ),
        (
            changed(
                ("look", "branch", {"params": {"rules": [{"port": "big", "when": False}]}}),
            ),
            Stay("path", "look"),
        ),
        (changed(("new", "read"), edges=f"{EDGES}, tag > new"), Stay("path")),
        (
            changed(
                ("new", "read"),
                edges="start > tag, tag > new, new > look, look.big > rest, rest > tell",
            ),
            Stay("path"),
        ),
        (changed(edges="start > tag, tag > look, look > rest, rest > tell"), Stay("path")),
        (changed(concurrency=Concurrency()), Stay("limit")),
    ],
)
def test_a_run_stays_where_the_new_version_would_have_led_it_elsewhere(new: Plan, stay: Stay):
    assert verdict(standing(plan(OLD, EDGES)), new) == stay


def test_a_run_is_not_moved_into_a_time_limit_that_is_over():
    world = standing(plan(OLD, EDGES))
    assert verdict(world, changed(timeout_s=30), later=29_000) is None
    assert verdict(world, changed(timeout_s=30), later=31_000) == Stay("limit")


LOOP: list[tuple[Any, ...]] = [
    ("start", "start"),
    ("each", "each", {"params": {"items": [1, 2]}}),
    ("rest", "wait", {**WAIT, "inside": "each"}),
    ("tell", "label", {"inside": "each"}),
    ("after", "label"),
]
AROUND = "start > each, rest > tell, each.done > after"


def test_a_run_that_waits_inside_a_loop_moves_if_the_loop_is_the_same():
    world = standing(plan(LOOP, AROUND))
    outside = [*LOOP[:4], ("after", "label", {"params": {"text": "new"}})]
    assert verdict(world, plan(outside, AROUND)) is None
    inside = [*LOOP[:3], ("tell", "label", {"inside": "each", "params": {"a": 1}}), LOOP[4]]
    assert verdict(world, plan(inside, AROUND)) == Stay("node", "each")


def test_a_step_that_is_to_be_tried_again_moves_with_its_key_and_its_tries():
    made = plan(
        [("start", "start"), ("pay", "refund"), ("tell", "label")], "start > pay, pay > tell"
    )
    world = World(made, lambda node, perform: busy() if perform.attempt == 1 else {"paid": True})
    world.step()
    assert world.state.reason == "retry"
    new = plan(
        [("start", "start"), ("pay", "refund"), ("tell", "label", {"params": {"text": "new"}})],
        "start > pay, pay > tell",
    )
    assert verdict(world, new) is None
    move(world, new)
    world.run()
    (first, second) = [key for node, _, key in world.sent if node == "pay"]
    assert first == second


KINDS = st.sampled_from(["set", "tag", "read", "wait", "label"])


@st.composite
def chains(draw: st.DrawFn) -> tuple[Plan, Plan, int]:
    """A chain of nodes, another that differs from a place on, and that place."""
    kinds = draw(st.lists(KINDS, min_size=1, max_size=6))
    place = draw(st.integers(0, len(kinds)))
    other = draw(st.lists(KINDS, max_size=4))

    def made(kinds: list[str], after: int, text: str) -> Plan:
        nodes: list[tuple[Any, ...]] = [("start", "start")]
        for number, kind in enumerate(kinds):
            said = text if number >= after else ""
            params = {"seconds": 60, "says": said} if kind == "wait" else {"says": said}
            nodes.append((f"n{number}", kind, {"params": params}))
        edges = ", ".join(f"{a[0]} > {b[0]}" for a, b in pairwise(nodes))
        return plan(nodes, edges)

    return made(kinds, 99, ""), made(kinds[:place] + other, place, "new"), place


@given(chains())
def test_whoever_moves_does_nothing_again_and_whoever_may_not_would_have(case):
    old, new, place = case
    world = World(old)
    while world.performs:
        world.step()
    if world.state.status != "waiting":
        return
    done = [node for node, _, _ in world.sent]
    at = next(iter(world.state.open))[0]
    stay = verdict(world, new)
    assert (stay is None) == (at <= place), "the same up to and with the node that waits"
    if stay is None:
        due, before = world.due, len(world.sent)
        move(world, new)
        assert next(iter(world.state.open.values())).due_at == due
        world.run()
        assert not set(done) & {node for node, _, _ in world.sent[before:]}
        assert world.state.status == "succeeded"
