"""What a step says when it cannot end yet: how long, for which event, for whose answer it waits."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec


class Exit(msgspec.Struct, frozen=True):
    """A way out of a node, and what goes along it."""

    port: str
    output: Any = None


class Match(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event to wait for: of this type, about this business key."""

    type: str
    """The node type of its trigger, such as `shopify.order_paid`."""
    kind: str
    value: str
    since: Literal["start", "now"] = "start"
    """Whether an event counts that came before the wait, but after the run began."""
    port: str = "out"
    """The way out that the event opens; `left` where it says that waiting has no sense any more."""


class Ask(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question to people. Whoever answers chooses one of the ports."""

    kind: Literal["approve", "brake", "answer"]
    title: str
    text: str = ""
    to: tuple[str, ...] = ()
    """E-mail addresses of those who are asked; nobody named: everybody who may edit the flow."""
    ports: tuple[str, ...] = ("yes", "no")
    details: Any = None


LATE: Final = "late"
"""The way out of a wait that ends without what it waited for."""


class Pause(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A wait. Whatever comes first ends it: an event, an answer, its time.

    An event that was accepted in the same instant in which the time is over comes first.
    """

    until_ms: int | None = None
    """When time ends it, in milliseconds since the epoch; None: only an event or an answer does."""
    late: Exit | None = None
    """Where the run goes on when time ends it."""
    matches: tuple[Match, ...] = ()
    ask: Ask | None = None


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """What a stored function returns when its step has to wait: it is called again at `until_ms`,
    or earlier when another transaction wakes the run."""

    until_ms: int | None = None
