"""Who may work on a run: claims, shares, suspects and renewals, on both databases."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, update
from tramo.store import lease, loss, table
from tramo.store.database import open_database
from tramo.store.row import ADVANCED
from tramo.store.run import Advance

from tests.runtime.store.kit import add_run

NOW = 1_000_000
LEASE_MS = 30_000


async def due(database, *runs: tuple[str, str, str], at: int = NOW, **columns) -> None:
    """Add runs (id, workspace, flow) that nobody works on; the first one has waited longest."""
    for place, (run_id, workspace_id, flow_id) in enumerate(runs):
        await add_run(database, run_id, flow_id=flow_id, workspace_id=workspace_id)
        values = {"owner": None, "lease_until": None, "due_at": at - 1_000 + place, **columns}
        await database.write(
            lambda c, run_id=run_id, values=values: c.execute(
                update(table.run).where(table.run.c.id == run_id).values(**values)
            )
        )


async def claim(database, owner="own_a", count=10, suspects=1, now=NOW, in_hand=()) -> list[str]:
    claims = await database.write(
        lambda c: lease.claim_due(
            c,
            owner=owner,
            now=now,
            lease_ms=LEASE_MS,
            count=count,
            suspects=suspects,
            in_hand=in_hand,
        ),
        plain=True,
    )
    return sorted(found.id for found in claims)


async def row(database, run_id: str):
    return await database.read(
        lambda c: c.execute(select(table.run).where(table.run.c.id == run_id)).one()
    )


async def test_a_claimed_run_is_nobody_elses_until_its_lease_is_over(database):
    await due(database, ("run_1", "ws_1", "flow_a"))
    assert await claim(database, "own_a") == ["run_1"]
    assert await claim(database, "own_b") == []
    assert await claim(database, "own_b", now=NOW + LEASE_MS + 1) == ["run_1"]
    assert (await row(database, "run_1")).crashes == 1
    assert (await row(database, "run_1")).token == 3


async def test_a_worker_never_claims_what_it_has_in_hand_whatever_the_clock_says(database):
    await due(database, ("run_1", "ws_1", "flow_a"))
    assert await claim(database) == ["run_1"]
    tomorrow = NOW + 86_400_000
    assert await claim(database, now=tomorrow, in_hand=["run_1"]) == []
    next_due = await database.read(lambda c: lease.next_due(c, in_hand=["run_1"]))
    assert next_due is None


async def test_a_run_that_its_own_worker_has_lost_is_taken_up_again(database):
    await due(database, ("run_1", "ws_1", "flow_a"))
    assert await claim(database) == ["run_1"]
    assert await claim(database, now=NOW + LEASE_MS + 1, in_hand=["run_2"]) == ["run_1"]


async def test_two_workers_that_claim_at_once_share_the_runs(tmp_path, database, database_url):
    if database_url is None:
        return  # One file has one worker.
    runs = [(f"run_{n:03}", "ws_1", "flow_a") for n in range(60)]
    await due(database, *runs)
    other = await open_database(tmp_path / "other", database_url)
    taken: list[str] = []
    for _ in range(9):  # Each passes over a row more than it takes, so some are left for later.
        both = await asyncio.gather(
            claim(database, "own_a", count=10), claim(other, "own_b", count=10)
        )
        taken += [run_id for found in both for run_id in found]
    await other.close()
    assert len(taken) == len(set(taken)) == 60


async def test_a_flow_with_many_due_runs_leaves_room_for_the_others(database):
    await due(database, *((f"run_a{n}", "ws_1", "flow_a") for n in range(30)))
    await due(database, ("run_b", "ws_1", "flow_b"), ("run_c", "ws_2", "flow_c"), at=NOW + 500)
    claimed = await claim(database, count=6)
    assert {"run_b", "run_c"} < set(claimed)
    assert len(claimed) == 6


async def test_room_that_small_flows_do_not_need_goes_to_the_large_one(database):
    await due(database, *((f"run_a{n}", "ws_1", "flow_a") for n in range(30)))
    await due(database, ("run_b", "ws_2", "flow_b"))
    assert len(await claim(database, count=20)) == 20


async def test_of_those_that_may_take_workers_down_one_is_taken_at_a_time(database):
    await due(database, *((f"run_s{n}", "ws_1", "flow_a") for n in range(3)), crashes=2)
    await due(database, ("run_good", "ws_1", "flow_a"))
    first = await claim(database)
    assert len(first) == 2
    assert "run_good" in first
    assert await claim(database, suspects=0) == []


async def test_of_suspects_the_one_that_the_fewest_workers_died_with_comes_first(database):
    """A worker that is killed again and again from outside falls on another one each time."""
    await due(database, ("run_s1", "ws_1", "flow_a"), crashes=4, at=NOW - 9)
    await due(database, ("run_s2", "ws_1", "flow_a"), crashes=2, at=NOW - 1)
    await due(database, ("run_s3", "ws_1", "flow_a"), crashes=2, at=NOW - 2)
    assert [await claim(database) for _ in range(3)] == [["run_s3"], ["run_s2"], ["run_s1"]]


async def test_a_renewal_tells_which_runs_are_still_ours(database):
    await due(database, ("run_1", "ws_1", "flow_a"), ("run_2", "ws_1", "flow_a"))
    await claim(database, "own_a")
    await claim(database, "own_b", count=1, now=NOW + LEASE_MS + 1)
    ours = await database.write(
        lambda c: lease.renew_leases(
            c, ["run_1", "run_2"], owner="own_a", lease_until=NOW + 2 * LEASE_MS
        )
    )
    assert ours == {"run_2"}


@pytest.mark.parametrize("working", [True, False])
async def test_what_waited_to_be_written_shortens_no_lease_but_ends_one(database, working):
    await due(database, ("run_1", "ws_1", "flow_a"))
    await claim(database, "own_a")
    found = await row(database, "run_1")
    written = {name: getattr(found, name) for name in ADVANCED} | {"now": NOW}
    if not working:
        written |= {"owner": None, "lease_until": None, "due_at": NOW + 5, "state": "waiting"}
    late = Advance(
        workspace_id="ws_1",
        flow_id="flow_a",
        run_id="run_1",
        token=found.token,
        seq=found.seq + 1,
        segment=None,
        row=written,
    )
    renewed = NOW + 3 * LEASE_MS
    await database.write(
        lambda c: lease.renew_leases(c, ["run_1"], owner="own_a", lease_until=renewed)
    )
    assert not (await database.submit(late)).fenced
    found = await row(database, "run_1")
    kept = (renewed, renewed) if working else (None, NOW + 5)
    assert (found.lease_until, found.due_at) == kept


async def test_a_run_that_could_not_be_gone_on_with_is_tried_later_and_it_counts(database):
    await due(database, ("run_1", "ws_1", "flow_a"))
    await claim(database)
    token = (await row(database, "run_1")).token
    await database.write(lambda c: lease.give_up(c, "run_1", token, NOW + LEASE_MS))
    assert await claim(database) == []
    assert await claim(database, now=NOW + LEASE_MS) == ["run_1"]
    assert (await row(database, "run_1")).crashes == 1


async def test_a_worker_that_lost_its_run_gives_nothing_up(database):
    await due(database, ("run_1", "ws_1", "flow_a"))
    await claim(database, "own_a")
    token = (await row(database, "run_1")).token
    await claim(database, "own_b", now=NOW + LEASE_MS + 1)
    await database.write(lambda c: lease.give_up(c, "run_1", token, NOW))
    assert (await row(database, "run_1")).owner == "own_b"


async def test_a_ring_for_a_connection_takes_no_run_away_from_who_has_it(database):
    parked = {"state": "waiting", "reason": "connection"}
    await due(database, ("run_1", "ws_1", "flow_a"), **parked)
    await due(database, ("run_2", "ws_1", "flow_a"), due_at=None, **parked)
    assert await claim(database, "own_a") == ["run_1"]
    rung = await database.write(lambda c: lease.wake_parked(c, "ws_1", NOW + 5))
    assert sorted(rung) == ["run_1", "run_2"]
    assert await claim(database, "own_b", now=NOW + 10) == ["run_2"]
    assert (await row(database, "run_1")).owner == "own_a"
    assert (await row(database, "run_1")).rung == 1


async def test_where_more_flows_wait_than_there_is_room_for_none_waits_for_ever(database):
    flows = [f"flow_{letter}" for letter in "edcba"]
    await due(database, *((f"run_{n}", "ws_1", flow) for n, flow in enumerate(flows * 2)))
    assert await claim(database, count=2) == ["run_0", "run_1"]
    assert await claim(database, count=2) == ["run_2", "run_3"]


async def lose(database, run_id: str, times: int, first: int = 1) -> bool:
    """Let one worker after the other take a run and be lost; tell whether it is set aside then."""
    for number in range(times):
        claimed = await database.write(
            lambda c, n=first + number: lease.claim_run(
                c, run_id, owner=f"own_{run_id}_{n}", now=NOW + n, lease_ms=0
            )
        )
    return await database.write(lambda c: lease.set_aside(c, claimed))


async def test_a_run_that_was_there_at_three_losses_is_set_aside(database):
    await due(database, ("run_1", "ws_1", "flow_a"), ("run_2", "ws_1", "flow_a"))
    assert not await lose(database, "run_1", 3)
    assert await lose(database, "run_1", 1, first=4)
    assert (await row(database, "run_1")).state == "quarantined"
    assert not await lose(database, "run_2", 3)
    assert await lose(database, "run_2", 1, first=4), "what the first explains counts no more"


async def test_more_is_asked_for_while_workers_are_killed_that_had_other_runs(database):
    others = [(f"run_{n}", "ws_1", "flow_a") for n in range(5)]
    await due(database, *others)
    for run_id, *_ in others[1:]:
        assert not await lose(database, run_id, 2)
    assert not await lose(database, "run_0", 6)
    assert (await row(database, "run_0")).crashes == 5
    assert await lose(database, "run_0", 1, first=7)


async def test_losses_of_long_ago_say_nothing(database):
    others = [(f"run_{n}", "ws_1", "flow_a") for n in range(5)]
    await due(database, *others)
    for run_id, *_ in others[1:]:
        await lose(database, run_id, 2)
    later = NOW + loss.REMEMBERED_MS + 10
    await database.write(lambda c: loss.note_losses(c, ["own_gone"], later))
    assert await lose(database, "run_0", 4)
