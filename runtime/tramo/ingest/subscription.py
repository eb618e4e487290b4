"""Which flows an event starts: an index in memory, rebuilt from the active versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from tramo.graph.plan import Plan


class Route(msgspec.Struct, frozen=True):
    """One trigger of one active version."""

    workspace_id: str
    flow_id: str
    version: str
    node_id: str
    type: str
    v: int
    connection_id: str | None
    params: Mapping[str, Any]


class Subscriptions:
    """Routes by connection and event type, and by webhook address."""

    def __init__(self) -> None:
        self._by_flow: dict[tuple[str, str], list[Route]] = {}
        self._by_event: dict[tuple[str, str, str], list[Route]] = {}
        self._by_address: dict[str, Route] = {}
        self._addresses: dict[tuple[str, str], list[str]] = {}

    def set_flow(self, workspace_id: str, plan: Plan, addresses: Mapping[str, str]) -> list[Route]:
        """Make a flow's active version the one that its events start; `addresses` by node."""
        flow_id = plan.flow.id
        self.remove_flow(workspace_id, flow_id)
        routes = []
        for index in plan.triggers:
            node = plan.nodes[index].node
            if node.disabled:
                continue
            route = Route(
                workspace_id,
                flow_id,
                plan.version,
                node.id,
                node.type,
                node.v,
                node.connection,
                {"timezone": plan.flow.timezone, **node.params}
                if node.type == "core.schedule"
                else node.params,
            )
            routes.append(route)
            if node.id in addresses:
                self._by_address[addresses[node.id]] = route
            if node.connection:
                place = (workspace_id, node.connection, node.type)
                self._by_event.setdefault(place, []).append(route)
        self._by_flow[(workspace_id, flow_id)] = routes
        self._addresses[(workspace_id, flow_id)] = list(addresses.values())
        return routes

    def remove_flow(self, workspace_id: str, flow_id: str) -> None:
        """Let a flow take no more events."""
        for route in self._by_flow.pop((workspace_id, flow_id), []):
            if route.connection_id:
                place = (workspace_id, route.connection_id, route.type)
                left = [item for item in self._by_event.get(place, []) if item.flow_id != flow_id]
                self._by_event[place] = left
        for address in self._addresses.pop((workspace_id, flow_id), []):
            self._by_address.pop(address, None)

    def for_event(self, workspace_id: str, connection_id: str, type: str) -> list[Route]:
        """Return the triggers that an event of a connection starts."""
        return self._by_event.get((workspace_id, connection_id, type), [])

    def for_address(self, address: str) -> Route | None:
        """Return the webhook trigger behind an address."""
        return self._by_address.get(address)

    def using_connection(self, workspace_id: str, connection_id: str) -> set[str]:
        """Return the event types that active flows want of a connection."""
        return {
            type
            for (workspace, connection, type), routes in self._by_event.items()
            if workspace == workspace_id and connection == connection_id and routes
        }

    def all_routes(self) -> Iterable[Route]:
        """Return every route of every active flow."""
        for routes in self._by_flow.values():
            yield from routes
