"""Searching runs: filters that the database answers, and text, for which runs are read one by one.

A text search looks at the newest runs first, for a bounded time, and says how far it came; its
cursor goes on from there, found or not.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row

from tramo.app.run.hit import excerpt, needle_of
from tramo.engine.instant import rfc3339
from tramo.expression.operator import read_instant
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.ports.clock import Clock
from tramo.store import run_query as store
from tramo.store.database import Database
from tramo.store.run import read_journal

BUDGET_S: Final = 1.5
"""How long one search reads before it says how far it came."""
AT_A_TIME: Final = 100


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What a person looks for."""

    flow: str | None = None
    states: tuple[str, ...] = ()
    reason: str | None = None
    since: str | None = None
    until: str | None = None
    """Instants: began at or after the one and before the other."""
    key: str | None = None
    """A business key, `order:1001`, or its value alone."""
    q: str | None = None
    """A run's id, or the value of a business key."""
    text: str | None = None
    """A text in the event, in an error or in what a step gave or got."""
    trigger: str | None = None
    """The node that fired."""
    by_hand: bool | None = None
    """Only those that people started, or only others."""


class Found(msgspec.Struct, frozen=True):
    """A page of runs. `last` is the run to go on after; None: there are no more."""

    rows: list[Row[Any]]
    last: Row[Any] | None
    searched: dict[str, Any] | None = None
    """How far a text search came."""
    hits: dict[str, dict[str, Any]] = {}
    """Where each run holds the text that was looked for."""


class Search:
    """Finds runs."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def find(self, scope: Scope, filter: Filter, *, limit: int, before: str | None) -> Found:
        """Return the newest runs that fit, at most `limit` of them, after the run `before`."""
        wanted = await self.wanted(scope, filter)
        if filter.text:
            return await self._find_text(scope, wanted, filter.text, limit, before)
        rows = await self._database.read(
            lambda c: store.list_runs(c, scope, wanted, limit=limit + 1, before=before)
        )
        more = len(rows) > limit
        return Found(rows[:limit], rows[limit - 1] if more else None)

    async def wanted(self, scope: Scope, filter: Filter) -> store.Wanted:
        """Return a filter as the store takes it; raises TramoError for an instant that is none."""
        key = None
        if filter.key:
            kinds = await self._database.read(lambda c: store.key_kinds(c, scope))
            key = _read_key(filter.key.strip(), kinds)
        return store.Wanted(
            states=filter.states,
            reason=filter.reason,
            flow=filter.flow,
            since=_instant(filter.since, "from"),
            until=_instant(filter.until, "to"),
            key=key,
            trigger=filter.trigger,
            by_hand=filter.by_hand,
            named=filter.q.strip() if filter.q and filter.q.strip() else None,
        )

    async def _find_text(
        self, scope: Scope, wanted: store.Wanted, text: str, limit: int, before: str | None
    ) -> Found:
        needle = needle_of(text)
        deadline = self._clock.monotonic_s() + BUDGET_S
        found: list[Row[Any]] = []
        hits: dict[str, dict[str, Any]] = {}
        last: Row[Any] | None = None
        looked = 0
        while True:
            place = last.id if last is not None else before
            read = await self._database.read(
                lambda c, place=place: _read_some(c, scope, wanted, place, needle)
            )
            for row, hit in read:
                last, looked = row, looked + 1
                if hit is not None:
                    found.append(row)
                    hits[row.id] = hit
                if len(found) == limit:
                    return Found(found, last, _searched(looked, last), hits)
            if len(read) < AT_A_TIME:
                return Found(found, None, _searched(looked, None), hits)
            if self._clock.monotonic_s() >= deadline:
                return Found(found, last, _searched(looked, last), hits)


def _searched(looked: int, last: Row[Any] | None) -> dict[str, Any]:
    return {"runs": looked, "back_to": rfc3339(last.started_at) if last is not None else None}


def _read_some(
    connection: Connection,
    scope: Scope,
    wanted: store.Wanted,
    before: str | None,
    needle: str,
) -> list[tuple[Row[Any], dict[str, Any] | None]]:
    rows = store.list_runs(connection, scope, wanted, limit=AT_A_TIME, before=before, payload=True)
    return [(row, _hit(connection, row, needle)) for row in rows]


def _hit(connection: Connection, row: Row[Any], needle: str) -> dict[str, Any] | None:
    """Return where a run holds a text: in its event, its error, or what its steps gave or got."""
    own: list[tuple[str, bytes | None]] = [("event", row.payload), ("error", row.error)]
    for where, body in own:
        found = excerpt(body, needle) if body else None
        if found is not None:
            return {"where": where, **found}
    for _, body in read_journal(connection, row.id):
        found = excerpt(body, needle)
        if found is not None:
            return {"where": "step", **found}
    return None


def _read_key(text: str, kinds: list[str]) -> tuple[str | None, str]:
    """Read `order:1001`; a colon after anything but a kind of key belongs to the value."""
    kind, colon, value = text.partition(":")
    return (kind, value) if colon and kind in kinds else (None, text)


def _instant(text: str | None, name: str) -> int | None:
    if text is None:
        return None
    found = read_instant(text)
    if found is None:
        raise TramoError(
            "request.instant",
            f"“{text}” is no instant with a time zone, such as 2026-11-22T08:00:00Z.",
            path=f"/{name}",
            params={"text": text},
        )
    return round(found.timestamp() * 1_000)
