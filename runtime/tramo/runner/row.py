"""From what was decided to what is written: the run's row, its claims, its waits, its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tramo.engine import Ended, Finish, GoOn, Happening, Perform, State, Wait
from tramo.engine.journal import Moment
from tramo.model.event import Key
from tramo.model.pause import Pause
from tramo.model.run import Iteration
from tramo.model.value import encode
from tramo.ports.identity import Ids
from tramo.runner.live import LiveRun, last_output
from tramo.runner.watch import LEASE_MS
from tramo.store.echo import Change
from tramo.store.ending import Ending
from tramo.store.follow import FailedRun, Failure, Follower
from tramo.store.run import OnceClaim
from tramo.store.wait import NewWait, Place, Waits

Followers = Callable[[str], Sequence[Follower]]
"""Which flows start when a run of a workspace fails."""


def row_of(live: LiveRun, commands: list[Any], *, now: int, owner: str) -> dict[str, Any]:
    """Say how the run's row reads after these commands; note in `live` when it is due."""
    state = live.state
    live.due_at = None
    more = False
    for command in commands:
        if type(command) is Wait:
            live.due_at = command.due_at
        elif type(command) is GoOn:
            more = True
        elif type(command) is Finish:
            live.finish = command
    final = live.finish is not None
    working = not final and (more or live.working)
    lease = now + LEASE_MS if working else None
    return {
        "state": state.status,
        "reason": state.reason,
        "error": encode(state.error) if state.error else None,
        "due_at": lease if working else (None if final else live.due_at),
        "owner": owner if working else None,
        "lease_until": lease,
        "ended_at": now if final else None,
        "crashes": live.crashes,
        "result": _result(live) if final and live.parent else None,
        "rung": live.rung,
        "now": None if final else now,  # Whoever rings for a run that has ended is too late.
    }


def _result(live: LiveRun) -> bytes:
    """Return what a called run hands to the one that called it."""
    state = live.state
    answer = state.response
    output = answer["body"] if isinstance(answer, dict) and "body" in answer else None
    return encode({"output": last_output(state) if answer is None else output})


def claims_of(live: LiveRun, commands: list[Any]) -> tuple[OnceClaim, ...]:
    """Name what the steps with `once` that are to start want to claim."""
    return tuple(
        OnceClaim(
            live.state.plan.nodes[command.node].id,
            command.once,
            value,
            holder_of(live.state, command.iteration),
        )
        for command in commands
        if type(command) is Perform and command.once
        if (value := key_value(live, command.once)) is not None
    )


def holder_of(state: State, iteration: Iteration) -> str:
    """Return who holds a claim: a family of runs, and inside a loop one item of theirs."""
    return ".".join((state.origin, *map(str, iteration)))


def key_value(live: LiveRun, kind: str) -> str | None:
    """Return the run's first business key of a kind."""
    return next((key.value for key in live.keys if key.kind == kind), None)


def fresh_keys(live: LiveRun, happening: Happening) -> list[Key]:
    """Return the keys that a happening adds to a run, which has them from now on."""
    fresh = [key for key in getattr(happening, "keys", ()) if key not in live.keys]
    live.keys.extend(fresh)
    return fresh


def releases_of(live: LiveRun, moments: list[Moment]) -> list[tuple[str, str]]:
    """Name the steps with `once` (node, holder) that certainly did not happen: another run may do
    them."""
    nodes = live.state.plan.by_id
    return [
        (transition[1], holder_of(live.state, transition[2]))
        for _, items in moments
        for transition in items
        if transition[0] == "f" and transition[6:7] != (True,) and nodes[transition[1]].node.once
    ]


def waits_of(live: LiveRun, moments: list[Moment], now: int) -> Waits | None:
    """Say which waits began and which are over; None where nothing changes."""
    state = live.state
    if not (state.open or live.waits):
        return None
    final = live.finish is not None
    opened: list[NewWait] = []
    by_id = state.plan.by_id
    for _, items in moments:
        for transition in items:
            if transition[0] == "w":
                place: Place = (transition[1], tuple(transition[2]))
                step = state.open.get((by_id[place[0]].index, place[1]))
                pause: Pause | None = step.pause if step is not None else None
                if pause is not None and (pause.matches or pause.ask):
                    opened.append(NewWait(*place, pause))
    closed = tuple(
        place for place in live.waits if (by_id[place[0]].index, place[1]) not in state.open
    )
    if not (opened or closed):
        return None
    live.waits.difference_update(closed)
    live.waits.update((wait.node_id, wait.iteration) for wait in opened)
    return Waits(
        workspace_id=live.workspace_id,
        run_id=state.run_id,
        began_at=state.started_at,
        now=now,
        opened=() if final else tuple(opened),
        closed=closed,
        over=final,
    )


def ending_of(live: LiveRun, now: int, followers: Followers, ids: Ids) -> Ending | None:
    """Say what the run's end does to others; None where nobody hears of it."""
    if live.finish is None:
        return None
    slot = live.state.plan.flow.limits.concurrency is not None
    failure = failure_of(live, now, followers, ids)
    if not (live.parent or live.calls or slot or failure):
        return None
    return Ending(
        run_id=live.state.run_id,
        parent=live.parent,
        cancelled_by=live.state.cancelled_by,
        called=live.calls,
        failure=failure,
        now=now,
        slot=slot,
    )


def failure_of(live: LiveRun, now: int, followers: Followers, ids: Ids) -> Failure | None:
    """Return who follows the run, if it failed."""
    failed = live.finish is not None and live.finish.state == "failed"
    following = followers(live.workspace_id) if failed else ()
    if not following:
        return None
    return Failure(failed=_failed_run(live, now), followers=following, new_id=ids.new)


def _failed_run(live: LiveRun, now: int) -> FailedRun:
    """Return what those who follow a failed run are told."""
    state, plan = live.state, live.state.plan
    states = state.root.states
    nodes = (
        node.id
        for node in plan.nodes
        if node.loop is None and states[node.slot] == "failed" and node.node.on_error == "stop"
    )
    error = state.error
    return FailedRun(
        workspace_id=live.workspace_id,
        run_id=state.run_id,
        flow_id=plan.flow.id,
        flow_name=plan.flow.name,
        started_at=state.started_at,
        ended_at=now,
        keys=tuple(live.keys),
        error={
            "code": error.code if error else state.reason,
            "message": error.message if error else "",
            "details": error.details if error else None,
            "node": next(nodes, None),
        },
        depth=live.depth,
    )


def change_of(live: LiveRun, happening: Happening, now: int) -> Change | None:
    """Return what an effect changed at a vendor, who will tell us so."""
    if type(happening) is not Ended:
        return None
    node = live.state.plan.nodes[happening.node]
    if not node.type.causes or not happening.keys or node.node.connection is None:
        return None
    return Change(
        workspace_id=live.workspace_id,
        flow_id=live.state.plan.flow.id,
        run_id=live.state.run_id,
        connection_id=node.node.connection,
        causes=node.type.causes,
        keys=happening.keys,
        depth=live.depth,
        now=now,
    )


def drop_written(moments: list[Moment]) -> None:
    """Take off the transition that a stored step's own commit has written."""
    at, items = moments[0]
    moments[0] = (at, items[1:])
    if not moments[0][1]:
        del moments[0]
