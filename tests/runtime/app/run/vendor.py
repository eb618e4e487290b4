"""A vendor that can be told to refuse, or to break off after it has heard the request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from tramo.app.house import House
from tramo.model.value import decode, encode

from tests.kit import document, opened, owner
from tests.runtime.outbound.server import raw_server

WITHIN_S = 50.0


class Vendor:
    """What reached it, and how it answers: `ok`, `refuse` or `break`, by path where that is set."""

    def __init__(self) -> None:
        self.port = 0
        self.heard: list[tuple[str, Any]] = []
        self.moods: dict[str, str] = {}

    def url(self, path: str = "/label") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def calls(self, path: str) -> list[Any]:
        """Return the bodies that reached a path."""
        return [body for heard, body in self.heard if heard == path]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = head.decode().split("\r\n")
            path = lines[0].split(" ")[1]
            length = next(
                (int(line[15:]) for line in lines if line.lower().startswith("content-length:")), 0
            )
            raw = await reader.readexactly(length)
            self.heard.append((path, decode(raw) if raw else None))
            mood = self.moods.get(path, "ok")
            if mood == "break":
                return
            status = "200 OK" if mood == "ok" else "422 Unprocessable Content"
            body = encode({"said": mood, "number": len(self.calls(path))})
            writer.write(
                f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n"
                f"content-length: {len(body)}\r\n\r\n".encode()
                + body
            )
            await writer.drain()


@asynccontextmanager
async def shop(folder: Path) -> AsyncIterator[tuple[House, Vendor]]:
    """Open a house beside a vendor that it may reach."""
    vendor = Vendor()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await vendor.talk(reader, writer)
        except asyncio.IncompleteReadError:
            return

    async with raw_server(talk) as port:
        vendor.port = port
        async with opened(folder, private_hosts=("127.0.0.1",), synchronous="OFF") as house:
            yield house, vendor


def order_hook() -> dict[str, Any]:
    """Return a trigger whose events are about an order and a person."""
    return {
        "id": "hook",
        "type": "core.webhook",
        "params": {"keys": {"order": "body.order", "person": "body.person"}},
    }


def call(vendor: Vendor, id: str, path: str, method: str = "POST", **fields: Any) -> dict[str, Any]:
    """Return a node that asks the vendor for something."""
    params = {"method": method, "url": vendor.url(path), "json": {"$expr": "hook.body"}}
    if method == "GET":
        del params["json"]
    return {"id": id, "type": "core.http_request", "params": params, **fields}


def labelling(vendor: Vendor, *more: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a flow: an order comes in, a label is bought (never twice), and more."""
    nodes = [order_hook(), call(vendor, "label", "/label"), *more]
    edges = [(a["id"], b["id"]) for a, b in pairwise(nodes)]
    return document(nodes, edges, **fields)


def event(order: Any = "1001", person: str = "ana@example.com", **more: Any) -> dict[str, Any]:
    """Return what the hook outputs."""
    return {
        "body": {"order": order, "person": person, **more},
        "headers": {},
        "query": {},
        "method": "POST",
    }


async def start(house: House, payload: Any, flow: str = "flow_test") -> str:
    """Start the published version by hand."""
    return await house.flows.start(owner(house), flow, payload, version="published")


async def until(house: House, run_id: str, *states: str) -> dict[str, Any]:
    """Wait until a run is in one of these states, and return it."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            run = await house.runs.get(owner(house), run_id)
            if run["state"] in states:
                return run
            await asyncio.sleep(0.01)


async def doubtful(house: House, vendor: Vendor, order: Any = "1001") -> str:
    """Make a run whose label the vendor heard of and never answered."""
    vendor.moods["/label"] = "break"
    run_id = await start(house, event(order))
    await until(house, run_id, "asking")
    vendor.moods["/label"] = "ok"
    return run_id
