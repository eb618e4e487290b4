"""The desk for runs: lists, one run with all its steps, cancel, and release from quarantine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from msgspec import UNSET
from sqlalchemy import Connection, Row

from tramo.app.act import act_item
from tramo.app.attention.book import FlowBook
from tramo.app.page import cursor_of, read_cursor
from tramo.app.role import require_editor
from tramo.app.run.doubt import DoubtDesk
from tramo.app.run.fault import Faults
from tramo.app.run.history import History, index_of
from tramo.app.run.item import run_item
from tramo.app.run.large import shorten_fields
from tramo.app.run.leaf import SHOWN, StepFilter, first_steps, leaf
from tramo.app.run.search import Filter, Search
from tramo.engine import Cancelled, Hurried, State, encode_segment
from tramo.engine.instant import rfc3339
from tramo.model.problem import TramoError
from tramo.model.run import Iteration, Step
from tramo.model.scope import Scope
from tramo.model.value import decode
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.ports.wakeup import Wakeup
from tramo.runner.runner import Runner
from tramo.store import flow as flow_store
from tramo.store import quarantine, run_query
from tramo.store.act import Act, What, acts_of, add_acts
from tramo.store.database import Database

LISTED = 50


class RunDesk:
    """What people do with runs."""

    def __init__(
        self,
        *,
        database: Database,
        history: History,
        doubts: DoubtDesk,
        runner: Runner,
        wakeup: Wakeup,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._history = history
        self._doubts = doubts
        self._runner = runner
        self._wakeup = wakeup
        self._clock = clock
        self._ids = ids
        self._faults = Faults(database=database, book=FlowBook(database))
        self._search = Search(database=database, clock=clock)

    async def list(
        self,
        scope: Scope,
        flow: str | None = None,
        state: str | None = None,
        q: str | None = None,
        limit: int = LISTED,
        cursor: str | None = None,
        filter: Filter | None = None,
    ) -> dict[str, Any]:
        """Return runs, newest first; a `filter` takes the place of the simple ones."""
        before = read_cursor(cursor)
        chosen = filter or Filter(flow=flow, states=(state,) if state else (), q=q)
        found = await self._search.find(
            scope, chosen, limit=limit, before=before[1] if before else None
        )
        last = found.last
        answer: dict[str, Any] = {
            "items": [
                {**item, "hit": found.hits[item["id"]]} if item["id"] in found.hits else item
                for item in await self._faults.named(found.rows)
            ],
            "next": cursor_of(last.started_at, last.id) if last is not None else None,
        }
        if found.searched is not None:
            answer["searched"] = found.searched
        return answer

    async def counts(self, scope: Scope, filter: Filter) -> dict[str, Any]:
        """Count the newest runs by state; `back_to` says how far, null for all of them."""
        wanted = await self._search.wanted(scope, filter)
        counts, back_to = await self._database.read(
            lambda c: run_query.count_states(c, scope, wanted)
        )
        return {"counts": counts, "back_to": rfc3339(back_to) if back_to is not None else None}

    async def get(self, scope: Scope, run_id: str, limit: int | None = None) -> dict[str, Any]:
        """Return a run with its steps, its event, and the flow as it was.

        With a `limit`, `next` leads to further steps where there are more, and of large values the
        beginning is shown.
        """
        row = await self._history.row(scope, run_id)
        told = await self._history.tell(row)
        version, acts = await self._database.read(
            lambda c: (
                flow_store.get_version(c, scope, row.flow_id, row.version),
                acts_of(c, scope, [run_id]),
            )
        )
        item = run_item(row)
        event = {
            "id": row.event_id,
            "type": row.event_type,
            "payload": decode(row.payload),
            "received_at": rfc3339(row.received_at),
        }
        return {
            "format": 1,
            "id": run_id,
            "flow": row.flow_id,
            "flow_name": item["flow_name"],
            "flow_deleted": row.flow_deleted_at is not None,
            "version": row.version,
            "state": row.state,
            "reason": row.reason,
            "error": item["error"],
            "trigger": row.trigger,
            "by_hand": row.by_hand,
            "origin": row.origin,
            "copied_from": row.copied_from,
            "rerun": row.rerun,
            "keys": item["keys"],
            "event": event if limit is None else shorten_fields(event, "payload"),
            "started_at": item["started_at"],
            "ended_at": item["ended_at"],
            "duration_ms": item["duration_ms"],
            **(first_steps(told, limit) if told else {"steps": [], "steps_total": 0, "next": None}),
            "acts": [act_item(act) for act in acts],
            "document": decode(version.document) if version else None,
        }

    async def steps(
        self,
        scope: Scope,
        run_id: str,
        wanted: StepFilter,
        limit: int = LISTED,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        """Return a page of a run's steps."""
        told = await self._history.tell(await self._history.row(scope, run_id))
        if told is None:
            return {"items": [], "total": 0, "next": None}
        return await asyncio.to_thread(leaf, told, wanted, limit, cursor)

    async def output(self, scope: Scope, run_id: str, node: str, iteration: Iteration = ()) -> Any:
        """Return the whole output of a step; raises TramoError where it has none."""
        return (await self.step(scope, run_id, node, iteration)).output

    async def step(self, scope: Scope, run_id: str, node: str, iteration: Iteration = ()) -> Step:
        """Return a step that has an output, whole; raises TramoError where it has none."""
        told = await self._history.tell(await self._history.row(scope, run_id))
        for step in told.steps if told else ():
            if (step.node, tuple(step.iteration)) == (node, iteration) and step.output is not UNSET:
                return step
        raise TramoError("run.no_output", f"The step {node} of this run has no output.", status=404)

    async def cancel(self, scope: Scope, run_id: str) -> dict[str, Any]:
        """Stop a run before its next step; a step in flight ends first."""
        require_editor(scope)
        await self.stop(scope, await self._history.row(scope, run_id))
        return await self.get(scope, run_id, SHOWN)

    async def stop(self, scope: Scope, row: Row[Any]) -> None:
        """Cancel the run of a row; raises TramoError when it has ended."""
        if row.state == "quarantined":
            await self._end_quarantined(scope, row.id)
            return
        if not await self._runner.teller.reach.ask_to_stop(row.id, scope.actor):
            await self._runner.tell(row.id, lambda _state, at: Cancelled(at, scope.actor))
        await self._note(scope, self._act(row.id, "cancel"))

    async def hurry(
        self, scope: Scope, run_id: str, node: str, iteration: Iterable[int] = ()
    ) -> None:
        """Let a step that waits for a time wait no longer."""
        require_editor(scope)
        await self._history.row(scope, run_id)
        place = tuple(iteration)

        def happening(state: State, at: int) -> Hurried:
            return Hurried(at, index_of(state, node), place, scope.actor)

        await self._runner.tell(run_id, happening)
        await self._note(scope, self._act(run_id, "hurry", node, place))

    async def _end_quarantined(self, scope: Scope, run_id: str) -> None:
        """Cancel a run without taking it up: that is what took its worker down."""
        now = self._clock.now_ms()
        end = [("c", scope.actor), ("e", "cancelled", "cancelled", None)]
        segment = encode_segment([(now, end)])
        act = self._act(run_id, "cancel")

        def write(connection: Connection) -> list[str] | None:
            woken = quarantine.end(connection, scope, run_id, segment=segment, now=now)
            if woken is not None:
                add_acts(connection, scope, [act])
            return woken

        woken = await self._database.write(write)
        if woken is None:
            raise _not_quarantined()
        self._runner.ring(woken)

    async def release(self, scope: Scope, run_id: str) -> dict[str, Any]:
        """Let a run in quarantine go on: it counts as not having crashed yet."""
        require_editor(scope)
        await self._history.row(scope, run_id)
        now = self._clock.now_ms()
        act = self._act(run_id, "release")

        def write(connection: Connection) -> bool:
            done = quarantine.release(connection, scope, run_id, now=now)
            if done:
                add_acts(connection, scope, [act])
            return done

        if not await self._database.write(write):
            raise _not_quarantined()
        self._wakeup.wake([run_id])
        return await self.get(scope, run_id, SHOWN)

    async def answer(
        self,
        scope: Scope,
        run_id: str,
        node: str,
        iteration: Any = None,
        outcome: str = "",
        output: Any = None,
        reference: str | None = None,
    ) -> dict[str, Any]:
        """Settle a doubt, and return the run as it stands then."""
        await self._doubts.answer(scope, run_id, node, iteration or (), outcome, output, reference)
        return await self.get(scope, run_id, SHOWN)

    def _act(
        self, run_id: str, what: What, node: str | None = None, iteration: Iteration = ()
    ) -> Act:
        return Act(
            id=self._ids.new("act"),
            at=self._clock.now_ms(),
            what=what,
            run_id=run_id,
            node_id=node,
            iteration=iteration,
        )

    async def _note(self, scope: Scope, act: Act) -> None:
        await self._database.write(lambda c: add_acts(c, scope, [act]))


def _not_quarantined() -> TramoError:
    return TramoError(
        "run.not_quarantined",
        "This run is not in quarantine; reload to see how it stands.",
        status=409,
    )
