"""The journal, word for word: what released versions wrote, every later one must read."""

from __future__ import annotations

from typing import Any

import pytest
from tramo.engine import (
    Answered,
    Began,
    Cancelled,
    Claimed,
    Ended,
    Failed,
    Failure,
    Recovered,
    State,
    decide,
    decode_segment,
    encode_segment,
    fold,
)
from tramo.engine.journal import iteration_of
from tramo.model.effect import effect_key
from tramo.model.pause import Exit, Hold

from tests.runtime.engine.world import World, busy, flow_of_one, lost, plan, rejected

REFUSED = Failure(kind="credential", code="connection.refused", message="sign in again")


def key(node: str, *path: int, generation: int = 0) -> str:
    return effect_key("run_1", node, path, generation)


def written(world: World) -> list[tuple[Any, ...]]:
    """Return all but the first word, which says that the trigger fired."""
    first, *rest = world.transitions()
    assert first == ("t", "start")
    return rest


def one(kind: str, answer: Any = None, **fields: Any) -> World:
    return World(flow_of_one(kind, **fields), answer)


SENT = ("s", "act", [], 1, "never_repeat", key("act"), {})
DONE = ("e", "succeeded", None, None)


def test_a_word_stands_under_the_instant_at_which_it_happened():
    world = one("tag", params={"a": 1}).run()
    (first, second) = [decode_segment(fmt, body) for fmt, body in world.segments]
    assert first == [
        (1_000_000, [("t", "start"), ("s", "act", [], 1, "repeatable", key("act"), {"a": 1})])
    ]
    assert second == [(1_000_010, [("d", "act", [], "out", {"from": "act"}), DONE])]


def test_instants_that_differ_are_kept_apart_in_one_segment():
    world = World.__new__(World)
    made = flow_of_one("read")
    state = State(made, run_id="run_1", trigger=0)
    decide(state, Began(5, {}))
    decide(state, Ended(7, 1, (), {"a": 1}, {"a": 1}))
    moments = state.take()
    assert [at for at, _ in moments] == [5, 7]
    assert state.take() == []
    world.plan, world.segments = made, [(1, encode_segment(moments))]
    assert [word[0] for word in world.transitions()] == ["t", "s", "d", "e"]


def test_a_segment_of_a_format_that_is_not_known_is_refused():
    body = encode_segment([(5, [("t", "start")])])
    with pytest.raises(ValueError, match="journal format 2 is not known"):
        decode_segment(2, body)
    with pytest.raises(ValueError, match="format 0"):
        decode_segment(0, body)


def test_retries_parks_and_failures():
    world = one("tag", lambda *_: busy())
    due = world.happen(Failed(world.at, 1, (), busy())) and world.due
    assert written(world)[-1] == ("r", "act", [], due, "vendor.busy", "later")
    world = one("tag")
    world.happen(Failed(world.at, 1, (), lost()))
    assert written(world)[-1] == ("r", "act", [], world.due, "vendor.timeout", "no answer", True)
    world = one("label", lambda *_: REFUSED).run()
    assert written(world) == [SENT, ("p", "act", [], "connection.refused", "sign in again")]
    world = one("label", lambda *_: rejected()).run()
    assert written(world) == [
        SENT,
        ("f", "act", [], "vendor.rejected", "no", {"why": "x"}),
        ("e", "failed", "vendor.rejected", ["vendor.rejected", "no", {"why": "x"}]),
    ]


def test_doubts_and_their_answers():
    asked = [SENT, ("q", "act", [], "vendor.timeout", "no answer")]
    for outcome, output, after in (
        ("happened", {"id": 7}, [DONE]),
        ("abort", None, [("e", "cancelled", "aborted", None)]),
        ("resend", None, [("s", "act", [], 2, "never_repeat", key("act", generation=1), {})]),
    ):
        world = one("label", lambda *_: lost()).run()
        assert written(world) == asked
        world.happen(Answered(world.at, 1, (), outcome, output, "user_1"))
        assert written(world) == [*asked, ("a", "act", [], outcome, output, "user_1"), *after]


def test_a_claim_that_another_run_holds():
    world = one("label", once="order")
    world.happen(Claimed(world.at, 1, (), held=False))
    assert written(world) == [SENT, ("o", "act", []), DONE]


def test_waits_and_holds():
    world = one("wait", params={"seconds": 60, "key": "7"})
    late = {"port": "late", "output": {"ended": "time"}}
    match = {"type": "t.paid", "kind": "order", "value": "7"}
    pause = {"until_ms": 1_060_000, "late": late, "matches": [match]}
    assert written(world) == [("w", "act", [], 1_060_000, pause)]
    world.run()
    assert written(world)[1:] == [("d", "act", [], "late", {"ended": "time"}), DONE]
    world = one("count", lambda *_: Hold(until_ms=2_000_000))
    world.step()
    sent = ("s", "act", [], 1, "stored", key("act"), {})
    assert written(world) == [sent, ("h", "act", [], 2_000_000)]
    world.step()
    assert written(world)[2:] == [sent], "called again, and not tried again"


def test_a_wait_that_is_over_before_it_begins_is_settled_at_once():
    world = one("wait", params={"seconds": 0})
    assert written(world) == [("i", "act", "out", {"ended": "time"}, []), DONE]


def test_a_wait_for_an_event_looks_for_it_even_if_its_time_is_over():
    world = one("wait", params={"seconds": 0, "key": "7"})
    assert [word[0] for word in written(world)] == ["w"]


def test_what_a_node_cannot_work_with():
    error = ("t.unfit", "“act”: does not fit", {"by": 2})
    world = one("broken", params={"unfit": True})
    assert written(world) == [("f", "act", [], *error), ("e", "failed", "t.unfit", [*error])]
    world = one("broken", label="Cut")
    error = ("node.bug", "“Cut”: ValueError: no such thing", None)
    assert written(world) == [("f", "act", [], *error), ("e", "failed", "node.bug", [*error])]


def test_variables_stand_beside_the_trigger_where_there_are_any():
    made = flow_of_one("set", params={"fields": {"a": {"$expr": "vars.rate"}}})
    state = State(made, run_id="run_1", trigger=0)
    decide(state, Began(5, {}, {"rate": 3}))
    moments = state.take()
    assert moments[0][1][0] == ("t", "start", {"rate": 3})
    segments = [(1, encode_segment(moments))]
    read = fold(made, run_id="run_1", trigger="start", output={}, segments=segments)
    assert read.root.env["vars"] == {"rate": 3}
    assert read.root.env["act"] == {"a": 3}


def each(nodes: list[Any], edges: str = "", items: Any = (1, 2), **params: Any) -> Any:
    inside = [(name, kind, {"inside": "each", **more}) for name, kind, more in nodes]
    loop = ("each", "each", {"params": {"items": list(items), **params}})
    return plan([("start", "start"), loop, *inside], f"start > each{edges and ', '}{edges}")


def test_a_loop_and_what_stands_in_it():
    nodes = [
        ("off", "read", {"disabled": True}),
        ("quiet", "set", {"disabled": True}),
        ("act", "tag", {"params": {"n": {"$expr": "item"}}}),
        ("then", "set", {}),
    ]
    made = each(nodes, "off > quiet, quiet > act, act > then", collect={"$expr": "act.from"})
    world = World(made, output={}).run()
    words = [("l", "each", [], [1, 2])]
    for index in (0, 1):
        words += [
            ("b", "off", [index]),
            ("b", "quiet", [index]),
            ("s", "act", [index], 1, "repeatable", key("act", index), {"n": index + 1}),
            ("d", "act", [index], "out", {"from": "act"}),
            ("i", "then", "out", {}, [index]),
            ("z", "each", [index], "act"),
        ]
    output = {"count": 2, "failed": 0, "results": ["act", "act"]}
    assert written(world) == [*words, ("d", "each", [], "done", output), DONE]


def test_an_item_without_a_result():
    world = World(each([("then", "set", {})], items=[1]), output={})
    assert written(world)[2] == ("z", "each", [0])
    assert written(world)[3][4] == {"count": 1, "failed": 0, "results": []}


def test_an_item_that_failed():
    nodes = [("act", "label", {}), ("beside", "wait", {"params": {"ask": True}})]
    world = World(each(nodes), lambda *_: rejected(), {}).run()
    details = {"iteration": [0], "node": "act", "code": "vendor.rejected", "message": "no"}
    assert written(world)[3:] == [
        ("f", "act", [0], "vendor.rejected", "no", {"why": "x"}),
        ("z", "each", [0], None, "loop.item_failed", "no", details),
        ("f", "each", [], "loop.item_failed", "“each”, item 1: no", details),
        ("e", "failed", "loop.item_failed", ["loop.item_failed", "“each”, item 1: no", details]),
    ]


def test_an_item_whose_result_cannot_be_had():
    world = World(each([("then", "set", {})], collect={"$expr": "then.zz"}), output={})
    word = written(world)[2]
    assert word[:5] == ("z", "each", [0], None, "expression.unknown_field")
    assert word[5].startswith("“each”, collect: “then” has no field “zz”")
    assert word[6] == {"iteration": [0], "node": "each", "code": "expression.unknown_field"}
    assert word[7]["field"] == "zz"
    failed = ("loop.item_failed", f"“each”, item 1: {word[5]}", word[6], False, word[7])
    assert written(world)[3][3:] == failed


def test_a_run_that_is_cancelled_and_a_loop_that_is():
    world = one("label")
    world.happen(Cancelled(world.at, "user_1"))
    assert written(world) == [SENT, ("c", "user_1")]
    world.run()
    assert written(world)[2:] == [
        ("d", "act", [], "out", {"from": "act"}),
        ("e", "cancelled", "cancelled", None),
    ]
    made = plan(
        [
            ("start", "start"),
            ("each", "each", {"params": {"items": [1, 2]}}),
            ("act", "tag", {"inside": "each"}),
            ("quick", "read"),
            ("first", "merge", {"params": {"wait": "first"}}),
        ],
        "start > each, start > quick, each.done > first, quick > first",
    )
    world = World(made, output={})
    world.performs.sort(key=lambda perform: perform.node != 3)
    world.run()
    words = written(world)
    assert [word[:3] for word in words if word[0] in "zn"] == [
        ("z", "each", [0]),
        ("n", "each", []),
    ]


def test_a_run_past_its_time_limit():
    world = World(
        plan([("start", "start"), ("act", "label")], "start > act", timeout_s=3),
        lambda *_: REFUSED,
    )
    world.run()
    said = ("run.timeout", "The run took longer than the flow's time limit allows.")
    params = {"limit_s": 3}
    end = ("e", "failed", "run.timeout", [*said, None, params])
    assert world.at == 1_003_000
    assert written(world)[2:] == [("x", *said, params), end]


def test_a_step_that_was_done_in_the_run_before():
    for kind in ("label", "wait"):
        prior = {("act", ()): Exit("late", {"id": 7})}
        world = World(flow_of_one(kind, params={"seconds": 60}), output={}, prior=prior)
        assert written(world) == [("k", "act", [], "late", {"id": 7}), DONE]


@pytest.mark.parametrize(
    ("word", "iteration"),
    [
        (("t", "n", {"v": 1}), ()),
        (("i", "n", "out", {"v": 1}), ()),
        (("i", "n", "out", {"v": 1}, [2, 0]), (2, 0)),
        (("b", "n"), ()),
        (("b", "n", [2]), (2,)),
        (("d", "n", [1, 2], "out", {}), (1, 2)),
    ],
)
def test_a_word_says_the_iteration_that_it_is_about(word: Any, iteration: tuple[int, ...]):
    assert iteration_of(word) == iteration


def test_a_run_is_read_back_with_all_that_the_outside_knew_of_it():
    made = flow_of_one("label", params={"a": {"$expr": "run.keys.order"}})
    known: Any = {
        "origin": "run_0",
        "generation": 2,
        "keys": {"order": "1001"},
        "restored_from": 99,
        "prior": {("x", ()): Exit("out")},
    }
    state = State(made, run_id="run_1", trigger=0, **known)
    decide(state, Began(5, {}))
    segments = [(1, encode_segment(state.take()))]
    read = fold(made, run_id="run_1", trigger="start", output={"n": 1}, segments=segments, **known)
    assert read.root.env["run"] == {"id": "run_1", "origin": "run_0", "keys": {"order": "1001"}}
    assert read.root.env["start"] == {"n": 1}
    assert (read.started_at, read.status, read.restored_from) == (5, "running", 99)
    assert read.prior == known["prior"]
    step = read.open[(1, ())]
    assert step.key == effect_key("run_0", "act", (), 2)
    assert (step.generation, step.first_at, step.params) == (2, 5, {"a": "1001"})


def test_a_crash_in_doubt_is_told_after_a_crash_again():
    world = one("label")
    world.crash()
    world.happen(Recovered(world.at))
    said = "“act” was being carried out when Tramo stopped."
    cure = "Look at the vendor and say whether it happened."
    assert written(world) == [SENT, ("q", "act", [], "step.unknown_outcome", f"{said} {cure}")]
    words = len(written(world))
    world.crash()
    world.happen(Recovered(world.at))
    assert len(written(world)) == words
    step = world.state.open[(1, ())]
    assert (step.state, step.code, step.message) == (
        "asking",
        "step.unknown_outcome",
        f"{said} {cure}",
    )
