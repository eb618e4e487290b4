"""Plays a run to its end for somebody who tries a flow: time may jump, people and events answer.

What is played is a real run in a real house; only its clock is another one, which jumps to the next
due time whenever nothing is being carried out.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from tramo.app.house import House
from tramo.app.port import SystemClock
from tramo.app.run.history import History
from tramo.engine import Answered, Happening, Replied, State
from tramo.engine.state import OpenStep
from tramo.ingest.key import extract_keys
from tramo.model.event import Key
from tramo.model.problem import TramoError
from tramo.model.run import FINAL_RUN_STATES
from tramo.model.scope import Scope
from tramo.model.value import NotExact, decode, encode
from tramo.store import lease, run_query
from tramo.store.call import open_calls

LOOK_S: Final = 0.001
QUIET_LOOKS: Final = 2
"""Looks in a row at which nothing may be going on before time jumps."""
ACTOR: Final = "answers"
"""Who said what an answers file says."""
OUTCOMES: Final = ("happened", "resend", "abort")


class JumpingClock(SystemClock):
    """The machine's clock, ahead by as much as was jumped."""

    def __init__(self) -> None:
        self._ahead_ms = 0

    def now_ms(self) -> int:
        return super().now_ms() + self._ahead_ms

    def monotonic_s(self) -> float:
        return super().monotonic_s() + self._ahead_ms / 1_000  # A vendor's pause passes as well.

    def jump_to(self, instant: int) -> None:
        """Let it be this instant at least."""
        self._ahead_ms += max(0, instant - self.now_ms())


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person's choice."""

    port: str
    data: Any = None


class Arrival(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event that comes in."""

    type: str
    keys: Any = None
    data: Any = None


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of an answers file: when, and what then."""

    at_s: Any = None
    """Virtual seconds since the start of the run."""
    on: str | None = None
    """The node that must be waiting or asking."""
    iteration: list[int] | None = None
    answer: Reply | None = None
    event: Arrival | None = None
    outcome: str | None = None
    output: Any = None


class Waiting(msgspec.Struct, frozen=True):
    """A step that waits or asks."""

    run_id: str
    node: str
    step: OpenStep


def read_answers(data: bytes) -> list[Answer]:
    """Read an answers file; raises TramoError that names the entry and the field."""
    try:
        answers = msgspec.convert(decode(data), list[Answer])
    except NotExact as error:
        raise TramoError("answers.not_json", f"The answers file: {error}.") from None
    except msgspec.ValidationError as error:
        raise TramoError("answers.invalid", f"The answers file: {error}.") from None
    for number, entry in enumerate(answers):
        said = [name for name in ("answer", "event", "outcome") if getattr(entry, name) is not None]
        if len(said) != 1 or (entry.at_s is None and entry.on is None):
            raise TramoError(
                "answers.invalid",
                f"Entry {number} of the answers file needs a time (at_s) or a node (on), and one "
                "of answer, event and outcome.",
                path=f"/{number}",
            )
        if entry.at_s is not None and not _is_second(entry.at_s):
            raise TramoError(
                "answers.invalid",
                f"Entry {number} of the answers file: at_s is a number of seconds, from 0 on.",
                path=f"/{number}/at_s",
            )
        if entry.outcome is not None and entry.outcome not in OUTCOMES:
            raise TramoError(
                "answers.invalid",
                f"Entry {number} of the answers file: outcome is one of {', '.join(OUTCOMES)}.",
                path=f"/{number}/outcome",
            )
    return answers


def _is_second(at_s: Any) -> bool:
    return isinstance(at_s, int | Decimal) and not isinstance(at_s, bool) and at_s >= 0


class Play:
    """One run being played."""

    def __init__(
        self, house: House, scope: Scope, run_id: str, *, answers: Sequence[Answer], fast: bool
    ) -> None:
        self._house = house
        self._scope = scope
        self._run_id = run_id
        self._given = answers
        self._answers = list(answers)
        self._clock = house.clock
        self._fast = fast
        self._began = 0

    async def to_end(self, timeout_s: float) -> None:
        """Return when the run has ended, when nothing can happen any more, or after the time."""
        clock, real = self._clock, SystemClock()
        self._began = await self._started_at()
        end = real.monotonic_s() + timeout_s
        quiet = 0
        while real.monotonic_s() < end:
            quiet = quiet + 1 if self._house.runner.at_rest else 0
            if quiet < QUIET_LOOKS:
                await clock.sleep(LOOK_S)
                continue
            quiet = 0
            if await self._state() in FINAL_RUN_STATES:
                return
            if not await self._go_on():
                return

    @property
    def unused(self) -> list[int]:
        """The numbers of the entries that nothing asked for, or whose time did not come."""
        left = {id(entry) for entry in self._answers}
        return [number for number, entry in enumerate(self._given) if id(entry) in left]

    async def _state(self) -> str:
        return (await self._row()).state

    async def _started_at(self) -> int:
        return (await self._row()).started_at

    async def _row(self) -> Any:
        return await self._house.database.read(
            lambda c: run_query.get_run(c, self._scope, self._run_id)
        )

    async def _go_on(self) -> bool:
        """Let the next thing happen; false when there is none.

        What an answers file says comes before what is due at the same instant.
        """
        due = await self._house.database.read(lease.next_due)
        now = self._clock.now_ms()
        entry = await self._next_answer()
        if entry is not None:
            self._answers.remove(entry)
            await self._tell(entry)
            return True
        if due is not None and due <= now:
            self._house.runner.look_now()
            return True
        times = [*(self._due(answer) for answer in self._answers if answer.at_s is not None)]
        if due is not None:
            times.append(due)
        if not times:
            return False
        if self._fast:
            assert isinstance(self._clock, JumpingClock)
            self._clock.jump_to(min(times))
        elif min(times) > now:
            await self._clock.sleep(min((min(times) - now) / 1_000, 0.05))
        return True

    def _due(self, entry: Answer) -> int:
        return self._began + int(entry.at_s * 1_000)

    async def _next_answer(self) -> Answer | None:
        """Return the first entry whose time has come, or whose node waits."""
        now = self._clock.now_ms()
        waiting = await self._waiting() if any(entry.on for entry in self._answers) else []
        for entry in self._answers:
            if entry.at_s is not None and self._due(entry) > now:
                continue
            if entry.on is None or any(self._is_meant(entry, step) for step in waiting):
                return entry
        return None

    async def _waiting(self) -> list[Waiting]:
        """Return the steps that wait or ask, in the order of the plan; after the run's own those
        of the runs that it called and waits for."""
        history = History(database=self._house.database, plans=self._house.plans)
        called = await self._house.database.read(lambda c: open_calls(c, self._run_id))
        found: list[Waiting] = []
        for run_id in (self._run_id, *called):
            told = await history.tell(await history.row(self._scope, run_id))
            if told is None:
                continue
            nodes = told.plan.nodes
            steps = [step for step in told.state.open.values() if step.state != "running"]
            steps.sort(key=lambda step, nodes=nodes: (nodes[step.node].order, step.iteration))
            found += [Waiting(run_id, nodes[step.node].id, step) for step in steps]
        return found

    def _is_meant(self, entry: Answer, waiting: Waiting) -> bool:
        step = waiting.step
        if entry.on is not None:
            if waiting.node != entry.on:
                return False
            if entry.iteration is not None and step.iteration != tuple(entry.iteration):
                return False
        if entry.outcome is not None:
            return step.state == "asking"
        return entry.answer is None or (step.pause is not None and step.pause.ask is not None)

    async def _tell(self, entry: Answer) -> None:
        if entry.event is not None:
            await self._arrive(entry.event)
            return
        meant = next((w for w in await self._waiting() if self._is_meant(entry, w)), None)
        if meant is None:
            return  # At its time nobody asked: it is as if nobody had been there.
        step = meant.step
        place = (step.node, step.iteration)
        ask = step.pause.ask if step.pause is not None else None
        if entry.answer is not None and ask is not None and entry.answer.port not in ask.ports:
            raise TramoError(
                "answer.port_unknown",
                f"“{meant.node}” cannot be answered with “{entry.answer.port}”; "
                f"choose one of {', '.join(ask.ports)}.",
            )

        def happening(_state: State, at: int) -> Happening:
            if entry.answer is not None:
                return Replied(at, *place, entry.answer.port, entry.answer.data, ACTOR)
            return Answered(at, *place, entry.outcome, entry.output, ACTOR)  # type: ignore[arg-type]

        await self._house.runner.tell(meant.run_id, happening)

    async def _arrive(self, event: Arrival) -> None:
        await self._house.intake.take(
            self._scope.workspace_id,
            type=event.type,
            source=f"{self._run_id}/answers",
            payload=encode(event.data),
            output=event.data,
            routes=[],
            keys=_keys_of(event.keys),
            awaited=True,
        )


def _keys_of(said: Any) -> tuple[Key, ...]:
    """Return an event's keys, given as `{kind: value}` or as a list of `{kind, value}`."""
    if isinstance(said, list):
        said = {item.get("kind"): item.get("value") for item in said if isinstance(item, dict)}
    if not isinstance(said, dict):
        return ()
    paths = {kind: f"{kind}[]" if isinstance(said[kind], list) else kind for kind in said}
    return extract_keys(paths, said)
