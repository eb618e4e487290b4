"""The desk for versions: what was published of a flow, when and by whom, and what it is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from tramo.app.draft import LISTED, DraftDesk
from tramo.app.page import cursor_of, read_cursor
from tramo.app.role import require_editor
from tramo.engine.instant import rfc3339
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.model.value import decode
from tramo.store import flow as flow_store
from tramo.store import publication as store


class VersionDesk(DraftDesk):
    """What people do with versions."""

    async def versions(
        self, scope: Scope, flow_id: str, limit: int = LISTED, cursor: str | None = None
    ) -> dict[str, Any]:
        """Return what was published, newest first, with how many runs each version has.

        Runs are counted among the flow's newest ten thousand, and shown with the last publication
        of their version.
        """
        flow = await self._row(scope, flow_id)
        before = read_cursor(cursor)
        rows, old, counts = await self._database.read(
            lambda c: (
                store.list_publications(
                    c, scope, flow_id, limit=limit + 1, before=before[0] if before else None
                ),
                store.list_unnumbered(c, scope, flow_id),
                store.count_runs(c, scope, flow_id),
            )
        )
        more = len(rows) > limit
        rows = rows[:limit]
        shown = (
            rows if more else [*rows, *old]
        )  # Those without a number are older than all that have.
        items = [_item(row, flow.version, counts) for row in shown]
        return {"items": items, "next": cursor_of(rows[-1].number, "") if more else None}

    async def version(self, scope: Scope, flow_id: str, version: str) -> dict[str, Any]:
        """Return one version with its document, by its hash or by its number."""
        if (number := _number(version)) is not None:
            row = await self._database.read(
                lambda c: store.get_publication(c, scope, flow_id, number)
            )
        else:
            row = await self._database.read(
                lambda c: flow_store.get_version(c, scope, flow_id, version)
            )
        if row is None:
            raise _unknown(flow_id, version)
        return {"version": row.version, "document": decode(row.document)}

    async def rename_version(
        self, scope: Scope, flow_id: str, version: str, name: str | None
    ) -> None:
        """Give what was published under a number another name, or none."""
        require_editor(scope)
        await self._row(scope, flow_id)
        number = _number(version)
        done = number is not None and await self._database.write(
            lambda c: store.rename_publication(c, scope, flow_id, number, name)
        )
        if not done:
            raise _unknown(flow_id, version)


def _number(text: str) -> int | None:
    """Return the number that a text is; None for a hash."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else None


def _item(row: Row[Any], live: str | None, counts: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    runs, waiting = counts.get(row.version, (0, 0)) if row.is_last else (0, 0)
    return {
        "number": row.number,
        "version": row.version,
        "name": row.name,
        "published_at": rfc3339(row.published_at),
        "published_by": row.published_by,
        "author": row.author,
        "live": row.is_last and row.version == live,
        "runs": runs,
        "waiting": waiting,
    }


def _unknown(flow_id: str, version: str) -> TramoError:
    return TramoError(
        "flow.version_unknown", f"The flow {flow_id} has no version {version[:12]}.", status=404
    )
