"""The timeline of an order, a person or a SKU: everything that touched it, merged by time, and the
way to stop or hurry what still goes on for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row

from tramo.app.act import act_item
from tramo.app.page import cursor_of, read_cursor
from tramo.app.role import require_editor
from tramo.app.run.desk import RunDesk
from tramo.app.run.history import History, Told, step_item
from tramo.app.run.item import run_item
from tramo.engine.instant import rfc3339
from tramo.graph.plan import PlanNode
from tramo.model.problem import TramoError
from tramo.model.run import Step
from tramo.model.scope import Scope
from tramo.model.value import encode
from tramo.store import run_query
from tramo.store import timeline as store
from tramo.store.act import acts_of
from tramo.store.database import Database

OPEN: Final = ("queued", "running", "waiting", "asking", "quarantined")
STEPS: Final = 200
"""Steps of one run that a timeline shows at most; the run itself shows them all."""
EVENTS: Final = 200
INPUT_BYTES: Final = 4096
"""What was sent is shown up to this size."""
BULK: Final = 500


class TimelineDesk:
    """What people ask about one business key."""

    def __init__(self, *, database: Database, history: History, runs: RunDesk) -> None:
        self._database = database
        self._history = history
        self._runs = runs

    async def show(
        self, scope: Scope, kind: str, value: str, limit: int = 20, cursor: str | None = None
    ) -> dict[str, Any]:
        """Return what the newest runs about a key did, the earliest first; `next` leads to the
        runs before them."""
        before = read_cursor(cursor)
        wanted = run_query.Wanted(key=(kind, value))

        def read(connection: Connection) -> tuple[Any, ...]:
            rows = run_query.list_runs(
                connection,
                scope,
                wanted,
                limit=limit + 1,
                before=before[1] if before else None,
                payload=True,
            )
            events = store.events_of(
                connection,
                scope,
                kind,
                value,
                since=rows[limit - 1].received_at if len(rows) > limit else None,
                until=before[0] if before else None,
                limit=EVENTS,
            )
            shown = rows[:limit]
            if before is None:
                shown += _waiting(connection, scope, kind, value, shown)
            acts = acts_of(connection, scope, [row.id for row in shown])
            return shown, rows[limit - 1] if len(rows) > limit else None, events, acts

        shown, last, events, acts = await self._database.read(read)
        entries = [*_events(shown, events), *map(_act_entry, acts)]
        for row in shown:
            entries += _run_entries(row, await self._history.tell(row))
        entries.sort(key=lambda entry: entry["at"])
        return {
            "kind": kind,
            "value": value,
            "items": entries,
            "next": cursor_of(last.received_at, last.id) if last is not None else None,
        }

    async def stop(self, scope: Scope, kind: str, value: str) -> dict[str, Any]:
        """Cancel every run about a key that has not ended."""
        require_editor(scope)
        rows, more = await self._open(scope, kind, value, OPEN)
        stopped: list[str] = []
        refused: list[dict[str, Any]] = []
        for row in rows:
            try:
                await self._runs.stop(scope, row)
            except TramoError as error:  # It has ended meanwhile, or cannot be taken up.
                refused.append({"run": row.id, "code": error.code, "message": error.message})
            else:
                stopped.append(row.id)
        return {"stopped": stopped, "refused": refused, "more": more}

    async def hurry(self, scope: Scope, kind: str, value: str) -> dict[str, Any]:
        """End every wait for a time in runs about a key; questions to people stay open."""
        require_editor(scope)
        rows, more = await self._open(scope, kind, value, ("waiting", "running"))
        hurried: list[dict[str, Any]] = []
        refused: list[dict[str, Any]] = []
        for row in rows:
            told = await self._history.tell(row)
            for step in _timed(told) if told else ():
                place = {"run": row.id, "node": step.node, "iteration": step.iteration}
                try:
                    await self._runs.hurry(scope, row.id, step.node, step.iteration)
                except TramoError as error:
                    refused.append({**place, "code": error.code, "message": error.message})
                else:
                    hurried.append(place)
        return {"hurried": hurried, "refused": refused, "more": more}

    async def _open(
        self, scope: Scope, kind: str, value: str, states: tuple[str, ...]
    ) -> tuple[list[Row[Any]], bool]:
        wanted = run_query.Wanted(key=(kind, value), states=states)
        rows = await self._database.read(
            lambda c: run_query.list_runs(
                c, scope, wanted, limit=BULK + 1, before=None, payload=True
            )
        )
        return rows[:BULK], len(rows) > BULK


def _waiting(
    connection: Connection, scope: Scope, kind: str, value: str, rows: list[Row[Any]]
) -> list[Row[Any]]:
    """Return runs about something else that wait for an event about this."""
    waiting = store.waiting_runs(connection, scope, kind, value)
    ids = tuple(set(waiting) - {row.id for row in rows})
    if not ids:
        return []
    wanted = run_query.Wanted(ids=ids)
    return run_query.list_runs(connection, scope, wanted, limit=len(ids), before=None, payload=True)


def _events(rows: Sequence[Row[Any]], kept: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Return the events that started runs, and those that runs may wait for, each once."""
    started: dict[str, list[str]] = {}
    known = {row.event_id: (row.event_type, row.received_at) for row in rows}
    for row in rows:
        started.setdefault(row.event_id, []).append(row.id)
    known |= {row.id: (row.type, row.received_at) for row in kept}
    return [
        {
            "at": rfc3339(at),
            "what": "event",
            "event": {"id": event_id, "type": type},
            "runs": started.get(event_id, []),
        }
        for event_id, (type, at) in known.items()
    ]


def _act_entry(row: Row[Any]) -> dict[str, Any]:
    item = act_item(row)
    return {"at": item["at"], "what": "act", **_link(row.run_id), "act": item}


def _run_entries(row: Row[Any], told: Told | None) -> list[dict[str, Any]]:
    item = run_item(row)
    link = _link(row.id)
    steps = [step for step in told.steps if _matters(told, step)] if told else []
    began = {"at": item["started_at"], "what": "began", **link, "item": item}
    entries = [{**began, "more_steps": max(len(steps) - STEPS, 0)}]
    if told is not None:
        entries += [_step_entry(told, step, link) for step in steps[:STEPS]]
    if item["ended_at"] is not None:
        said = {name: item[name] for name in ("state", "reason", "error")}
        entries.append({"at": item["ended_at"], "what": "ended", **link, **said})
    return entries


def _link(run_id: str) -> dict[str, str]:
    return {"run": run_id, "path": f"/runs/{run_id}"}


def _matters(told: Told, step: Step) -> bool:
    """A step that changed something or may have, that waits or did, asks or failed; what a re-run
    took over is shown where it was done."""
    if step.copied is True or step.state == "skipped":
        return False
    if step.state in ("waiting", "asking", "failed") or _has_waited(told, step):
        return True
    return step.attempts > 0 and step.effect not in (None, "pure")


def _has_waited(told: Told, step: Step) -> bool:
    """Whatever else the engine settles by itself ends in the instant in which it begins."""
    node = told.plan.by_id[step.node]
    inline = node.type.inline and node.loop is None
    return inline and step.started_at is not None and step.ended_at != step.started_at


def _timed(told: Told) -> list[Step]:
    """Return the steps that wait for a time and ask nobody."""
    return [
        step
        for step in told.steps
        if step.state == "waiting"
        and isinstance(step.due_at, str)
        and not (isinstance(step.waits_for, dict) and "ask" in step.waits_for)
    ]


def _step_entry(told: Told, step: Step, link: dict[str, str]) -> dict[str, Any]:
    node: PlanNode = told.plan.by_id[step.node]
    shown = step_item(told, step)
    shown.pop("output", None)
    if len(encode(shown.get("input"))) > INPUT_BYTES:
        del shown["input"]
    return {
        "at": step.ended_at or step.started_at,
        "what": "wait" if step.state == "waiting" or _has_waited(told, step) else "step",
        **link,
        "title": node.node.title,
        "type": node.node.type,
        "connector": node.type.connector,
        "category": node.type.category,
        "step": shown,
    }
