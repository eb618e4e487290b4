"""Leaves a data folder whose process died with runs in every state, for later versions to open.

    PYTHONPATH=OLD/runtime:OLD/plugins:OLD/web python tests/schemas/leave.py OUT.sql [STAGE]

It runs by the code of the version that the folder is to be from, so it imports nothing of the
tests and asks only for what every version has. `STAGE` is `house` for versions before there were
loops and waits, else `language`. The services that runs speak to stand at `PORT` only here: whoever
takes over finds nobody there.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from tramo.app.house import House, open_house
from tramo.app.setting import Settings
from tramo.model.scope import Scope
from tramo.model.value import encode
from tramo.registry import discover

PORT = 47_321
URL = f"http://127.0.0.1:{PORT}"
ORDER = {"id": 820982911946154508, "name": "#1", "total": "189.85", "parcels": [[60, 90], [120]]}


def node(id: str, type: str, *, inside: str | None = None, **fields: Any) -> dict[str, Any]:
    """Make a node; what a node has beside its params is told by its name."""
    own = ("retry", "on_error")
    made: dict[str, Any] = {"id": id, "type": f"core.{type}"}
    made |= {name: fields.pop(name) for name in own if name in fields}
    params = {name.rstrip("_"): value for name, value in fields.items()}
    return made | ({"params": params} if params else {}) | ({"inside": inside} if inside else {})


def call(id: str, method: str, path: str, **fields: Any) -> dict[str, Any]:
    return node(id, "http_request", method=method, url=URL + path, **fields)


def flow(name: str, nodes: list[dict[str, Any]], *edges: str, **fields: Any) -> dict[str, Any]:
    """Make a flow behind a webhook; an edge is `from to`, or `from.port to`."""
    arrows = []
    for edge in edges:
        start, end = edge.split()
        start, _, port = start.partition(".")
        arrows.append({"from": start, "port": port or "out", "to": end})
    hook = node("hook", "webhook", keys={"order": "body.id"})
    return {
        "format": 1,
        "id": f"flow_{name}",
        "name": name,
        "nodes": [hook, *nodes],
        "edges": arrows,
        **fields,
    }


def expr(source: str) -> dict[str, str]:
    return {"$expr": source}


AFTER = node("after", "set", fields={"order": expr("hook.body.name")})

HOUSE = {
    "succeeded": flow(
        "done",
        [node("sum", "set", fields={"total": expr("hook.body.total | number + 1")})],
        "hook sum",
    ),
    "failed": flow("failed", [call("call", "PUT", "/refuse"), AFTER], "hook call", "call after"),
    "running": flow(
        "cut_off",
        [call("call", "PUT", "/hang", on_error="continue"), AFTER],
        "hook call",
        "call after",
    ),
    "running ": flow("in_doubt", [call("call", "POST", "/hang"), AFTER], "hook call", "call after"),
    "asking": flow("asks", [call("call", "POST", "/drop"), AFTER], "hook call", "call after"),
    "waiting": flow(
        "retries",
        [call("call", "PUT", "/busy", on_error="branch", retry={"attempts": 3}), AFTER],
        "hook call",
        "call.error after",
    ),
}
"""Flows by the state in which the process dies with their run."""

PARCELS = node("parcels", "for_each", items=expr("hook.body.parcels"), at_once=2, as_="parcel")
LANGUAGE = {
    **HOUSE,
    "waiting 1": flow(
        "sleeps", [node("rest", "wait", seconds=86_400), AFTER], "hook rest", "rest after"
    ),
    "waiting 2": flow(
        "listens",
        [
            node(
                "paid",
                "wait",
                event={"type": "core.webhook", "key": "order", "value": "7", "since": "now"},
                timeout_s=172_800,
            ),
            AFTER,
        ],
        "hook paid",
        "paid.late after",
    ),
    "waiting 3": flow(
        "wonders",
        [node("may", "approve", title="May it go on?"), AFTER],
        "hook may",
        "may.yes after",
    ),
    "waiting 4": flow(
        "rounds",
        [
            PARCELS,
            node(
                "lines", "for_each", inside="parcels", items=expr("parcel"), collect=expr("rest.at")
            ),
            node("rest", "wait", inside="lines", seconds=expr("item * 1000")),
            AFTER,
        ],
        "hook parcels",
        "parcels.done after",
    ),
    "running 1": flow(
        "sends_rounds",
        [
            PARCELS | {"params": {**PARCELS["params"], "on_item_error": "continue"}},
            call("call", "PUT", "/first", inside="parcels"),
            AFTER,
        ],
        "hook parcels",
        "parcels.done after",
    ),
    "waiting 5": flow(
        "calls",
        [node("child", "call_flow", flow="flow_called"), AFTER],
        "hook child",
        "child after",
    ),
    "waiting 6": flow(
        "paced",
        [node("turn", "rate_limit", count=1, per_s=86_400), AFTER],
        "hook turn",
        "turn after",
    ),
    "waiting 7": flow(
        "gathers",
        [node("news", "digest", item=expr("hook.body.name"), seconds=86_400), AFTER],
        "hook news",
        "news after",
    ),
    "queued": flow(
        "queues",
        [node("rest", "wait", seconds=86_400), AFTER],
        "hook rest",
        "rest after",
        limits={"concurrency": {"at_once": 1}},
    ),
}
CALLED = {
    "format": 1,
    "id": "flow_called",
    "name": "called",
    "nodes": [node("go", "flow_called"), node("rest", "wait", seconds=86_400)],
    "edges": [{"from": "go", "to": "rest"}],
}
TWICE = ("flow_paced", "flow_queues")
"""Flows that hold only the second of two runs back."""


async def serve() -> None:
    """Answer as vendors do that are slow, busy, broken or refuse."""
    heard = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split()[1].decode()
        if path == "/first":
            heard += 1
        if path == "/hang" or (path == "/first" and heard > 1):
            await asyncio.Event().wait()
        status = {"/busy": "503 Busy", "/refuse": "422 No", "/first": "200 OK"}.get(path)
        if status is not None:
            later = ("retry-after: 86400",) if path == "/busy" else ()
            lines = (f"HTTP/1.1 {status}", *later, "content-length: 0", "connection: close", "", "")
            writer.write("\r\n".join(lines).encode())
            await writer.drain()
        writer.close()

    await asyncio.start_server(talk, "127.0.0.1", PORT)


async def live(folder: Path, flows: dict[str, Any], called: dict[str, Any] | None) -> None:
    """Bring every flow's run to its state, and die as by a kill: nothing is closed."""
    await serve()
    settings = Settings(
        data=folder / "data", key_file=folder / "key.toml", port=0, private_hosts=("127.0.0.1",)
    )
    async with open_house(settings, registry=discover()) as house:
        scope = Scope(house.workspace_id, "user_test", "owner")
        for document in ([called] if called else []) + list(flows.values()):
            await house.flows.put(scope, document)
            found = await house.flows.publish(scope, document["id"])
            for address in found["addresses"]:
                for _ in range(2 if document["id"] in TWICE else 1):
                    await deliver(house, address["url"].rpartition("/")[2])
        wanted = {document["id"]: state.split()[0] for state, document in flows.items()}
        await settle(house, scope, wanted)
        os._exit(0)


async def deliver(house: House, address: str) -> None:
    head = {"content-type": "application/json"}
    answer = await house.door.deliver(
        address, method="POST", headers=head, query={}, body=encode(ORDER)
    )
    assert answer.status in (200, 202), answer


async def settle(house: House, scope: Scope, wanted: dict[str, str]) -> None:
    """Wait until the newest run of each flow is in its state."""
    found: dict[str, str] = {}
    for _ in range(1_000):
        items = (await house.runs.list(scope, limit=200))["items"]
        found = {item["flow_id"]: item["state"] for item in reversed(items)}
        if all(found.get(flow_id) == state for flow_id, state in wanted.items()):
            await asyncio.sleep(0.5)  # What follows the state's commit is on its way.
            return
        await asyncio.sleep(0.01)
    missed = {id: (found.get(id), state) for id, state in wanted.items() if found.get(id) != state}
    raise SystemExit(f"these did not come so far (is, should be): {missed}")


def dump(path: Path) -> str:
    """Return a database as SQL text."""
    with sqlite3.connect(path) as connection:
        lines = list(connection.iterdump())
        marks = [
            f"PRAGMA {name}={connection.execute(f'PRAGMA {name}').fetchone()[0]};"
            for name in ("user_version", "application_id")
        ]
    connection.close()
    return "\n".join([*lines, *marks, ""])


def main(out: Path, stage: str = "language") -> None:
    folder = Path(tempfile.mkdtemp())
    if not os.fork():
        flows, called = (HOUSE, None) if stage == "house" else (LANGUAGE, CALLED)
        try:
            asyncio.new_event_loop().run_until_complete(live(folder, flows, called))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    if os.wait()[1]:
        raise SystemExit(1)
    out.write_text(dump(folder / "data" / "tramo.sqlite3"), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
