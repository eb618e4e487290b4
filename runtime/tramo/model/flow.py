"""The flow document, format 1: nodes, edges, layout and limits, as people and Git see them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from tramo.model import limit

FORMAT = 1

OnError = Literal["stop", "branch", "continue"]
OnDoubt = Literal["ask", "repeat", "skip"]


class Retry(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """How often a step that failed for a passing reason is tried again."""

    attempts: Annotated[int, Meta(ge=1, le=20, description="All tries, the first included.")] = 4
    backoff_s: Annotated[
        int, Meta(ge=1, le=3600, description="Seconds before the second try; doubles each time.")
    ] = 2


class Node(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One box of the flow."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    type: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
    v: Annotated[int, Meta(ge=1)] = 1
    label: Annotated[str, Meta(max_length=200)] | None = None
    note: Annotated[str, Meta(max_length=10_000)] | None = None
    connection: str | None = None
    params: dict[str, Any] = {}
    inside: str | None = None
    retry: Retry | None = None
    timeout_s: Annotated[int, Meta(ge=1, le=86_400)] | None = None
    on_error: OnError = "stop"
    on_doubt: OnDoubt = "ask"
    once: str | None = None
    disabled: bool = False

    @property
    def title(self) -> str:
        return self.label or self.id


class Edge(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    rename={"from_": "from"},
):
    """An arrow from a port of one node to another node."""

    from_: str
    to: str
    port: str = "out"


class Concurrency(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """How many runs with the same key go on at once, and what happens to the next one."""

    key: Annotated[
        Any,
        Meta(
            description="A formula over the trigger's output, or a kind of business key, such as "
            "order. None: all runs of the flow together. A run that lacks the key is not limited."
        ),
    ] = None
    at_once: Annotated[int, Meta(ge=1)] = 1
    full: Annotated[
        Literal["queue", "replace", "refuse"],
        Meta(
            description="queue: it waits, in the order of acceptance. replace: the oldest stops "
            "for it. refuse: it is cancelled."
        ),
    ] = "queue"


class Limits(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Bounds of a run of this flow."""

    timeout_s: Annotated[int, Meta(ge=1, le=315_360_000, description="Waits count.")] | None = None
    at_once: Annotated[int, Meta(ge=1, le=100, description="Steps side by side.")] = 10
    concurrency: Concurrency | None = None


class ExpectRuns(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """How many runs are expected in each day or hour of the flow's zone."""

    at_least: Annotated[int, Meta(ge=1, le=1_000_000)]
    per: Literal["day", "hour"] = "day"


class Alerts(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Who hears of what goes wrong, and of what."""

    to: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=320)]],
        Meta(max_length=20, description="E-mail addresses or channels; nobody: the owners."),
    ] = []
    connection: Annotated[
        Annotated[str, Meta(min_length=1, max_length=80)] | None,
        Meta(description="What brings them; null: what brings the workspace's messages."),
    ] = None
    failed: Annotated[bool, Meta(description="Of runs that fail.")] = True
    asking: Annotated[bool, Meta(description="Of runs in doubt or set aside.")] = True
    expect_runs: Annotated[
        ExpectRuns | None, Meta(description="Of fewer runs than this; null: of none.")
    ] = None
    pause_after: Annotated[
        int, Meta(ge=0, le=1_000, description="Failures in a row; 0: it is never paused.")
    ] = 10


class Note(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """A remark on the canvas; one that names nodes frames them as a group. No logic."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="Unique.")] | None = None
    title: Annotated[str, Meta(max_length=200)] | None = None
    text: Annotated[str, Meta(max_length=10_000, description="Markdown.")] = ""
    at: Annotated[
        list[float | int], Meta(min_length=2, max_length=2, description="Its top left corner.")
    ] = []
    size: Annotated[
        list[Annotated[int, Meta(ge=1, le=100_000)]],
        Meta(min_length=2, max_length=2, description="Width and height."),
    ] = []
    color: Literal["yellow", "blue", "green", "pink", "grey"] = "yellow"
    nodes: Annotated[
        list[str], Meta(max_length=limit.NODES_PER_FLOW, description="What the group holds.")
    ] = []


class Flow(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """A flow document."""

    format: Literal[1]
    id: Annotated[str, Meta(pattern=r"^flow_[A-Za-z0-9_-]{1,64}$")]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    nodes: list[Node]
    edges: list[Edge]
    language: Literal["en", "es", "pt", "ro"] = "en"
    timezone: str = "UTC"
    keys: dict[str, Any] = {}
    limits: Limits = Limits()
    alerts: Alerts = Alerts()
    layout: dict[str, list[float | int]] = {}
    notes: Annotated[list[Note], Meta(max_length=limit.NOTES_PER_FLOW)] = []
