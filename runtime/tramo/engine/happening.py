"""What can happen to a run, as the runner tells it. `at` is milliseconds since the epoch."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from tramo.model.event import Key
from tramo.model.run import Iteration


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why an attempt failed, as its raiser classified it.

    `kind`: transient may work later; credential needs a new sign-in; rejected, params and bug are
    final.
    `doubt`: the vendor may have carried the request out all the same.
    """

    kind: Literal["transient", "credential", "rejected", "params", "unavailable", "bug"]
    code: str
    message: str
    details: Any = None
    params: dict[str, Any] = {}
    retry_after_s: float | None = None
    doubt: bool = False


class Began(msgspec.Struct, frozen=True):
    """The trigger fired with this output, in a workspace with these variables."""

    at: int
    output: Any
    variables: dict[str, Any] = {}


class Ended(msgspec.Struct, frozen=True):
    """An attempt succeeded."""

    at: int
    node: int
    iteration: Iteration
    output: Any
    raw: Any
    """The same output as it goes into the journal: encoded once."""
    port: str = "out"
    keys: tuple[Key, ...] = ()


class Failed(msgspec.Struct, frozen=True):
    """An attempt failed."""

    at: int
    node: int
    iteration: Iteration
    failure: Failure
    probed: bool = False
    """It was the read-back that brought no answer."""


class Claimed(msgspec.Struct, frozen=True):
    """The claim of a step with `once` was settled: this run holds it, or another one does."""

    at: int
    node: int
    iteration: Iteration
    held: bool


class Due(msgspec.Struct, frozen=True):
    """A time that a Wait named has come."""

    at: int


class Recovered(msgspec.Struct, frozen=True):
    """The run was folded from its journal: whoever worked on it is gone.

    To be told before anything else, for what begins after it is not in doubt.
    """

    at: int


class Answered(msgspec.Struct, frozen=True):
    """A probe or a person settled a doubt."""

    at: int
    node: int
    iteration: Iteration
    outcome: Literal["happened", "resend", "abort"]
    output: Any = None
    actor: str = "system"


class Held(msgspec.Struct, frozen=True):
    """A stored function asked to be called again, then or when the run is woken."""

    at: int
    node: int
    iteration: Iteration
    until_ms: int | None


class Occurred(msgspec.Struct, frozen=True):
    """An event that a step waits for was accepted."""

    at: int
    node: int
    iteration: Iteration
    port: str
    payload: Any


class Replied(msgspec.Struct, frozen=True):
    """Somebody answered what a step asks people."""

    at: int
    node: int
    iteration: Iteration
    port: str
    data: Any = None
    actor: str = "system"


class Hurried(msgspec.Struct, frozen=True):
    """Somebody wants a step that waits for its time to wait no longer."""

    at: int
    node: int
    iteration: Iteration
    actor: str


class Woken(msgspec.Struct, frozen=True):
    """Another transaction changed what a held step waits for."""

    at: int


class Continued(msgspec.Struct, frozen=True):
    """What was settled so far is committed."""

    at: int


class Cancelled(msgspec.Struct, frozen=True):
    """Somebody asked for the run to stop."""

    at: int
    actor: str


Happening = (
    Began
    | Ended
    | Failed
    | Held
    | Claimed
    | Due
    | Recovered
    | Answered
    | Occurred
    | Replied
    | Hurried
    | Woken
    | Continued
    | Cancelled
)
