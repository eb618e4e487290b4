"""Who breaks things: at labelled points it lets go on, kills, freezes, delays or refuses.

It knows labels and processes, and nothing of what goes on between them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from tramo.testing.simulation.chance import Chance
from tramo.testing.simulation.process import Process

Kind = Literal["go", "crash", "freeze", "delay", "refuse", "lose"]


class Verdict(msgspec.Struct, frozen=True):
    """What happens at a point; `seconds` of delay."""

    kind: Kind = "go"
    seconds: float = 0.0


GO = Verdict()


class Temper(msgspec.Struct, frozen=True, kw_only=True):
    """How often what happens, as shares of the points that are passed."""

    crash: float = 0.0
    freeze: float = 0.0
    delay: float = 0.0
    refuse: float = 0.0
    stop: float = 0.0
    jump: float = 0.0
    lose: float = 0.0
    """The scribe dies, and its process does not."""
    faults: int = 30
    """After so many it has had enough."""


def temper_of(chance: Chance) -> Temper:
    """Draw a temper: some days nothing goes wrong, on others everything does."""
    return Temper(
        crash=chance.choice((0.0, 0.004, 0.015, 0.04)),
        freeze=chance.choice((0.0, 0.0, 0.004, 0.015)),
        delay=chance.choice((0.0, 0.01, 0.05)),
        refuse=chance.choice((0.0, 0.0, 0.01, 0.04)),
        stop=chance.choice((0.0, 0.0, 0.005)),
        jump=chance.choice((0.0, 0.0, 0.0, 0.002)),
        lose=chance.choice((0.0, 0.03, 0.15)),
    )


class Nemesis:
    """Decides at every labelled point. `crash_at`: only at the n-th point, and then it kills."""

    def __init__(
        self,
        chance: Chance,
        temper: Temper,
        *,
        crash_at: int | None = None,
        kill: Callable[[Process, str], None],
        stop: Callable[[Process], None],
        set_clock: Callable[[float], None],
    ) -> None:
        self._chance = chance
        self._temper = temper
        self._crash_at = crash_at
        self._kill = kill
        self._stop = stop
        self._set_clock = set_clock
        self.active = True
        self.passed = 0
        self.faults: dict[str, int] = {}
        self.labels: dict[str, int] = {}

    def pass_by(self, label: str, process: Process) -> Verdict:
        """Say what happens here; a kill or a freeze has happened when this returns."""
        if not self.active or not process.alive:
            return GO
        self.passed += 1
        self.labels[label] = self.labels.get(label, 0) + 1
        if self._crash_at is not None:
            verdict = Verdict("crash") if self.passed == self._crash_at else GO
        else:
            verdict = self._draw(label, process)
        if verdict.kind == "go":
            return verdict
        self.faults[verdict.kind] = self.faults.get(verdict.kind, 0) + 1
        process.hit(verdict.seconds)
        if verdict.kind == "crash":
            self._kill(process, label)
        elif verdict.kind == "freeze":
            process.freeze(verdict.seconds)
        return verdict

    def _draw(self, label: str, process: Process) -> Verdict:
        chance, temper = self._chance, self._temper
        drawn = chance.random()
        if sum(self.faults.values()) >= temper.faults:
            return GO
        shares: tuple[tuple[Kind | Literal["jump", "stop"], float], ...] = (
            ("crash", temper.crash),
            ("freeze", temper.freeze),
            ("delay", temper.delay),
            ("refuse", temper.refuse if label.endswith("before") else 0.0),
            ("jump", temper.jump),
            ("stop", temper.stop),
            ("lose", temper.lose if label.startswith("dictate") else 0.0),
        )
        for kind, share in shares:
            if drawn < share:
                return self._verdict(kind, process)
            drawn -= share
        return GO

    def _verdict(self, kind: Kind | Literal["jump", "stop"], process: Process) -> Verdict:
        chance = self._chance
        if kind in ("jump", "stop"):
            self.faults[kind] = self.faults.get(kind, 0) + 1
            if kind == "stop":
                process.hit()
                self._stop(process)
            else:
                self._set_clock(chance.choice((-3_600.0, -60.0, 60.0, 3_600.0)))
            return GO
        if kind == "freeze":
            return Verdict("freeze", chance.choice((2.0, 20.0, 45.0, 90.0)))
        if kind == "delay":
            return Verdict("delay", chance.choice((0.05, 0.7, 4.0, 12.0, 33.0)))
        return Verdict(kind)
