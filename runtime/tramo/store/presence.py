"""Who has a flow open in a tab of a browser, and which of them edits it.

A row is over with its time: nobody who went away without a word keeps a flow. Whether somebody
edits is decided in the transaction that needs to know.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, select, update

from tramo.model.scope import Scope
from tramo.store import table
from tramo.store.upsert import upsert

_p = table.presence.c
_u = table.user.c


def list_present(connection: Connection, scope: Scope, flow_id: str, now: int) -> list[Any]:
    """Return who has a flow open, the first of them first."""
    query = (
        select(table.presence, _u.name)
        .select_from(table.presence.outerjoin(table.user, _u.id == _p.user_id))
        .where(*_at(scope, flow_id), _p.until > now)
        .order_by(_p.since, _p.tab)
    )
    return list(connection.execute(query).all())


def find_editor(connection: Connection, scope: Scope, flow_id: str, now: int) -> Any:
    """Return who edits a flow: the tab, and whose it is."""
    query = (
        select(_p.tab, _p.user_id, _u.name)
        .select_from(table.presence.outerjoin(table.user, _u.id == _p.user_id))
        .where(*_at(scope, flow_id), _p.until > now, _p.edits.is_(True))
        .limit(1)
    )
    return connection.execute(query).one_or_none()


def put_present(
    connection: Connection,
    scope: Scope,
    flow_id: str,
    *,
    tab: str,
    node: str | None,
    edits: bool,
    now: int,
    until: int,
) -> bool:
    """Say that a tab has a flow open until then; False for a tab that is somebody else's."""
    added = upsert(table.presence).values(
        workspace_id=scope.workspace_id,
        flow_id=flow_id,
        tab=tab,
        user_id=scope.actor,
        node=node,
        edits=edits,
        since=now,
        until=until,
    )
    done = connection.execute(
        added.on_conflict_do_update(
            index_elements=[_p.workspace_id, _p.flow_id, _p.tab],
            set_={"node": node, "edits": edits, "until": until},
            where=_p.user_id == scope.actor,
        )
    )
    return done.rowcount == 1


def stop_editing(connection: Connection, scope: Scope, flow_id: str) -> None:
    """Let nobody edit a flow for now."""
    connection.execute(
        update(table.presence).where(*_at(scope, flow_id), _p.edits.is_(True)).values(edits=False)
    )


def drop_present(connection: Connection, scope: Scope, flow_id: str, tab: str) -> bool:
    """Forget a tab of one's own; False where it was not there."""
    gone = delete(table.presence).where(
        *_at(scope, flow_id), _p.tab == tab, _p.user_id == scope.actor
    )
    return connection.execute(gone).rowcount == 1


def drop_over(connection: Connection, scope: Scope, flow_id: str, now: int) -> bool:
    """Forget the tabs of a flow that said nothing for too long; tell whether there were any."""
    gone = delete(table.presence).where(*_at(scope, flow_id), _p.until <= now)
    return connection.execute(gone).rowcount > 0


def drop_all(connection: Connection, scope: Scope, flow_id: str) -> None:
    """Forget who had a flow open: it is gone."""
    connection.execute(delete(table.presence).where(*_at(scope, flow_id)))


def _at(scope: Scope, flow_id: str) -> tuple[Any, ...]:
    return (_p.workspace_id == scope.workspace_id, _p.flow_id == flow_id)
