"""Which flows an event starts, and which events runs may wait for: an index in memory, rebuilt from
the active versions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

import msgspec

from tramo.graph.plan import Plan, PlanNode
from tramo.model.value import encode
from tramo.sdk import resolve_schema
from tramo.sdk.own_change import FIELD
from tramo.store.follow import Follower
from tramo.store.timer import Timer

SCHEDULE: Final = "core.schedule"
AFTER: Final = "core.after"
RUN_FAILED: Final = "core.run_failed"
_ANY: Final = ""
"""In place of a connection: whichever the event comes from."""


class After(msgspec.Struct, frozen=True):
    """A start that waits: for an event of another type, and then for some time."""

    type: str
    kind: str
    """Of the key: an event with its value has one waiting run."""
    delay_ms: int
    restart: bool


class Route(msgspec.Struct, frozen=True):
    """One trigger of one version."""

    workspace_id: str
    flow_id: str
    version: str
    node_id: str
    type: str
    v: int
    connection_id: str | None
    params: Mapping[str, Any]
    after: After | None = None
    mutes_own: bool = False
    """Changes that the flow made itself do not start it."""

    @property
    def event_type(self) -> str:
        """The type of the events that it takes."""
        return self.after.type if self.after is not None else self.type


def route_of(workspace_id: str, plan: Plan, node: PlanNode) -> Route:
    """Return the route of a plan's trigger."""
    params: Mapping[str, Any] = node.node.params
    after = None
    if node.node.type == SCHEDULE:
        own = {name: value for name, value in params.items() if value is not None}
        params = {"timezone": plan.flow.timezone, **own}
    elif node.node.type == AFTER:
        after = After(
            params["type"],
            params["key"],
            int(params["seconds"]) * 1_000,
            params.get("restart", True),
        )
    manifest = node.type.trigger
    return Route(
        workspace_id,
        plan.flow.id,
        plan.version,
        node.id,
        node.node.type,
        node.node.v,
        node.node.connection,
        params,
        after,
        after is not None or (manifest is not None and manifest.caused and not params.get(FIELD)),
    )


Standing = tuple[str, dict[str, str]]
Look = Callable[[], Awaitable[None]]
"""Brings the index into step with what other processes have changed."""


async def no_look() -> None:
    """There are no others."""


class Subscriptions:
    """Routes by connection and event type, and by address; the types that runs wait for."""

    def __init__(self) -> None:
        self._by_flow: dict[tuple[str, str], list[Route]] = {}
        self._by_event: dict[tuple[str, str, str], list[Route]] = {}
        self._by_address: dict[str, Route] = {}
        self._standing: dict[tuple[str, str], Standing] = {}
        self._followers: dict[tuple[str, str], list[Follower]] = {}
        self._awaited: dict[str, frozenset[str]] = {}
        self._waits: dict[tuple[str, str], set[tuple[str, str]]] = {}
        """By flow: the connections and types that its waits name."""

    def set_flow(self, workspace_id: str, plan: Plan, addresses: Mapping[str, str]) -> list[Route]:
        """Make a flow's active version the one that its events start; `addresses` by node."""
        flow_id = plan.flow.id
        self.remove_flow(workspace_id, flow_id)
        routes = []
        for index in plan.triggers:
            node = plan.nodes[index]
            if node.node.disabled:
                continue
            route = route_of(workspace_id, plan, node)
            routes.append(route)
            if node.id in addresses:
                self._by_address[addresses[node.id]] = route
            for connection_id in _sources(plan, route):
                place = (workspace_id, connection_id, route.event_type)
                self._by_event.setdefault(place, []).append(route)
        self._by_flow[(workspace_id, flow_id)] = routes
        followers = [
            Follower(plan.flow, plan.version, route.node_id, tuple(route.params.get("flows") or ()))
            for route in routes
            if route.type == RUN_FAILED
        ]
        if followers:
            self._followers[(workspace_id, flow_id)] = followers
        self._standing[(workspace_id, flow_id)] = (plan.version, dict(addresses))
        self._waits[(workspace_id, flow_id)] = {
            (connection_id, type)
            for type in self.await_events(workspace_id, plan)
            for connection_id in _connections(plan, type)
        }
        return routes

    def remove_flow(self, workspace_id: str, flow_id: str) -> None:
        """Let a flow take no more events. Its runs in flight go on waiting for theirs."""
        self._waits.pop((workspace_id, flow_id), None)
        self._followers.pop((workspace_id, flow_id), None)
        if self._by_flow.pop((workspace_id, flow_id), []):
            for place, routes in list(self._by_event.items()):
                if place[0] == workspace_id:
                    self._by_event[place] = [each for each in routes if each.flow_id != flow_id]
        _, addresses = self._standing.pop((workspace_id, flow_id), ("", {}))
        for address in addresses.values():
            self._by_address.pop(address, None)

    def standing(self) -> dict[tuple[str, str], Standing]:
        """Return the version and the addresses, by node, of every flow that takes events here."""
        return dict(self._standing)

    # What an event starts ------------------------------------------------------------------------

    def for_event(self, workspace_id: str, connection_id: str, type: str) -> list[Route]:
        """Return the triggers that an event of a connection starts."""
        named = self._by_event.get((workspace_id, connection_id, type), [])
        return named + self._by_event.get((workspace_id, _ANY, type), [])

    def for_address(self, address: str, type: str) -> Route | None:
        """Return the trigger of this type behind an address."""
        route = self._by_address.get(address)
        return route if route is not None and route.type == type else None

    def for_node(self, workspace_id: str, flow_id: str, node_id: str) -> Route | None:
        """Return the trigger of an active flow."""
        routes = self._by_flow.get((workspace_id, flow_id), [])
        return next((route for route in routes if route.node_id == node_id), None)

    def followers(self, workspace_id: str) -> list[Follower]:
        """Return the flows that start when a run fails."""
        return [
            each
            for (workspace, _), followers in self._followers.items()
            if workspace == workspace_id
            for each in followers
        ]

    def all_routes(self) -> Iterable[Route]:
        """Return every route of every active flow."""
        for routes in self._by_flow.values():
            yield from routes

    # What runs wait for --------------------------------------------------------------------------

    def awaited_types(self, workspace_id: str) -> frozenset[str]:
        """Return the types of the events that runs of a workspace may be waiting for."""
        return self._awaited.get(workspace_id, frozenset())

    def awaits(self, workspace_id: str, type: str) -> bool:
        """Tell whether runs of a workspace may be waiting for events of a type."""
        return type in self.awaited_types(workspace_id)

    def await_events(self, workspace_id: str, plan: Plan) -> frozenset[str]:
        """Add what the runs of a version may wait for, and return it.

        It stays awaited when the flow is changed, paused or deleted: runs in flight end on their
        version.
        """
        types = awaited_events(plan)
        self.await_types(workspace_id, types)
        return types

    def await_types(self, workspace_id: str, types: Collection[str]) -> None:
        """Add what runs may wait for."""
        self._awaited[workspace_id] = self.awaited_types(workspace_id).union(types)

    # What vendors are asked to deliver -----------------------------------------------------------

    def using_connection(self, workspace_id: str, connection_id: str) -> set[str]:
        """Return the event types that active flows want of a connection."""
        started = {
            type
            for (workspace, connection, type), routes in self._by_event.items()
            if workspace == workspace_id and connection == connection_id and routes
        }
        awaited = {
            type
            for (workspace, _), wanted in self._waits.items()
            if workspace == workspace_id
            for connection, type in wanted
            if connection == connection_id
        }
        return started | awaited

    def connections_of(self, workspace_id: str, flow_id: str) -> set[str]:
        """Return the connections whose events an active flow wants."""
        named = {
            place[1]
            for place, routes in self._by_event.items()
            if place[0] == workspace_id and any(route.flow_id == flow_id for route in routes)
        }
        awaited = {connection for connection, _ in self._waits.get((workspace_id, flow_id), ())}
        return (named | awaited) - {_ANY}


def timers_of(plan: Plan) -> dict[str, Timer]:
    """Return what a version's schedules and polls are armed with, by node."""
    found: dict[str, Timer] = {}
    for index in plan.triggers:
        node = plan.nodes[index]
        manifest = node.type.trigger
        if node.node.disabled or manifest is None or manifest.source not in ("schedule", "poll"):
            continue
        polls = manifest.source == "poll"
        passing = ("every_s", "keys") if polls else ("missed",)
        asks = {name: value for name, value in node.node.params.items() if name not in passing}
        about = encode([node.node.type, node.node.connection, plan.flow.timezone, asks])
        found[node.id] = Timer(sha256(about).hexdigest(), polls)
    return found


def _sources(plan: Plan, route: Route) -> list[str]:
    """Return the connections whose events a route takes; of any, where none is to be found."""
    if route.after is None:
        return [route.connection_id] if route.connection_id else []
    named = route.params.get("connection")
    return [named] if named else _connections(plan, route.after.type) or [_ANY]


def _connections(plan: Plan, type: str) -> list[str]:
    """Return the connections of a flow's nodes that an event of this type may come from."""
    connector = type.partition(".")[0]
    found = [
        node.node.connection
        for node in plan.nodes
        if node.node.connection and node.type.connector == connector
    ]
    return list(dict.fromkeys(found))


def awaited_events(plan: Plan) -> frozenset[str]:
    """Return the event types that a version's nodes wait for: what fields marked `awaited` name."""
    return frozenset(_named_events(plan))


def _named_events(plan: Plan) -> Iterator[str]:
    for node in plan.nodes:
        fields = resolve_schema(node.type.params_schema).get("properties", {})
        for name, field in fields.items():
            if not field.get("x-tramo", {}).get("awaited"):
                continue
            named = node.node.params.get(name)
            if isinstance(named, dict) and "$value" in named:
                named = named["$value"]
            for each in named if isinstance(named, list) else [named]:
                if isinstance(each, dict) and isinstance(each.get("type"), str):
                    yield each["type"]
