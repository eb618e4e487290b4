"""Carrying out the engine's commands: one piece of work for each, started after its commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from typing import Any, Final

from tramo.engine import (
    Claimed,
    Continued,
    Ended,
    Failed,
    Failure,
    GoOn,
    Happening,
    Held,
    Perform,
)
from tramo.engine.instant import rfc3339
from tramo.engine.journal import Raw, encode_segment
from tramo.graph.plan import PlanNode
from tramo.model.pause import Exit, Hold
from tramo.model.value import decode
from tramo.ports.clock import Clock
from tramo.runner.attempt import Attempts, Call, classified, encoded
from tramo.runner.live import LiveRun
from tramo.runner.room import Room
from tramo.runner.row import holder_of, key_value
from tramo.store.database import Database
from tramo.store.step import StoredStep

Work = tuple[tuple[int, Any], Coroutine[Any, Any, None], str]
"""Where in the run, what to do, and a name for it."""


MARGIN_MS: Final = 5_000
"""So long before its lease ends nothing more is sent for a run."""


class Hand:
    """Knows how each command is carried out, and tells what came of it."""

    def __init__(
        self,
        attempts: Attempts,
        advance: Callable[..., Awaitable[bool]],
        store: Callable[..., Awaitable[None]],
        room: Room,
        clock: Clock,
        database: Database,
    ) -> None:
        self._attempts = attempts
        self._advance = advance
        self._store = store
        self._now_ms = clock.now_ms
        self._room = room
        self._shared = database.shared
        """Others may take over a run whose lease is over."""

    def work(
        self, live: LiveRun, commands: list[Any], taken: Sequence[tuple[str, str]]
    ) -> Iterator[Work]:
        """Yield the work that commands ask for."""
        for command in commands:
            if type(command) is Perform:
                node = live.state.plan.nodes[command.node]
                place = (command.node, command.iteration)
                if command.once:
                    held = (node.id, holder_of(live.state, command.iteration)) not in taken
                    yield place, self._claimed(live, command, held=held), node.id
                elif self._attempts.is_stored(node):
                    yield place, self._write(live, command), node.id
                else:
                    yield place, self._perform(live, command), node.id
            elif type(command) is GoOn and not (live.going_on or live.state.halted):
                live.going_on = True
                yield (-3, live.seq), self._go_on(live), "go on"

    async def _go_on(self, live: LiveRun) -> None:
        live.going_on = False
        await self._advance(live, Continued(self._now_ms()))

    async def _perform(self, live: LiveRun, perform: Perform) -> None:
        node = live.state.plan.nodes[perform.node]
        async with self._room.call():
            came = await self._attempts.carry_out(node, perform, self._call(live, perform))
        await self._advance(live, came)

    def _call(self, live: LiveRun, perform: Perform) -> Call:
        plan = live.state.plan
        node = plan.nodes[perform.node]
        return Call(
            run_id=live.state.run_id,
            flow_id=plan.flow.id,
            workspace_id=live.workspace_id,
            connector=node.type.connector,
            connection_id=node.node.connection,
            needs_connection=node.type.connection == "required",
            key=perform.key,
            attempt=perform.attempt,
            language=plan.flow.language,
            timezone=plan.flow.timezone,
            now=rfc3339(live.state.open[(perform.node, perform.iteration)].first_at),
            may_send=lambda: not self._shared or self._now_ms() < live.leased_until - MARGIN_MS,
        )

    async def _claimed(self, live: LiveRun, perform: Perform, *, held: bool) -> None:
        at, place = self._now_ms(), (perform.node, perform.iteration)
        assert perform.once is not None
        if key_value(live, perform.once) is None:
            failure = Failure(
                kind="params",
                code="once.key_missing",
                message=f"This run has no “{perform.once}” to be done once for. "
                "Choose a key that the trigger gives.",
                params={"key": perform.once},
            )
            await self._advance(live, Failed(at, *place, failure))
            return
        await self._advance(live, Claimed(at, *place, held))

    # Stored steps ------------------------------------------------------------------------------

    async def _write(self, live: LiveRun, perform: Perform) -> None:
        """Run a stored function inside the commit that holds its result."""
        node = live.state.plan.nodes[perform.node]
        place = (perform.node, perform.iteration)
        try:
            function, params = self._attempts.stored(node, perform)
        except Exception as error:  # noqa: BLE001 - a step's failure, like that of any attempt
            failure = classified(error, node, sent=False)
            await self._advance(live, Failed(self._now_ms(), *place, failure))
            return

        def step(at: int) -> StoredStep:
            return StoredStep(
                function,
                params,
                lambda given: _journal(node, perform, at, given),
                workspace_id=live.workspace_id,
                run_id=live.state.run_id,
                flow_id=live.state.plan.flow.id,
                node_id=node.id,
                iteration=perform.iteration,
                key=perform.key,
                held=perform.held,
                keys=live.state.keys,
                depth=live.depth,
                now_ms=at,
            )

        def heard(result: Any) -> Happening:
            if result.error is not None:
                failure = classified(result.error, node, sent=False)
                return Failed(self._now_ms(), *place, failure)
            at, outcome = result.outcome
            if isinstance(outcome, Hold):
                return Held(at, *place, outcome.until_ms)
            raw = outcome.output
            return Ended(at, *place, decode(raw), Raw(raw), port=outcome.port)

        await self._store(live, step, heard)


def _journal(node: PlanNode, perform: Perform, at: int, given: Any) -> tuple[bytes, Any]:
    """Return the segment of what a stored function gave, and when and what it was."""
    if isinstance(given, Hold):
        transition: Any = ("h", node.id, perform.iteration, given.until_ms)
        return encode_segment([(at, [transition])]), (at, given)
    way = given if isinstance(given, Exit) else Exit("out", given)
    raw = encoded(way.output, node)
    transition = ("d", node.id, perform.iteration, way.port, Raw(raw))
    return encode_segment([(at, [transition])]), (at, Exit(way.port, raw))
