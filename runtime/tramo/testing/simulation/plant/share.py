"""Mistakes about what runs share: `once`, slots, stored steps, called flows."""

from __future__ import annotations

import itertools

from tramo.runner import row, runner
from tramo.store import call, ending, mark, quarantine, run, slot, turn, wait, window
from tramo.testing.simulation.patch import Patch
from tramo.testing.simulation.plant.book import plant


@plant
def _once_kept(patch: Patch) -> None:
    """A step that did not happen keeps its claim."""
    patch.set(row, "releases_of", lambda *_: [])


@plant
def _once_untaken(patch: Patch) -> None:
    """Everybody gets the claim."""
    patch.set(run, "_claim", lambda *_: [])


@plant
def _slot_leaked(patch: Patch) -> None:
    """A run that has ended lets nobody in."""
    patch.set(ending, "release", lambda *_: [])


@plant
def _slot_ignored(patch: Patch) -> None:
    """Who frees a slot lets everybody in."""
    patch.rewrite(slot, "release", ("holding >= waiting.at_once", "holding < 0"))


@plant
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


@plant
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


@plant
def _child_anew(patch: Patch) -> None:
    """A called flow is called again whenever its caller looks."""
    numbers = itertools.count()
    before = call.called_id
    patch.set(call, "called_id", lambda key, run_id: before(f"{key}{next(numbers)}", run_id))


@plant
def _called_from_first(patch: Patch) -> None:
    """A re-run of a caller goes on from what it called, not from another try of that."""
    patch.rewrite(
        call, "_basis", (", before.origin)", ", before.origin)\n    basis = Basis(before.id, None)")
    )


@plant
def _parent_unwoken(patch: Patch) -> None:
    """Nobody tells a caller that what it called has ended."""
    patch.rewrite(ending.Ending, "write", ("wake(connection, [self.parent], self.now)", "pass"))


@plant
def _slot_kept_by_cancel(patch: Patch) -> None:
    """A run that is cancelled lets nobody in."""
    patch.rewrite(
        row, "ending_of", ("slot=slot,", 'slot=slot and live.finish.state != "cancelled",')
    )


@plant
def _items_share_claim(patch: Patch) -> None:
    """All items of a loop hold the claim that one of them has."""
    patch.rewrite(row, "holder_of", ("*map(str, iteration)", ""))


@plant
def _nobody_replaced(patch: Patch) -> None:
    """A newer run waits for the older one that it is to replace."""
    patch.rewrite(slot, "admit", ("len(alive) + 1 - limit.at_once", "len(alive) - limit.at_once"))


@plant
def _together_unreplaced(patch: Patch) -> None:
    """Of runs that are written in one commit none makes room for another."""
    patch.set(slot.Admission, "stop_replaced", lambda *_: None)


@plant
def _refused_queued(patch: Patch) -> None:
    """A run that is to be refused waits for its turn."""
    patch.rewrite(slot, "admit", ('limit.full == "refuse"', 'limit.full == "refused"'))


@plant
def _queue_jumped(patch: Patch) -> None:
    """Whoever came last is let in first."""
    patch.rewrite(slot, "_runs", (".order_by(_s.number)", ".order_by(_s.number.desc())"))


@plant
def _turn_too_many(patch: Patch) -> None:
    """A limit lets in one more than it says."""
    patch.rewrite(turn, "_free_at", (".limit(count)", ".limit(count + 1)"), ("< count", "<= count"))
    patch.rewrite(turn, "take_turn", ("number + 1 - count", "number - count"))


@plant
def _mark_of_each(patch: Patch) -> None:
    """What is new to a run is new."""
    patch.rewrite(
        mark, "note_mark", ("            where=or_(_m.step == step, _m.until_at <= now),\n", "")
    )


@plant
def _window_lost(patch: Patch) -> None:
    """What others put into a window is gone when the run that carries it is cancelled."""
    patch.rewrite(window, "join_window", ("for step, raw in left:", "for step, raw in ():"))


@plant
def _child_goes_on(patch: Patch) -> None:
    """What a run called goes on when the run is cancelled."""
    patch.rewrite(ending.Ending, "write", ("if self.called:", "if False:"))


@plant
def _child_unawaited(patch: Patch) -> None:
    """A caller goes on as soon as what it called has begun."""
    ended = "row.state not in FINAL_RUN_STATES"
    patch.rewrite(call, "read_outcome", (ended, 'row.state == "queued"'))


@plant
def _slot_kept_aside(patch: Patch) -> None:
    """A run that a person ends in quarantine lets nobody in."""
    patch.rewrite(quarantine, "end", ("slot=True", "slot=False"))


@plant
def _failure_unheard(patch: Patch) -> None:
    """Nobody follows a run that fails after it waited."""
    patch.rewrite(
        row, "failure_of", ("following = followers", "following = live.seq < 3 and followers")
    )


@plant
def _failure_heard_always(patch: Patch) -> None:
    """Whatever the end of a run is, those who follow failures hear of it."""
    patch.rewrite(
        row,
        "failure_of",
        ('live.finish.state == "failed"', 'live.finish.state != "succeeded"'),
    )


@plant
def _waits_of_item_lost(patch: Patch) -> None:
    """An item whose wait is over ends the waits of the others."""
    patch.rewrite(wait.Waits, "write", ("_w.iteration == _spell(iteration),", ""))


@plant
def _window_at_once(patch: Patch) -> None:
    """A window closes as soon as somebody looks."""
    patch.rewrite(window, "take_window", ("row.closes_at <= now", "row.opened_at <= now"))


@plant
def _doubt_releases(patch: Patch) -> None:
    """A step that failed and may have happened lets another run have its claim."""
    patch.rewrite(row, "releases_of", (" and transition[6:7] != (True,)", ""))


@plant
def _child_keyless(patch: Patch) -> None:
    """A called run is not found by what its caller is about."""
    patch.rewrite(
        call, "start_flow", ("keys = store.read_keys(connection, caller.run_id)", "keys = ()")
    )


@plant
def _child_of_ended_goes_on(patch: Patch) -> None:
    """What a run called goes on when somebody ends that in quarantine."""
    patch.rewrite(quarantine, "end", ("called=True", "called=False"))
