"""What the commands for people do: an API call, and how the answer reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tramo.app.cli.reach import Api, Place
from tramo.app.cli.show import show_json, show_table
from tramo.app.cli.verb import do, find_connection, read_json
from tramo.model.problem import TramoError


def approvals_list(place: Place, *, flow: str | None, as_json: bool) -> int:
    """List open questions."""
    answer = do(place, lambda api: api.call("GET", "/approvals", query={"flow": flow}))
    if as_json:
        show_json(answer)
        return 0
    show_table(
        ("run", "node", "question", "answers", "to", "until"),
        [
            (
                i["run"],
                _step(i["node"], i["iteration"]),
                i["title"],
                ", ".join(i["ports"]),
                ", ".join(i["to"]) or "anybody who edits",
                i["due_at"],
            )
            for i in answer["items"]
        ],
        empty="Nothing waits for an answer.",
    )
    return 0


def approvals_reply(
    run_id: str,
    node: str,
    port: str,
    place: Place,
    *,
    add: Path | None,
    iteration: str | None,
    as_json: bool,
) -> int:
    """Answer a question."""
    body: dict[str, Any] = {"port": port, "iteration": _iteration(iteration)}
    if add is not None:
        body["data"] = read_json(add)
    path = f"/runs/{run_id}/steps/{node}/reply"
    run = do(place, lambda api: api.call("POST", path, body))
    if as_json:
        show_json(run)
    else:
        print(f"Answered. The run is {run['state']} now.")
    return 0


def _iteration(text: str | None) -> list[int]:
    try:
        return [int(part) for part in text.split(",")] if text else []
    except ValueError:
        raise TramoError(
            "usage.iteration", f"--iteration takes numbers such as 3,0 and not “{text}”."
        ) from None


def _step(node: str, iteration: list[int]) -> str:
    return node + (f" {iteration}" if iteration else "")


def alerts_list(place: Place, *, flow: str | None, new: bool, as_json: bool) -> int:
    """List alerts."""
    query = {"flow": flow, "seen": "false" if new else None}
    answer = do(place, lambda api: api.call("GET", "/alerts", query=query))
    if as_json:
        show_json(answer)
        return 0
    show_table(
        ("id", "day", "what", "flow", "node", "times", "state", "message"),
        [
            (
                i["id"],
                i["day"],
                i["kind"],
                i["flow_name"],
                i["node_title"],
                i["count"],
                i["state"],
                i["message"],
            )
            for i in answer["items"]
        ],
        empty="No alerts.",
    )
    return 0


def alerts_seen(alert_id: str, place: Place) -> int:
    """Say that an alert was seen."""
    do(place, lambda api: api.call("POST", f"/alerts/{alert_id}/seen"))
    print("Noted.")
    return 0


def notices_list(place: Place, *, state: str | None, as_json: bool) -> int:
    """List messages to people."""
    answer = do(place, lambda api: api.call("GET", "/notices", query={"state": state}))
    if as_json:
        show_json(answer)
        return 0
    show_table(
        ("id", "state", "to", "subject", "attempts", "problem"),
        [
            (
                i["id"],
                i["state"],
                i["to"],
                i["subject"],
                i["attempts"],
                i["problem"]["message"] if i["problem"] else None,
            )
            for i in answer["items"]
        ],
        empty="No messages.",
    )
    return 0


def notices_send(notice_id: str, place: Place) -> int:
    """Send a message again."""
    do(place, lambda api: api.call("POST", f"/notices/{notice_id}/send"))
    print("It is on its way.")
    return 0


def notices_way(wanted: list[str], place: Place, *, default: bool, as_json: bool) -> int:
    """Choose the connections that bring messages, or show them."""

    async def work(api: Api) -> Any:
        if not wanted and not default:
            return await api.call("GET", "/notices/way")
        chosen = [await find_connection(api, name) for name in wanted]
        return await api.call("PUT", "/notices/way", {"connections": chosen})

    way = do(place, work)
    if as_json:
        show_json(way)
        return 0
    show_table(
        ("id", "name", "connector", "brings messages"),
        [
            (i["id"], i["name"], i["connector"], "yes" if i["id"] in way["used"] else "")
            for i in way["connections"]
        ],
        empty="No connection can bring messages yet. Connect an e-mail account.",
    )
    return 0
