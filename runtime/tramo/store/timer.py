"""Timers of schedules and polls: armed when a flow begins to take events, gone when it stops.

A poll's row carries its cursor and a lease, so that of several servers one asks at a time; what it
found is written only while the lease is still its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, delete, select, update

from tramo.model.scope import Scope
from tramo.store import table
from tramo.store.upsert import upsert

_t = table.timer.c
CLAIMED_MOST: Final = 20


class Timer(msgspec.Struct, frozen=True):
    """What a trigger is armed with. `about` says what it asks for; `polls`: it asks at all."""

    about: str
    polls: bool


class Claim(msgspec.Struct, frozen=True):
    """A poll that is due and now belongs to the claimer."""

    workspace_id: str
    flow_id: str
    node_id: str
    about: str
    primed: bool
    cursor: bytes | None
    seen: bytes | None
    failures: int


_CLAIMED = tuple(_t[name] for name in Claim.__struct_fields__)


def arm(
    connection: Connection, scope: Scope, flow_id: str, timers: Mapping[str, Timer], now: int
) -> None:
    """Arm a flow's timers by node; those that ask for what they asked for before keep their place.

    A timer that the flow has no more goes.
    """
    connection.execute(
        delete(table.timer).where(
            _t.workspace_id == scope.workspace_id,
            _t.flow_id == flow_id,
            _t.node_id.not_in(list(timers)),
        )
    )
    for node_id, timer in timers.items():
        fresh = {
            "about": timer.about,
            "armed_at": now,
            "fired_at": None,
            "due_at": now if timer.polls else None,
            "primed": False,
            "cursor": None,
            "seen": None,
            "polled_at": None,
            "failures": 0,
            "error": None,
            "owner": None,
            "lease_until": None,
        }
        connection.execute(
            upsert(table.timer)
            .values(workspace_id=scope.workspace_id, flow_id=flow_id, node_id=node_id, **fresh)
            .on_conflict_do_update(
                index_elements=["workspace_id", "flow_id", "node_id"],
                set_=fresh,
                where=_t.about != timer.about,
            )
        )


def disarm(connection: Connection, scope: Scope, flow_id: str) -> None:
    """Forget a flow's timers: what happens while it takes no events starts nothing later."""
    connection.execute(
        delete(table.timer).where(_t.workspace_id == scope.workspace_id, _t.flow_id == flow_id)
    )


# Schedules -----------------------------------------------------------------------------------


def fired(
    connection: Connection, workspace_id: str, flow_id: str, node_id: str, instant: int
) -> None:
    """Note the newest nominal instant at which a schedule fired."""
    connection.execute(
        update(table.timer)
        .where(*_place(workspace_id, flow_id, node_id))
        .where(_t.fired_at.is_(None) | (_t.fired_at < instant))
        .values(fired_at=instant)
    )


def counted_from(
    connection: Connection, workspace_id: str, flow_id: str, node_id: str
) -> int | None:
    """Return the instant after which a schedule's firings count: its newest, or its arming."""
    row = connection.execute(
        select(_t.armed_at, _t.fired_at).where(*_place(workspace_id, flow_id, node_id))
    ).one_or_none()
    return None if row is None else max(row.armed_at, row.fired_at or 0)


# Polls ---------------------------------------------------------------------------------------


def next_due(connection: Connection) -> int | None:
    """Return when the next poll is due, over all workspaces."""
    query = select(_t.due_at).where(_t.due_at.is_not(None)).order_by(_t.due_at).limit(1)
    return connection.execute(query).scalar()


def claim_due(connection: Connection, *, owner: str, now: int, lease_ms: int) -> list[Claim]:
    """Take polls that are due; one whose claimer is gone is due again when its lease ends."""
    due = connection.execute(
        select(_t.workspace_id, _t.flow_id, _t.node_id)
        .where(_t.due_at <= now)
        .order_by(_t.due_at)
        .limit(CLAIMED_MOST)
    ).all()
    claims: list[Claim] = []
    for place in due:
        row = connection.execute(
            update(table.timer)
            .where(*_place(*place), _t.due_at <= now)
            .values(owner=owner, lease_until=now + lease_ms, due_at=now + lease_ms)
            .returning(*_CLAIMED)
        ).one_or_none()
        if row is not None:
            claims.append(Claim(*row))
    return claims


def orphan(connection: Connection, now: int) -> None:
    """Make every poll that was being asked due at once: who asked is certainly gone."""
    connection.execute(
        update(table.timer)
        .where(_t.due_at.is_not(None), _t.owner.is_not(None))
        .values(due_at=now, owner=None, lease_until=None)
    )


def go_on(connection: Connection, claim: Claim, owner: str, **values: Any) -> bool:
    """Write how a poll stands now, and give it back; False when it is not the claimer's any more.

    `values` are columns of the row, `due_at` among them.
    """
    done = connection.execute(
        update(table.timer)
        .where(
            *_place(claim.workspace_id, claim.flow_id, claim.node_id),
            _t.owner == owner,
            _t.about == claim.about,
        )
        .values(owner=None, lease_until=None, **values)
    )
    return done.rowcount == 1


def hurry_failed(connection: Connection, workspace_id: str, now: int) -> None:
    """Let polls that could not ask ask again now: somebody mended what they need."""
    connection.execute(
        update(table.timer)
        .where(_t.workspace_id == workspace_id, _t.failures > 0, _t.owner.is_(None))
        .values(due_at=now)
    )


def list_timers(connection: Connection, scope: Scope, flow_id: str) -> Sequence[Any]:
    """Return the polls of a flow, as people are shown them."""
    return connection.execute(
        select(_t.node_id, _t.polled_at, _t.due_at, _t.failures, _t.error)
        .where(
            _t.workspace_id == scope.workspace_id,
            _t.flow_id == flow_id,
            _t.due_at.is_not(None),
        )
        .order_by(_t.node_id)
    ).all()


def _place(workspace_id: str, flow_id: str, node_id: str) -> tuple[Any, ...]:
    return (
        _t.workspace_id == workspace_id,
        _t.flow_id == flow_id,
        _t.node_id == node_id,
    )
