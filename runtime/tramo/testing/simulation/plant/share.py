"""Mistakes about what runs share: `once`, slots, stored steps, called flows."""

from __future__ import annotations

import itertools

from tramo.runner import row, runner
from tramo.store import call, ending, run, slot
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
