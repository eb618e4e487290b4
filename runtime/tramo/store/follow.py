"""What follows a failed run: the flows that start when one fails, queued in the same transaction
that ends it, so that no failure goes unheard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from tramo.engine.instant import rfc3339
from tramo.graph.slot import slot_of
from tramo.model.event import Event, Key
from tramo.model.flow import Flow
from tramo.model.value import encode
from tramo.store.echo import DEPTH_LIMIT
from tramo.store.epoch import inherit
from tramo.store.run import Accept, NewRun

RUN_FAILED: Final = "core.run_failed"


class Follower(msgspec.Struct, frozen=True):
    """An active flow that starts when a run fails: of `flows`, or of any where none is named."""

    flow: Flow
    version: str
    node_id: str
    flows: tuple[str, ...] = ()


class FailedRun(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a run that failed."""

    workspace_id: str
    run_id: str
    flow_id: str
    flow_name: str
    started_at: int
    ended_at: int
    keys: tuple[Key, ...]
    error: dict[str, Any]
    """code, message, details, node."""
    depth: int


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A failed run and those who follow it: a part of its Ending."""

    failed: FailedRun
    followers: Sequence[Follower]
    new_id: Callable[[Any], str]

    def write(self, connection: Connection) -> list[str]:
        """Queue the runs that follow; return their ids, to be woken."""
        return follow_failure(connection, self.failed, self.followers, new_id=self.new_id)


def follow_failure(
    connection: Connection,
    failed: FailedRun,
    followers: Sequence[Follower],
    *,
    new_id: Callable[[Any], str],
) -> list[str]:
    """Queue a run of every flow that follows this failure; return their ids, to be woken.

    A flow does not follow itself, and a chain of failures that cause each other has an end. Called
    again for the same run, it changes nothing.
    """
    following = [
        each
        for each in followers
        if each.flow.id != failed.flow_id and (not each.flows or failed.flow_id in each.flows)
    ]
    if not following or failed.depth >= DEPTH_LIMIT:
        return []
    told = _told(failed)
    event = Event(
        id=new_id("evt"),
        type=RUN_FAILED,
        source=failed.flow_id,
        delivery_id=failed.run_id,
        received_at=failed.ended_at,
        payload=encode(told),
        keys=failed.keys,
    )
    runs = [_queued(failed, each, told, new_id("run")) for each in following]
    accepted = Accept(failed.workspace_id, event, runs).apply(connection)
    if accepted.duplicate:
        return []
    inherit(connection, [run.id for run in runs], failed.run_id)
    return [*accepted.woken, *(run.id for run in runs)]


def _told(failed: FailedRun) -> dict[str, Any]:
    keys: dict[str, str] = {}
    for key in failed.keys:
        keys.setdefault(key.kind, key.value)
    error = {name: failed.error.get(name) for name in ("code", "message", "details")}
    return {
        "flow": {"id": failed.flow_id, "name": failed.flow_name},
        "run": {
            "id": failed.run_id,
            "started_at": rfc3339(failed.started_at),
            "ended_at": rfc3339(failed.ended_at),
            "keys": keys,
        },
        "error": error,
        "node": failed.error.get("node"),
    }


def _queued(failed: FailedRun, follower: Follower, told: Any, run_id: str) -> NewRun:
    flow = follower.flow
    shown = {"id": flow.id, "name": flow.name, "version": follower.version}
    return NewRun(
        id=run_id,
        workspace_id=failed.workspace_id,
        flow_id=flow.id,
        version=follower.version,
        trigger=follower.node_id,
        origin=run_id,
        due_at=failed.ended_at,
        started_at=failed.ended_at,
        keys=failed.keys,
        depth=failed.depth + 1,
        limit=flow.limits.concurrency,
        slot=slot_of(flow, {"flow": shown, follower.node_id: told}, failed.keys),
    )
