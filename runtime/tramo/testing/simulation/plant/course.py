"""Mistakes about a run's course, restores and schedules."""

from __future__ import annotations

from tramo.engine import loop, retry, state
from tramo.ingest import schedule
from tramo.runner import load
from tramo.store import wait
from tramo.testing.simulation.patch import Patch
from tramo.testing.simulation.plant.book import plant


@plant
def _merge_hasty(patch: Patch) -> None:
    """A node that several arrows lead to begins with the first that delivers."""
    patch.rewrite(state.State, "_settle_edge", ("open_edges[slot] == 0 and", "states and"))


@plant
def _items_crowd(patch: Patch) -> None:
    """A loop begins with all its items at once."""
    patch.rewrite(loop, "open_loop", ("min(node.loop.at_once, len(items))", "len(items)"))


@plant
def _retry_hasty(patch: Patch) -> None:
    """The second try comes at once."""
    patch.set(retry, "BACKOFF_MAX_S", 0.1)


@plant
def _match_overwritten(patch: Patch) -> None:
    """A second event takes the place of the one that ended a wait."""
    patch.rewrite(wait, "match_event", ("_w.event_id.is_(None),", ""))


@plant
def _restore_unmarked(patch: Patch) -> None:
    """Runs that a restore brought back know nothing of it."""
    patch.set(load, "restored_from", lambda *_: None)


@plant
def _firing_anonymous(patch: Patch) -> None:
    """A firing is known by when it was fired, and not by what it was due for."""
    patch.rewrite(
        schedule.Scheduler,
        "_fire",
        ("delivery_id=str(due)", "delivery_id=str(self._clock.now_ms())"),
    )


@plant
def _firing_forgotten(patch: Patch) -> None:
    """What was missed while nobody ran is not made up for."""
    patch.rewrite(schedule.Scheduler, "_catch_up", ('rule == "skip"', "rule"))


@plant
def _join_counts_skipped(patch: Patch) -> None:
    """A join begins though one of its branches was skipped."""
    patch.rewrite(
        state.State,
        "_merge_starves",
        ("return len(frame.delivered[node.index]) < node.incoming", "return False"),
    )
