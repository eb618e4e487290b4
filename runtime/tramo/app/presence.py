"""The desk for those who have a flow open: who they are, what they look at, and who edits.

One edits, in one tab; others read. Who edits says every few seconds that it goes on; after half a
minute of silence the next one may. Everything is decided in the database, so that it holds
whichever server somebody speaks to.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from sqlalchemy import Connection, Row

from tramo.app.draft import News
from tramo.app.role import require_editor
from tramo.engine.instant import rfc3339
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.ports.clock import Clock
from tramo.store import presence as store
from tramo.store.database import Database
from tramo.store.flow import get_flow

Wish = Literal["read", "edit", "take"]
SILENCE_MS: Final = 28_000
"""Who says nothing for so long is gone."""


class PresenceDesk:
    """What people's tabs say."""

    def __init__(self, *, database: Database, clock: Clock, news: News) -> None:
        self._database = database
        self._clock = clock
        self._news = news

    async def join(
        self, scope: Scope, flow_id: str, tab: str, wish: Wish, node: str | None = None
    ) -> dict[str, Any]:
        """Say that a tab has a flow open; return who else has, and who edits.

        `edit` takes what nobody else has; `take` takes it from whoever has it.
        """
        if wish != "read":
            require_editor(scope)
        now = self._clock.now_ms()

        def write(connection: Connection) -> tuple[list[Row[Any]], list[Row[Any]], str]:
            flow = get_flow(connection, scope, flow_id)
            if flow is None:
                raise _unknown(flow_id)
            before = store.list_present(connection, scope, flow_id, now)
            store.drop_over(connection, scope, flow_id, now)
            edits = _may_edit(before, tab, wish)
            if edits:
                store.stop_editing(connection, scope, flow_id)
            own = store.put_present(
                connection,
                scope,
                flow_id,
                tab=tab,
                node=node,
                edits=edits,
                now=now,
                until=now + SILENCE_MS,
            )
            if not own:
                raise TramoError(
                    "presence.tab", "This tab's name is taken; open the page again.", status=409
                )
            return before, store.list_present(connection, scope, flow_id, now), flow.etag

        before, after, etag = await self._database.write(write)
        people = _people(after)
        if _people(before) != people:
            self._news(scope.workspace_id, "presence", {"flow_id": flow_id, "people": people})
        return {"people": people, "etag": etag}

    async def leave(self, scope: Scope, flow_id: str, tab: str) -> None:
        """Say that a tab is closed: at once somebody else may edit."""
        now = self._clock.now_ms()

        def write(connection: Connection) -> list[Row[Any]] | None:
            if get_flow(connection, scope, flow_id) is None:
                raise _unknown(flow_id)
            gone = store.drop_present(connection, scope, flow_id, tab)
            return store.list_present(connection, scope, flow_id, now) if gone else None

        left = await self._database.write(write)
        if left is not None:
            people = _people(left)
            self._news(scope.workspace_id, "presence", {"flow_id": flow_id, "people": people})


def _unknown(flow_id: str) -> TramoError:
    return TramoError(
        "flow.unknown", f"There is no flow {flow_id}.", status=404, params={"id": flow_id}
    )


def _may_edit(present: list[Row[Any]], tab: str, wish: Wish) -> bool:
    editor = next((row.tab for row in present if row.edits), None)
    return wish == "take" or (wish == "edit" and editor in (None, tab))


def _people(rows: list[Row[Any]]) -> list[dict[str, Any]]:
    return [
        {
            "tab": row.tab,
            "user": row.user_id,
            "name": row.name or row.user_id,
            "node": row.node,
            "edits": row.edits,
            "since": rfc3339(row.since),
        }
        for row in rows
    ]
