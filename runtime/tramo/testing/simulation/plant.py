"""Mistakes to make on purpose: a simulator that does not notice them proves nothing.

Each is one that somebody could make, put into the running code only. What it breaks is named in its
words.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

from sqlalchemy import text

from tramo.engine import Due, loop, retry, start, state
from tramo.ingest import intake, schedule
from tramo.outbound import client
from tramo.runner import attempt, hand, load, plan, row, runner, watch
from tramo.store import call, ending, lease, run, slot, wait
from tramo.testing.simulation.database import MemoryBlobs
from tramo.testing.simulation.patch import Patch, patching
from tramo.testing.simulation.port import SimulatedClock
from tramo.testing.simulation.process import current

Make = Callable[[Patch], None]
PLANTS: Final[dict[str, Make]] = {}


def _plant(make: Make) -> Make:
    PLANTS[make.__name__.strip("_")] = make
    return make


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Make a mistake for a while; raises Uprooted where it cannot be made any more."""
    with patching(name, PLANTS[name]):
        yield


# Starts, sends and keys ----------------------------------------------------------------------


@_plant
def _start_forgotten(patch: Patch) -> None:
    """Starts are applied in memory, and never reach the journal."""
    patch.rewrite(
        state.State,
        "note",
        ("moments = self.moments\n", "moments = [] if transition[0] == 's' else self.moments\n"),
    )


@_plant
def _send_before_commit(patch: Patch) -> None:
    """What is to be sent is sent while its start is still being written."""
    patch.rewrite(
        runner.Runner,
        "_write",
        ("unit = self._unit(", "self._carry_out(live, commands, ())\n    unit = self._unit("),
    )


@_plant
def _done_before_send(patch: Patch) -> None:
    """A step is written as done, and sent afterwards."""
    patch.rewrite(
        hand.Hand,
        "_perform",
        (
            "await self._advance(live, await",
            "place = (perform.node, perform.iteration)\n"
            "    done = Ended(self._now_ms(), *place, None, Raw(b'null'))\n"
            "    await self._advance(live, done)\n    (await",
        ),
    )


@_plant
def _key_per_attempt(patch: Patch) -> None:
    """Every further attempt travels under a key of its own."""
    patch.rewrite(
        start,
        "attempt",
        ("step.iteration, step.generation)", "step.iteration, step.attempts)"),
    )


@_plant
def _doubt_retried(patch: Patch) -> None:
    """What must not be repeated is sent again when its answer was lost."""
    patch.rewrite(
        retry,
        "must_not_repeat",
        ("return True", "return False"),
    )


@_plant
def _window_ignored(patch: Patch) -> None:
    """A key is used when the vendor may have forgotten it."""
    patch.rewrite(
        retry, "_window_closed", ("return window_s is not None", "return window_s is None")
    )


# Fences, leases and claims -------------------------------------------------------------------


@_plant
def _no_fence_on_advance(patch: Patch) -> None:
    """Whoever held a run before may still write to it."""
    patch.set(run._ADVANCE, "_spelled", {})
    after = run._ADVANCE._after
    assert " AND run.token = v.token" in after
    patch.set(run._ADVANCE, "_after", after.replace(" AND run.token = v.token", ""))


@_plant
def _no_fence_on_renew(patch: Patch) -> None:
    """A lease is renewed whoever has it."""
    patch.rewrite(lease, "renew_leases", ("_r.owner == owner", "_r.owner.is_not(None)"))


@_plant
def _own_clock(patch: Patch) -> None:
    """Workers go by the clocks of their machines."""
    patch.rewrite(SimulatedClock, "now_ms", ("self._skew_ms", "self.own_skew_ms"))


@_plant
def _token_kept(patch: Patch) -> None:
    """A claim does not raise the token."""
    patch.rewrite(lease, "_take", ("token=_r.token + 1", "token=_r.token"))


@_plant
def _living_robbed(patch: Patch) -> None:
    """Runs are claimed some time before their leases end."""
    patch.rewrite(lease, "claim_due", ("_r.due_at <= now,", "_r.due_at <= now + 25_000,"))


@_plant
def _start_robs_all(patch: Patch) -> None:
    """Who starts takes over what living workers hold."""
    patch.rewrite(watch.Watch, "start", ("if not self._database.shared:", "if True:"))


@_plant
def _send_unasked(patch: Patch) -> None:
    """Nobody looks, before a send, whether the run is still this worker's."""
    patch.set(client, "check_may_send", lambda *_: None)
    patch.rewrite(attempt.Attempts, "carry_out", ("if not call.may_send():", "if False:"))


@_plant
def _final_revived(patch: Patch) -> None:
    """Somebody may claim a run that has ended, and go on with it."""
    patch.rewrite(
        lease,
        "wake",
        (
            ".where(_r.id.in_(run_ids), _r.state.not_in(sorted(FINAL_RUN_STATES)))",
            ".where(_r.id.in_(run_ids))",
        ),
    )


@_plant
def _crash_uncounted(patch: Patch) -> None:
    """A crash is counted after the run that it ends, which is never."""
    patch.rewrite(lease, "_take", ("case((_r.owner.is_not(None), 1), else_=0)", "0"))


@_plant
def _poison_free(patch: Patch) -> None:
    """What takes its worker down is tried for ever."""
    patch.set(load, "CRASHES_BEFORE_QUARANTINE", 10**9)


@_plant
def _watch_stops(patch: Patch) -> None:
    """Looking for due runs stops at the first mistake."""
    patch.rewrite(watch.Watch, "_watch", ("except Exception:", "except ZeroDivisionError:"))


@_plant
def _cancel_swallowed(patch: Patch) -> None:
    """Looking for due runs goes on when it is told to stop."""
    patch.rewrite(watch.Watch, "_watch", ("except Exception:", "except BaseException:"))


@_plant
def _kept_at_stop(patch: Patch) -> None:
    """Who stops in order gives nothing back."""
    patch.rewrite(lease, "give_back", ("_r.owner == owner", "_r.owner.is_(None)"))


@_plant
def _ring_lost(patch: Patch) -> None:
    """Nobody looks unless rung for, and rings are lost."""
    patch.set(watch, "SWEEP_S", 10**9)
    patch.set(runner.Runner, "ring", lambda *_: None)


# The journal ---------------------------------------------------------------------------------


@_plant
def _journal_rewritten(patch: Patch) -> None:
    """A segment takes in what comes after it."""
    before = run._write_segments

    def write(connection: Any, units: Any) -> None:
        before(connection, units)
        for unit in units:
            connection.execute(
                text("UPDATE segment SET fmt = fmt WHERE run_id = :run AND seq < :seq"),
                {"run": unit.run_id, "seq": unit.seq},
            )

    patch.set(run, "_write_segments", write)


@_plant
def _new_version_on_resume(patch: Patch) -> None:
    """A run goes on by the version that is published by now."""
    before = plan.PlanCache.get

    async def get(self: Any, workspace_id: str, flow_id: str, version: str) -> Any:
        newest = [name for (_, flow, name) in self._plans if flow == flow_id]
        return await before(self, workspace_id, flow_id, newest[-1] if newest else version)

    patch.set(plan.PlanCache, "get", get)


@_plant
def _due_forgotten(patch: Patch) -> None:
    """A run that waits does not say until when."""
    patch.rewrite(row, "row_of", ("None if final else live.due_at", "None"))


@_plant
def _timer_early(patch: Patch) -> None:
    """What is due within a minute is due."""
    decide: Any = import_module("tramo.engine.decide")  # The function hides it in its package.
    early = patch.rewrite(
        decide, "_due", ("dues[0][0] <= happening.at", "dues[0][0] <= happening.at + 60_000")
    )
    patch.put(decide._HAPPENED, Due, early)
    patch.rewrite(lease, "claim_due", ("_r.due_at <= now,", "_r.due_at <= now + 50_000,"))


@_plant
def _blob_after_commit(patch: Patch) -> None:
    """A large value is stored some time after the row that names it."""

    async def put(self: MemoryBlobs, owner: str, data: bytes) -> str:
        other = MemoryBlobs()
        blob_id = other.put_now(owner, data)
        current().later(0.2, lambda: self.kept.update({blob_id: data}))
        return blob_id

    patch.set(MemoryBlobs, "put", put)


# Deliveries ----------------------------------------------------------------------------------


@_plant
def _ack_before_commit(patch: Patch) -> None:
    """A delivery is acknowledged while it is being written."""
    patch.rewrite(
        intake.Intake,
        "_take",
        ("accepted = await self", "written = self"),
        (
            "return self.adopt(prepared, accepted)",
            "written.add_done_callback(lambda done: self.adopt(prepared, done.result()))\n"
            "    return Taken(prepared.unit.event.id, False)",
        ),
    )


@_plant
def _copy_unseen(patch: Patch) -> None:
    """Every copy of a delivery is an event of its own."""
    patch.rewrite(
        intake.Intake, "prepare", ("delivery_id=delivery_id or event_id", "delivery_id=event_id")
    )


@_plant
def _copy_runs(patch: Patch) -> None:
    """A copy of a delivery is stored once, and starts runs twice."""
    patch.set(run, "_unknown_before", lambda _, units: units)


@_plant
def _match_after_commit(patch: Patch) -> None:
    """Which waits an event ends is found out after it is stored."""
    patch.rewrite(
        intake.Intake,
        "_take",
        (
            "accepted = await self",
            "waited, prepared.unit.awaited = prepared.unit.awaited, False\n"
            "    accepted = await self",
        ),
        (
            "return self.adopt(prepared, accepted)",
            "if waited:\n"
            "        from tramo.store.wait import match_event\n"
            "        event = prepared.unit.event\n"
            "        self._starter.ring(\n"
            "            await self._database.write(\n"
            "                lambda c: match_event(c, workspace_id, event)\n"
            "            )\n"
            "        )\n"
            "    return self.adopt(prepared, accepted)",
        ),
    )


@_plant
def _past_unheard(patch: Patch) -> None:
    """An event that came between a run's beginning and its wait is not looked for."""
    patch.set(wait.Waits, "_look_back", lambda *_: False)


@_plant
def _deadline_first(patch: Patch) -> None:
    """A wait that an event has ended is late when its run is taken up after its deadline."""
    patch.rewrite(
        runner.Runner,
        "_take_up",
        (
            "[Recovered(now), *events, Due(now), *happened]",
            "[Recovered(now), Due(now), *events, *happened]",
        ),
    )


# Once, slots, stored steps, called flows -----------------------------------------------------


@_plant
def _once_kept(patch: Patch) -> None:
    """A step that did not happen keeps its claim."""
    patch.set(row, "releases_of", lambda *_: [])


@_plant
def _once_untaken(patch: Patch) -> None:
    """Everybody gets the claim."""
    patch.set(run, "_claim", lambda *_: [])


@_plant
def _slot_leaked(patch: Patch) -> None:
    """A run that has ended lets nobody in."""
    patch.set(ending, "release", lambda *_: [])


@_plant
def _slot_ignored(patch: Patch) -> None:
    """Who frees a slot lets everybody in."""
    patch.rewrite(slot, "release", ("holding >= waiting.at_once", "holding < 0"))


@_plant
def _stored_by_anybody(patch: Patch) -> None:
    """A stored step does its work before anybody asks whose run it is."""
    patch.rewrite(
        run.Advance,
        "apply",
        (
            "return Advanced(fenced=True)",
            "if self.stored is not None:\n"
            "            self.stored.apply(connection, [])\n"
            "        return Advanced(fenced=True)",
        ),
    )


@_plant
def _stored_alone(patch: Patch) -> None:
    """A stored step's work is committed, and its result some time later."""
    patch.rewrite(
        runner.Runner,
        "_store",
        (
            "unit = self._unit(",
            "early = step(self._now_ms())\n"
            "            await self._database.write(lambda c: early.apply(c, []))\n"
            "            unit = self._unit(",
        ),
    )


@_plant
def _child_anew(patch: Patch) -> None:
    """A called flow is called again whenever its caller looks."""
    numbers = itertools.count()
    before = call.called_id
    patch.set(call, "called_id", lambda key, run_id: before(f"{key}{next(numbers)}", run_id))


@_plant
def _parent_unwoken(patch: Patch) -> None:
    """Nobody tells a caller that what it called has ended."""
    patch.rewrite(ending.Ending, "write", ("wake(connection, [self.parent], self.now)", "pass"))


# The course of a run, restores, schedules ----------------------------------------------------


@_plant
def _merge_hasty(patch: Patch) -> None:
    """A node that several arrows lead to begins with the first that delivers."""
    patch.rewrite(state.State, "_settle_edge", ("open_edges[slot] == 0 and", "states and"))


@_plant
def _items_crowd(patch: Patch) -> None:
    """A loop begins with all its items at once."""
    patch.rewrite(loop, "open_loop", ("min(node.loop.at_once, len(items))", "len(items)"))


@_plant
def _retry_hasty(patch: Patch) -> None:
    """The second try comes at once."""
    patch.set(retry, "BACKOFF_MAX_S", 0.1)


@_plant
def _match_overwritten(patch: Patch) -> None:
    """A second event takes the place of the one that ended a wait."""
    patch.rewrite(wait, "match_event", ("_w.event_id.is_(None),", ""))


@_plant
def _restore_unmarked(patch: Patch) -> None:
    """Runs that a restore brought back know nothing of it."""
    patch.set(load, "restored_from", lambda *_: None)


@_plant
def _firing_anonymous(patch: Patch) -> None:
    """A firing is known by when it was fired, and not by what it was due for."""
    patch.rewrite(
        schedule.Scheduler,
        "_fire",
        ("delivery_id=str(due)", "delivery_id=str(self._clock.now_ms())"),
    )


@_plant
def _firing_forgotten(patch: Patch) -> None:
    """What was missed while nobody ran is not made up for."""
    patch.rewrite(schedule.Scheduler, "_catch_up", ('rule == "skip"', "rule"))
