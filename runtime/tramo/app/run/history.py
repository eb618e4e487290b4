"""What happened in a run, told from its row and its journal: the one place where the desks fold."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import msgspec
from msgspec import UNSET
from sqlalchemy import Row

from tramo.engine import State, view_steps
from tramo.expression import compile_value
from tramo.graph.plan import MissingType, Plan, PlanNode
from tramo.model.effect import effect_key
from tramo.model.problem import TramoError
from tramo.model.run import Step
from tramo.model.scope import Scope
from tramo.model.value import decode
from tramo.runner.plan import PlanCache
from tramo.store import run_query as store
from tramo.store.call import called_id
from tramo.store.database import Database
from tramo.store.retention import stripped_steps
from tramo.store.run import read_journal

CALLS: Final = "core.call_flow"
LARGE_BYTES: Final = 512 * 1024
"""A journal that takes a while to read: it is folded beside the loop, and not for every page."""


class Told(msgspec.Struct, frozen=True):
    """A run's steps, with the plan and the state that they come from."""

    plan: Plan
    state: State
    steps: list[Step]


class History:
    """Reads runs back."""

    def __init__(self, *, database: Database, plans: PlanCache) -> None:
        self._database = database
        self._plans = plans
        self._large: tuple[tuple[str, int], Told] | None = None
        """The last large run that somebody leafed through, as it stood after a commit."""

    async def row(self, scope: Scope, run_id: str) -> Row[Any]:
        """Return a run's row with its event; raises TramoError for a run that there is not."""
        row = await self._database.read(lambda c: store.get_run(c, scope, run_id))
        if row is None:
            raise TramoError("run.unknown", f"There is no run {run_id}.", status=404)
        return row

    async def plan(self, row: Row[Any], version: str | None = None) -> Plan:
        """Return the plan of a run, or of another version of its flow; raises TramoError while one
        of its node types is not installed."""
        try:
            return await self._plans.get(row.workspace_id, row.flow_id, version or row.version)
        except MissingType as error:
            raise TramoError(
                "run.missing_type",
                f"A connector of this flow is not installed: {error}. Install it first.",
                status=409,
                params={"detail": str(error)},
            ) from None

    async def tell(self, row: Row[Any]) -> Told | None:
        """Return what happened in a run; None while one of its node types is not installed."""
        try:
            plan = await self._plans.get(row.workspace_id, row.flow_id, row.version)
        except MissingType:
            return None
        place = (row.id, row.seq)
        if self._large is not None and self._large[0] == place:
            return self._large[1]
        segments = await self._database.read(lambda c: read_journal(c, row.id))
        if not segments:
            bare = await self._database.read(lambda c: stripped_steps(c, row.id))
            if bare is not None:
                return Told(plan, _blank(plan, row), bare)
        if sum(len(body) for _, body in segments) <= LARGE_BYTES:
            return _tell(plan, row, segments)
        told = await asyncio.to_thread(_tell, plan, row, segments)
        self._large = (place, told)
        return told


def _tell(plan: Plan, row: Row[Any], segments: list[tuple[int, bytes]]) -> Told:
    state = _blank(plan, row)
    return Told(plan, state, view_steps(state, segments, decode(row.payload)))


def _blank(plan: Plan, row: Row[Any]) -> State:
    return State(
        plan,
        run_id=row.id,
        trigger=plan.by_id[row.trigger].index,
        origin=row.origin,
        generation=row.generation,
    )


def index_of(state: State, node_id: str) -> int:
    """Return the position of a node that somebody named; raises TramoError where there is none."""
    node = state.plan.by_id.get(node_id)
    if node is None:
        raise TramoError("run.node_unknown", f"This run has no node {node_id}.", status=404)
    return node.index


def step_item(told: Told, step: Step) -> dict[str, Any]:
    """Return a step as the views show it."""
    shown = {name: getattr(step, name) for name in step.__struct_fields__}
    said = {name: value for name, value in shown.items() if value is not UNSET}
    node = told.plan.by_id[step.node]
    return {**said, **_input(node, step, told.state), **_calls(node, step, told.state)}


def _calls(node: PlanNode, step: Step, state: State) -> dict[str, Any]:
    """Return `calls`, the run whose end a step waits for; its output names it afterwards."""
    if node.node.type != CALLS or step.state != "waiting":
        return {}
    key = effect_key(state.origin, node.id, step.iteration, state.generation)
    return {"calls": called_id(key, state.run_id)}


def _input(node: PlanNode, step: Step, state: State) -> dict[str, Any]:
    """Return `input`, what the step was given; nothing for triggers and steps that did not start.

    What was sent is journalled; what a pure node was given follows from the outputs before it.
    """
    flow = state.plan.flow
    if step.input is not UNSET:
        return {"input": step.input}
    if node.type.kind == "trigger" or step.state == "skipped" or step.iteration:
        return {}
    try:
        params = node.params or compile_value(
            node.node.params, timezone=flow.timezone, language=flow.language
        )
        return {"input": params(state.root.env)}
    except Exception:  # noqa: BLE001 - a view shows what it can
        return {}
