"""How a run stands and ends: what it waits for, whose doing its end is, and what it answers."""

from __future__ import annotations

from typing import Any

import pytest
from tramo.engine import (
    Answered,
    Began,
    Cancelled,
    Due,
    Ended,
    Failed,
    Failure,
    Finish,
    Hurried,
    Occurred,
    Replied,
    State,
    decide,
)
from tramo.engine.decide import StaleHappening
from tramo.model.event import Key
from tramo.model.pause import Hold
from tramo.model.run import StepError

from tests.runtime.engine.world import World, busy, flow_of_one, lost, plan, rejected

REFUSED = Failure(kind="credential", code="connection.refused", message="sign in again")


def side_by_side(kinds: dict[str, Any], answer: Any = None, **limits: Any) -> World:
    """Make a run whose steps, by name (kind, fields), all begin at once."""
    nodes = [("start", "start"), *((name, *said) for name, said in kinds.items())]
    made = plan(nodes, ", ".join(f"start > {name}" for name in kinds), **limits)
    return World(made, answer)


WAITS: dict[str, Any] = {
    "retry": ("tag", {}),
    "time": ("wait", {"params": {"seconds": 3_600}}),
    "turn": ("count", {}),
    "event": ("wait", {"params": {"seconds": 7_200, "key": "7"}}),
    "answer": ("wait", {"params": {"ask": True}}),
    "connection": ("label", {}),
}


def hinder(node: str, _: Any) -> Any:
    return {"retry": busy(), "turn": Hold(until_ms=None), "connection": REFUSED}[node]


def test_a_run_names_the_wait_that_most_needs_a_person():
    names = list(WAITS)
    for count in range(1, len(names) + 1):
        world = side_by_side({name: WAITS[name] for name in names[:count]}, hinder)
        while world.performs:
            world.step()
        assert (world.state.status, world.state.reason) == ("waiting", names[count - 1])


def test_a_run_waits_until_the_last_of_those_that_wait_alike_has_gone_on():
    world = side_by_side(dict.fromkeys("abc", WAITS["turn"]), lambda *_: Hold(until_ms=None))
    for _ in range(3):
        world.step()
    for node in (1, 2):
        assert (world.state.status, world.state.reason) == ("waiting", "turn")
        world.happen(Ended(world.at, node, (), {}, {}))
    assert (world.state.status, world.state.reason) == ("waiting", "turn")


def test_a_run_is_due_at_the_first_of_its_times():
    world = side_by_side({name: WAITS[name] for name in ("event", "time")})
    assert world.due == 1_000_000 + 3_600_000
    world.happen(Hurried(world.at, 2, (), "user_1"))
    assert (world.state.reason, world.due) == ("event", 1_000_000 + 7_200_000)


def test_a_time_that_has_come_ends_all_that_waited_for_it_and_nothing_else():
    seconds = {"a": 5, "b": 5, "c": 6}
    waits = {name: ("wait", {"params": {"seconds": value}}) for name, value in seconds.items()}
    world = side_by_side(waits)
    world.happen(Due(1_005_000))
    assert world.states() == {
        "start": "succeeded",
        "a": "succeeded",
        "b": "succeeded",
        "c": "waiting",
    }
    assert world.due == 1_006_000


def test_a_run_works_while_anything_of_it_is_carried_out():
    world = side_by_side({"rest": WAITS["time"], "act": ("tag", {})})
    assert (world.state.status, world.state.reason) == ("running", None)
    world.step()
    assert (world.state.status, world.state.reason) == ("waiting", "time")


def test_a_run_with_a_question_stands_as_asking_whatever_else_it_does():
    world = side_by_side({"a": ("label", {}), "b": ("tag", {})})
    world.happen(Failed(world.at, 1, (), lost()))
    assert (world.state.status, world.state.reason) == ("asking", "unknown_outcome")


def test_a_time_limit_ends_a_run_in_its_very_millisecond():
    world = side_by_side({"rest": WAITS["time"]}, timeout_s=3)
    assert world.due == 1_003_000
    world.happen(Due(1_002_999))
    assert world.finish is None
    world.happen(Due(1_003_000))
    said = "The run took longer than the flow's time limit allows."
    assert world.finish == Finish(
        "failed", "run.timeout", StepError("run.timeout", said, params={"limit_s": 3})
    )
    assert (world.state.status, world.state.reason) == ("failed", "run.timeout")
    assert world.state.error == StepError("run.timeout", said, params={"limit_s": 3})
    assert world.states()["rest"] == "cancelled"


def test_a_run_is_due_at_its_own_times_before_its_limit():
    world = side_by_side({"rest": ("wait", {"params": {"seconds": 2}})}, timeout_s=3)
    assert world.due == 1_002_000


def test_past_its_limit_a_run_lets_what_is_in_flight_end_and_begins_nothing():
    world = side_by_side({"act": ("tag", {}), "rest": WAITS["time"]}, timeout_s=3)
    world.happen(Due(1_003_000))
    assert (world.finish, world.due, world.state.status) == (None, None, "running")
    world.run()
    assert world.states()["act"] == "succeeded"
    assert world.finish is not None
    assert world.finish.reason == "run.timeout"


def test_a_limit_that_passes_after_the_run_was_cancelled_changes_nothing():
    world = side_by_side({"act": ("tag", {})}, timeout_s=3)
    world.happen(Cancelled(world.at, "user_1"))
    world.happen(Due(1_004_000))
    world.run()
    assert world.finish == Finish("cancelled", "cancelled", None)


def test_a_run_that_made_room_for_another_says_so():
    world = side_by_side({"rest": WAITS["time"]})
    world.happen(Cancelled(world.at, "concurrency"))
    assert world.finish == Finish("cancelled", "concurrency", None)


def test_a_failure_is_the_runs_end_whoever_cancels_afterwards():
    world = side_by_side({"a": ("read", {}), "b": ("read", {})})
    world.happen(Failed(world.at, 1, (), rejected()))
    world.happen(Cancelled(world.at, "user_1"))
    world.happen(Ended(world.at, 2, (), {}, {}))
    error = StepError("vendor.rejected", "no", {"why": "x"})
    assert world.finish == Finish("failed", "vendor.rejected", error)
    assert world.state.error == error


def test_the_first_of_two_failures_is_the_runs():
    world = side_by_side({"a": ("read", {}), "b": ("read", {})})
    world.happen(Failed(world.at, 1, (), rejected()))
    world.happen(Failed(world.at, 2, (), Failure(kind="bug", code="connector.bug", message="?")))
    assert world.finish is not None
    assert world.finish.reason == "vendor.rejected"
    assert [world.states()[name] for name in "ab"] == ["failed", "failed"]


def test_a_cancel_closes_a_doubt_too():
    world = side_by_side({"a": ("label", {})}, lambda *_: lost()).run()
    world.happen(Cancelled(world.at, "user_1"))
    assert world.finish == Finish("cancelled", "cancelled", None)
    assert world.states()["a"] == "cancelled"


def test_an_abort_after_a_failure_leaves_the_failure_as_the_end():
    world = side_by_side(
        {"a": ("label", {}), "b": ("read", {})}, lambda node, _: lost() if node == "a" else None
    )
    world.step()
    world.happen(Failed(world.at, 2, (), rejected()))
    world.happen(Answered(world.at, 1, (), "abort", None, "user_1"))
    assert world.finish is not None
    assert (world.finish.state, world.finish.reason) == ("failed", "vendor.rejected")
    assert world.states()["a"] == "cancelled"


def test_a_person_who_says_that_it_happened_lets_the_run_go_on_by_the_usual_port():
    made = plan(
        [("start", "start"), ("a", "label", {"on_error": "branch"}), ("b", "set"), ("c", "set")],
        "start > a, a > b, a.error > c",
    )
    world = World(made, lambda *_: lost()).run()
    world.happen(Answered(world.at, 1, (), "happened", {"id": 7}, "user_1"))
    assert world.states() == {
        "start": "succeeded",
        "a": "succeeded",
        "b": "succeeded",
        "c": "skipped",
    }


def test_nothing_is_told_to_a_run_that_has_ended():
    world = side_by_side({"a": ("read", {})}).run()
    words = world.transitions()
    for happening in (Cancelled(world.at, "user_1"), Due(world.at), Ended(world.at, 1, (), 1, 1)):
        with pytest.raises(StaleHappening):
            world.happen(happening)
    assert world.transitions() == words


def test_a_run_that_has_not_begun_can_be_cancelled():
    state = State(flow_of_one("read"), run_id="run_1", trigger=0)
    assert decide(state, Due(5)) == []
    assert state.status == "queued"
    assert decide(state, Cancelled(5, "user_1")) == [Finish("cancelled", "cancelled", None)]


@pytest.mark.parametrize(
    ("params", "end"),
    [
        ({}, Finish("failed", "stopped", StepError("run.stopped", "enough"))),
        ({"says": False}, Finish("failed", "stopped", StepError("run.stopped", ""))),
        ({"outcome": "succeeded"}, Finish("succeeded", "stopped", None)),
        ({"outcome": "cancelled"}, Finish("cancelled", "stopped", None)),
    ],
)
def test_a_stop_says_how_the_run_ends_and_why(params: dict[str, Any], end: Finish):
    assert World(flow_of_one("stop", params=params)).finish == end


def test_after_a_stop_nothing_begins():
    made = plan(
        [
            ("start", "start"),
            ("good", "stop", {"params": {"outcome": "succeeded"}}),
            ("bad", "stop", {"params": {"outcome": "failed"}}),
            ("act", "tag"),
        ],
        "start > good, start > bad, start > act",
    )
    world = World(made)
    assert world.finish == Finish("succeeded", "stopped", None)
    assert world.performs == []


def test_the_first_answer_is_the_one_that_the_sender_gets():
    made = plan(
        [
            ("start", "start"),
            ("one", "respond", {"params": {"status": 201}}),
            ("two", "respond", {"params": {"status": 500}}),
        ],
        "start > one, one > two",
    )
    world = World(made)
    assert world.state.response == {"status": 201}
    assert world.state.status == "succeeded"
    world.crash()
    assert world.state.response == {"status": 201}


def test_a_run_knows_itself_its_flow_its_variables_and_its_keys():
    fields = {
        "run": {"$expr": "run.id"},
        "origin": {"$expr": "run.origin"},
        "order": {"$expr": "run.keys.order"},
        "flow": {"$expr": "flow.name"},
        "version": {"$expr": "flow.version"},
        "rate": {"$expr": "vars.rate"},
        "at": {"$expr": "now"},
        "total": {"$expr": "start.total"},
    }
    made = flow_of_one("set", params={"fields": fields})
    for origin in (None, "run_0"):
        state = State(made, run_id="run_1", trigger=0, origin=origin, keys={"order": "1001"})
        decide(state, Began(1_000_007, {"total": 9}, {"rate": 3}))
        assert state.root.env["act"] == {
            "run": "run_1",
            "origin": origin or "run_1",
            "order": "1001",
            "flow": "T",
            "version": "v1",
            "rate": 3,
            "at": "1970-01-01T00:16:40.007Z",
            "total": 9,
        }


def test_a_key_that_a_step_finds_is_known_from_then_on_and_the_first_one_stays():
    made = plan(
        [
            ("start", "start"),
            ("a", "read"),
            ("b", "set", {"params": {"fields": {"of": {"$expr": "run.keys"}}}}),
        ],
        "start > a, a > b",
    )
    state = State(made, run_id="run_1", trigger=0, keys={"order": "1001"})
    decide(state, Began(5, {}))
    found = (Key("order", "2002"), Key("customer", "c7"))
    decide(state, Ended(6, 1, (), {}, {}, keys=found))
    assert state.keys == {"order": "1001", "customer": "c7"}
    assert state.root.env["b"] == {"of": {"order": "1001", "customer": "c7"}}


def awaiting(**params: Any) -> World:
    return World(flow_of_one("wait", params=params))


def test_an_event_says_when_it_came_and_by_which_way_it_ended_the_wait():
    for port, ended in (("out", "event"), ("left", "left")):
        world = awaiting(seconds=60, key="7")
        world.happen(Occurred(1_000_005, 1, (), port, {"n": 1}))
        assert world.state.root.env["act"] == {
            "ended": ended,
            "at": "1970-01-01T00:16:40.005Z",
            "event": {"n": 1},
        }


def test_a_wait_for_its_time_alone_says_so_even_if_an_event_may_make_it_needless():
    world = awaiting(seconds=60, unless="7")
    assert world.state.reason == "time"
    world.happen(Occurred(1_000_005, 1, (), "left", {"n": 1}))
    assert world.state.root.env["act"]["ended"] == "left"
    assert awaiting(seconds=60, key="7", unless="8").state.reason == "event"


def test_an_answer_says_what_who_and_when():
    world = awaiting(ask=True)
    world.happen(Replied(1_000_005, 1, (), "no", {"why": "late"}, "user_1"))
    assert world.state.root.env["act"] == {
        "ended": "answer",
        "port": "no",
        "data": {"why": "late"},
        "by": "user_1",
        "at": "1970-01-01T00:16:40.005Z",
    }


def test_only_a_step_that_waits_takes_events_and_only_one_that_asks_takes_answers():
    running = World(flow_of_one("read"))
    for world in (running, awaiting(seconds=60)):
        with pytest.raises(StaleHappening):
            world.happen(Replied(world.at, 1, (), "yes"))
    with pytest.raises(StaleHappening):
        running.happen(Occurred(running.at, 1, (), "out", {}))
    with pytest.raises(StaleHappening):
        running.happen(Answered(running.at, 1, (), "happened", {}, "user_1"))
    assert running.state.status == "running"


def test_a_hurried_wait_leaves_as_its_time_would_have_let_it():
    world = awaiting(seconds=60, key="7")
    world.happen(Hurried(1_000_005, 1, (), "user_1"))
    assert world.state.root.env["act"] == {"ended": "time"}
    assert world.state.status == "succeeded"


def test_an_answer_cannot_be_hurried():
    world = World(flow_of_one("wait", params={"ask": True}, timeout_s=60))
    assert world.due == 1_060_000
    with pytest.raises(StaleHappening):
        world.happen(Hurried(world.at, 1, (), "user_1"))


def test_a_hurried_turn_is_called_at_once_and_keeps_its_time_limit():
    world = World(flow_of_one("count", timeout_s=60), lambda *_: Hold(until_ms=None))
    world.step()
    assert world.due == 1_060_000
    world.happen(Hurried(1_070_000, 1, (), "user_1"))
    (perform,) = world.performs
    assert (perform.held, perform.attempt) == (True, 1)
    assert world.state.status == "running"
    world.at = 1_069_990
    world.step()
    world.happen(Due(1_080_000))
    assert world.finish is not None
    assert world.finish.reason == "step.timeout"


def test_a_turn_that_comes_within_the_time_limit_is_called():
    world = World(flow_of_one("count", timeout_s=60), lambda *_: Hold(until_ms=1_059_999))
    world.step()
    world.happen(Due(1_059_999))
    assert len(world.performs) == 1
    world = World(flow_of_one("count", timeout_s=60), lambda *_: Hold(until_ms=1_060_001))
    world.step()
    assert world.due == 1_060_000
    world.happen(Due(1_060_000))
    assert world.finish is not None
    error = world.finish.error
    assert error is not None
    assert error.message == "“act” waited longer than 60 s, its own time limit."
