"""The compiled manifest of a node type: everything the runtime needs to know without running it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, Protocol

import msgspec

from tramo.model.effect import Effect
from tramo.model.pause import Pause

Kind = Literal["trigger", "action", "control"]
Rule = Literal["plain", "merge", "stop", "respond", "loop"]
Source = Literal["webhook", "poll", "schedule", "form", "manual", "flow", "event"]

Env = Mapping[str, Any]
Evaluate = Callable[[Env], Any]
"""A compiled param: gives its value from the variables of the run."""


class Formula(Protocol):
    """A compiled param."""

    def __call__(self, env: Env, /) -> Any:
        """Return its value with these variables; raises an error with a code for what is wrong."""
        ...

    def each(self, envs: Iterable[Env], /) -> Iterator[Any]:
        """Give its value for one set of variables after another; all share a budget of work."""
        ...


class Compile(Protocol):
    """Compiles a value of a node's params, as it stands in the flow."""

    @property
    def timezone(self) -> str:
        """The flow's time zone."""
        ...

    def __call__(self, template: Any, /) -> Formula: ...


Settled = tuple[str, Any] | Pause
"""The port that an inline node delivers on and its output; or what it waits for."""
Settle = Callable[[Env], Settled]
Build = Callable[[Mapping[str, Any], Compile], Settle]
"""Makes an inline node's settle function from its params, once per version."""


class Port(msgspec.Struct, frozen=True):
    name: str
    title: str = ""


class TriggerManifest(msgspec.Struct, frozen=True, kw_only=True):
    """How events reach a trigger, and which business keys they carry."""

    source: Source
    topic: str | None = None
    keys: dict[str, str] = {}
    """Key kind -> path into the output, with `[]` for every element: `line_items[].sku`. The first
    is what the event is about."""
    caused: bool = False
    """Some action of the connector brings the event about: its param `own_changes` says whether
    the flow that did so starts by it."""


class NodeType(msgspec.Struct, frozen=True, kw_only=True):
    """One node type at one type version."""

    type: str
    v: int = 1
    kind: Kind
    connector: str
    title: str
    summary: str = ""
    category: str = ""
    synonyms: tuple[str, ...] = ()
    ports: tuple[Port, ...] = (Port("out"),)
    own_ports: str | None = None
    """Where params name further ports, with `*` for every element: `/rules/*/port`."""
    params_schema: dict[str, Any] = {}
    output_schema: dict[str, Any] | None = None
    output_example: Any = None
    effect: Effect = "never_repeat"
    effect_of: Callable[[Mapping[str, Any]], Effect] | None = None
    """For an effect that depends on params; gets the resolved params."""
    costly: bool = False
    key_window_s: int | None = None
    """How long the vendor remembers an idempotency key; None when it never forgets."""
    has_probe: bool = False
    connection: Literal["none", "optional", "required"] = "none"
    choices: dict[str, str] = {}
    """Param pointer -> name of a choice function of the connector."""
    trigger: TriggerManifest | None = None
    build: Build | None = None
    """Set on inline nodes: pure ones that the engine settles by itself."""
    rule: Rule = "plain"
    """Which rule of the engine the node follows when it starts and ends."""
    causes: tuple[str, ...] = ()
    """Types of the events that the effect brings about at the vendor: a flow's own change does not
    start it again."""
    needs: tuple[str, str] | None = None
    """A Python module that need not be installed, and what to do where it is missing."""
    upgrade: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """Makes this version's params of the version before."""

    @property
    def inline(self) -> bool:
        return self.build is not None


NodeTypes = Callable[[str, int], NodeType | None]
"""Looks a node type up; None for one that is not installed."""
