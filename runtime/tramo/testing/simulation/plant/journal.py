"""Mistakes about what is written down, and when."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sqlalchemy import text

from tramo.engine import Due
from tramo.nodes import wait as wait_node
from tramo.runner import load, plan, row
from tramo.store import lease, run
from tramo.store import row as store_row
from tramo.testing.simulation.database import MemoryBlobs
from tramo.testing.simulation.patch import Patch
from tramo.testing.simulation.plant.book import plant
from tramo.testing.simulation.process import current


@plant
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


@plant
def _new_version_on_resume(patch: Patch) -> None:
    """A run goes on by the version that is published by now."""
    before = plan.PlanCache.get

    async def get(self: Any, workspace_id: str, flow_id: str, version: str) -> Any:
        newest = [name for (_, flow, name) in self._plans if flow == flow_id]
        return await before(self, workspace_id, flow_id, newest[-1] if newest else version)

    patch.set(plan.PlanCache, "get", get)


@plant
def _due_forgotten(patch: Patch) -> None:
    """A run that waits does not say until when."""
    patch.rewrite(row, "row_of", ("None if final else live.due_at", "None"))


@plant
def _timer_early(patch: Patch) -> None:
    """What is due within a minute is due."""
    decide: Any = import_module("tramo.engine.decide")  # The function hides it in its package.
    early = patch.rewrite(
        decide, "_due", ("dues[0][0] <= happening.at", "dues[0][0] <= happening.at + 60_000")
    )
    patch.put(decide._HAPPENED, Due, early)
    patch.rewrite(lease, "claim_due", ("_r.due_at <= now,", "_r.due_at <= now + 50_000,"))


@plant
def _blob_after_commit(patch: Patch) -> None:
    """A large value is stored some time after the row that names it."""

    async def put(self: MemoryBlobs, owner: str, data: bytes) -> str:
        other = MemoryBlobs()
        blob_id = other.put_now(owner, data)
        current().later(0.2, lambda: self.kept.update({blob_id: data}))
        return blob_id

    patch.set(MemoryBlobs, "put", put)


@plant
def _end_undated(patch: Patch) -> None:
    """A run that has ended does not say when."""
    patch.rewrite(row, "row_of", ('"ended_at": now if final', '"ended_at": now if not final'))


@plant
def _error_unwritten(patch: Patch) -> None:
    """A run that has failed does not say why."""
    patch.rewrite(row, "row_of", ("encode(state.error) if state.error else None", "None"))


@plant
def _row_late(patch: Patch) -> None:
    """A run that waits is due some time after its steps are."""
    patch.rewrite(
        row,
        "row_of",
        ("None if final else live.due_at", "None if final else (live.due_at or 0) + 25_000"),
    )


@plant
def _timer_floored(patch: Patch) -> None:
    """A wait is cut down to tens of seconds."""
    cut = patch.rewrite(
        wait_node,
        "_for_seconds",
        ("until_ms = now_ms +", "until_ms = now_ms // 10_000 * 10_000 +"),
    )
    patch.put(wait_node._KINDS, "seconds", cut)


@plant
def _ring_between_lost(patch: Patch) -> None:
    """A ring that falls between two commits of a run is not seen."""
    patch.set(store_row.ADVANCE, "_spelled", {})
    before = store_row.ADVANCE._before
    assert "run.rung <> v.rung" in before
    patch.set(store_row.ADVANCE, "_before", before.replace("run.rung <> v.rung", "1 = 0"))


@plant
def _ahead_trusted(patch: Patch) -> None:
    """What was read of a run before it began is believed at a later claim."""
    patch.rewrite(load.Loader, "read_ahead", ("(c.id, c.token): found", "c.id: found"))
    held = "self._ahead.pop((claim.id, claim.token), None)"
    patch.rewrite(load.Loader, "take_up", (held, "self._ahead.get(claim.id)"))
