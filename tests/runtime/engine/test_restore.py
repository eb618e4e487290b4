"""Runs that a restore brought back: what they may have sent since their backup is asked, not sent
again."""

from __future__ import annotations

import pytest
from tramo.engine import Answered, Claimed, Due, Failed, Failure, Recovered
from tramo.model.flow import Retry

from tests.runtime.engine.world import World, busy, lost, plan

HOUR_MS = 3_600_000


def brought_back(kind: str, *, age_ms: int = 1_000, answer=None, **fields) -> World:
    """Return a run that waited at its backup for a second, and goes on after the restore."""
    wait = {"params": {"seconds": {"$value": 1}}}
    nodes = [("start", "start"), ("rest", "wait", wait), ("act", kind, fields)]
    world = World(plan(nodes, "start > rest, rest > act"), answer)
    world.restored_from = world.at
    world.at += age_ms
    world.crash()
    world.happen(Recovered(world.at))
    return world


def place(world: World) -> tuple[int, tuple[int, ...]]:
    return world.plan.by_id["act"].index, ()


@pytest.mark.parametrize("kind", ["read", "tag", "refund", "count"])
def test_what_may_be_repeated_goes_on_by_itself(kind):
    world = brought_back(kind).run()
    assert world.finish is not None
    assert world.finish.state == "succeeded"
    assert len(world.sent) == 1


def test_a_question_after_a_restore_says_what_the_vendor_said_too():
    world = brought_back("refund", answer=lambda *_: None).run()
    world.happen(Failed(world.at + HOUR_MS, *place(world), lost()))
    assert world.state.open[place(world)].message == (
        "Tramo was restored from a backup of 1970-01-01T00:16:40.000Z: “act” may be done since "
        "then. no answer"
    )


def test_what_must_not_be_repeated_is_asked_before_it_is_sent():
    world = brought_back("label").run()
    assert world.sent == []
    assert (world.state.status, world.state.reason) == ("asking", "unknown_outcome")
    step = world.state.open[place(world)]
    assert step.code == "step.unknown_outcome"
    assert step.message == (
        "Tramo was restored from a backup of 1970-01-01T00:16:40.000Z: “act” may be done since "
        "then. Look at the vendor and say whether it happened."
    )
    world.crash()
    world.happen(Recovered(world.at))
    assert world.run().sent == []
    assert world.state.status == "asking"


def test_a_person_who_says_send_once_more_is_not_asked_again():
    world = brought_back("label", answer=lambda _, p: busy() if p.attempt < 3 else {"ok": 1}).run()
    world.happen(Answered(world.at, *place(world), "resend", None, "user_1"))
    world.run()
    assert [attempt for _, attempt, _ in world.sent] == [2, 3]
    assert world.finish is not None
    assert world.finish.state == "succeeded"


def test_the_vendor_is_asked_where_it_can_be():
    world = brought_back("ask")
    world.happen(Due(world.due or 0))
    (perform,) = world.performs
    assert perform.probe
    world.happen(Answered(world.at, *place(world), "happened", {"id": "l1"}, "probe"))
    assert world.state.root.env["act"] == {"id": "l1"}
    assert world.finish is not None


def test_an_uncertain_vendor_leaves_it_to_a_person():
    world = brought_back("ask")
    world.happen(Due(world.due or 0))
    failure = Failure(kind="bug", code="x", message="?", doubt=True)
    world.happen(Failed(world.at, *place(world), failure, probed=True))
    assert world.state.status == "asking"


def test_a_key_is_good_for_its_window_since_the_backup():
    assert len(brought_back("refund", age_ms=HOUR_MS // 2 - 60_000).run().sent) == 1
    late = brought_back("refund", age_ms=HOUR_MS // 2 + 60_000).run()
    assert late.sent == []
    assert late.state.status == "asking"


def test_on_doubt_repeat_and_skip_hold_after_a_restore_too():
    assert len(brought_back("label", on_doubt="repeat").run().sent) == 1
    world = brought_back("label", on_doubt="skip").run()
    assert world.sent == []
    assert world.state.root.env["act"] == {"unknown_outcome": True}


def test_a_claim_is_taken_before_the_question():
    world = brought_back("label", once="order")
    world.happen(Due(world.due or 0))
    (perform,) = world.performs
    assert perform.once == "order"
    world.performs.clear()
    world.happen(Claimed(world.at, *place(world), True))
    assert world.performs == []
    assert world.state.status == "asking"


def test_a_retry_that_was_due_at_the_backup_may_have_been_sent_after_it():
    world = World(plan([("start", "start"), ("act", "label")], "start > act"), lambda *_: busy())
    world.step()
    assert world.state.status == "waiting"
    world.restored_from = world.at
    world.crash()
    sent = len(world.sent)
    world.happen(Recovered(world.at))
    world.run()
    assert len(world.sent) == sent
    assert world.state.status == "asking"


def test_a_retry_that_an_outage_kept_past_the_window_is_a_question():
    world = World(
        plan([("start", "start"), ("act", "refund", {"retry": Retry(attempts=9)})], "start > act"),
        lambda *_: lost(),
    )
    world.step()
    world.crash()  # And nobody is there for longer than the vendor remembers.
    world.at += HOUR_MS
    world.happen(Recovered(world.at))
    world.run()
    assert len(world.sent) == 1
    assert world.state.status == "asking"
    assert world.state.open[place(world)].message == (
        "“act” had no answer, and the vendor may have forgotten that it was sent. "
        "Look at the vendor and say whether it happened."
    )


def test_a_retry_of_what_was_certainly_not_sent_knows_no_window():
    world = World(
        plan([("start", "start"), ("act", "refund")], "start > act"),
        lambda _, p: busy() if p.attempt == 1 else {"ok": 1},
    )
    world.step()
    world.crash()
    world.at += HOUR_MS
    world.happen(Recovered(world.at))
    world.happen(Due(world.at))
    world.run()
    assert len(world.sent) == 2
    assert world.finish is not None
