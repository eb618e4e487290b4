"""The desk for drafts: what people write down of a flow, problems and all, and its versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row

from tramo.app.page import cursor_of, read_cursor
from tramo.app.role import require_editor
from tramo.app.verdict import Verdicts, digest
from tramo.engine.instant import rfc3339
from tramo.graph import check
from tramo.ingest.form import FORM
from tramo.ingest.subscription import Subscriptions
from tramo.model.id import FLOW_ID
from tramo.model.node_type import NodeTypes
from tramo.model.problem import Problem, TramoError
from tramo.model.scope import Scope
from tramo.model.value import decode, encode
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.store import flow as store
from tramo.store.database import Database
from tramo.store.presence import find_editor
from tramo.store.publication import last_number
from tramo.store.timer import list_timers

LISTED = 50

News = Callable[[str, str, dict[str, Any]], None]
"""Tells those who watch a workspace what became of a flow."""


class DraftDesk:
    """What people do with drafts."""

    def __init__(
        self,
        *,
        database: Database,
        node_types: NodeTypes,
        subscriptions: Subscriptions,
        clock: Clock,
        ids: Ids,
        url: Callable[[], str],
        news: News,
    ) -> None:
        self._database = database
        self._node_types = node_types
        self._verdicts = Verdicts(node_types)
        self._subscriptions = subscriptions
        self._clock = clock
        self._ids = ids
        self._url = url
        self._news = news

    # Reading -----------------------------------------------------------------------------------

    async def list(
        self, scope: Scope, limit: int = LISTED, cursor: str | None = None
    ) -> dict[str, Any]:
        """Return the flows, last changed first."""
        before = read_cursor(cursor)
        rows = await self._database.read(
            lambda c: store.list_flows(c, scope, limit=limit + 1, before=before)
        )
        items = [self._item(row) for row in rows[:limit]]
        more = len(rows) > limit
        last = rows[limit - 1] if more else None
        return {"items": items, "next": cursor_of(last.updated_at, last.id) if last else None}

    def _item(self, row: Row[Any]) -> dict[str, Any]:
        draft = decode(row.draft)
        nodes = draft.get("nodes")
        types = [
            node["type"]
            for node in (nodes if isinstance(nodes, list) else [])
            if isinstance(node, dict) and isinstance(node.get("type"), str)
        ]
        triggers = [name for name in types if (kind := self._kind(name)) and kind.kind == "trigger"]
        problems = self._verdicts.problems(row.draft, draft)
        last = None
        if row.run_id:
            last = {
                "id": row.run_id,
                "state": row.run_state,
                "started_at": rfc3339(row.started_at),
            }
        return {
            "id": row.id,
            "name": row.name,
            "state": row.state,
            "pause_reason": row.pause_reason,
            "version": row.version,
            "draft_changed": row.version is None
            or self._verdicts.version(row.draft, draft) != row.version,
            "problem_count": sum(it.level == "error" for it in problems),
            "triggers": triggers,
            "updated_at": rfc3339(row.updated_at),
            "last_run": last,
        }

    def _kind(self, name: str) -> Any:
        return self._node_types(name, 1)

    async def get(self, scope: Scope, flow_id: str) -> dict[str, Any]:
        """Return a flow with its draft, its problems and its published version."""
        row = await self._row(scope, flow_id)
        document = decode(row.draft)
        return {
            "id": row.id,
            "document": document,
            "etag": row.etag,
            "state": row.state,
            "pause_reason": row.pause_reason,
            "published": await self._published(scope, row),
            "polls": await self._polls(scope, flow_id),
            "problems": self._verdicts.problems(row.draft, document),
        }

    async def _polls(self, scope: Scope, flow_id: str) -> list[dict[str, Any]]:
        """Return how the polls of an active flow stand: when each asked, and why it could not."""
        rows = await self._database.read(lambda c: list_timers(c, scope, flow_id))
        return [
            {
                "node": row.node_id,
                "polled_at": rfc3339(row.polled_at) if row.polled_at else None,
                "next_at": rfc3339(row.due_at),
                "failures": row.failures,
                "error": decode(row.error) if row.error else None,
            }
            for row in rows
        ]

    async def _published(self, scope: Scope, row: Row[Any]) -> dict[str, Any] | None:
        if row.version is None:
            return None
        version = row.version
        found, by_node, number = await self._database.read(
            lambda c: (
                store.get_version(c, scope, row.id, version),
                store.addresses(c, scope, row.id),
                last_number(c, scope, row.id, version),
            )
        )
        return {
            "version": version,
            "number": number,
            "published_at": rfc3339(found.published_at) if found else None,
            "addresses": self._addresses(
                by_node, form_nodes(decode(found.document)) if found else frozenset()
            ),
        }

    def _addresses(self, by_node: dict[str, str], forms: frozenset[str]) -> list[dict[str, str]]:
        """Return the addresses by node: pages of forms, doors of webhooks."""
        url = self._url()
        doors = {node: f"{url}/{'form' if node in forms else 'in'}" for node in by_node}
        return [
            {
                "node": node,
                "url": f"{doors[node]}/{token}",
                "test_url": f"{doors[node]}/test/{token}",
            }
            for node, token in by_node.items()
        ]

    async def _row(self, scope: Scope, flow_id: str) -> Row[Any]:
        row = await self._database.read(lambda c: store.get_flow(c, scope, flow_id))
        if row is None:
            raise TramoError(
                "flow.unknown", f"There is no flow {flow_id}.", status=404, params={"id": flow_id}
            )
        return row

    async def check(self, scope: Scope, document: Any) -> list[Problem]:
        """Return every problem of a document, saved or not."""
        del scope
        return check(document, self._node_types)

    async def export(self, scope: Scope, flow_id: str) -> Any:
        """Return the draft document."""
        return decode((await self._row(scope, flow_id)).draft)

    # Writing -----------------------------------------------------------------------------------

    async def create(
        self, scope: Scope, document: Any = None, name: str | None = None
    ) -> dict[str, Any]:
        """Keep a new flow as a draft; an empty one when only a name is given.

        A document without an id is given one: that is how a copy of another flow comes.
        """
        require_editor(scope)
        if document is None:
            document = {
                "format": 1,
                "id": self._ids.new("flow"),
                "name": name or "Flow",
                "nodes": [],
                "edges": [],
            }
        elif isinstance(document, dict) and "id" not in document:
            document = {**document, "id": self._ids.new("flow")}
        flow_id, title = _identity(document)
        draft = encode(document)
        etag = digest(draft)
        now = self._clock.now_ms()
        added = await self._database.write(
            lambda c: store.add_flow(
                c, scope, flow_id=flow_id, name=title, draft=draft, etag=etag, now=now
            )
        )
        if not added:
            raise TramoError(
                "flow.exists",
                f"There is a flow {flow_id} already; save its draft, or give this one another id.",
                path="/id",
                status=409,
            )
        return await self.get(scope, flow_id)

    async def save_draft(
        self,
        scope: Scope,
        flow_id: str,
        document: Any,
        etag: str | None = None,
        tab: str | None = None,
        *,
        by_person: bool = False,
    ) -> dict[str, Any]:
        """Replace the draft, problems and all; refused when somebody else changed it meanwhile, and
        to a person's `tab` while another edits it.

        Programs are not held up by who edits, but have to say then what they have read.
        """
        require_editor(scope)
        found_id, title = _identity(document)
        if found_id != flow_id:
            raise TramoError(
                "flow.id_changed",
                f"The document says it is {found_id}, but this is {flow_id}.",
                path="/id",
                status=422,
            )
        await self._row(scope, flow_id)
        draft = encode(document)
        fresh = digest(draft)
        now = self._clock.now_ms()

        def write(connection: Connection) -> bool:
            editor = find_editor(connection, scope, flow_id, now)
            if editor is not None and (editor.tab, editor.user_id) != (tab, scope.actor):
                _check_in_turn(editor, etag, by_person=by_person)
            return store.save_draft(
                connection,
                scope,
                flow_id=flow_id,
                name=title,
                draft=draft,
                etag=fresh,
                expected=etag,
                now=now,
            )

        if not await self._database.write(write):
            raise await self._changed_elsewhere(await self._row(scope, flow_id))
        self._tell(scope, flow_id, what="draft", etag=fresh, tab=tab)
        return {"etag": fresh, "problems": self._verdicts.problems(draft, document)}

    def _tell(self, scope: Scope, flow_id: str, **said: Any) -> None:
        """Tell those who have the flow open what became of it."""
        self._news(scope.workspace_id, "flow", {"flow_id": flow_id, "by": scope.actor, **said})

    async def _changed_elsewhere(self, row: Row[Any]) -> TramoError:
        by = await self._database.read(lambda c: store.user_name(c, row.updated_by))
        return TramoError(
            "flow.changed_elsewhere",
            "This flow was changed somewhere else since it was opened here.",
            status=412,
            params={"etag": row.etag, "by": by or row.updated_by, "at": rfc3339(row.updated_at)},
        )

    async def put(self, scope: Scope, document: Any) -> dict[str, Any]:
        """Create the flow, or replace its draft if it is there."""
        flow_id, _ = _identity(document)
        row = await self._database.read(lambda c: store.get_flow(c, scope, flow_id))
        if row is None:
            created = await self.create(scope, document)
            return {"id": flow_id, "etag": created["etag"], "problems": created["problems"]}
        return {"id": flow_id, **await self.save_draft(scope, flow_id, document)}


def form_nodes(document: Any) -> frozenset[str]:
    """Return the nodes of a document that are forms."""
    return frozenset(node["id"] for node in document["nodes"] if node["type"] == FORM)


def _identity(document: Any) -> tuple[str, str]:
    """Return the id and name of a document that can be kept as a draft, problems and all."""
    if not isinstance(document, dict):
        raise TramoError("flow.not_a_flow", "A flow document is an object.", path="", status=422)
    flow_id, name = document.get("id"), document.get("name")
    if not isinstance(flow_id, str) or not FLOW_ID.match(flow_id):
        raise TramoError(
            "flow.id", "A flow's id is flow_ and letters, digits, - or _.", path="/id", status=422
        )
    if not isinstance(name, str) or not name.strip():
        raise TramoError("flow.name", "Give the flow a name.", path="/name", status=422)
    return flow_id, name[:200]


def _check_in_turn(editor: Row[Any], etag: str | None, *, by_person: bool) -> None:
    """Refuse a save that would go over the work of whoever edits."""
    name = editor.name or editor.user_id
    params = {"by": name, "by_id": editor.user_id, "tab": editor.tab}
    if by_person:
        raise TramoError(
            "flow.being_edited",
            f"{name} is editing this flow now; nothing was saved. Take over, or wait.",
            status=423,
            params=params,
        )
    if etag is None:
        raise TramoError(
            "flow.say_what_you_read",
            f"{name} is editing this flow now. Send the ETag of the draft that you have read as "
            "If-Match, so that nobody's work is lost.",
            status=428,
            params=params,
        )
