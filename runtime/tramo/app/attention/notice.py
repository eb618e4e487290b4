"""Notices: written with their cause, each reader's in their own language, and shown on a desk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row

from tramo.app.attention.text import Letter
from tramo.app.page import cursor_of, read_cursor
from tramo.app.role import require_editor
from tramo.engine.instant import rfc3339
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.model.value import decode
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.registry import Registry
from tramo.store import connection as connection_store
from tramo.store import notice as store
from tramo.store.database import Database

LISTED: Final = 50
WAYS: Final = 5


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a notice is about, and whom it is for."""

    workspace_id: str
    cause: str
    """The same cause is told once to each reader."""
    to: Sequence[str] = ()
    """Addresses and channels; nobody: the owners."""
    language: str = "en"
    """For readers who are no members."""
    connection_id: str | None = None
    flow_id: str | None = None
    run_id: str | None = None
    node_id: str | None = None
    iteration: str | None = None
    """Set where the links of the letter answer this question."""


def tell(
    connection: Connection, ids: Ids, now: int, about: Subject, write: Callable[[str], Letter]
) -> int:
    """Write a notice for every reader and way, in the transaction of its cause; return how many.

    `write` gives the letter in a language.
    """
    workspace_id = about.workspace_id
    if about.to:
        known = store.languages(connection, workspace_id, about.to)
        readers = [(to, known.get(to.lower(), about.language)) for to in about.to]
    else:
        readers = store.owners(connection, workspace_id)
    ways = [about.connection_id] if about.connection_id else store.ways(connection, workspace_id)
    letters = {language: write(language) for language in {language for _, language in readers}}
    return store.add_notices(
        connection,
        [
            store.NewNotice(
                id=ids.new("ntc"),
                workspace_id=workspace_id,
                cause=about.cause,
                recipient=to,
                connection_id=way,
                language=language,
                subject=letters[language].subject,
                text=letters[language].text,
                links=letters[language].links,
                flow_id=about.flow_id,
                run_id=about.run_id,
                node_id=about.node_id,
                iteration=about.iteration,
            )
            for to, language in readers
            for way in ways or [""]
        ],
        now,
    )


class NoticeDesk:
    """What people do with notices: see them, send one again, choose the way they take."""

    def __init__(
        self,
        *,
        database: Database,
        registry: Registry,
        clock: Clock,
        ring: Callable[[], None],
    ) -> None:
        self._database = database
        self._registry = registry
        self._clock = clock
        self._ring = ring

    async def list(
        self, scope: Scope, state: str | None = None, limit: int = LISTED, cursor: str | None = None
    ) -> dict[str, Any]:
        """Return notices, newest first."""
        before = read_cursor(cursor)
        rows = await self._database.read(
            lambda c: store.list_notices(c, scope, state=state, limit=limit + 1, before=before)
        )
        last = rows[limit - 1] if len(rows) > limit else None
        return {
            "items": [_item(row) for row in rows[:limit]],
            "next": cursor_of(last.created_at, last.id) if last else None,
        }

    async def send_again(self, scope: Scope, notice_id: str) -> None:
        """Send a notice that has not arrived, now."""
        require_editor(scope)
        now = self._clock.now_ms()
        if not await self._database.write(lambda c: store.send_again(c, scope, notice_id, now)):
            raise TramoError(
                "notice.unknown", "There is no such notice that still waits.", status=404
            )
        self._ring()

    # The way -----------------------------------------------------------------------------------

    async def way(self, scope: Scope) -> dict[str, Any]:
        """Return which connections bring notices, and which could."""
        chosen, rows = await self._database.read(
            lambda c: (
                store.ways(c, scope.workspace_id),
                connection_store.list_connections(c, scope),
            )
        )
        able = [
            {"id": row.id, "name": row.name, "connector": row.connector, "reaches": reaches}
            for row in rows
            if (reaches := self._reaches(row.connector)) is not None
        ]
        default = default_way(rows, self._registry)
        return {
            "chosen": chosen,
            "used": chosen or ([default] if default else []),
            "connections": able,
        }

    async def choose_way(self, scope: Scope, connections: Sequence[str]) -> dict[str, Any]:
        """Choose the connections that bring notices; none: the only one for e-mail, if it is."""
        require_editor(scope)
        wanted = list(dict.fromkeys(connections))
        able = {item["id"] for item in (await self.way(scope))["connections"]}
        for place, connection_id in enumerate(wanted):
            if connection_id not in able:
                raise TramoError(
                    "notice.way",
                    "This connection is not here, or brings no messages. Choose another.",
                    status=422,
                    path=f"/connections/{place}",
                )
        now = self._clock.now_ms()
        await self._database.write(lambda c: store.set_ways(c, scope, wanted, now))
        self._ring()
        return await self.way(scope)

    def _reaches(self, connector: str) -> str | None:
        definition = self._registry.connectors.get(connector)
        return definition.reaches if definition is not None and definition.notify else None


def default_way(rows: Sequence[Row[Any]], registry: Registry) -> str | None:
    """Return the connection for e-mail, where there is exactly one."""
    mail = [
        row.id
        for row in rows
        if (definition := registry.connectors.get(row.connector)) is not None
        and definition.notify is not None
        and definition.reaches == "mail"
    ]
    return mail[0] if len(mail) == 1 else None


def _item(row: Row[Any]) -> dict[str, Any]:
    waits = row.state == "waiting"
    return {
        "id": row.id,
        "state": row.state,
        "to": row.recipient,
        "connection": row.connection_id or None,
        "language": row.language,
        "subject": row.subject,
        "text": row.text,
        "links": [label for label, _ in decode(row.links)],
        "flow": row.flow_id,
        "run": row.run_id,
        "node": row.node_id,
        "attempts": row.attempts,
        "created_at": rfc3339(row.created_at),
        "sent_at": None if row.sent_at is None else rfc3339(row.sent_at),
        "next_at": rfc3339(row.due_at) if waits and row.due_at is not None else None,
        "problem": {"code": row.code, "message": row.message} if row.code else None,
    }
