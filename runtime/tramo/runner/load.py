"""From a claimed row to a run in memory: its plan, its journal folded, its keys."""

from __future__ import annotations

from tramo.engine import fold
from tramo.graph.plan import MissingType
from tramo.model.limit import CRASHES_BEFORE_QUARANTINE
from tramo.model.value import decode
from tramo.runner.live import LiveRun
from tramo.runner.plan import PlanCache
from tramo.store import lease
from tramo.store import run as store
from tramo.store.database import Database
from tramo.store.lease import Claim


async def load_run(database: Database, plans: PlanCache, claim: Claim) -> LiveRun | None:
    """Return a claimed run; None when it was set aside instead.

    A run that took its worker down again and again goes into quarantine; one whose connector is
    not installed waits for it.
    """
    if claim.crashes >= CRASHES_BEFORE_QUARANTINE:
        await database.write(lambda c: lease.quarantine(c, claim.id, claim.token))
        return None
    try:
        plan = await plans.get(claim.workspace_id, claim.flow_id, claim.version)
    except MissingType:
        await database.write(lambda c: lease.hold(c, claim.id, claim.token))
        return None
    segments, payload, keys = await database.read(
        lambda c: (
            store.read_journal(c, claim.id),
            store.read_payload(c, claim.event_id),
            store.read_keys(c, claim.workspace_id, claim.id),
        )
    )
    state = fold(
        plan,
        run_id=claim.id,
        trigger=claim.trigger,
        output=decode(payload),
        segments=segments,
        origin=claim.origin,
        generation=claim.generation,
    )
    return LiveRun(
        claim.workspace_id,
        state,
        token=claim.token,
        seq=claim.seq,
        crashes=claim.crashes,
        keys=keys,
    )
