"""Loops: what an iteration sees, how it ends, and what is left of it."""

from __future__ import annotations

from typing import Any

import pytest
from tramo.engine import Cancelled, Recovered, State, view_steps

from tests.runtime.engine.world import World, plan, rejected


def loop(params: dict[str, Any], nodes: list[Any], edges: str = "", **fields: Any) -> Any:
    """A flow: start > each > after, with `nodes` inside the loop."""
    inside = [(name, kind, {"inside": "each", **more}) for name, kind, more in nodes]
    return plan(
        [
            ("start", "start"),
            ("each", "each", {"params": {"items": {"$expr": "start.items"}, **params}, **fields}),
            *inside,
            ("after", "set", {"params": {"fields": {"got": {"$expr": "each"}}}}),
        ],
        ", ".join(filter(None, ["start > each", "each.done > after", edges])),
    )


def items(*values: Any) -> dict[str, Any]:
    return {"items": list(values)}


def told(world: World) -> list[tuple[str, tuple[int, ...], str]]:
    fresh = State(world.plan, run_id="run_1", trigger=world.plan.triggers[0])
    return [
        (step.node, step.iteration, step.state)
        for step in view_steps(fresh, world.segments, world.output)
    ]


DOUBLE = ("double", "set", {"params": {"fields": {"of": {"$expr": "item * 2"}}}})


def test_a_loop_goes_through_its_items_and_collects_in_their_order():
    world = World(loop({"collect": {"$expr": "double.of"}}, [DOUBLE]), output=items(1, 2, 3)).run()
    assert world.state.status == "succeeded"
    assert world.state.root.env["each"] == {"count": 3, "failed": 0, "results": [2, 4, 6]}
    assert world.state.root.env["after"]["got"]["count"] == 3
    assert ("double", (2,), "succeeded") in told(world)


def test_what_is_collected_may_be_a_node_or_the_last_one():
    for collect in ("double", True):
        world = World(loop({"collect": collect}, [DOUBLE]), output=items(1, 2)).run()
        assert world.state.root.env["each"]["results"] == [{"of": 2}, {"of": 4}]


def test_without_collect_results_are_dropped():
    world = World(loop({}, [DOUBLE]), output=items(1, 2)).run()
    assert world.state.root.env["each"] == {"count": 2, "failed": 0, "results": []}


def test_a_loop_over_nothing_is_done_at_once_and_shows_what_it_holds_as_skipped():
    world = World(loop({"collect": True}, [DOUBLE]), output=items()).run()
    assert world.state.root.env["each"] == {"count": 0, "failed": 0, "results": []}
    assert ("double", (), "skipped") in told(world)


def test_as_many_items_as_the_loop_says_are_open_at_once():
    most = 0

    def answer(node: str, perform: Any) -> Any:
        nonlocal most
        most = max(most, len(world.state.open))
        return {"ok": perform.iteration[0]}

    world = World.__new__(World)
    World.__init__(world, loop({"at_once": 3}, [("act", "tag", {})]), answer, items(*range(10)))
    world.run()
    assert world.state.status == "succeeded"
    assert most == 3


def test_results_keep_the_order_of_the_items_whatever_order_they_end_in():
    made = loop(
        {"at_once": 4, "collect": {"$expr": "act.n"}},
        [("act", "read", {"params": {"n": {"$expr": "item"}}})],
    )
    world = World(made, lambda node, perform: {"n": perform.params["n"]}, items(5, 6, 7, 8))
    world.performs.reverse()
    world.run()
    assert world.state.root.env["each"]["results"] == [5, 6, 7, 8]


def test_a_failing_item_fails_the_loop_which_names_it():
    def answer(node: str, perform: Any) -> Any:
        return rejected() if perform.iteration == (1,) else {"ok": 1}

    world = World(loop({}, [("act", "label", {})]), answer, items("a", "b", "c")).run()
    assert world.state.status == "failed"
    assert world.state.error is not None
    assert world.state.error.code == "loop.item_failed"
    assert world.state.error.details["iteration"] == [1]
    assert [node for node, *_ in world.sent] == ["act", "act"]
    assert ("each", (), "failed") in told(world)
    assert ("after", (), "skipped") in told(world)


def test_a_loop_may_take_its_error_port():
    made = plan(
        [
            ("start", "start"),
            ("each", "each", {"params": {"items": {"$expr": "start.items"}}, "on_error": "branch"}),
            ("act", "label", {"inside": "each"}),
            ("sorry", "set", {"params": {"fields": {"why": {"$expr": "each.code"}}}}),
        ],
        "start > each, each.error > sorry",
    )
    world = World(made, lambda *_: rejected(), items(1)).run()
    assert world.state.status == "succeeded"
    assert world.state.root.env["sorry"] == {"why": "loop.item_failed"}


def test_a_loop_that_continues_counts_what_failed():
    def answer(node: str, perform: Any) -> Any:
        return rejected() if perform.iteration[0] % 2 else {"n": perform.iteration[0]}

    params = {"on_item_error": "continue", "collect": {"$expr": "act.n"}}
    world = World(loop(params, [("act", "label", {})]), answer, items(*"abcd")).run()
    assert world.state.status == "succeeded"
    assert world.state.root.env["each"] == {
        "count": 4,
        "failed": 2,
        "results": [0, None, 2, None],
    }


def test_an_error_port_inside_a_loop_takes_the_failure():
    made = loop(
        {"collect": {"$expr": "sorry.why | default('fine')"}},
        [
            ("act", "label", {"on_error": "branch"}),
            ("sorry", "set", {"params": {"fields": {"why": {"$expr": "act.code"}}}}),
        ],
        "act.error > sorry",
    )
    world = World(made, lambda _, p: rejected() if p.iteration == (0,) else {"a": 1}, items(1, 2))
    world.run()
    assert world.state.root.env["each"]["failed"] == 0
    assert world.state.root.env["each"]["results"] == ["vendor.rejected", "fine"]


def test_a_failing_item_lets_others_in_flight_end_and_starts_none():
    made = loop({"at_once": 2}, [("act", "label", {}), ("then", "label", {})], "act > then")
    world = World(
        made, lambda _, p: rejected() if p.iteration == (0,) else {"ok": 1}, items(1, 2, 3, 4)
    ).run()
    assert world.state.status == "failed"
    assert [(n, p) for n, p, _ in world.sent] == [("act", 1), ("act", 1)]
    assert ("act", (1,), "succeeded") in told(world)
    assert ("then", (1,), "cancelled") in told(world)


NESTED = [
    ("start", "start"),
    (
        "rows",
        "each",
        {
            "params": {
                "items": {"$expr": "start.items"},
                "as": "row",
                "at_once": 2,
                "collect": {"$expr": "cells.results"},
            }
        },
    ),
    (
        "cells",
        "each",
        {
            "inside": "rows",
            "params": {"items": {"$expr": "row"}, "at_once": 2, "collect": {"$expr": "sum.of"}},
        },
    ),
    ("left", "read", {"inside": "cells", "params": {"n": {"$expr": "item"}}}),
    ("right", "read", {"inside": "cells", "params": {"n": {"$expr": "row | length"}}}),
    ("join", "merge", {"inside": "cells"}),
    (
        "sum",
        "set",
        {
            "inside": "cells",
            "params": {"fields": {"of": {"$expr": "join.left.n + join.right.n + start.base"}}},
        },
    ),
    ("end", "set", {"params": {"fields": {"all": {"$expr": "rows.results"}}}}),
]
NESTED_EDGES = "start > rows, left > join, right > join, join > sum, rows.done > end"


def echo(node: str, perform: Any) -> Any:
    return {"n": perform.params["n"]}


def test_loops_nest_see_what_is_outside_and_join_inside():
    world = World(plan(NESTED, NESTED_EDGES), echo, {"items": [[1, 2], [], [3]], "base": 100}).run()
    assert world.state.status == "succeeded"
    assert world.state.root.env["end"]["all"] == [[103, 104], [], [104]]
    assert ("join", (0, 1), "succeeded") in told(world)
    assert ("left", (1,), "skipped") in told(world)
    assert not world.state.loops
    assert not world.state.open


@pytest.mark.parametrize("crash_at", range(26))
def test_a_crash_after_any_commit_changes_no_output(crash_at: int):
    output = {"items": [[1, 2], [], [3]], "base": 100}
    world = World(plan(NESTED, NESTED_EDGES), echo, output)
    for _ in range(crash_at):
        world.step()
    if world.finish is None:
        world.crash()
        world.happen(Recovered(world.at))
    world.run()
    assert world.state.status == "succeeded"
    assert world.state.root.env["end"]["all"] == [[103, 104], [], [104]]


def test_many_items_are_settled_in_several_commits_and_leave_memory():
    world = World(loop({}, [DOUBLE]), output=items(*range(10_000)))
    most = 0
    while world.step():
        loops = world.state.loops.values()
        most = max(most, *(len(each.frames) for each in loops), 0)
    assert world.state.status == "succeeded"
    assert world.state.root.env["each"]["count"] == 10_000
    assert most <= 1
    assert len(world.segments) > 5


def test_a_stop_inside_a_loop_ends_the_run():
    made = loop({}, [("end", "stop", {"params": {"outcome": "succeeded"}})])
    world = World(made, output=items(1, 2, 3)).run()
    assert (world.state.status, world.state.reason) == ("succeeded", "stopped")
    assert ("after", (), "skipped") in told(world)


def test_a_run_that_is_cancelled_in_a_loop_starts_no_further_item():
    world = World(loop({}, [("act", "label", {})]), lambda *_: {"ok": 1}, items(1, 2, 3))
    world.happen(Cancelled(world.at, "user_1"))
    world.run()
    assert world.state.status == "cancelled"
    assert len(world.sent) == 1
    assert ("act", (0,), "succeeded") in told(world)


def test_a_loop_that_lost_the_race_of_a_merge_is_cancelled():
    made = plan(
        [
            ("start", "start"),
            ("each", "each", {"params": {"items": {"$expr": "start.items"}}}),
            ("act", "label", {"inside": "each"}),
            ("quick", "read"),
            ("first", "merge", {"params": {"wait": "first"}}),
            ("after", "set", {"params": {"fields": {"a": 1}}}),
        ],
        "start > each, start > quick, each.done > first, quick > first, first > after",
    )
    world = World(made, output=items(1, 2, 3))
    world.performs.sort(key=lambda perform: world.plan.nodes[perform.node].id == "act")
    world.run()
    assert world.state.status == "succeeded"
    assert ("each", (), "cancelled") in told(world)
    assert [node for node, *_ in world.sent] == ["quick", "act"]


def test_effect_keys_differ_by_item_and_stay_the_same_over_attempts():
    world = World(loop({"at_once": 2}, [("act", "refund", {})]), output=items(1, 2)).run()
    assert len({key for *_, key in world.sent}) == 2


def test_a_disabled_loop_is_passed_by():
    made = plan(
        [
            ("start", "start"),
            ("each", "each", {"params": {"items": {"$expr": "start.items"}}, "disabled": True}),
            ("act", "label", {"inside": "each"}),
            ("after", "set", {"params": {"fields": {"a": 1}}}),
        ],
        "start > each, each.done > after",
    )
    world = World(made, output=items(1)).run()
    assert world.state.status == "succeeded"
    assert world.sent == []
    assert world.states()["after"] == "succeeded"
    assert ("act", (), "skipped") in told(world)


def test_a_loop_that_failed_and_goes_on_is_done():
    made = plan(
        [
            ("start", "start"),
            (
                "each",
                "each",
                {"params": {"items": {"$expr": "start.items"}}, "on_error": "continue"},
            ),
            ("act", "label", {"inside": "each"}),
            ("after", "set", {"params": {"fields": {"why": {"$expr": "each.code"}}}}),
        ],
        "start > each, each.done > after",
    )
    world = World(made, lambda *_: rejected(), items(1)).run()
    assert world.state.status == "succeeded"
    assert world.state.root.env["after"] == {"why": "loop.item_failed"}
