"""A run in the hands of this process."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from tramo.engine import Finish, State
from tramo.model.event import Key


class Outcome(msgspec.Struct, frozen=True):
    """How a run stands when somebody who waited for it is told."""

    run_id: str
    state: str
    reason: str | None
    response: Any = None
    output: Any = None


class LiveRun:
    """The state of a run, and what this process is doing about it."""

    __slots__ = (
        "crashes",
        "finish",
        "keys",
        "seq",
        "state",
        "tasks",
        "token",
        "unwritten",
        "workspace_id",
    )

    def __init__(
        self,
        workspace_id: str,
        state: State,
        *,
        token: int = 1,
        seq: int = 0,
        crashes: int = 0,
        keys: tuple[Key, ...] = (),
    ) -> None:
        self.workspace_id = workspace_id
        self.state = state
        self.token = token
        self.seq = seq
        self.crashes = crashes
        self.keys: list[Key] = list(keys)
        self.tasks: dict[tuple[int, Any], asyncio.Task[None]] = {}
        self.unwritten = 0
        """Advances on their way to the disk."""
        self.finish: Finish | None = None

    @property
    def idle(self) -> bool:
        """Nothing of this run goes on in this process."""
        return not self.tasks and not self.unwritten

    def outcome(self) -> Outcome:
        """Return how the run stands now."""
        state = self.state
        return Outcome(state.run_id, state.status, state.reason, state.response, last_output(state))


def last_output(state: State) -> Any:
    """Return the output of the last node, in Kahn's order, that has one."""
    for node in state.plan.backwards:
        if node.id in state.env and state.step_states[node.index] == "succeeded":
            return state.env[node.id]
    return None
