"""When a failed step is tried again, to the millisecond, and how long a doubt may be repeated."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import pytest
from tramo.engine import Answered, Due, Failed, Failure, Hurried, Recovered
from tramo.engine.decide import StaleHappening
from tramo.model.effect import effect_key
from tramo.model.flow import Retry

from tests.runtime.engine.world import World, busy, flow_of_one, lost, plan, rejected

BEGAN_AT = 1_000_000
REFUSED = Failure(kind="credential", code="connection.refused", message="sign in again")


def one(kind: str, answer: Any = None, **fields: Any) -> World:
    return World(flow_of_one(kind, **fields), answer)


def spread(key: str, attempt: int) -> float:
    """Up to a quarter more, drawn from the key."""
    return 1 + crc32(f"{key}{attempt}".encode()) % 1_000 / 4_000


def pauses(world: World) -> list[int]:
    found = []
    while world.step():
        if world.due is not None:
            found.append(world.due - world.at)
    return found


def test_pauses_double_with_a_spread_that_is_the_effects_own():
    world = one("tag", lambda *_: busy())
    key = world.performs[0].key
    assert pauses(world) == [
        int(base * spread(key, attempt) * 1_000)
        for attempt, base in enumerate((2.0, 4.0, 8.0), start=1)
    ]


def test_two_effects_that_fail_together_do_not_come_back_together():
    nodes = [("start", "start"), *((name, "tag") for name in "abcd")]
    world = World(plan(nodes, ", ".join(f"start > {name}" for name in "abcd")), lambda *_: busy())
    for node in range(1, 5):
        world.happen(Failed(world.at, node, (), busy()))
    assert len({step.due_at for step in world.state.open.values()}) == 4


def test_a_pause_never_grows_past_a_quarter_of_an_hour_and_its_spread():
    world = one("tag", lambda *_: busy(), retry=Retry(attempts=20, backoff_s=600))
    key = world.performs[0].key
    first, second, *_, last = pauses(world)
    assert first == int(600 * spread(key, 1) * 1_000)
    assert second == int(900 * spread(key, 2) * 1_000)
    assert last == int(900 * spread(key, 19) * 1_000)


@pytest.mark.parametrize(
    ("asked_s", "paused_s"), [(3_600.0, 3_600), (3_601.0, 3_600), (86_400.0, 3_600), (60.5, 60.5)]
)
def test_a_vendors_wish_is_obeyed_up_to_an_hour(asked_s: float, paused_s: float):
    world = one("tag", lambda *_: busy(asked_s))
    world.step()
    assert world.due is not None
    assert world.due - world.at == paused_s * 1_000


def test_a_vendor_that_wants_less_than_our_own_pause_does_not_shorten_it():
    world = one("tag", lambda *_: busy(0.5))
    key = world.performs[0].key
    world.step()
    assert world.due == world.at + int(2 * spread(key, 1) * 1_000)


def asked_at(at: int, **fields: Any) -> str:
    """Lose an answer to a keyed write at an instant, and say how the run stands."""
    world = one("refund", **fields)
    world.happen(Failed(at, 1, (), lost()))
    return world.state.status


def test_a_doubt_is_repeated_within_half_the_vendors_window_and_asked_after_it():
    assert asked_at(BEGAN_AT + 1_800_000) == "waiting"
    assert asked_at(BEGAN_AT + 1_800_001) == "asking"


def test_on_doubt_skip_goes_on_where_the_window_has_closed():
    world = one("refund", on_doubt="skip")
    world.happen(Failed(BEGAN_AT + 1_800_001, 1, (), lost()))
    assert world.state.root.env["act"] == {"unknown_outcome": True}
    assert world.state.status == "succeeded"


def test_on_doubt_repeat_holds_where_the_window_has_closed_after_a_lost_answer_as_after_a_crash():
    late = BEGAN_AT + 1_800_001
    world = one("refund", on_doubt="repeat")
    world.happen(Failed(late, 1, (), lost()))
    assert world.state.status == "waiting"
    world = one("refund", on_doubt="repeat")
    world.crash()
    world.happen(Recovered(late))
    assert [perform.attempt for perform in world.performs] == [2]


def test_after_a_crash_a_keyed_write_is_asked_about_once_its_window_has_closed():
    for at, status in ((1_800_000, "running"), (1_800_001, "asking")):
        world = one("refund")
        world.crash()
        world.happen(Recovered(BEGAN_AT + at))
        assert world.state.status == status


def test_an_attempt_that_ended_with_its_process_is_not_forgotten_for_the_one_after_it():
    """The second attempt certainly sent nothing; the first one may have, a window ago."""
    world = one("refund")
    world.crash()
    world.happen(Recovered(BEGAN_AT + 1_000))
    world.happen(Failed(BEGAN_AT + 1_100, 1, (), busy()))
    world.performs.clear()
    world.happen(Due(BEGAN_AT + 86_400_000))
    assert world.performs == []
    assert world.state.status == "asking"


def test_what_is_sent_once_more_each_time_has_a_key_that_was_never_used():
    world = one("label", lambda *_: lost())
    keys = []
    for _ in range(3):
        world.run()
        keys.append(world.sent[-1][2])
        assert world.state.status == "asking"
        world.happen(Answered(world.at, 1, (), "resend", None, "user_1"))
    assert keys == [effect_key("run_1", "act", (), generation) for generation in range(3)]
    assert [attempt for _, attempt, _ in world.sent] == [1, 2, 3]


def test_a_key_that_was_sent_once_more_has_its_window_from_then_on():
    world = one("refund")
    late = BEGAN_AT + 2_000_000
    world.happen(Failed(late, 1, (), lost()))
    world.performs.clear()
    world.happen(Answered(late, 1, (), "resend", None, "user_1"))
    assert len(world.performs) == 1
    world.happen(Failed(late + 1_800_000, 1, (), lost()))
    assert world.state.status == "waiting"


def test_what_a_person_wants_sent_once_more_is_not_doubted_for_what_was_sent_before():
    world = one("refund", lambda *_: lost(), retry=Retry(attempts=9))
    world.step()
    assert world.state.open[(1, ())].doubted
    world.at += 2_000_000
    world.happen(Due(world.at))
    assert world.state.status == "asking"
    world.happen(Answered(world.at, 1, (), "resend", None, "user_1"))
    assert world.state.status == "running"
    world.performs.clear()
    world.happen(Failed(world.at, 1, (), busy()))
    world.at += 2_000_000
    world.happen(Due(world.at))
    assert len(world.performs) == 1, "its new key was certainly not carried out"


def test_a_person_may_hurry_a_retry():
    world = one("tag", lambda _, p: busy() if p.attempt == 1 else {"ok": 1})
    world.step()
    world.happen(Hurried(world.at + 1, 1, (), "user_1"))
    assert [perform.attempt for perform in world.performs] == [2]
    assert world.due is None
    world.run()
    assert world.at == BEGAN_AT + 20


@pytest.mark.parametrize("answer", [None, REFUSED], ids=["in flight", "parked"])
def test_what_waits_for_no_time_cannot_be_hurried(answer: Failure | None):
    world = one("label", lambda *_: answer)
    if answer is not None:
        world.step()
    before = world.state.open[(1, ())].state
    with pytest.raises(StaleHappening):
        world.happen(Hurried(world.at, 1, (), "user_1"))
    assert world.state.open[(1, ())].state == before


def test_a_due_time_that_is_told_early_begins_nothing():
    world = one("tag", lambda *_: busy())
    world.step()
    due = world.due
    assert due is not None
    world.happen(Due(due - 1))
    assert (world.performs, world.due) == ([], due)
    world.happen(Due(due))
    assert [perform.attempt for perform in world.performs] == [2]


def test_a_parked_step_goes_on_with_what_it_was_to_send():
    world = one("label", lambda _, p: REFUSED if p.attempt == 1 else {"ok": 1}, params={"a": 1})
    first = world.performs[0]
    world.step()
    world.crash()
    world.happen(Recovered(world.at))
    (again,) = world.performs
    assert (again.attempt, again.key, again.params, again.effect) == (
        2,
        first.key,
        {"a": 1},
        "never_repeat",
    )
    assert (again.node, again.iteration, again.once, again.held, again.probe) == (
        1,
        (),
        None,
        False,
        False,
    )


def test_a_lost_answer_counts_as_one_of_the_tries():
    world = one("refund", lambda *_: lost(), retry=Retry(attempts=2)).run()
    assert [attempt for _, attempt, _ in world.sent] == [1, 2]
    assert world.state.status == "failed"


def test_a_refusal_after_a_lost_answer_leaves_open_whether_it_happened():
    answers = iter([lost(), rejected()])
    world = one("refund", lambda *_: next(answers), retry=Retry(attempts=2)).run()
    (failed,) = [each for each in world.transitions() if each[0] == "f"]
    assert failed[6] is True
    refused = one("refund", lambda *_: rejected()).run()
    assert all(True not in each[6:] for each in refused.transitions() if each[0] == "f")
