"""Notices on their way out, the ways they take, and the links that let a person answer.

A notice is written in the transaction of its cause and sent afterwards: at least once, and only
while it is wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, tuple_, update

from tramo.model.scope import Scope
from tramo.model.value import encode
from tramo.store import table
from tramo.store.upsert import upsert

KEPT_MS: Final = 30 * 86_400_000
"""How long notices are kept, and links that have expired, so that their holders are told so."""

_n = table.notice.c
_w = table.notice_way.c
_l = table.answer_link.c
_m = table.member.c
_u = table.user.c


class NewNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as it is first written. A link is (label, path below our address) or, where the
    notice asks a question, (label, port)."""

    id: str
    workspace_id: str
    cause: str
    recipient: str
    connection_id: str
    language: str
    subject: str
    text: str
    links: Sequence[tuple[str, str]]
    flow_id: str | None = None
    run_id: str | None = None
    node_id: str | None = None
    iteration: str | None = None


def add_notices(connection: Connection, notices: Iterable[NewNotice], now: int) -> int:
    """Write notices that are due at once; what was said already of a cause is not said again."""
    rows = [
        {
            **{name: getattr(one, name) for name in one.__struct_fields__},
            "links": encode([list(link) for link in one.links]),
            "subject": one.subject[:500],
            "state": "waiting",
            "attempts": 0,
            "due_at": now,
            "created_at": now,
        }
        for one in notices
    ]
    if not rows:
        return 0
    statement = upsert(table.notice).on_conflict_do_nothing().returning(_n.id)
    return len(connection.execute(statement, rows).all())


def due_notices(connection: Connection, now: int, count: int) -> list[Row[Any]]:
    """Return notices to send now, the longest due first."""
    query = select(table.notice).where(_n.due_at <= now).order_by(_n.due_at, _n.id).limit(count)
    return list(connection.execute(query).all())


def next_due(connection: Connection) -> int | None:
    """Return when the next notice is due."""
    query = select(_n.due_at).where(_n.due_at.is_not(None)).order_by(_n.due_at).limit(1)
    return connection.execute(query).scalar()


def change_notice(connection: Connection, notice_id: str, **values: Any) -> None:
    """Note what became of a notice."""
    if "message" in values and values["message"] is not None:
        values["message"] = values["message"][:500]
    connection.execute(update(table.notice).where(_n.id == notice_id).values(**values))


def list_notices(
    connection: Connection,
    scope: Scope,
    *,
    state: str | None,
    limit: int,
    before: tuple[int, str] | None,
) -> list[Row[Any]]:
    """Return notices, newest first."""
    query = select(table.notice).where(_n.workspace_id == scope.workspace_id)
    if state is not None:
        query = query.where(_n.state == state)
    if before is not None:
        query = query.where(tuple_(_n.created_at, _n.id) < before)
    query = query.order_by(_n.created_at.desc(), _n.id.desc()).limit(limit)
    return list(connection.execute(query).all())


def send_again(connection: Connection, scope: Scope, notice_id: str, now: int) -> bool:
    """Make a notice due that was not sent; it gets its whole time anew."""
    changed = connection.execute(
        update(table.notice)
        .where(
            _n.workspace_id == scope.workspace_id,
            _n.id == notice_id,
            _n.state.in_(("waiting", "given_up")),
        )
        .values(state="waiting", due_at=now, created_at=now)
    )
    return changed.rowcount == 1


# Ways ----------------------------------------------------------------------------------------


def ways(connection: Connection, workspace_id: str) -> list[str]:
    """Return the connections that somebody chose for notices."""
    query = select(_w.connection_id).where(_w.workspace_id == workspace_id).order_by(_w.position)
    return list(connection.execute(query).scalars())


def set_ways(connection: Connection, scope: Scope, connection_ids: Sequence[str], now: int) -> None:
    """Choose them; what waits for a way is due at once."""
    workspace = scope.workspace_id
    connection.execute(delete(table.notice_way).where(_w.workspace_id == workspace))
    rows = [
        {"workspace_id": workspace, "position": place, "connection_id": connection_id}
        for place, connection_id in enumerate(connection_ids)
    ]
    if rows:
        connection.execute(insert(table.notice_way), rows)
    connection.execute(
        update(table.notice)
        .where(_n.workspace_id == workspace, _n.state == "waiting")
        .values(due_at=now)
    )


# Readers -------------------------------------------------------------------------------------


def owners(connection: Connection, workspace_id: str) -> list[tuple[str, str]]:
    """Return (address, language) of a workspace's owners, oldest member first."""
    rows = connection.execute(
        select(_u.email, _u.language)
        .join_from(table.member, table.user, _m.user_id == _u.id)
        .where(_m.workspace_id == workspace_id, _m.role == "owner")
        .order_by(_m.created_at, _u.id)
    ).all()
    return [(row.email, row.language) for row in rows]


def languages(
    connection: Connection, workspace_id: str, addresses: Sequence[str]
) -> dict[str, str]:
    """Return in which language members read, by address."""
    rows = connection.execute(
        select(_u.email, _u.language)
        .join_from(table.member, table.user, _m.user_id == _u.id)
        .where(_m.workspace_id == workspace_id, _u.email.in_([a.lower() for a in addresses]))
    ).all()
    return {row.email: row.language for row in rows}


# Links to answers ----------------------------------------------------------------------------


def add_link(connection: Connection, values: dict[str, Any]) -> None:
    """Keep the digest of a link that lets one person answer one question."""
    connection.execute(insert(table.answer_link).values(**values))


def find_link(connection: Connection, digest: str) -> Row[Any] | None:
    """Return what a link is for, expired or not."""
    return connection.execute(select(table.answer_link).where(_l.hash == digest)).one_or_none()


def forget_old(connection: Connection, now: int) -> None:
    """Drop links that expired long ago, and notices of long ago: they quote what runs held."""
    connection.execute(delete(table.answer_link).where(_l.expires_at < now - KEPT_MS))
    connection.execute(
        delete(table.notice).where(_n.created_at < now - KEPT_MS, _n.state != "waiting")
    )


def open_until(connection: Connection, run_id: str, node_id: str, iteration: str) -> int | None:
    """Return until when a question may be answered, 0 for one without a deadline; None once it is
    answered."""
    w = table.wait.c
    row = connection.execute(
        select(w.due_at).where(
            w.run_id == run_id,
            w.node_id == node_id,
            w.iteration == iteration,
            w.kind == "ask",
            w.matched_at.is_(None),
        )
    ).first()
    return None if row is None else row.due_at or 0
