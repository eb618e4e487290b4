"""Waits: for a time, an event, an answer, a turn; and what a run takes over from the one before."""

from __future__ import annotations

from typing import Any

import pytest
from tramo.engine import (
    Cancelled,
    Hurried,
    Occurred,
    Recovered,
    Replied,
    State,
    Woken,
    view_steps,
)
from tramo.engine.decide import StaleHappening
from tramo.model.pause import Exit, Hold

from tests.runtime.engine.world import World, plan, rejected


def waiting(params: dict[str, Any], **more: Any) -> World:
    made = plan(
        [
            ("start", "start"),
            ("rest", "wait", {"params": params}),
            ("on", "set", {"params": {"fields": {"by": {"$expr": "rest.ended"}}}}),
            ("over", "set", {"params": {"fields": {"by": {"$expr": "rest.ended"}}}}),
        ],
        "start > rest, rest > on, rest.late > over",
    )
    return World(made, **more)


def test_a_wait_is_a_due_time_and_goes_on_when_it_comes():
    world = waiting({"seconds": 60})
    assert (world.state.status, world.state.reason) == ("waiting", "time")
    assert world.due == 1_060_000
    world.run()
    assert world.state.root.env["on"] == {"by": "time"}
    assert world.states()["over"] == "skipped"


def test_a_wait_survives_a_crash_and_is_not_early():
    world = waiting({"seconds": 60})
    world.crash()
    world.happen(Recovered(world.at + 1_000))
    assert world.state.status == "waiting"
    assert world.due == 1_060_000


def test_an_event_ends_a_wait_before_its_time():
    world = waiting({"seconds": 60, "key": "1001"})
    assert world.state.reason == "event"
    world.happen(Occurred(world.at + 5, 1, (), "out", {"total": 3}))
    assert world.state.root.env["rest"]["event"] == {"total": 3}
    assert world.state.root.env["on"] == {"by": "event"}


def test_an_event_that_does_not_come_leaves_by_late():
    world = waiting({"seconds": 60, "key": "1001"}).run()
    assert world.states()["on"] == "skipped"
    assert world.state.root.env["over"] == {"by": "time"}


def test_an_answer_takes_the_port_that_a_person_chose():
    made = plan(
        [
            ("start", "start"),
            ("ask", "wait", {"params": {"ask": True}}),
            ("no", "set", {"params": {"fields": {"who": {"$expr": "ask.by"}}}}),
        ],
        "start > ask, ask.no > no",
    )
    world = World(made)
    assert (world.state.status, world.state.reason) == ("waiting", "answer")
    with pytest.raises(StaleHappening):
        world.happen(Replied(world.at, 1, (), "maybe", None, "user_1"))
    world.happen(Replied(world.at, 1, (), "no", None, "user_1"))
    assert world.state.root.env["no"] == {"who": "user_1"}
    assert world.state.status == "succeeded"


def test_nobody_answers_twice():
    world = waiting({"ask": True, "seconds": 60}).run()
    with pytest.raises(StaleHappening):
        world.happen(Replied(world.at, 1, (), "yes"))


def test_a_person_may_hurry_a_wait():
    world = waiting({"seconds": 86_400})
    world.happen(Hurried(world.at + 7, 1, (), "user_1"))
    assert world.state.status == "succeeded"


def test_a_person_may_end_a_wait_for_an_event_that_has_no_time():
    world = waiting({"key": "7"})
    assert world.due is None
    world.happen(Hurried(world.at + 7, 1, (), "user_1"))
    (rest,) = [s for s in steps_of(world) if s.node == "rest"]
    assert (rest.state, rest.port) == ("succeeded", "late")
    assert rest.output["event"] is None


def steps_of(world: World) -> Any:
    fresh = State(world.plan, run_id="run_1", trigger=world.plan.triggers[0])
    return view_steps(fresh, world.segments, {})


def test_a_cancelled_run_waits_no_longer():
    world = waiting({"seconds": 86_400})
    world.happen(Cancelled(world.at, "user_1"))
    assert world.state.status == "cancelled"
    assert world.states()["rest"] == "cancelled"
    fresh = State(world.plan, run_id="run_1", trigger=world.plan.triggers[0])
    (rest,) = [s for s in view_steps(fresh, world.segments, {}) if s.node == "rest"]
    assert rest.ended_at is not None


def test_a_held_step_is_asked_again_when_due_and_when_woken():
    made = plan([("start", "start"), ("turn", "count")], "start > turn")
    answers = [Hold(until_ms=None), Hold(until_ms=2_000_000), {"n": 1}]
    world = World(made, lambda *_: answers.pop(0))
    world.step()
    assert (world.state.status, world.state.reason, world.due) == ("waiting", "turn", None)
    world.happen(Woken(world.at))
    world.step()
    assert world.due == 2_000_000
    world.run()
    assert world.state.root.env["turn"] == {"n": 1}
    assert [attempt for _, attempt, _ in world.sent] == [1, 1, 1]
    assert len({key for *_, key in world.sent}) == 1


@pytest.mark.parametrize("crash", [False, True])
def test_waits_inside_a_loop_wait_side_by_side(crash: bool):
    made = plan(
        [
            ("start", "start"),
            (
                "each",
                "each",
                {"params": {"items": {"$expr": "start.s"}, "at_once": 3, "collect": "act"}},
            ),
            ("rest", "wait", {"inside": "each", "params": {"seconds": {"$expr": "item"}}}),
            ("act", "read", {"inside": "each", "params": {"n": {"$expr": "item"}}}),
        ],
        "start > each, rest > act",
    )
    world = World(made, lambda _, p: {"n": p.params["n"]}, {"s": [30, 10, 20, 5]})
    while world.finish is None:
        if crash:
            world.crash()
            world.happen(Recovered(world.at))
        assert world.step()
    assert [n["n"] for n in world.state.root.env["each"]["results"]] == [30, 10, 20, 5]
    assert world.at < 1_000_000 + 31_000


def test_what_waits_beside_a_failing_item_is_cancelled():
    made = plan(
        [
            ("start", "start"),
            ("each", "each", {"params": {"items": {"$expr": "start.s"}, "at_once": 2}}),
            ("rest", "wait", {"inside": "each", "params": {"seconds": {"$expr": "item"}}}),
            ("act", "label", {"inside": "each"}),
        ],
        "start > each, rest > act",
    )
    world = World(made, lambda *_: rejected(), {"s": [10, 1_000]}).run()
    assert world.state.status == "failed"
    assert world.at < 1_000_000 + 11_000
    fresh = State(world.plan, run_id="run_1", trigger=world.plan.triggers[0])
    shown = {(s.node, s.iteration): s.state for s in view_steps(fresh, world.segments, {})}
    assert shown[("rest", (1,))] == "cancelled"
    assert shown[("act", (1,))] == "cancelled"


def test_a_merge_first_lets_go_of_a_wait():
    made = plan(
        [
            ("start", "start"),
            ("rest", "wait", {"params": {"seconds": 1_000}}),
            ("quick", "read"),
            ("first", "merge", {"params": {"wait": "first"}}),
        ],
        "start > rest, start > quick, rest > first, quick > first",
    )
    world = World(made).run()
    assert world.state.status == "succeeded"
    assert world.states()["rest"] == "cancelled"
    assert world.at < 1_001_000


def test_steps_that_were_done_before_are_taken_over_and_shown_as_skipped():
    made = plan(
        [
            ("start", "start"),
            ("pay", "refund"),
            ("tell", "label", {"params": {"n": {"$expr": "pay.id"}}}),
        ],
        "start > pay, pay > tell",
    )
    world = World.__new__(World)
    prior = {("pay", ()): Exit("out", {"id": 7})}
    World.__init__(world, made, prior=prior)
    world.run()
    assert [node for node, *_ in world.sent] == ["tell"]
    assert world.state.root.env["pay"] == {"id": 7}
    fresh = State(world.plan, run_id="run_1", trigger=world.plan.triggers[0])
    steps = {s.node: s for s in view_steps(fresh, world.segments, {})}
    assert (steps["pay"].state, steps["pay"].copied) == ("skipped", True)


@pytest.mark.parametrize("params", [{"seconds": 60}, {"ask": True}, {"seconds": 60, "key": "1"}])
def test_a_waiting_steps_own_time_limit_fails_it(params: dict[str, Any]):
    made = plan(
        [
            ("start", "start"),
            ("rest", "wait", {"params": params, "timeout_s": 5, "on_error": "branch"}),
            ("sorry", "set", {"params": {"fields": {"why": {"$expr": "rest.code"}}}}),
        ],
        "start > rest, rest.error > sorry",
    )
    world = World(made).run()
    assert world.state.root.env["sorry"] == {"why": "step.timeout"}
    assert world.at == 1_005_000


def test_a_held_steps_own_time_limit_fails_it():
    made = plan(
        [("start", "start"), ("turn", "count", {"timeout_s": 5})],
        "start > turn",
    )
    world = World(made, lambda *_: Hold(until_ms=None)).run()
    assert world.state.error is not None
    assert (world.state.error.code, world.at) == ("step.timeout", 1_005_000)
