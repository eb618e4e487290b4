"""The desk for doubts: steps of which nobody knows whether they happened, and what people say of
them.

A doubt is never settled by time. An outage may be answered in bulk, but `send it once more` goes to
runs that somebody named one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import Connection, Row

from tramo.app.act import act_item
from tramo.app.page import cursor_of, read_cursor
from tramo.app.role import require_editor
from tramo.app.run.history import History, Told, index_of, step_item
from tramo.app.run.item import run_item
from tramo.engine import Answered, State, encode_segment
from tramo.graph.plan import Plan, PlanNode
from tramo.model.problem import TramoError
from tramo.model.run import FINAL_RUN_STATES, Iteration, Step
from tramo.model.scope import Scope
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.runner.doubt import Sent, doubtful_sends
from tramo.runner.past import read_past
from tramo.runner.runner import Runner
from tramo.store import run_query as store
from tramo.store.act import Act, add_acts, list_acts
from tramo.store.database import Database
from tramo.store.rerun import add_to_ended

Outcome = Literal["happened", "resend", "abort"]
Place = tuple[str, Iteration]
OUTCOMES: Final = ("happened", "resend", "abort")
BULK: Final = 500
"""Doubts after which a bulk answer ends; it says when there may be more."""
AT_A_TIME: Final = 50


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which doubts a bulk answer is about; those that fit everything that is given."""

    connection: str | None = None
    flow: str | None = None
    node: str | None = None
    runs: tuple[str, ...] = ()


class DoubtDesk:
    """What people say about steps in doubt."""

    def __init__(
        self, *, database: Database, history: History, runner: Runner, clock: Clock, ids: Ids
    ) -> None:
        self._database = database
        self._history = history
        self._runner = runner
        self._clock = clock
        self._ids = ids

    async def list(
        self,
        scope: Scope,
        asked: Asked = Asked(),  # noqa: B008 - frozen
        limit: int = 50,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        """Return the steps in doubt, those of the newest run first."""
        before = read_cursor(cursor)
        rows = await self._rows(scope, asked, limit + 1, before[1] if before else None)
        items: list[dict[str, Any]] = []
        for row in rows[:limit]:
            told = await self._history.tell(row)
            items += [_item(row, told, step) for step in _asking(told, asked)] if told else []
        last = rows[limit - 1] if len(rows) > limit else None
        return {"items": items, "next": cursor_of(last.started_at, last.id) if last else None}

    async def _rows(
        self, scope: Scope, asked: Asked, limit: int, before: str | None = None
    ) -> list[Row[Any]]:
        wanted = store.Wanted(
            states=("asking",),
            flow=asked.flow,
            ids=asked.runs or None,
        )
        return await self._database.read(
            lambda c: store.list_runs(c, scope, wanted, limit=limit, before=before, payload=True)
        )

    async def answered(
        self, scope: Scope, limit: int = 50, cursor: str | None = None
    ) -> dict[str, Any]:
        """Return who settled which doubt, when and how, newest first."""
        before = read_cursor(cursor)
        rows = await self._database.read(
            lambda c: list_acts(
                c, scope, what="answer", limit=limit + 1, before=before[1] if before else None
            )
        )
        last = rows[limit - 1] if len(rows) > limit else None
        return {
            "items": [act_item(row) for row in rows[:limit]],
            "next": cursor_of(last.at, last.id) if last else None,
        }

    async def answer(
        self,
        scope: Scope,
        run_id: str,
        node: str,
        iteration: Iterable[int] = (),
        outcome: str = "",
        output: Any = None,
        reference: str | None = None,
    ) -> None:
        """Settle one doubt: it happened, send it once more, or abort the run.

        Without an `output`, a step that happened outputs the reference under which it did. A doubt
        that the end of a run left open is settled too, for its re-runs: happened, or to be sent.
        """
        require_editor(scope)
        _check_outcome(outcome)
        row = await self._history.row(scope, run_id)
        place = (node, tuple(iteration))
        if outcome == "happened" and output is None and reference is not None:
            output = {"reference": reference}
        act = Act(
            id=self._ids.new("act"),
            at=self._clock.now_ms(),
            what="answer",
            run_id=run_id,
            node_id=node,
            iteration=place[1],
            outcome=outcome,
            reference=reference,
        )
        if row.state in FINAL_RUN_STATES:
            await self._answer_ended(scope, row, place, output, act)
            return

        def happening(state: State, at: int) -> Answered:
            index = index_of(state, node)
            return Answered(at, index, place[1], outcome, output, scope.actor)  # type: ignore[arg-type]

        await self._runner.tell(run_id, happening)
        await self._database.write(lambda c: add_acts(c, scope, [act]))

    async def _answer_ended(
        self, scope: Scope, row: Row[Any], place: Place, output: Any, act: Act
    ) -> None:
        """Note behind a run's end what became of a doubt; nothing is sent by that."""
        plan = await self._history.plan(row)
        now = self._clock.now_ms()
        segments = await self._database.read(lambda c: read_past(c, scope, plan, row.id))
        if act.outcome == "abort" or place not in unsettled(plan, segments, now, other_keys=True):
            raise TramoError(
                "run.ended", "This run has already ended; nothing was changed.", status=409
            )
        answer = ("a", *place, act.outcome, output, scope.actor)
        segment = encode_segment([(now, [answer])])

        def write(connection: Connection) -> bool:
            done = add_to_ended(connection, row.id, seq=row.seq, segment=segment)
            if done:
                add_acts(connection, scope, [act])
            return done

        if not await self._database.write(write):
            raise TramoError(
                "run.not_asking",
                "This step is not waiting for an answer any more; reload to see how it stands.",
                status=409,
            )

    async def answer_all(
        self, scope: Scope, asked: Asked, outcome: str, reference: str | None = None
    ) -> dict[str, Any]:
        """Settle every doubt that fits, for an outage: what was settled, and what could not be."""
        require_editor(scope)
        _check_outcome(outcome)
        _check_bulk(asked, outcome)
        answered: list[dict[str, Any]] = []
        refused: list[dict[str, Any]] = []
        before: str | None = None
        while len(answered) < BULK:
            rows = await self._rows(scope, asked, AT_A_TIME, before)
            for row in rows:
                told = await self._history.tell(row)
                for step in _asking(told, asked) if told else ():
                    place = {"run": row.id, "node": step.node, "iteration": step.iteration}
                    try:
                        await self.answer(
                            scope, row.id, step.node, step.iteration, outcome, None, reference
                        )
                    except TramoError as error:  # Somebody was quicker, or the run has ended.
                        refused.append({**place, "code": error.code, "message": error.message})
                    else:
                        answered.append(place)
            if len(rows) < AT_A_TIME:
                return {"answered": answered, "refused": refused, "more": False}
            before = rows[-1].id
        return {"answered": answered, "refused": refused, "more": True}


def _check_outcome(outcome: str) -> None:
    if outcome not in OUTCOMES:
        raise TramoError(
            "answer.outcome",
            f"An answer is one of {', '.join(OUTCOMES)}.",
            path="/outcome",
            status=422,
        )


def _check_bulk(asked: Asked, outcome: str) -> None:
    if outcome == "resend" and not asked.runs:
        raise TramoError(
            "answer.resend_named",
            "What is sent once more may happen twice: name the runs one by one.",
            path="/runs",
            status=422,
        )
    if asked == Asked():
        raise TramoError(
            "answer.whom",
            "Say which doubts are meant: a connection, a flow, a node or runs.",
            status=422,
        )


def _asking(told: Told, asked: Asked) -> list[Step]:
    """Return the steps in doubt of a run that fit."""
    by_id = told.plan.by_id
    return [
        step
        for step in told.steps
        if step.state == "asking"
        and asked.node in (None, step.node)
        and asked.connection in (None, by_id[step.node].node.connection)
    ]


def _item(row: Row[Any], told: Told, step: Step) -> dict[str, Any]:
    node = told.plan.by_id[step.node]
    return {
        "run": run_item(row),
        "title": node.node.title,
        "type": node.node.type,
        "connector": node.type.connector,
        "connection": node.node.connection,
        "costly": node.type.costly,
        "step": step_item(told, step),
    }


# Doubts that a run's end left open ----------------------------------------------------------------


def unsettled(
    plan: Plan, segments: Iterable[tuple[int, bytes]], now: int, *, other_keys: bool = False
) -> list[Place]:
    """Return the steps that were sent, or may have been, and of which no end is known.

    `segments` are those of a run and of all that it is a re-run of, the oldest first. What the
    vendor still knows by its key may be sent again under it; not so under `other_keys`.
    """
    return [
        place
        for place, sent in doubtful_sends(plan, segments).items()
        if other_keys or _must_not_repeat(plan.by_id.get(place[0]), sent, now)
    ]


def _must_not_repeat(node: PlanNode | None, sent: Sent, now: int) -> bool:
    window_s = node.type.key_window_s if node is not None else None
    forgotten = window_s is not None and now - sent.first_at > window_s * 500
    return sent.effect == "never_repeat" or forgotten
