"""The desk for runs: lists, one run with all its steps, cancel, answers to doubts."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET
from sqlalchemy import Row

from tramo.app.page import cursor_of, read_cursor
from tramo.app.role import require_editor
from tramo.engine import Answered, Cancelled, State, fold, view_steps
from tramo.engine.instant import rfc3339
from tramo.expression import compile_value
from tramo.graph.plan import MissingType, PlanNode
from tramo.model.problem import TramoError
from tramo.model.run import Step
from tramo.model.scope import Scope
from tramo.model.value import decode
from tramo.runner.plan import PlanCache
from tramo.runner.runner import Runner
from tramo.store import flow as flow_store
from tramo.store import run_query as store
from tramo.store.database import Database
from tramo.store.run import read_journal

LISTED = 50
OUTCOMES = ("happened", "resend", "abort")


class RunDesk:
    """What people do with runs."""

    def __init__(self, *, database: Database, plans: PlanCache, runner: Runner) -> None:
        self._database = database
        self._plans = plans
        self._runner = runner

    async def list(
        self,
        scope: Scope,
        flow: str | None = None,
        state: str | None = None,
        q: str | None = None,
        limit: int = LISTED,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        """Return runs, newest first; `q` matches ids and business keys."""
        before = read_cursor(cursor)
        rows = await self._database.read(
            lambda c: store.list_runs(
                c, scope, flow=flow, state=state, q=q, limit=limit + 1, before=before
            )
        )
        more = len(rows) > limit
        last = rows[limit - 1] if more else None
        return {
            "items": [_item(row) for row in rows[:limit]],
            "next": cursor_of(last.started_at, last.id) if last else None,
        }

    async def get(self, scope: Scope, run_id: str) -> dict[str, Any]:
        """Return a run with every step, its event, and the flow as it was."""
        row = await self._row(scope, run_id)
        segments, version = await self._database.read(
            lambda c: (
                read_journal(c, run_id),
                flow_store.get_version(c, scope, row.flow_id, row.version),
            )
        )
        output = decode(row.payload)
        item = _item(row)
        return {
            "format": 1,
            "id": run_id,
            "flow": row.flow_id,
            "flow_name": item["flow_name"],
            "version": row.version,
            "state": row.state,
            "reason": row.reason,
            "error": item["error"],
            "trigger": row.trigger,
            "by_hand": row.by_hand,
            "keys": item["keys"],
            "event": {
                "id": row.event_id,
                "type": row.event_type,
                "payload": output,
                "received_at": rfc3339(row.received_at),
            },
            "started_at": item["started_at"],
            "ended_at": item["ended_at"],
            "duration_ms": item["duration_ms"],
            "steps": await self._steps(row, segments, output),
            "document": decode(version.document) if version else None,
        }

    async def _steps(
        self, row: Row[Any], segments: list[tuple[int, bytes]], output: Any
    ) -> list[dict[str, Any]]:
        try:
            plan = await self._plans.get(row.workspace_id, row.flow_id, row.version)
        except MissingType:
            return []
        state = fold(
            plan,
            run_id=row.id,
            trigger=row.trigger,
            output=output,
            segments=segments,
            origin=row.origin,
            generation=row.generation,
        )
        return [
            {**_step(step), **_input(plan.by_id[step.node], step, state)}
            for step in view_steps(plan, segments, state, output)
        ]

    async def _row(self, scope: Scope, run_id: str) -> Row[Any]:
        row = await self._database.read(lambda c: store.get_run(c, scope, run_id))
        if row is None:
            raise TramoError("run.unknown", f"There is no run {run_id}.", status=404)
        return row

    async def cancel(self, scope: Scope, run_id: str) -> dict[str, Any]:
        """Stop a run before its next step; a step in flight ends first."""
        require_editor(scope)
        await self._row(scope, run_id)
        await self._runner.tell(run_id, lambda _state, at: Cancelled(at, scope.actor))
        return await self.get(scope, run_id)

    async def answer(
        self,
        scope: Scope,
        run_id: str,
        node: str,
        iteration: list[int] | None = None,
        outcome: str = "",
        output: Any = None,
    ) -> dict[str, Any]:
        """Settle a doubt: it happened, send it once more, or abort the run."""
        require_editor(scope)
        await self._row(scope, run_id)
        if outcome not in OUTCOMES:
            raise TramoError(
                "answer.outcome",
                f"An answer is one of {', '.join(OUTCOMES)}.",
                path="/outcome",
                status=422,
            )
        place = tuple(iteration or ())

        def happening(state: Any, at: int) -> Answered:
            found = state.plan.by_id.get(node)
            if found is None:
                raise TramoError("run.node_unknown", f"This run has no node {node}.", status=404)
            return Answered(at, found.index, place, outcome, output, scope.actor)  # type: ignore[arg-type]

        await self._runner.tell(run_id, happening)
        return await self.get(scope, run_id)


def _item(row: Row[Any]) -> dict[str, Any]:
    error = decode(row.error) if row.error else None
    return {
        "id": row.id,
        "flow_id": row.flow_id,
        "flow_name": row.flow_name or row.flow_id,
        "version": row.version,
        "state": row.state,
        "reason": row.reason,
        "trigger": row.trigger,
        "keys": [{"kind": kind, "value": value} for kind, value, _ in decode(row.key_list)],
        "started_at": rfc3339(row.started_at),
        "ended_at": rfc3339(row.ended_at) if row.ended_at is not None else None,
        "duration_ms": None if row.ended_at is None else row.ended_at - row.started_at,
        "error": {"code": error["code"], "message": error["message"]} if error else None,
        "by_hand": row.by_hand,
    }


def _step(step: Step) -> dict[str, Any]:
    shown = {name: getattr(step, name) for name in step.__struct_fields__}
    return {name: value for name, value in shown.items() if value is not UNSET}


def _input(node: PlanNode, step: Step, state: State) -> dict[str, Any]:
    """Return `input`, what the step was given; nothing for triggers and steps that did not start.

    What was sent is journalled; what a pure node was given follows from the outputs before it.
    """
    flow = state.plan.flow
    if step.input is not UNSET:
        return {"input": step.input}
    if node.type.kind == "trigger" or step.state == "skipped":
        return {}
    try:
        params = node.params or compile_value(
            node.node.params, timezone=flow.timezone, language=flow.language
        )
        return {"input": params(state.env)}
    except Exception:  # noqa: BLE001 - a view shows what it can
        return {}
