"""A run, its steps, and the states they may be in."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

RunState = Literal[
    "queued", "running", "waiting", "asking", "succeeded", "failed", "cancelled", "quarantined"
]
StepState = Literal["running", "waiting", "asking", "succeeded", "failed", "skipped", "cancelled"]

FINAL_RUN_STATES: Final = frozenset({"succeeded", "failed", "cancelled"})

CONCURRENCY: Final = "concurrency"
"""Reason of a run that waits for room, was refused for want of it, or made room for another."""

Iteration = tuple[int, ...]
"""Where in its loops a step stands, outermost first; empty outside any loop."""


class StepError(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a step failed, in the form that its error port delivers."""

    code: str
    message: str
    details: Any = None
    params: dict[str, Any] = {}
    """What the sentence for `code` is filled with, in whatever language it is told."""


class Step(msgspec.Struct, kw_only=True):
    """One (node, iteration) of a run, as views and exports show it."""

    node: str
    iteration: Iteration = ()
    state: StepState
    attempts: int = 0
    effect: str | None = None
    port: str | None = None
    input: Any = msgspec.UNSET
    """The params that a send went out with."""
    output: Any = msgspec.UNSET
    error: StepError | msgspec.UnsetType = msgspec.UNSET
    started_at: str | None = None
    ended_at: str | None = None
    due_at: str | msgspec.UnsetType | None = msgspec.UNSET
    waits_for: Any = msgspec.UNSET
    """What a step waits for, while it does: a time, events, somebody's answer."""
    copied: bool | msgspec.UnsetType = msgspec.UNSET
    """Taken over from the run that this one goes on with."""
    given: bool | msgspec.UnsetType = msgspec.UNSET
    """It did not run: a person said how it ends."""


class RunDocument(msgspec.Struct, kw_only=True):
    """What `tramo run` prints and the API answers: one run with every step, numbers exact."""

    format: int = 1
    id: str
    flow: str
    version: str
    state: RunState
    reason: str | None = None
    steps: list[Step] = []
