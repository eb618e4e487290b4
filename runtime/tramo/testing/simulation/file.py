"""What the audit knows of each run, from its committed journal alone: it keeps its own account, so
that a mistake of the engine does not hide itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from tramo.engine.journal import Transition, iteration_of
from tramo.graph.plan import Plan
from tramo.model import limit
from tramo.testing.simulation.log import RunRow

Place = tuple[str, tuple[int, ...]]
_OVER: Final = frozenset("dfokn")
_FURTHER: Final = frozenset("dfaoz")
TOLERANCE_MS: Final = 100
"""How far two readings of the database's clock may be apart."""


class StepFile(msgspec.Struct):
    """One step as its journal has it."""

    effect: str = ""
    key: str = ""
    started: bool = False
    """A start is committed, and nothing that would end it or set it aside."""
    over: bool = False
    failed: bool = False
    """It failed, and certainly did nothing."""
    asked: bool = False
    resent: int = 0
    """How often a person, or a read-back, wanted it sent once more."""
    by_person: int = 0
    due_at: int | None = None
    retries: int = 0
    unknown: bool = False
    """It ended without anybody knowing whether it happened."""
    starts: int = 0
    tries: int = 0
    """The how manieth try the latest is, as the engine counts."""
    answers: int = 0
    parked: bool = False
    """It waits for its connection."""
    wanted_at: int | None = None
    """When somebody last wanted it sent once more."""


class RunFile:
    """One run: its row as it was last written, who held it under which token, its steps."""

    def __init__(
        self, run_id: str, plan: Plan | None, workspace_id: str, flow_id: str, origin: str
    ) -> None:
        self.id = run_id
        self.workspace_id = workspace_id
        self.flow_id = flow_id
        self.origin = origin
        """The first run of its family."""
        self.plan = plan
        self.row: RunRow | None = None
        self.holders: dict[int, str | None] = {}
        self.steps: dict[Place, StepFile] = {}
        self.segments: list[tuple[int, bytes]] = []
        self.began = False
        self.ended = False
        self.cancelled = False
        self.begun_as: int | None = None
        """The how manieth of all runs it was to begin."""
        self.further = False
        """It came further since its last crash."""
        self.told_to_stop = False
        """Whoever has it now knew, as it took it up, that it was to stop."""
        self.resent: dict[Place, int] = {}
        """How often steps had been wanted once more when a restore took that back."""

    @property
    def flow(self) -> tuple[str, str]:
        """The flow it is of: another workspace may have one of that id too."""
        return (self.workspace_id, self.flow_id)

    def go_back(self) -> None:
        """Forget what the journal said: a restore has taken some of it back, or all."""
        for place, step in self.steps.items():
            self.resent[place] = step.resent
            step.asked, step.over = False, True  # For people who look at it still.
        self.steps, self.segments, self.holders = {}, [], {}
        self.row = None
        self.began = self.ended = self.cancelled = self.told_to_stop = self.further = False

    def step(self, place: Place) -> StepFile:
        """Return the file of a step, a fresh one for a step that is new."""
        found = self.steps.get(place)
        if found is None:
            found = self.steps[place] = StepFile(resent=self.resent.get(place, 0))
        return found

    def read(self, at: int, now: int, transition: Transition, broken: Callable[[str], None]) -> str:
        """Take in one transition; return its letter. What must not be is told to `broken`."""
        kind = transition[0]

        def wrong(rule: str, words: str) -> None:
            broken(f"{rule}: {words} ({self.id} {transition[1:3]})")

        if self.ended and kind != "a":
            wrong("final.moves", f"“{kind}” follows the run's end")
        if at > now + TOLERANCE_MS:
            wrong("clock.ahead", f"“{kind}” is dated {at - now} ms in the future")
        self.further |= kind in _FURTHER and not self.ended
        match kind:
            case "t":
                if self.began:
                    wrong("run.twice", "the run began a second time")
                self.began = True
            case "e":
                self.ended = True
                self._look_for_flights(wrong)
            case "c":
                self.cancelled = True
            case "x" | "b" | "i" | "l" | "z":
                pass
            case _:
                self._read_step(at, now, transition, wrong)
        return kind

    def _look_for_flights(self, wrong: Callable[[str, str], None]) -> None:
        """A run ends when nothing of it is on its way, unless a person ends it in quarantine."""
        flying = [place for place, step in self.steps.items() if step.started]
        if flying and (self.row is None or self.row.crashes < limit.CRASHES_BEFORE_QUARANTINE):
            wrong("end.flying", f"{flying[0]} is on its way, and the run ends")

    def _read_step(
        self, at: int, now: int, transition: Transition, wrong: Callable[[str, str], None]
    ) -> None:
        kind, place = transition[0], (transition[1], iteration_of(transition))
        step = self.step(place)
        step.parked = kind == "p"
        if step.over and kind != "a":
            wrong("step.again", f"“{kind}” follows the step's end")
        match kind:
            case "s":
                self._start(now, step, transition, wrong)
            case "r":
                step.started, step.due_at = False, transition[3]
                step.retries += 1
                if step.retries >= self.attempts(place[0]):
                    wrong("attempts.many", f"try {step.retries + 1} is planned")
            case "q":
                step.started, step.asked = False, True
                if step.wanted_at == at:
                    wrong("answer.unheeded", "a step is asked about again instead of being sent")
            case "a":
                if not step.asked and transition[5] != "probe" and not self.ended:
                    wrong("answer.twice", "somebody answers what nobody asks any more")
                step.started = step.asked = False
                step.answers += 1
                if transition[3] == "resend":
                    step.resent += 1
                    step.wanted_at = at
                    step.by_person += transition[5] != "probe"
                else:
                    step.over = True
            case "w" | "h":
                step.started, step.due_at = False, transition[3]
            case "p":
                step.started = False
        if kind in _OVER:
            self._end(now, step, transition, wrong)

    def _start(
        self,
        now: int,
        step: StepFile,
        transition: Transition,
        wrong: Callable[[str, str], None],
    ) -> None:
        _, _, _, step.tries, effect, key, _ = transition
        if step.asked:
            wrong("doubt.retried", "a step in doubt starts again, and nobody said so")
        if step.key and step.key != key and step.starts > 0 and not step.resent:
            wrong("key.changed", "another attempt has another key")
        if step.due_at is not None and step.effect != "stored" and now < step.due_at - TOLERANCE_MS:
            wrong("timer.early", f"a try comes {step.due_at - now} ms before its time")
        step.effect, step.key, step.started, step.due_at = effect, key, True, None
        step.starts += 1

    def _end(
        self,
        now: int,
        step: StepFile,
        transition: Transition,
        wrong: Callable[[str, str], None],
    ) -> None:
        kind = transition[0]
        output = transition[4] if kind == "d" else None
        early_ms = (step.due_at or 0) - now if kind == "d" and _by_time(output) else 0
        if early_ms > TOLERANCE_MS:
            wrong("timer.early", f"a wait ends {early_ms} ms before its time")
        if isinstance(output, dict) and output.get("unknown_outcome"):
            step.unknown = True
        step.over, step.started, step.asked = True, False, False
        step.failed = kind == "f" and transition[6:7] != (True,)

    def attempts(self, node_id: str) -> int:
        """Return how often a node may be tried."""
        node = self.plan.by_id[node_id].node if self.plan is not None else None
        return node.retry.attempts if node is not None and node.retry else limit.RETRY_ATTEMPTS


def _by_time(output: Any) -> bool:
    return isinstance(output, dict) and output.get("ended") in ("time", "late")
