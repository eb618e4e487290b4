"""The verbs that work with a server or a data folder: one API call or two, and how the answer
reads."""

from __future__ import annotations

import asyncio
import sys
from codecs import BOM_UTF8
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tramo.app.cli.reach import Api, Place, reach
from tramo.app.cli.show import show_json, show_problems, show_table
from tramo.model.problem import Problem, TramoError
from tramo.model.value import NotExact, decode


def do(place: Place, work: Callable[[Api], Awaitable[Any]]) -> Any:
    """Do some work with the API, wherever it is."""

    async def act() -> Any:
        async with reach(place) as api:
            return await work(api)

    return asyncio.run(act())


def read_json(path: Path) -> Any:
    """Read a JSON file, or `-` for standard input; raises TramoError naming the file."""
    try:
        return decode(_read(path))
    except NotExact as error:
        raise TramoError("file.not_json", f"{path}: {error}.") from None


def read_text(path: Path) -> str:
    """Read a text file, or `-` for standard input; raises TramoError naming the file."""
    try:
        return _read(path).decode()
    except UnicodeDecodeError:
        raise TramoError(
            "file.not_text", f"{path} is not UTF-8 text; save it as UTF-8 and try again."
        ) from None


def _read(path: Path) -> bytes:
    try:
        raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise TramoError(
            "file.unreadable", f"{path} cannot be read: {error.strerror or error}."
        ) from None
    return raw.removeprefix(BOM_UTF8)


def flow_put(path: Path, place: Place, *, as_json: bool) -> int:
    """Save a document as its flow's draft."""
    document = read_json(path)
    flow_id = document.get("id") if isinstance(document, dict) else None

    async def work(api: Api) -> Any:
        try:
            await api.call("POST", "/flows", {"document": document})
        except TramoError as error:
            if error.code != "flow.exists":
                raise
            await api.call("PUT", f"/flows/{flow_id}/draft", document)
        return await api.call("GET", f"/flows/{flow_id}")

    flow = do(place, work)
    if as_json:
        show_json({"id": flow["id"], "etag": flow["etag"], "problems": flow["problems"]})
        return 0
    print(f"Saved {flow['id']} as a draft.")
    show_problems([Problem(**item) for item in flow["problems"]])
    return 0


def flow_publish(flow_id: str, place: Place, *, as_json: bool) -> int:
    """Publish a draft and print the flow's addresses."""
    answer = do(place, lambda api: api.call("POST", f"/flows/{flow_id}/publish"))
    if as_json:
        show_json({"id": flow_id, **answer})
        return 0
    print(f"Published {flow_id}, version {answer['version'][:12]}.")
    for address in answer["addresses"]:
        print(f"{address['node']}: {address['url']}")
    return 0


def flows_list(place: Place, *, as_json: bool) -> int:
    """List flows."""
    answer = do(place, lambda api: api.call("GET", "/flows", query={"limit": 200}))
    if as_json:
        show_json(answer)
        return 0
    show_table(
        ("id", "name", "state", "problems", "changed"),
        [
            (i["id"], i["name"], i["state"], i["problem_count"], i["updated_at"])
            for i in answer["items"]
        ],
        empty="No flows yet. Save one with: tramo flow put FLOW.json",
    )
    return 0


def flow_export(flow_id: str, place: Place) -> int:
    """Print a draft document."""
    show_json(do(place, lambda api: api.call("GET", f"/flows/{flow_id}/export")))
    return 0


def connection_put(
    connector: str,
    place: Place,
    *,
    name: str,
    fields: list[str],
    secret_stdin: bool,
    twin: bool,
    as_json: bool,
) -> int:
    """Create a connection, or replace the credential of the one with this name."""
    credential = dict(_field(item) for item in fields)
    if secret_stdin:
        credential |= _secrets(connector, sys.stdin.read())
    target = "twin" if twin else "live"

    async def work(api: Api) -> Any:
        known = await _connections(api)
        same = [c for c in known if c["name"] == name and c["connector"] == connector]
        if same:
            change = {"credential": credential}
            return await api.call("PATCH", f"/connections/{same[0]['id']}", change)
        fresh = {"connector": connector, "name": name, "target": target, "credential": credential}
        return await api.call("POST", "/connections", fresh)

    answer = do(place, work)
    if as_json:
        show_json(answer)
    else:
        print(f"Kept {answer['name']} as {answer['id']}.")
    return 0


def _field(item: str) -> tuple[str, Any]:
    name, equals, text = item.partition("=")
    if not equals:
        raise TramoError("usage.field", f"--set takes field=value, not “{item}”.")
    return name, text


def _secrets(connector: str, text: str) -> dict[str, Any]:
    """Read secrets: a JSON object of them, or the bare text where the connector has just one."""
    text = text.strip()
    if text.startswith("{"):
        try:
            return decode(text)
        except NotExact as error:
            raise TramoError("file.not_json", f"Standard input: {error}.") from None
    from tramo.registry import discover
    from tramo.sdk import secret_fields

    definition = discover().connectors.get(connector)
    names = secret_fields(definition.credential) if definition and definition.credential else ()
    if len(names) != 1:
        raise TramoError(
            "usage.secret",
            f"{connector} has the secrets {', '.join(sorted(names))}: give them as a JSON object.",
        )
    return {next(iter(names)): text}


async def _connections(api: Api) -> list[dict[str, Any]]:
    return (await api.call("GET", "/connections"))["items"]


async def find_connection(api: Api, wanted: str) -> str:
    """Return the id of a connection named by id or name; raises TramoError."""
    found = [c for c in await _connections(api) if wanted in (c["id"], c["name"])]
    if len(found) != 1:
        raise TramoError(
            "connection.unknown",
            f"{'Several connections are' if found else 'No connection is'} named “{wanted}”.",
            status=404,
        )
    return found[0]["id"]


def connections_list(place: Place, *, as_json: bool) -> int:
    """List connections."""
    answer = do(place, lambda api: api.call("GET", "/connections"))
    if as_json:
        show_json(answer)
        return 0
    show_table(
        ("id", "name", "connector", "target", "state", "account"),
        [
            (i["id"], i["name"], i["connector"], i["target"], i["state"], i["account"])
            for i in answer["items"]
        ],
        empty="No connections yet. Keep one with: tramo connection put CONNECTOR --name NAME",
    )
    return 0


def connection_test(wanted: str, place: Place, *, as_json: bool) -> int:
    """Test a connection; 1 when it is refused."""

    async def work(api: Api) -> Any:
        return await api.call("POST", f"/connections/{await find_connection(api, wanted)}/test")

    answer = do(place, work)
    if as_json:
        show_json(answer)
    elif answer["ok"]:
        print(f"It works: {answer['account'] or 'connected'}.")
    else:
        print(f"It does not work: {answer['message']} [{answer['code']}]")
    return 0 if answer["ok"] else 1


def connection_twin(
    wanted: str, place: Place, *, deliver: str | None, payload: Path | None, as_json: bool
) -> int:
    """Show a twin's ledger, or let something happen there first."""
    body = {"type": deliver, "payload": read_json(payload) if payload else None}

    async def work(api: Api) -> Any:
        path = f"/connections/{await find_connection(api, wanted)}/twin"
        if deliver is not None:
            return await api.call("POST", f"{path}/deliver", body)
        return await api.call("GET", path)

    answer = do(place, work)
    if as_json or deliver is not None:
        show_json(answer)
        return 0
    show_table(
        ("at", "what", "status"),
        [(i["at"], i["summary"], i["status"]) for i in answer["ledger"]],
        empty="Nothing has reached this twin yet.",
    )
    return 0


def token_create(place: Place, *, name: str, role: str, as_json: bool) -> int:
    """Create an API token."""
    answer = do(place, lambda api: api.call("POST", "/tokens", {"name": name, "role": role}))
    if as_json:
        show_json(answer)
    else:
        print(answer["token"])
        print("Keep it now: it is not shown again.", file=sys.stderr)
    return 0
