"""What the engine asks of the runner."""

from __future__ import annotations

from typing import Any

import msgspec

from tramo.model.effect import Effect
from tramo.model.run import Iteration, StepError


class Perform(msgspec.Struct, frozen=True, kw_only=True):
    """Carry out one attempt of a step.

    Anything but a `pure` one only after the segment that holds its start is committed.
    """

    node: int
    iteration: Iteration
    attempt: int
    key: str
    params: Any
    effect: Effect
    once: str | None = None
    """Key kind to claim first; answer with Claimed before performing."""
    held: bool = False
    """The step's stored function was called before and asked to be called again."""
    probe: bool = False
    """Do not send: ask the vendor whether the effect took place, and answer with Answered or
    Failed."""


class Wait(msgspec.Struct, frozen=True):
    """Say Due at this time, in milliseconds since the epoch."""

    due_at: int


class GoOn(msgspec.Struct, frozen=True):
    """Commit what there is, then say Continued: there is more to settle at once."""


class Finish(msgspec.Struct, frozen=True):
    """The run has ended."""

    state: str
    reason: str | None = None
    error: StepError | None = None


Command = Perform | Wait | GoOn | Finish
