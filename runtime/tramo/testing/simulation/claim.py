"""Claims of many runs at once: who is passed over, and who may not be taken up together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from tramo.model.limit import CRASHES_BEFORE_SUSPICION
from tramo.testing.simulation.log import RunChange
from tramo.testing.simulation.server import Server

AWARE_MS: Final = 2_000
"""What is due for so long was so when the claim was decided upon."""
_LEFT: Final = (
    "SELECT workspace_id, flow_id, min(due_at) FROM run "
    "WHERE due_at <= ? AND owner IS NULL AND crashes < ? GROUP BY workspace_id, flow_id"
)
_FEWEST: Final = (
    "SELECT min(crashes + (owner IS NOT NULL)) FROM run "
    "WHERE due_at <= ? AND crashes + (owner IS NOT NULL) >= ?"
)
_FLOWS: Final = (
    "SELECT workspace_id, count(DISTINCT flow_id) FROM run WHERE due_at IS NOT NULL "
    "GROUP BY workspace_id"
)


def look_at_claims(
    server: Server,
    changes: Sequence[RunChange],
    now: int,
    broken: Callable[[str], None],
    *,
    is_told: Callable[[str], bool],
) -> None:
    """Look at what a worker that nothing held up took over with one commit."""
    claimed = [change for change in changes if _is_claim(change, now)]
    suspects = [
        change.id
        for change in claimed
        if _crashes(change) >= CRASHES_BEFORE_SUSPICION and not is_told(change.id)
    ]
    if len(suspects) > 1:
        broken(f"claim.suspects: {suspects} are taken up together: each may be what crashes")
    known = (now - AWARE_MS, CRASHES_BEFORE_SUSPICION)
    for change in claimed:
        if change.id in suspects:
            ((fewest,),) = server.ask(_FEWEST, *known)
            if fewest is not None and fewest < _crashes(change):
                broken(f"claim.again: {change.id} is taken up, and fewer died with another one")
    calm = [change for change in claimed if _crashes(change) < CRASHES_BEFORE_SUSPICION]
    left = server.ask(_LEFT, *known) if len(calm) > 1 else []
    if not left:
        return
    newest: dict[tuple[str, str], int] = {}
    took: Counter[tuple[str, str]] = Counter()
    for change in calm:
        (flow,) = server.ask("SELECT workspace_id, flow_id FROM run WHERE id = ?", change.id)
        took[flow] += 1
        newest[flow] = max(newest.get(flow, 0), change.before.due_at or 0)  # type: ignore[union-attr]
    flows = dict(server.ask(_FLOWS))
    for workspace_id, flow_id, oldest in left:
        flow = (workspace_id, flow_id)
        if took[flow] < max(1, len(calm) // (len(flows) * flows[workspace_id])):
            broken(f"claim.unfair: {took[flow]} of {len(calm)} are of {flow}, and more wait")
        if oldest < newest.get(flow, 0):
            broken(f"claim.overtaken: a run of {flow_id} is due for longer than one that is taken")


def _is_claim(change: RunChange, now: int) -> bool:
    """Tell whether a run was taken up because it was due, not because somebody named it."""
    before, after = change.before, change.after
    if before is None or after is None or after.owner is None:
        return False
    return after.token == before.token + 1 and before.due_at is not None and before.due_at <= now


def _crashes(change: RunChange) -> int:
    return change.after.crashes if change.after is not None else 0
