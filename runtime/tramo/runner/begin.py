"""A new run: decided upon in memory, and the row that its first commit writes."""

from __future__ import annotations

from typing import Any

import msgspec

from tramo.engine import State, encode_segment
from tramo.engine.journal import Moment
from tramo.graph.plan import Plan
from tramo.model.event import Key
from tramo.runner import row
from tramo.runner.live import LiveRun, Outcome
from tramo.runner.load import first_keys
from tramo.store.run import NewRun


class Begun(msgspec.Struct, frozen=True):
    """A run that has been decided upon as far as it goes without the world, and not yet written."""

    row: NewRun
    live: LiveRun
    commands: list[Any]
    moments: list[Moment]


def new_run(
    workspace_id: str,
    plan: Plan,
    trigger: int,
    run_id: str,
    keys: tuple[Key, ...],
    restored_from: int | None = None,
) -> LiveRun:
    """Return a run that nothing has happened to."""
    first = first_keys(keys)
    state = State(plan, run_id=run_id, trigger=trigger, keys=first, restored_from=restored_from)
    return LiveRun(workspace_id, state, keys=keys)


def begun(
    live: LiveRun,
    commands: list[Any],
    moments: list[Moment],
    columns: dict[str, Any],
    by_hand: bool,
    waits: Any,
    failure: Any,
) -> Begun:
    """Return a run with what was decided of it; `columns` is how its row reads."""
    live.leased_until = columns["lease_until"] or 0
    new = _row(
        live,
        by_hand=by_hand,
        started_at=live.state.started_at,
        segment=encode_segment(moments),
        claims=row.claims_of(live, commands),
        waits=waits,
        state=columns["state"],
        reason=columns["reason"],
        error=columns["error"],
        owner=columns["owner"],
        lease_until=columns["lease_until"],
        due_at=columns["due_at"],
        ended_at=columns["ended_at"],
        failure=failure,
    )
    return Begun(new, live, commands, moments)


def queued(live: LiveRun, at: int, by_hand: bool) -> Begun:
    """Return a run that there is no room for here: whoever has some takes it up and begins it."""
    new = _row(
        live,
        by_hand=by_hand,
        started_at=at,
        due_at=at,
    )
    live.held_back = Outcome(live.state.run_id, "queued", None)
    return Begun(new, live, [], [])


def _row(live: LiveRun, **fields: Any) -> NewRun:
    """Return the row of a run that is the first of its family."""
    state = live.state
    return NewRun(
        id=state.run_id,
        workspace_id=live.workspace_id,
        flow_id=state.plan.flow.id,
        version=state.plan.version,
        trigger=state.plan.nodes[state.trigger].id,
        origin=state.run_id,
        keys=tuple(live.keys),
        **fields,
    )
