"""What is sent, how often, and what happens after a crash or a lost answer."""

from __future__ import annotations

import pytest
from tramo.engine import Answered, Cancelled, Claimed, Failed, Failure, Perform, Recovered
from tramo.engine.decide import StaleHappening

from tests.runtime.engine.world import World, busy, lost, plan, rejected


def one(kind: str, answer=None, **fields) -> World:
    return World(plan([("start", "start"), ("act", kind, fields)], "start > act"), answer)


def attempts(world: World) -> list[int]:
    return [attempt for _, attempt, _ in world.sent]


def test_a_passing_failure_is_tried_four_times_with_growing_pauses():
    dues: list[int] = []
    world = one("tag", lambda node, _: busy())
    while world.step():
        if world.due:
            dues.append(world.due - world.at)
    assert attempts(world) == [1, 2, 3, 4]
    assert dues == sorted(dues)
    assert 2_000 <= dues[0] <= 2_500
    assert world.finish is not None
    assert world.finish.reason == "vendor.busy"


def test_the_vendors_own_wish_for_a_pause_is_obeyed():
    world = one("tag", lambda node, p: busy(120) if p.attempt == 1 else {"ok": True})
    world.step()
    assert world.due is not None
    assert world.due - world.at == 120_000


def test_a_nodes_own_retry_settings_count_all_tries():
    from tramo.model.flow import Retry

    assert attempts(one("tag", lambda *_: busy(), retry=Retry(attempts=2)).run()) == [1, 2]
    assert attempts(one("tag", lambda *_: busy(), retry=Retry(attempts=1)).run()) == [1]


def test_what_the_vendor_rejects_is_not_tried_again():
    assert attempts(one("tag", lambda *_: rejected()).run()) == [1]


def test_a_lost_answer_to_what_must_not_be_repeated_becomes_a_question():
    world = one("label", lambda *_: lost()).run()
    assert attempts(world) == [1]
    assert (world.state.status, world.state.reason) == ("asking", "unknown_outcome")
    assert world.finish is None


def test_a_lost_answer_to_a_keyed_write_is_sent_again_with_the_same_key():
    world = one("refund", lambda _, p: lost() if p.attempt < 3 else {"id": "r1"}).run()
    assert attempts(world) == [1, 2, 3]
    assert len({key for _, _, key in world.sent}) == 1
    assert world.finish is not None
    assert world.finish.state == "succeeded"


def test_past_half_the_vendors_memory_of_a_key_a_doubt_is_asked():
    def answer(node, perform):
        world.at += 2_000_000
        return lost()

    world = one("refund", answer)
    world.run()
    assert attempts(world) == [1]
    assert world.state.status == "asking"


def test_a_refused_request_that_cannot_have_been_carried_out_is_retried_even_for_never_repeat():
    world = one("label", lambda _, p: busy() if p.attempt == 1 else {"ok": True}).run()
    assert attempts(world) == [1, 2]


@pytest.mark.parametrize(
    ("kind", "again"),
    [("read", True), ("tag", True), ("refund", True), ("label", False)],
)
def test_after_a_crash_in_mid_send_only_what_may_be_repeated_is_sent_again(kind, again):
    world = one(kind)
    first = world.performs[0]
    world.crash()
    world.happen(Recovered(world.at))
    if again:
        assert world.performs[0].key == first.key
        assert world.performs[0].params == first.params
        world.run()
        assert world.finish is not None
    else:
        assert world.performs == []
        assert world.state.status == "asking"


def test_an_effect_that_depends_on_params_is_judged_by_them():
    world = one("call", lambda *_: lost(), params={"as": "repeatable"})
    world.step()
    assert world.state.status == "waiting"


def test_on_doubt_repeat_and_skip_do_what_they_say():
    world = one(
        "label", lambda _, p: lost() if p.attempt == 1 else {"ok": 1}, on_doubt="repeat"
    ).run()
    assert attempts(world) == [1, 2]
    world = one("label", lambda *_: lost(), on_doubt="skip").run()
    assert world.finish is not None
    assert world.state.root.env["act"] == {"unknown_outcome": True}


def test_a_person_says_that_it_happened_and_the_run_goes_on():
    world = one("label", lambda *_: lost()).run()
    world.happen(Answered(world.at, 1, (), "happened", {"id": "l1"}, "user_1"))
    assert world.finish is not None
    assert world.state.root.env["act"] == {"id": "l1"}


def test_a_person_says_send_once_more_and_it_gets_a_key_of_its_own():
    world = one("label", lambda _, p: lost() if p.attempt == 1 else {"id": "l2"}).run()
    world.happen(Answered(world.at, 1, (), "resend", None, "user_1"))
    world.run()
    assert len({key for _, _, key in world.sent}) == 2
    assert world.state.root.env["act"] == {"id": "l2"}


def test_a_person_aborts_and_the_run_is_cancelled():
    world = one("label", lambda *_: lost()).run()
    world.happen(Answered(world.at, 1, (), "abort", None, "user_1"))
    assert world.finish is not None
    assert (world.finish.state, world.finish.reason) == ("cancelled", "aborted")


def test_two_people_answer_and_the_second_is_told_that_it_is_settled():
    world = one("label", lambda *_: lost()).run()
    world.happen(Answered(world.at, 1, (), "happened", {}, "user_1"))
    with pytest.raises(StaleHappening):
        world.happen(Answered(world.at, 1, (), "resend", None, "user_2"))


def test_a_read_back_is_asked_before_a_person_is():
    world = one("ask", lambda node, p: lost() if not p.probe else None)
    world.step()
    assert world.performs[0].probe
    world.happen(Failed(world.at, 1, (), lost("step.unknown_outcome"), probed=True))
    assert world.state.status == "asking"


@pytest.mark.parametrize(
    "failure", [busy(), rejected(), Failure(kind="credential", code="a.b", message="sign in")]
)
def test_a_read_back_that_fails_settles_nothing_and_nothing_is_sent_again(failure):
    world = one("ask", lambda node, p: lost() if not p.probe else None)
    world.step()
    world.happen(Failed(world.at, 1, (), failure, probed=True))
    assert (world.state.status, world.state.reason) == ("asking", "unknown_outcome")
    assert attempts(world) == [1]


def test_a_read_back_that_finds_the_effect_settles_the_step_after_a_crash():
    world = one("ask")
    world.crash()
    world.happen(Recovered(world.at))
    assert world.performs[0].probe
    world.happen(Answered(world.at, 1, (), "happened", {"id": 7}, "probe"))
    assert world.finish is not None
    assert world.state.root.env["act"] == {"id": 7}


def test_a_refused_credential_parks_the_step_until_the_run_is_taken_up_again():
    refused = Failure(kind="credential", code="connection.refused", message="sign in again")
    world = one("label", lambda _, p: refused if p.attempt == 1 else {"ok": True})
    world.step()
    assert (world.state.status, world.state.reason) == ("waiting", "connection")
    assert world.due is None
    world.happen(Recovered(world.at))
    world.run()
    assert world.finish is not None
    assert world.finish.state == "succeeded"


def test_a_mistake_of_the_connector_is_shown_and_not_retried():
    bug = Failure(kind="bug", code="connector.bug", message="KeyError")
    assert attempts(one("tag", lambda *_: bug).run()) == [1]


def test_a_step_with_once_is_performed_only_by_the_run_that_holds_the_claim():
    world = one("label", once="order")
    perform = world.performs.pop()
    assert isinstance(perform, Perform)
    assert perform.once == "order"
    world.happen(Claimed(world.at, 1, (), held=False))
    assert world.finish is not None
    assert world.states()["act"] == "skipped"
    world = one("label", once="order")
    world.performs.clear()
    world.happen(Claimed(world.at, 1, (), held=True))
    assert world.performs[0].once is None


def test_cancel_lets_a_step_in_flight_end_and_starts_none():
    world = World(
        plan([("start", "start"), ("a", "read"), ("b", "read")], "start > a, a > b"),
    )
    world.happen(Cancelled(world.at, "user_1"))
    assert world.finish is None
    world.run()
    assert world.finish is not None
    assert world.finish.state == "cancelled"
    assert [node for node, *_ in world.sent] == ["a"]


def test_a_doubt_outlives_a_failure_elsewhere():
    world = World(
        plan([("start", "start"), ("a", "label"), ("b", "read")], "start > a, start > b"),
        lambda node, _: lost() if node == "a" else rejected(),
    ).run()
    assert world.finish is None
    assert world.state.status == "asking"
    world.happen(Answered(world.at, 1, (), "happened", {}, "user_1"))
    assert world.finish is not None
    assert world.finish.state == "failed"


def test_a_run_past_the_flows_time_limit_fails():
    world = World(
        plan([("start", "start"), ("a", "tag")], "start > a", timeout_s=3), lambda *_: busy(60)
    ).run()
    assert world.finish is not None
    assert world.finish.reason == "run.timeout"


def test_a_retry_that_waits_is_taken_up_after_a_crash():
    world = one("tag", lambda _, p: busy() if p.attempt == 1 else {"ok": True})
    world.step()
    due = world.due
    assert due is not None
    world.crash()
    world.happen(Recovered(due))
    world.run()
    assert world.finish is not None
    assert attempts(world) == [1, 2]
