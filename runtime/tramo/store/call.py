"""Flows that call flows: the called run is written with the step that calls it, exactly once.

Its id follows from the calling step and run, so that a second call finds it. A re-run of the caller
calls a re-run of what was called before: what that has done already, or what a re-run of it has
done that somebody asked for, is not done again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from tramo.graph import load
from tramo.graph.slot import slot_of
from tramo.model.effect import effect_key
from tramo.model.event import Event
from tramo.model.flow import Flow
from tramo.model.part import write_part
from tramo.model.run import FINAL_RUN_STATES, Iteration
from tramo.model.scope import system_scope
from tramo.model.value import decode, encode
from tramo.sdk.error import Rejected
from tramo.store import run as store
from tramo.store import table
from tramo.store.epoch import inherit
from tramo.store.flow import get_flow, get_version
from tramo.store.rerun import Basis, is_known_whole, read_basis

_TIME: Final = len("run_") + 11
"""How much of an id says when it was made."""
DEPTH: Final = 10
"""How many runs may call each other."""
CALLABLE: Final = ("core.flow_called", "core.manual")
"""Triggers that a call fires, the first of these that the flow has."""

_r = table.run.c


class Caller(msgspec.Struct, frozen=True):
    """The step that calls."""

    workspace_id: str
    run_id: str
    node_id: str
    iteration: Iteration
    key: str
    depth: int


class Callee(msgspec.Struct, frozen=True):
    """A version as a call sees it."""

    flow: Flow
    trigger: str
    type: str


def start_flow(
    connection: Connection, caller: Caller, flow_id: str, output: Any, *, wait: bool, now: int
) -> tuple[str | None, list[str]]:
    """Write a queued run of a flow's active version; return its id, and whom to wake.

    There is no id while a re-run of what was called before goes on: call again later. Raises
    Rejected for a flow that cannot be called.
    """
    run_id = called_id(caller.key, caller.run_id)
    if _find(connection, run_id) is not None:
        return run_id, []
    if caller.depth >= DEPTH:
        raise Rejected(
            f"Flows call each other {DEPTH} deep already; a flow that calls itself has to stop "
            "at some point.",
            code="flow.too_deep",
        )
    version, callee = _active(connection, caller.workspace_id, flow_id)
    basis = _basis(connection, caller, flow_id)
    before = None if basis is None else _find(connection, basis.last)
    if before is not None and before.state not in FINAL_RUN_STATES:
        return None, []
    keys = store.read_keys(connection, caller.run_id)
    env = {"flow": {"id": flow_id, "name": callee.flow.name, "version": version}}
    event = Event(
        id=_event_id(run_id),
        type=callee.type,
        source=f"{flow_id}/called",
        delivery_id=run_id,
        received_at=now,
        payload=encode(output),
        keys=keys,
    )
    run = store.NewRun(
        id=run_id,
        workspace_id=caller.workspace_id,
        flow_id=flow_id,
        version=version,
        trigger=callee.trigger,
        origin=before.origin if before else run_id,
        copied_from=before.id if before else None,
        generation=before.generation if before else 0,
        rerun=_again(connection, before, event.payload) if before else None,
        part=write_part(basis.part) if basis and basis.part else None,
        due_at=now,
        started_at=now,
        keys=keys,
        parent=caller.run_id if wait else None,
        depth=caller.depth + 1,
        slot=slot_of(callee.flow, {**env, callee.trigger: output}, keys),
        limit=callee.flow.limits.concurrency,
    )
    accepted = store.Accept(caller.workspace_id, event, [run]).apply(connection)
    inherit(connection, [run_id], caller.run_id)
    return run_id, [*accepted.woken, *({run_id} - accepted.held_back.keys())]


def read_outcome(connection: Connection, run_id: str) -> dict[str, Any] | None:
    """Return how a run ended, and None for one that has not."""
    row = _find(connection, run_id)
    if row is None or row.state not in FINAL_RUN_STATES:
        return None
    kept = decode(row.result) if row.result else {}
    return {
        "run": run_id,
        "state": row.state,
        "reason": row.reason,
        "error": decode(row.error) if row.error else None,
        "output": kept.get("output"),
    }


def open_calls(connection: Connection, run_id: str) -> list[str]:
    """Return the open runs that a run waits for, then those that these wait for, and so on."""
    found: list[str] = []
    last = [run_id]
    while last:
        query = select(_r.id).where(_r.parent.in_(last), _r.state.not_in(sorted(FINAL_RUN_STATES)))
        last = list(connection.execute(query.order_by(_r.id)).scalars())
        found += last
    return found


def called_id(key: str, run_id: str) -> str:
    """Return the id of the run that a step calls: it sorts beside its caller's."""
    digest = hashlib.sha256(f"{key}\x1f{run_id}".encode()).hexdigest()
    return run_id[:_TIME] + digest[: max(len(run_id) - _TIME, 18)]


def _event_id(run_id: str) -> str:
    return f"evt_{run_id.removeprefix('run_')}"


def _find(connection: Connection, run_id: str) -> Any:
    query = select(
        _r.id,
        _r.flow_id,
        _r.origin,
        _r.copied_from,
        _r.event_id,
        _r.generation,
        _r.state,
        _r.reason,
        _r.error,
        _r.result,
    ).where(_r.id == run_id)
    return connection.execute(query).one_or_none()


def _basis(connection: Connection, caller: Caller, flow_id: str) -> Basis | None:
    """Return what the called run goes on from, where the caller is a re-run and has called this
    flow before.

    Raises Rejected where nobody knows any more what was done then.
    """
    before = next(_calls_before(connection, caller, flow_id), None)
    if before is None:
        return None
    basis = read_basis(connection, system_scope(caller.workspace_id), before.origin)
    if not is_known_whole(connection, basis.last):
        raise Rejected(
            "What the called flow did in the runs before is not kept any more, so that it might do "
            "it again. Start that flow anew, for what is missing.",
            code="flow.call_not_kept",
        )
    return basis


def _calls_before(connection: Connection, caller: Caller, flow_id: str) -> Iterator[Any]:
    """Give the runs of a flow that this step called in the runs that the caller is a re-run of."""
    row = _find(connection, caller.run_id)
    while row is not None and row.copied_from is not None:
        row = _find(connection, row.copied_from)
        if row is not None:
            key = effect_key(row.origin, caller.node_id, caller.iteration, row.generation)
            called = _find(connection, called_id(key, row.id))
            if called is not None and called.flow_id == flow_id:
                yield called


def _again(connection: Connection, before: Any, payload: bytes) -> str:
    """Return where another try begins: what was read for another event is read anew."""
    same = store.read_payload(connection, before.event_id) == payload
    return "failed" if same else "start"


def _active(connection: Connection, workspace_id: str, flow_id: str) -> tuple[str, Callee]:
    scope = system_scope(workspace_id)
    row = get_flow(connection, scope, flow_id)
    if row is None:
        raise Rejected(
            f"There is no flow {flow_id[:80]} here; choose another one.", code="flow.unknown"
        )
    if row.state != "active":
        raise Rejected(
            f"The flow “{row.name}” is not switched on; publish it, or switch it on.",
            code="flow.not_active",
        )
    callee = _read(get_version(connection, scope, flow_id, row.version).document)
    if callee is None:
        raise Rejected(
            f"The flow “{row.name}” cannot be called: it has neither a trigger for calls nor one "
            "for starts by hand. Add one and publish it.",
            code="flow.not_callable",
        )
    return row.version, callee


@lru_cache(maxsize=128)
def _read(document: bytes) -> Callee | None:
    flow = load(document)
    triggers = {node.type: node.id for node in reversed(flow.nodes) if not node.disabled}
    for kind in CALLABLE:
        if kind in triggers:
            return Callee(flow, triggers[kind], kind)
    return None
