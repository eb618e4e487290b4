"""A run's steps as people see them: each state with all that is shown of it, and nothing more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from tramo.engine import (
    Answered,
    Cancelled,
    Claimed,
    Failure,
    Recovered,
    Replied,
    State,
    view_steps,
)
from tramo.model.pause import Exit, Hold
from tramo.model.run import Step

from tests.runtime.engine.world import World, flow_of_one, lost, plan, rejected

BEGAN = "1970-01-01T00:16:40.000Z"
LATER = "1970-01-01T00:16:40.010Z"
ERROR = {"code": "vendor.timeout", "message": "no answer"}
REFUSED = Failure(kind="credential", code="connection.refused", message="sign in again")


def seen(world: World, **state: Any) -> list[Step]:
    fresh = State(world.plan, run_id="run_1", trigger=world.plan.triggers[0], **state)
    return view_steps(fresh, world.segments, world.output)


def told(step: Step) -> dict[str, Any]:
    """Say what is shown of a step, without what is empty."""
    fields = msgspec.to_builtins(step)
    return {name: value for name, value in fields.items() if value is not None}


def act(world: World) -> dict[str, Any]:
    start, step = seen(world)
    assert told(start) == {
        "node": "start", "iteration": (), "state": "succeeded", "attempts": 1, "port": "out",
        "output": {"n": 1}, "started_at": BEGAN, "ended_at": BEGAN,
    }  # fmt: skip
    shown = told(step)
    assert (shown.pop("node"), shown.pop("iteration"), shown.pop("started_at")) == (
        "act",
        (),
        BEGAN,
    )
    return shown


def one(kind: str, answer: Any = None, *, steps: int = 100, **fields: Any) -> World:
    world = World(flow_of_one(kind, **fields), answer, {"n": 1})
    for _ in range(steps):
        if not world.step():
            break
    return world


def answered(outcome: str) -> World:
    world = one("label", lambda *_: lost())
    output = {"id": 7} if outcome == "happened" else None
    world.happen(Answered(world.at, 1, (), outcome, output, "user_1"))
    return world


def claimed_by_another() -> World:
    world = one("label", once="order", steps=0)
    world.happen(Claimed(world.at + 10, 1, (), held=False))
    return world


def replied() -> World:
    world = one("wait", params={"ask": True})
    world.happen(Replied(world.at + 10, 1, (), "yes", {"sure": True}, "user_1"))
    return world


def stopped_in_mid_send() -> World:
    world = one("label", steps=0)
    world.crash()
    world.happen(Recovered(world.at))
    return world


SENT = {"attempts": 1, "effect": "repeatable", "input": {"a": 1}}
ONCE = {"attempts": 1, "effect": "never_repeat", "input": {}}
PARAMS: dict[str, Any] = {"params": {"a": {"$expr": "start.n"}}}
WAIT = {"attempts": 0, "effect": "pure", "state": "waiting"}
AGAIN = {"until_ms": 2_000_000}


def busy_once(_: str, perform: Any) -> Any:
    return lost() if perform.attempt == 1 else {"ok": 1}


STORIES: dict[str, tuple[Callable[[], World], dict[str, Any]]] = {
    "under way": (lambda: one("tag", steps=0, **PARAMS), {**SENT, "state": "running"}),
    "done": (
        lambda: one("tag", **PARAMS),
        {**SENT, "state": "succeeded", "port": "out", "output": {"from": "act"}, "ended_at": LATER},
    ),
    "failed": (
        lambda: one("tag", lambda *_: rejected(), **PARAMS),
        {
            **SENT,
            "state": "failed",
            "error": {"code": "vendor.rejected", "message": "no", "details": {"why": "x"}},
            "ended_at": LATER,
        },
    ),
    "to be tried again": (
        lambda: one("tag", busy_once, steps=1, **PARAMS),
        {**SENT, "state": "waiting", "due_at": "1970-01-01T00:16:42.275Z", "error": ERROR},
    ),
    "tried again": (
        lambda: one("tag", busy_once, steps=2, **PARAMS),
        {**SENT, "state": "running", "attempts": 2, "error": ERROR},
    ),
    "done the second time": (
        lambda: one("tag", busy_once, **PARAMS),
        {
            **SENT,
            "state": "succeeded",
            "attempts": 2,
            "port": "out",
            "output": {"ok": 1},
            "ended_at": "1970-01-01T00:16:42.285Z",
        },
    ),
    "parked": (
        lambda: one("label", lambda *_: REFUSED),
        {
            **ONCE,
            "state": "waiting",
            "error": {"code": "connection.refused", "message": "sign in again"},
        },
    ),
    "in doubt": (
        lambda: one("label", lambda *_: lost()),
        {**ONCE, "state": "asking", "error": ERROR},
    ),
    "in doubt after a crash": (
        stopped_in_mid_send,
        {
            **ONCE,
            "state": "asking",
            "error": {
                "code": "step.unknown_outcome",
                "message": "“act” was being carried out when Tramo stopped. "
                "Look at the vendor and say whether it happened.",
            },
        },
    ),
    "said to have happened": (
        lambda: answered("happened"),
        {**ONCE, "state": "succeeded", "port": "out", "output": {"id": 7}, "ended_at": LATER},
    ),
    "sent once more": (
        lambda: answered("resend"),
        {**ONCE, "state": "running", "attempts": 2, "error": ERROR},
    ),
    "given up": (
        lambda: answered("abort"),
        {**ONCE, "state": "cancelled", "error": ERROR, "ended_at": LATER},
    ),
    "left to the run that holds the claim": (
        claimed_by_another,
        {**ONCE, "state": "skipped", "ended_at": LATER},
    ),
    "held": (
        lambda: one("count", lambda *_: Hold(**AGAIN), steps=1),
        {
            "state": "waiting",
            "attempts": 1,
            "effect": "stored",
            "input": {},
            "due_at": "1970-01-01T00:33:20.000Z",
        },
    ),
    "held until it is woken": (
        lambda: one("count", lambda *_: Hold(until_ms=None), steps=1),
        {"state": "waiting", "attempts": 1, "effect": "stored", "input": {}},
    ),
    "waiting for a time": (
        lambda: one("wait", steps=0, params={"seconds": 60}),
        {**WAIT, "due_at": "1970-01-01T00:17:40.000Z"},
    ),
    "waiting for an event": (
        lambda: one("wait", steps=0, params={"seconds": 60, "key": "7"}),
        {
            **WAIT,
            "due_at": "1970-01-01T00:17:40.000Z",
            "waits_for": {"events": [{"type": "t.paid", "kind": "order", "value": "7"}]},
        },
    ),
    "waiting for an answer": (
        lambda: one("wait", params={"ask": True}),
        {**WAIT, "waits_for": {"ask": {"kind": "approve", "title": "May it?"}}},
    ),
    "answered by a person": (
        replied,
        {
            **WAIT,
            "state": "succeeded",
            "attempts": 1,
            "port": "yes",
            "output": {
                "ended": "answer", "port": "yes", "data": {"sure": True}, "by": "user_1",
                "at": LATER,
            },
            "ended_at": LATER,
        },
    ),
    "ended by its time": (
        lambda: one("wait", params={"seconds": 60, "key": "7"}),
        {
            **WAIT,
            "state": "succeeded",
            "attempts": 1,
            "port": "late",
            "output": {"ended": "time"},
            "ended_at": "1970-01-01T00:17:40.000Z",
        },
    ),
    "over its own time limit": (
        lambda: one("wait", params={"ask": True}, timeout_s=5),
        {
            **WAIT,
            "state": "failed",
            "attempts": 1,
            "error": {
                "code": "step.timeout",
                "message": "“act” waited longer than 5 s, its own time limit.",
                "params": {"limit_s": 5},
            },
            "ended_at": "1970-01-01T00:16:45.000Z",
        },
    ),
    "switched off": (
        lambda: one("read", disabled=True),
        {"state": "skipped", "attempts": 0, "effect": "pure", "port": "out", "ended_at": BEGAN},
    ),
    "settled at once": (
        lambda: one("set", params={"fields": {"b": {"$expr": "start.n"}}}),
        {
            "state": "succeeded", "attempts": 1, "effect": "pure", "port": "out",
            "output": {"b": 1}, "ended_at": BEGAN,
        },
    ),
    "impossible to begin": (
        lambda: one("tag", params={"a": {"$expr": "start.zz"}}),
        {
            "state": "failed",
            "attempts": 1,
            "effect": "repeatable",
            "error": {
                "code": "expression.unknown_field",
                "message": "“act”, a: “start” has no field “zz”. Its fields are: n.",
                "details": {"line": 1, "column": 7, "field": "a"},
                "params": {
                    "owner": "start",
                    "field": "zz",
                    "known": "Its fields are: n.",
                    "near": "",
                },
            },
            "ended_at": BEGAN,
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_a_step_shows_how_it_stands(story: str):
    make, expected = STORIES[story]
    assert act(make()) == expected


def test_a_step_that_a_rerun_takes_over_shows_what_came_of_it_before():
    made = plan([("start", "start"), ("act", "label")], "start > act")
    world = World(made, output={"n": 1}, prior={("act", ()): Exit("out", {"id": 7})})
    assert act(world) == {
        "state": "skipped",
        "attempts": 0,
        "effect": "never_repeat",
        "port": "out",
        "output": {"id": 7},
        "ended_at": BEGAN,
        "copied": True,
    }


def test_a_step_in_flight_when_the_run_was_cancelled_shows_when_that_was():
    world = one("wait", steps=0, params={"seconds": 60, "key": "7"})
    world.happen(Cancelled(world.at + 10, "user_1"))
    assert act(world) == {**WAIT, "state": "cancelled", "ended_at": LATER}


def test_a_way_that_was_not_taken_shows_as_skipped_while_the_run_goes_on():
    rules = {"rules": [{"port": "big", "when": {"$expr": "start.n > vars.limit"}}]}
    made = plan(
        [
            ("start", "start"),
            ("check", "branch", {"params": rules}),
            ("yes", "read"),
            ("no", "read"),
            ("rows", "each", {"params": {"items": [1]}}),
            ("in", "read", {"inside": "rows"}),
        ],
        "start > check, check.big > yes, check.else > no, no > rows",
    )
    world = World(made, output={"n": 5}, variables={"limit": 3})
    assert [(step.node, step.state) for step in seen(world)] == [
        ("start", "succeeded"),
        ("check", "succeeded"),
        ("yes", "running"),
        ("no", "skipped"),
        ("rows", "skipped"),
        ("in", "skipped"),
    ]


def test_a_step_that_was_given_up_shows_it_while_others_still_end():
    made = plan([("start", "start"), ("a", "label"), ("b", "read")], "start > a, start > b")
    world = World(made, lambda node, _: lost() if node == "a" else None)
    world.step()
    world.happen(Answered(world.at + 5, 1, (), "abort", None, "user_1"))
    assert world.finish is None
    shown = told(seen(world)[1])
    assert (shown["state"], shown["ended_at"]) == ("cancelled", "1970-01-01T00:16:40.015Z")
    assert told(seen(world)[2])["state"] == "running"


def test_steps_that_never_came_into_it_show_as_skipped_once_the_run_is_over_and_not_before():
    made = plan(
        [
            ("start", "start"),
            ("a", "read"),
            ("b", "set"),
            ("each", "each", {"params": {"items": []}}),
            ("in", "set", {"inside": "each"}),
        ],
        "start > a, a > b, b > each",
    )
    world = World(made, lambda *_: rejected())
    assert [step.node for step in seen(world)] == ["start", "a"]
    world.run()
    assert [(step.node, step.state) for step in seen(world)] == [
        ("start", "succeeded"),
        ("a", "failed"),
        ("b", "skipped"),
        ("each", "skipped"),
        ("in", "skipped"),
    ]


def looping(answer: Any, *, items: Any = (1, 2), **params: Any) -> World:
    made = plan(
        [
            ("start", "start"),
            ("each", "each", {"params": {"items": list(items), **params}}),
            ("act", "tag", {"inside": "each"}),
            ("then", "set", {"inside": "each"}),
        ],
        "start > each, act > then",
    )
    return World(made, answer, {"n": 1})


def rows(world: World) -> list[tuple[Any, ...]]:
    return [(step.node, step.iteration, step.state) for step in seen(world)][1:]


def test_a_loop_on_its_way_shows_what_began_of_it():
    world = looping(None)
    world.step()
    assert rows(world) == [
        ("each", (), "running"),
        ("act", (0,), "succeeded"),
        ("act", (1,), "running"),
        ("then", (0,), "succeeded"),
    ]
    each = told(seen(world)[1])
    assert (each["attempts"], each["started_at"], each.get("ended_at")) == (1, BEGAN, None)
    world.run()
    each = told(seen(world)[1])
    assert (each["state"], each["port"], each["attempts"]) == ("succeeded", "done", 1)
    assert each["output"] == {"count": 2, "failed": 0, "results": []}


def test_a_failed_item_shows_what_it_did_not_come_to():
    world = looping(lambda *_: rejected()).run()
    assert rows(world) == [
        ("each", (), "failed"),
        ("act", (0,), "failed"),
        ("then", (0,), "cancelled"),
    ]
    error = told(seen(world)[1])["error"]
    assert error == {
        "code": "loop.item_failed",
        "message": "“each”, item 1: no",
        "details": {"iteration": [0], "node": "act", "code": "vendor.rejected", "message": "no"},
    }


def test_a_loop_whose_items_cannot_be_had_shows_what_it_holds_as_skipped():
    made = plan(
        [
            ("start", "start"),
            ("each", "each", {"params": {"items": {"$expr": "start.zz"}}}),
            ("rows", "each", {"inside": "each", "params": {"items": [1]}}),
            ("act", "tag", {"inside": "rows"}),
        ],
        "start > each",
    )
    assert rows(World(made, output={"n": 1})) == [
        ("each", (), "failed"),
        ("rows", (), "skipped"),
        ("act", (), "skipped"),
    ]


def test_a_run_that_was_cancelled_in_a_loop_shows_the_loop_and_its_items_as_cancelled():
    made = plan(
        [
            ("start", "start"),
            ("each", "each", {"params": {"items": [1, 2], "at_once": 2}}),
            ("rest", "wait", {"inside": "each", "params": {"seconds": 60}}),
            ("then", "set", {"inside": "each"}),
        ],
        "start > each, rest > then",
    )
    world = World(made, output={"n": 1})
    world.happen(Cancelled(world.at + 10, "user_1"))
    assert rows(world) == [
        ("each", (), "cancelled"),
        ("rest", (0,), "cancelled"),
        ("rest", (1,), "cancelled"),
        ("then", (0,), "skipped"),
        ("then", (1,), "skipped"),
    ]
    assert {told(step)["ended_at"] for step in seen(world) if step.state == "cancelled"} == {LATER}
    assert all("due_at" not in told(step) for step in seen(world))
