"""Acts: who did what to which run, and when."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Row, insert, select

from tramo.model.scope import Scope
from tramo.model.value import encode
from tramo.store import table

_a = table.act.c
_u = table.user.c

What = Literal["answer", "rerun", "again", "cancel", "release", "hurry", "move", "trial"]


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a person did to a run."""

    id: str
    at: int
    what: What
    run_id: str
    node_id: str | None = None
    iteration: tuple[int, ...] = ()
    outcome: str | None = None
    reference: str | None = None


def add_acts(connection: Connection, scope: Scope, acts: list[Act]) -> None:
    """Keep what somebody did."""
    if not acts:
        return
    connection.execute(
        insert(table.act),
        [
            {
                "id": act.id,
                "workspace_id": scope.workspace_id,
                "at": act.at,
                "actor": scope.actor,
                "what": act.what,
                "run_id": act.run_id,
                "node_id": act.node_id,
                "iteration": encode(act.iteration),
                "outcome": act.outcome,
                "reference": act.reference,
            }
            for act in acts
        ],
    )


def _acts(scope: Scope) -> Any:
    named = table.act.outerjoin(table.user, _u.id == _a.actor)
    return (
        select(table.act, _u.name.label("actor_name"))
        .select_from(named)
        .where(_a.workspace_id == scope.workspace_id)
    )


def acts_of(connection: Connection, scope: Scope, run_ids: list[str]) -> list[Row[Any]]:
    """Return what was done to these runs, oldest first."""
    query = _acts(scope).where(_a.run_id.in_(run_ids)).order_by(_a.id)
    return list(connection.execute(query).all())


def list_acts(
    connection: Connection, scope: Scope, *, what: What, limit: int, before: str | None
) -> list[Row[Any]]:
    """Return acts of one kind, newest first."""
    query = _acts(scope).where(_a.what == what).order_by(_a.id.desc()).limit(limit)
    if before is not None:
        query = query.where(_a.id < before)
    return list(connection.execute(query).all())
