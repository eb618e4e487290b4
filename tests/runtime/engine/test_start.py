"""What begins, in which order, how much at once, and what nobody wants any more."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from tramo.engine import (
    Began,
    Cancelled,
    Claimed,
    Continued,
    Due,
    Ended,
    Failed,
    Failure,
    GoOn,
    Held,
    Recovered,
    Replied,
    State,
    Woken,
    decide,
)
from tramo.model.pause import Hold

from tests.runtime.engine.world import World, busy, flow_of_one, lost, plan, rejected

REFUSED = Failure(kind="credential", code="connection.refused", message="sign in again")


def sent(world: World) -> list[str]:
    return [world.plan.nodes[perform.node].id for perform in world.performs]


def fan(kinds: list[str], **limits: Any) -> World:
    """Make a run of steps that all begin at once: a, b, c…"""
    names = "abcdefgh"[: len(kinds)]
    nodes = [("start", "start"), *zip(names, kinds, strict=True)]
    return World(plan(nodes, ", ".join(f"start > {name}" for name in names), **limits))


def test_steps_beyond_the_limit_begin_in_their_turn_as_others_end():
    world = fan(["read"] * 5, at_once=2)
    assert sent(world) == ["a", "b"]
    world.happen(Ended(world.at, 2, (), 1, 1))
    assert sent(world) == ["a", "b", "c"]
    world.happen(Ended(world.at, 1, (), 1, 1))
    assert sent(world) == ["a", "b", "c", "d"]


def test_what_settles_at_once_does_not_wait_behind_steps_beyond_the_limit():
    made = plan(
        [("start", "start"), ("a", "read"), ("b", "read"), ("c", "set"), ("d", "read")],
        "start > a, start > b, start > c, c > d",
        at_once=1,
    )
    world = World(made)
    assert world.states()["c"] == "succeeded"
    assert sent(world) == ["a"]
    world.run()
    assert [node for node, *_ in world.sent] == ["a", "b", "d"]


def test_a_step_that_only_waits_takes_no_place():
    world = fan(["wait", "read", "read"], at_once=1)
    assert sent(world) == ["b"]
    world = fan(["label", "read"], at_once=1)
    world.happen(Failed(world.at, 1, (), lost()))
    assert (sent(world), world.state.status) == (["a", "b"], "asking")


def test_a_step_that_is_passed_by_or_cannot_begin_takes_no_place():
    nodes = [
        ("start", "start"),
        ("a", "read", {"disabled": True}),
        ("b", "read", {"params": {"x": {"$expr": "start.zz"}}, "on_error": "continue"}),
        ("c", "read"),
        ("d", "read"),
    ]
    world = World(plan(nodes, "start > a, start > b, start > c, start > d", at_once=1))
    assert sent(world) == ["c"]
    assert world.states()["b"] == "failed"


def chain(count: int) -> World:
    nodes = [("start", "start"), *((f"n{i}", "set") for i in range(count))]
    return World(plan(nodes, ", ".join(f"{a[0]} > {b[0]}" for a, b in pairwise(nodes))))


def test_two_thousand_steps_are_settled_between_two_commits():
    world = chain(1_999)
    assert (world.state.status, world.goes_on) == ("succeeded", False)
    world = chain(2_001)
    assert (world.state.status, world.state.reason, world.goes_on) == ("running", None, True)
    assert world.states()["n1999"] == "succeeded"
    assert world.states()["n2000"] == "ready"
    world.happen(Continued(world.at))
    assert world.state.status == "succeeded"


def test_a_process_that_is_about_to_stop_begins_nothing_and_says_that_there_is_more():
    made = plan([("start", "start"), ("a", "read"), ("b", "read")], "start > a, a > b")
    state = State(made, run_id="run_1", trigger=0)
    decide(state, Began(5, {}))
    state.halted = True
    assert decide(state, Ended(6, 1, (), {}, {})) == [GoOn()]
    assert (state.status, state.reason, list(state.open)) == ("running", None, [])
    state.halted = False
    (perform,) = decide(state, Continued(7))
    assert perform.node == 2  # type: ignore[union-attr]


def test_a_process_that_is_about_to_stop_has_nothing_more_where_nothing_is_ready():
    state = State(flow_of_one("wait", params={"ask": True}), run_id="run_1", trigger=0)
    decide(state, Began(5, {}))
    state.halted = True
    assert decide(state, Continued(6)) == []
    assert state.status == "waiting"


def test_nodes_of_different_items_take_turns_by_kahns_order():
    made = plan(
        [
            ("start", "start"),
            ("each", "each", {"params": {"items": [1, 2], "at_once": 2}}),
            ("a", "set", {"inside": "each"}),
            ("b", "set", {"inside": "each"}),
        ],
        "start > each, a > b",
    )
    words = World(made, output={}).transitions()
    assert [(word[1], word[4]) for word in words if word[0] == "i"] == [
        ("a", [0]),
        ("a", [1]),
        ("b", [0]),
        ("b", [1]),
    ]


def test_a_node_of_an_item_sees_its_item_its_position_and_what_is_outside():
    fields = {
        "row": {"$expr": "row"},
        "at": {"$expr": "index"},
        "of": {"$expr": "start.n"},
        "flow": {"$expr": "flow.name"},
    }
    made = plan(
        [
            ("start", "start"),
            ("each", "each", {"params": {"items": ["x", "y"], "as": "row", "collect": "a"}}),
            ("a", "set", {"inside": "each", "params": {"fields": fields}}),
        ],
        "start > each",
    )
    world = World(made, output={"n": 9})
    assert world.state.root.env["each"]["results"] == [
        {"row": "x", "at": 0, "of": 9, "flow": "T"},
        {"row": "y", "at": 1, "of": 9, "flow": "T"},
    ]
    assert "row" not in world.state.root.env


def test_every_item_of_a_loop_in_a_loop_sees_the_item_around_it():
    made = plan(
        [
            ("start", "start"),
            ("rows", "each", {"params": {"items": ["x", "y"], "as": "row", "collect": "cells"}}),
            ("cells", "each", {"inside": "rows", "params": {"items": [1, 2, 3], "collect": "a"}}),
            (
                "a",
                "read",
                {"inside": "cells", "params": {"of": {"$expr": "row"}, "n": {"$expr": "item"}}},
            ),
        ],
        "start > rows",
    )
    world = World(made, lambda _, perform: perform.params, {})
    assert world.states()["rows"] == "running"
    world.run()
    assert [
        [(cell["of"], cell["n"]) for cell in row["results"]]
        for row in world.state.root.env["rows"]["results"]
    ] == [[("x", 1), ("x", 2), ("x", 3)], [("y", 1), ("y", 2), ("y", 3)]]


def test_an_empty_loop_body_is_done_with_at_once():
    made = plan(
        [("start", "start"), ("each", "each", {"params": {"items": [1, 2, 3]}}), ("on", "set")],
        "start > each, each.done > on",
    )
    world = World(made, output={})
    assert world.state.root.env["each"] == {"count": 3, "failed": 0, "results": []}
    assert world.states()["on"] == "succeeded"


# What nobody wants any more ----------------------------------------------------------------------


def racing(kind: str, answer: Any = None, **fields: Any) -> World:
    """A step that has begun when `merge first` is won by another."""
    made = plan(
        [
            ("start", "start"),
            ("slow", kind, fields),
            ("after", "set"),
            ("quick", "read"),
            ("first", "merge", {"params": {"wait": "first"}}),
            ("end", "label"),
        ],
        "start > slow, start > quick, slow > after, after > first, quick > first, first > end",
    )
    world = World(made, answer)
    world.happen(Ended(world.at, 3, (), {"won": 1}, {"won": 1}))
    assert world.state.root.env["first"] == {"quick": {"won": 1}}
    assert world.states()["after"] == "cancelled"
    return world


@pytest.mark.parametrize("failure", [busy(), REFUSED], ids=["to be tried again", "parked"])
def test_a_step_that_lost_its_race_is_not_tried_again(failure: Failure):
    world = racing("tag")
    assert world.states()["slow"] == "running"
    world.happen(Failed(world.at, 1, (), failure))
    assert world.states()["slow"] == "cancelled"
    assert (1, ()) not in world.state.open
    world.performs = [perform for perform in world.performs if perform.node == 5]
    world.run()
    assert world.state.status == "succeeded"


def test_a_step_that_lost_its_race_is_not_called_again():
    world = racing("count")
    world.happen(Held(world.at, 1, (), None))
    assert world.states()["slow"] == "cancelled"
    assert world.due is None


def test_a_step_that_lost_its_race_still_has_its_doubt_settled():
    world = racing("label")
    world.happen(Failed(world.at, 1, (), lost()))
    assert (world.state.status, world.states()["slow"]) == ("asking", "asking")


def test_a_step_that_lost_its_race_may_end_and_its_output_is_kept():
    world = racing("tag")
    world.happen(Ended(world.at, 1, (), {"id": 1}, {"id": 1}))
    assert world.states()["slow"] == "succeeded"
    assert world.states()["after"] == "cancelled"
    assert world.state.root.env["first"] == {"quick": {"won": 1}}


def test_a_claim_that_another_run_holds_passes_the_step_and_what_hangs_on_it():
    made = plan(
        [("start", "start"), ("a", "label", {"once": "order"}), ("b", "set"), ("c", "set")],
        "start > a, a > b, a.error > c",
    )
    world = World(made)
    world.happen(Claimed(world.at, 1, (), held=False))
    assert world.states() == {
        "start": "succeeded",
        "a": "skipped",
        "b": "skipped",
        "c": "skipped",
    }


def beside_a_failing_item(kind: str, answer: Any = None, **fields: Any) -> World:
    """Two items side by side; the first of them fails."""
    made = plan(
        [
            ("start", "start"),
            (
                "each",
                "each",
                {"params": {"items": [1, 2, 3], "at_once": 2}, "on_error": "continue"},
            ),
            ("act", kind, {"inside": "each", **fields}),
            ("then", "set", {"inside": "each"}),
            ("after", "set", {"params": {"fields": {"why": {"$expr": "each.message"}}}}),
        ],
        "start > each, act > then, each.done > after",
    )
    world = World(made, answer, {})
    world.happen(Failed(world.at, 2, (0,), rejected()))
    return world


@pytest.mark.parametrize("failure", [busy(), REFUSED])
def test_beside_a_failing_item_nothing_is_tried_again(failure: Failure):
    world = beside_a_failing_item("label")
    assert world.state.status == "running"
    world.happen(Failed(world.at, 2, (1,), failure))
    assert world.state.status == "succeeded"
    assert world.state.root.env["after"] == {"why": "“each”, item 1: no"}


def test_beside_a_failing_item_what_is_in_flight_ends_and_is_collected_no_more():
    world = beside_a_failing_item("label")
    world.happen(Ended(world.at, 2, (1,), {"ok": 1}, {"ok": 1}))
    assert world.state.status == "succeeded"
    words = [word for word in world.transitions() if word[0] == "z"]
    assert [word[2] for word in words] == [[0], [1]]
    assert len(words[1]) == 3


def test_of_two_items_that_fail_the_first_names_the_loops_failure():
    world = beside_a_failing_item("label")
    other = Failure(kind="bug", code="connector.bug", message="?")
    world.happen(Failed(world.at, 2, (1,), other))
    assert world.state.root.env["each"] == {
        "code": "loop.item_failed",
        "message": "“each”, item 1: no",
        "details": {"iteration": [0], "node": "act", "code": "vendor.rejected", "message": "no"},
    }


def test_a_failure_deep_in_loops_names_the_item_of_each():
    made = plan(
        [
            ("start", "start"),
            ("rows", "each", {"params": {"items": [[1], [2, 3]], "as": "row"}}),
            ("cells", "each", {"inside": "rows", "params": {"items": {"$expr": "row"}}}),
            ("act", "label", {"inside": "cells"}),
        ],
        "start > rows",
    )
    world = World(made, lambda _, p: rejected() if p.iteration == (1, 1) else {}, {}).run()
    assert world.state.error is not None
    assert world.state.error.message == "“rows”, item 2: “cells”, item 2.2: no"


def test_a_cancel_winds_a_loop_in_a_loop_down():
    made = plan(
        [
            ("start", "start"),
            ("quick", "wait", {"params": {"ask": True}}),
            ("rows", "each", {"params": {"items": [[1, 2], [3]], "as": "row", "at_once": 2}}),
            ("cells", "each", {"inside": "rows", "params": {"items": {"$expr": "row"}}}),
            ("act", "label", {"inside": "cells"}),
            ("first", "merge", {"params": {"wait": "first"}}),
        ],
        "start > quick, start > rows, rows.done > first, quick.yes > first",
    )
    world = World(made, output={})
    assert [perform.iteration for perform in world.performs] == [(0, 0), (1, 0)]
    world.happen(Replied(world.at, 1, (), "yes"))
    assert world.finish is None, "what is in flight ends"
    world.run()
    assert world.state.status == "succeeded"
    assert len(world.sent) == 2
    assert world.states()["rows"] == "cancelled"
    assert not world.state.loops


# Taken up again ----------------------------------------------------------------------------------


def test_a_run_that_is_taken_up_asks_again_for_the_turns_it_waits_for():
    world = World(flow_of_one("count"), lambda *_: Hold(until_ms=None))
    world.step()
    world.crash()
    assert world.performs == []
    world.happen(Recovered(world.at))
    (perform,) = world.performs
    assert (perform.held, perform.attempt, perform.effect) == (True, 1, "stored")


def test_being_woken_calls_every_step_that_waits_for_its_turn_and_no_other():
    world = fan(["count", "count", "tag"])
    for node in (1, 2):
        world.happen(Held(world.at, node, (), None))
    world.happen(Failed(world.at, 3, (), busy()))
    world.performs.clear()
    world.happen(Woken(world.at + 1))
    assert sent(world) == ["a", "b"]
    assert [step.state for step in world.state.open.values()] == ["running", "running", "retry"]


def test_a_held_step_that_fails_is_tried_as_often_as_any_other():
    answers: list[Any] = [Hold(until_ms=None), busy(), {"n": 1}]
    world = World(flow_of_one("count"), lambda *_: answers.pop(0))
    world.step()
    world.happen(Woken(world.at))
    world.run()
    assert world.state.root.env["act"] == {"n": 1}


def test_a_cancelled_run_is_not_taken_up_for_more_than_its_end():
    world = fan(["tag", "wait"])
    world.happen(Cancelled(world.at, "user_1"))
    world.crash()
    world.happen(Recovered(world.at))
    assert sent(world) == ["a"], "its answer may have been lost"
    world.run()
    assert world.state.status == "cancelled"


def test_due_times_of_steps_that_moved_on_wake_nobody():
    world = World(flow_of_one("wait", params={"seconds": 60, "ask": True}), output={})
    due = world.due
    world.happen(Replied(world.at, 1, (), "yes"))
    assert world.state.status == "succeeded"
    world = fan(["tag", "tag"])
    world.happen(Failed(world.at, 1, (), busy()))
    first = world.due
    assert first is not None
    world.happen(Due(first))
    world.happen(Ended(first, 1, (), {}, {}))
    world.happen(Failed(first, 2, (), busy(60)))
    assert world.due == first + 60_000
    assert due == 1_060_000
