"""Mistakes about what is kept, and for how long."""

from __future__ import annotations

from tramo.store import retention
from tramo.testing.simulation import sweep
from tramo.testing.simulation.patch import Patch
from tramo.testing.simulation.plant.book import plant


@plant
def _open_swept(patch: Patch) -> None:
    """Retention lets go of whatever is old, be it done with or not."""
    patch.rewrite(
        retention,
        "_is_over",
        ("run.state not in FINAL_RUN_STATES or run.ended_at is None", "run is None"),
        ("run.ended_at <= now", "run.started_at <= now"),
    )


@plant
def _basis_swept(patch: Patch) -> None:
    """Retention lets go of a run that another one goes on from."""
    patch.rewrite(retention, "_needed", ("run.origin in kept or", ""))


@plant
def _called_swept(patch: Patch) -> None:
    """Retention lets go of a called run before its caller knows how it ended."""
    patch.rewrite(retention, "_needed", ("or run.parent in there", ""))


@plant
def _event_swept(patch: Patch) -> None:
    """Retention lets go of an event that ended a wait before the run has heard of it."""
    patch.set(sweep, "open_since", lambda _: {})
