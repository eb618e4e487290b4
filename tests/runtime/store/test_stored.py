"""Marks, windows and turns: what stored nodes keep, each change in one commit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, func, select
from tramo.store import table
from tramo.store.database import open_database
from tramo.store.turn import take_turn
from tramo.store.window import ITEMS

from tests.runtime.store.kit import WORKSPACE, Step, add_run, end_run

SCOPE = "flow_a/node"


async def count(database, of) -> int:
    return await database.read(
        lambda c: c.execute(select(func.count()).select_from(of)).scalar_one()
    )


# Marks -------------------------------------------------------------------------------------------


async def test_a_value_is_new_once_in_its_scope(database):
    first, second = Step(database, "run_1"), Step(database, "run_2")
    assert await first.do(lambda s: s.mark(SCOPE, "1001"))
    assert not await second.do(lambda s: s.mark(SCOPE, "1001"))
    assert await second.do(lambda s: s.mark(SCOPE, "1002"))
    assert await second.do(lambda s: s.mark("workspace", "1001"))


async def test_workspaces_do_not_see_each_others_marks(database):
    assert await Step(database).do(lambda s: s.mark(SCOPE, "a"))
    assert await Step(database, "run_2", workspace_id="ws_2").do(lambda s: s.mark(SCOPE, "a"))


async def test_a_re_run_of_the_step_that_noted_a_value_finds_it_new_again(database):
    assert await Step(database, "run_1").do(lambda s: s.mark(SCOPE, "a"))
    again = Step(database, "run_2", origin="run_1")
    assert await again.do(lambda s: s.mark(SCOPE, "a"))


async def test_a_mark_counts_until_its_time_and_is_new_in_that_instant(database):
    first, second, third = (Step(database, f"run_{n}") for n in range(3))
    assert await first.do(lambda s: s.mark(SCOPE, "a", until_ms=2_000), now_ms=1_000)
    assert not await second.do(lambda s: s.mark(SCOPE, "a", until_ms=3_000), now_ms=1_999)
    assert await third.do(lambda s: s.mark(SCOPE, "a"), now_ms=2_000)


async def test_marks_past_their_time_do_not_pile_up(database):
    step = Step(database)
    for number in range(60):
        at = number * 1_000
        await step.do(
            lambda s, at=at, number=number: s.mark(SCOPE, str(number), until_ms=at + 1), now_ms=at
        )
    assert await count(database, table.mark) <= 2


async def test_what_a_step_changed_before_it_failed_is_taken_back(database):
    def broken(store):
        store.mark(SCOPE, "a")
        raise LookupError

    with pytest.raises(LookupError):
        await Step(database, "run_1").do(broken)
    assert await Step(database, "run_2").do(lambda s: s.mark(SCOPE, "a"))


# Windows -----------------------------------------------------------------------------------------


def put(item, *, closes_ms=5_000, size=None):
    return lambda store: store.join_window(SCOPE, item, closes_ms=closes_ms, size=size)


def take(store):
    return store.take_window(SCOPE)


async def test_the_first_run_carries_the_window_and_goes_on_with_every_item_in_order(database):
    steps = [Step(database, f"run_{number}") for number in range(4)]
    for step, number in zip(steps, range(4), strict=True):
        await add_run(database, f"run_{number}", state="waiting")
        assert await step.do(put({"n": number})) == (number == 0, number + 1)
    assert (await steps[0].do(take, now_ms=4_999, held=True)).closed_ms is None
    window = await steps[0].do(take, now_ms=5_000, held=True)
    assert window.items == [{"n": 0}, {"n": 1}, {"n": 2}, {"n": 3}]
    assert (window.opened_ms, window.closed_ms) == (1_000, 5_000)
    assert await count(database, table.window_item) == 0
    assert await count(database, table.item_window) == 0


async def test_a_window_that_is_full_wakes_its_carrier_and_the_next_item_opens_another(database):
    for number in range(4):
        await add_run(database, f"run_{number}")
    first, second, third, fourth = (Step(database, f"run_{number}") for number in range(4))
    await first.do(put("a", closes_ms=None, size=3))
    await second.do(put("b", closes_ms=None, size=3))
    assert (first.woken, second.woken) == ([], [])
    await third.do(put("c", closes_ms=None, size=3))
    assert third.woken == ["run_0"]
    assert await fourth.do(put("d", closes_ms=None, size=3)) == (True, 1)
    assert (await first.do(take, held=True)).items == ["a", "b", "c"]
    assert (await fourth.do(take, held=True)).closed_ms is None


async def test_a_window_of_one_is_full_at_once_and_wakes_nobody(database):
    await add_run(database, "run_0")
    step = Step(database, "run_0")
    assert await step.do(put("a", size=1)) == (True, 1)
    assert step.woken == []
    assert (await step.do(take)).items == ["a"]


async def test_an_item_that_comes_when_the_time_is_over_opens_the_next_window(database):
    await add_run(database, "run_0")
    await add_run(database, "run_1")
    first, second = Step(database, "run_0"), Step(database, "run_1")
    await first.do(put("a"))
    assert await second.do(put("b", closes_ms=9_000), now_ms=5_000) == (True, 1)
    assert (await first.do(take, now_ms=5_001, held=True)).items == ["a"]


async def test_items_of_others_outlive_a_carrier_that_was_cancelled(database):
    for number in range(3):
        await add_run(database, f"run_{number}")
    steps = [Step(database, f"run_{number}") for number in range(3)]
    await steps[0].do(put("a"))
    await steps[1].do(put("b"))
    await end_run(database, "run_0")
    assert await steps[2].do(put("c", closes_ms=60_000), now_ms=9_000) == (True, 2)
    window = await steps[2].do(take, now_ms=60_000, held=True)
    assert window.items == ["b", "c"]


async def test_a_re_run_of_a_carrier_carries_on_without_its_item_twice(database):
    for number in range(2):
        await add_run(database, f"run_{number}")
    first, other = Step(database, "run_0"), Step(database, "run_1")
    await first.do(put("a"))
    await other.do(put("b"))
    await end_run(database, "run_0", "failed")
    await add_run(database, "run_2", copied_from="run_0")
    again = Step(database, "run_2", origin="run_0")
    assert await again.do(put("a", closes_ms=8_000), now_ms=6_000) == (True, 2)
    assert (await again.do(take, now_ms=8_000, held=True)).items == ["b", "a"]


async def test_a_window_closes_by_itself_before_it_grows_past_all_bounds(database):
    for number in range(2):
        await add_run(database, f"run_{number}")
    first, second = Step(database, "run_0"), Step(database, "run_1")
    await first.do(put("x" * 3_000_000))
    await second.do(put("x" * 3_000_000))
    assert second.woken == ["run_0"]
    assert len((await first.do(take, held=True)).items) == 2
    assert ITEMS == 10_000


async def test_iterations_of_one_run_gather_like_runs_do(database):
    await add_run(database, "run_0")
    steps = [Step(database, "run_0", iteration=(n,)) for n in range(3)]
    said = [await step.do(put(n, size=3)) for n, step in enumerate(steps)]
    assert said == [(True, 1), (False, 2), (False, 3)]
    assert (await steps[0].do(take, held=True)).items == [0, 1, 2]


async def test_what_was_gathered_is_there_after_the_house_was_closed_in_the_middle(tmp_path):
    before = await open_database(tmp_path)
    await add_run(before, "run_0")
    await add_run(before, "run_1")
    await Step(before, "run_0").do(put("a"))
    await Step(before, "run_1").do(put("b"))
    await before.close()
    after = await open_database(tmp_path)
    window = await Step(after, "run_0").do(take, now_ms=5_000, held=True)
    await after.close()
    assert window.items == ["a", "b"]


# Turns -------------------------------------------------------------------------------------------


async def test_turns_past_the_rate_are_spread_over_the_time_that_follows(database):
    turns = [
        await Step(database, f"run_{n}").do(lambda s: s.take_turn(SCOPE, count=2, per_ms=10_000))
        for n in range(5)
    ]
    assert turns == [1_000, 1_000, 11_000, 11_000, 21_000]


async def test_turns_that_all_come_late_keep_their_distance(database):
    def turn(store):
        return store.take_turn(SCOPE, count=1, per_ms=1_000)

    steps = [Step(database, f"run_{n}") for n in range(4)]
    assert [await step.do(turn) for step in steps] == [1_000, 2_000, 3_000, 4_000]
    due, came = [(9_000, step) for step in steps[1:]], []
    while due:
        now, step = due.pop(0)
        at = await step.do(turn, now_ms=now, held=True)
        if at > now:
            due.append((at, step))
        else:
            came.append(at)
    assert came == [9_000, 10_000, 11_000]
    assert await Step(database, "run_9").do(turn, now_ms=11_500) == 12_000


async def test_a_held_step_keeps_its_turn_however_often_it_is_asked(database):
    def turn(store):
        return store.take_turn(SCOPE, count=1, per_ms=5_000)

    await Step(database, "run_1").do(turn)
    second = Step(database, "run_2")
    assert await second.do(turn) == 6_000
    assert await second.do(turn, now_ms=3_000, held=True) == 6_000
    assert await second.do(turn, now_ms=6_000, held=True) == 6_000
    assert await Step(database, "run_3").do(turn, now_ms=6_000) == 11_000


async def test_each_key_is_counted_on_its_own(database):
    def turn(scope):
        return lambda store: store.take_turn(scope, count=1, per_ms=5_000)

    assert await Step(database, "run_1").do(turn("flow_a/node/anna")) == 1_000
    assert await Step(database, "run_2").do(turn("flow_a/node/bob")) == 1_000
    assert await Step(database, "run_3").do(turn("flow_a/node/anna")) == 6_000


@settings(max_examples=25, deadline=None)
@given(
    count=st.integers(1, 5),
    per_ms=st.integers(1, 50),
    gaps=st.lists(st.integers(0, 40), max_size=40),
)
def test_no_stretch_of_time_ever_sees_more_turns_than_allowed(count, per_ms, gaps):
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        table.metadata.create_all(connection, tables=[table.turn])
        now, turns = 0, []
        for number, gap in enumerate(gaps):
            now += gap
            at = take_turn(
                connection,
                WORKSPACE,
                SCOPE,
                step=str(number),
                held=False,
                count=count,
                per_ms=per_ms,
                now=now,
            )
            assert at >= now
            turns.append(at)
    assert turns == sorted(turns)
    for first, last in zip(turns, turns[count:], strict=False):
        assert last - first >= per_ms
