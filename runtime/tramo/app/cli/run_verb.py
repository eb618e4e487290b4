"""What the commands for runs do: an API call, and how the answer reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from tramo.app.cli.reach import Place
from tramo.app.cli.show import show_json, show_table
from tramo.app.cli.verb import do, read_json
from tramo.model.problem import TramoError
from tramo.model.value import NotExact, decode

_RUN = ("id", "flow", "state", "reason", "started", "ms")


def _run_row(item: dict[str, Any]) -> tuple[Any, ...]:
    names = ("id", "flow_name", "state", "reason", "started_at", "duration_ms")
    return tuple(item[name] for name in names)


def turn_of(text: str | None) -> list[int]:
    """Read `3,0`, which turn of each loop; raises TramoError for anything else."""
    try:
        return [int(part) for part in text.split(",")] if text else []
    except ValueError:
        raise TramoError(
            "usage.iteration", f"“{text}” names no turn of a loop; write it as 3 or 3,0."
        ) from None


def runs_list(place: Place, query: dict[str, Any], *, as_json: bool) -> int:
    """List runs."""
    answer = do(place, lambda api: api.call("GET", "/runs", query=query))
    if as_json:
        show_json(answer)
        return 0
    show_table(_RUN, [_run_row(item) for item in answer["items"]], empty="No runs.")
    searched = answer.get("searched")
    if searched and searched["back_to"]:
        print(f"\nLooked through {searched['runs']} runs, back to {searched['back_to']}.")
    return 0


def runs_move(flow_id: str, place: Place, *, as_json: bool) -> int:
    """Move the runs that wait on older versions of a flow, all that can be."""
    path = f"/flows/{quote(flow_id, safe='')}/waiting"
    moved: dict[str, Any] = {"moved": 0, "stay": []}

    async def act(api: Any) -> None:
        after: str | None = None
        while True:
            body = {"fate": "move", "after": after}
            answer = await api.call("POST", path, body)
            moved["moved"] += answer["done"]
            moved["stay"] += answer["stay"]
            after = answer["next"]
            if after is None:
                return

    do(place, act)
    if as_json:
        show_json(moved)
        return 0
    print(f"Moved runs: {moved['moved']}.")
    for group in moved["stay"]:
        where = f" at {group['title'] or group['node']}" if group["node"] else ""
        print(f"Runs that stay{where}: {group['runs']} ({group['why']}).")
    return 0


def _step_row(step: dict[str, Any]) -> tuple[Any, ...]:
    turn = ",".join(map(str, step["iteration"]))
    shown = step["error"]["message"] if step.get("error") else step.get("output")
    name = f"{step['node']} [{turn}]" if turn else step["node"]
    return name, step["state"], step["attempts"], shown


def runs_show(run_id: str, place: Place, *, as_json: bool) -> int:
    """Show one run."""
    run = do(place, lambda api: api.call("GET", f"/runs/{run_id}"))
    if as_json:
        show_json(run)
        return 0
    reason = f" ({run['reason']})" if run["reason"] else ""
    print(f"{run['id']} of {run['flow_name']}: {run['state']}{reason}\n")
    _show_steps(run["steps"])
    if run["next"] is not None:
        print(f"\n{run['steps_total']} steps in all. More: tramo runs steps {run_id}")
    return 0


def _show_steps(steps: list[dict[str, Any]]) -> None:
    head = ("step", "state", "attempts", "output or error")
    show_table(head, [_step_row(step) for step in steps], empty="No step was run yet.")


def runs_steps(run_id: str, place: Place, query: dict[str, Any], *, as_json: bool) -> int:
    """Show a page of steps."""
    answer = do(place, lambda api: api.call("GET", f"/runs/{run_id}/steps", query=query))
    if as_json:
        show_json(answer)
        return 0
    _show_steps(answer["items"])
    if answer["next"] is not None:
        print(f"\n{answer['total']} steps in all. More: --cursor {answer['next']}")
    return 0


def runs_family(run_id: str, place: Place, *, as_json: bool) -> int:
    """Show the runs of one origin."""
    answer = do(place, lambda api: api.call("GET", f"/runs/{run_id}/family"))
    if as_json:
        show_json(answer)
        return 0
    show_table(_RUN, [_run_row(item) for item in answer["items"]], empty="No runs.")
    for act in answer["acts"]:
        print(f"{act['at']} {act['actor_name'] or act['actor']}: {act['what']} {act['run']}")
    return 0


def runs_rerun(run_id: str, place: Place, body: dict[str, Any], *, as_json: bool) -> int:
    """Give a run another try."""
    run = do(place, lambda api: api.call("POST", f"/runs/{run_id}/rerun", body))
    if as_json:
        show_json(run)
    else:
        print(f"Queued as {run['id']}.")
    return 0


def runs_tell(path: str, place: Place, body: dict[str, Any] | None = None, *, as_json: bool) -> int:
    """Tell a run something, and say how it stands then."""
    run = do(place, lambda api: api.call("POST", path, body))
    if as_json:
        show_json(run)
    else:
        print(f"Noted. The run is {run['state']} now.")
    return 0


def runs_asking(place: Place, query: dict[str, Any], *, as_json: bool) -> int:
    """List doubts."""
    answer = do(place, lambda api: api.call("GET", "/asking", query=query))
    if as_json:
        show_json(answer)
        return 0
    show_table(
        ("run", "flow", "step", "since", "what is known"),
        [
            (
                i["run"]["id"],
                i["run"]["flow_name"],
                i["step"]["node"],
                i["step"]["started_at"],
                i["step"]["error"]["message"],
            )
            for i in answer["items"]
        ],
        empty="Nothing is in doubt.",
    )
    return 0


def runs_settle(place: Place, body: dict[str, Any], *, as_json: bool) -> int:
    """Settle many doubts; 1 when some could not be."""
    answer = do(place, lambda api: api.call("POST", "/asking/answer", body))
    if as_json:
        show_json(answer)
    else:
        print(f"Settled {len(answer['answered'])}.")
        for item in answer["refused"]:
            print(f"{item['run']} {item['node']}: {item['message']} [{item['code']}]")
        if answer["more"]:
            print("There are more; settle again.")
    return 1 if answer["refused"] else 0


def timeline_show(place: Place, query: dict[str, Any], *, as_json: bool) -> int:
    """Show a timeline."""
    answer = do(place, lambda api: api.call("GET", "/timeline", query=query))
    if as_json:
        show_json(answer)
        return 0
    show_table(
        ("at", "what", "run", "about"),
        [(i["at"], i["what"], i.get("run"), _about(i)) for i in answer["items"]],
        empty="Nothing is known of it.",
    )
    return 0


def _about(item: dict[str, Any]) -> str:
    match item["what"]:
        case "event":
            return item["event"]["type"]
        case "began":
            return item["item"]["flow_name"]
        case "ended":
            return item["state"]
        case "act":
            return f"{item['act']['actor_name'] or item['act']['actor']}: {item['act']['what']}"
        case _:
            return f"{item['title']}: {item['step']['state']}"


def timeline_act(wish: str, kind: str, value: str, place: Place, *, as_json: bool) -> int:
    """Stop or hurry what goes on about something; 1 when some of it could not be."""
    body = {"kind": kind, "value": value}
    answer = do(place, lambda api: api.call("POST", f"/timeline/{wish}", body))
    if as_json:
        show_json(answer)
    else:
        done = answer["stopped"] if wish == "stop" else answer["hurried"]
        print(f"{'Stopped' if wish == 'stop' else 'Hurried'} {len(done)}.")
        for item in answer["refused"]:
            print(f"{item['run']}: {item['message']} [{item['code']}]")
    return 1 if answer["refused"] else 0


def variables_list(place: Place, *, as_json: bool) -> int:
    """List variables."""
    answer = do(place, lambda api: api.call("GET", "/variables"))
    if as_json:
        show_json(answer)
        return 0
    show_table(
        ("name", "value", "changed", "by"),
        [(i["name"], i["value"], i["updated_at"], i["updated_by"]) for i in answer["items"]],
        empty="No variables yet. Set one with: tramo variable set NAME VALUE",
    )
    return 0


def variable_set(name: str, text: str, place: Place, *, is_text: bool, as_json: bool) -> int:
    """Set a variable."""
    try:
        value = text if is_text else decode(text.encode())
    except NotExact as error:
        raise TramoError(
            "usage.value", f"“{text[:80]}” is not JSON ({error}); give --text for a text."
        ) from None
    path = f"/variables/{quote(name, safe='')}"
    answer = do(place, lambda api: api.call("PUT", path, {"value": value}))
    if as_json:
        show_json(answer)
    else:
        print(f"Flows read it as vars.{answer['name']} from now on.")
    return 0


def variable_delete(name: str, place: Place) -> int:
    """Remove a variable."""
    do(place, lambda api: api.call("DELETE", f"/variables/{quote(name, safe='')}"))
    print(f"Removed {name}.")
    return 0


def flow_start(
    flow_id: str,
    place: Place,
    *,
    event: Path | None,
    record: str | None,
    trigger: str | None,
    version: str,
    as_json: bool,
) -> int:
    """Start a run by hand."""
    body: dict[str, Any] = {"trigger": trigger, "version": version}
    if event is not None:
        body["event"] = read_json(event)
    if record is not None:
        kind, colon, value = record.partition(":")
        if not colon:
            raise TramoError("usage.record", f"--record takes kind:value, not “{record}”.")
        body["record"] = {"kind": kind, "value": value}
    answer = do(place, lambda api: api.call("POST", f"/flows/{flow_id}/runs", body))
    if as_json:
        show_json(answer)
    else:
        print(f"Started {answer['run']}.")
    return 0
