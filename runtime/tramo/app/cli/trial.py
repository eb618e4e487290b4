"""`tramo check` and `tramo run`: a flow file looked at and tried, with nothing kept."""

from __future__ import annotations

import asyncio
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from tramo.app.cli.show import show_json, show_json_list, show_problems, show_table
from tramo.model.problem import Problem, TramoError, has_error
from tramo.model.run import Step, StepError
from tramo.model.value import NotExact, decode


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """How a flow is tried."""

    trigger: str | None = None
    twins: bool = False
    fast: bool = False
    """Time jumps to the next due instant."""
    answers: Path | None = None
    also: tuple[Path, ...] = ()
    """Further flows, published before."""


def check_file(path: Path, *, as_json: bool) -> int:
    """Print every problem of a flow file; 1 if there is an error."""
    problems = _problems(path)
    if as_json:
        show_json({"problems": problems})
    else:
        show_problems(problems)
        errors = sum(problem.level == "error" for problem in problems)
        warnings = len(problems) - errors
        if not problems:
            print("No problems.")
        else:
            print(f"{_count(errors, 'error')}, {_count(warnings, 'warning')}.")
    return 1 if has_error(problems) else 0


def _count(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _problems(path: Path) -> list[Problem]:
    from tramo.graph import check
    from tramo.registry import discover

    return check(_read(path), discover().node_type)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes().removeprefix(BOM_UTF8)  # Some editors put it into every file.
    except OSError as error:
        raise TramoError(
            "file.unreadable", f"{path} cannot be read: {error.strerror or error}."
        ) from None


def _read_json(path: Path, code: str) -> Any:
    try:
        return decode(_read(path))
    except NotExact as error:
        raise TramoError(code, f"{path}: {error}.") from None


def run_file(path: Path, event_path: Path, trial: Trial, *, timeout_s: float, as_json: bool) -> int:
    """Run a flow file once; 0 only if the run succeeded."""
    problems = _problems(path)
    if has_error(problems):
        if as_json:
            show_json({"problems": problems})
        else:
            show_problems(problems, file=sys.stderr)
            print("tramo: this flow has errors; nothing was run.", file=sys.stderr)
        return 1
    event = _read_json(event_path, "event.not_json")
    run, steps = asyncio.run(_run(_read(path), event, trial, timeout_s))
    if as_json or not sys.stdout.isatty():
        show_json_list(run, "steps", _shown(steps))
    else:
        _show_run(run, steps)
    return 0 if run["state"] == "succeeded" else 1


async def _run(
    document: bytes, event: Any, trial: Trial, timeout_s: float
) -> tuple[dict[str, Any], list[Step]]:
    from tramo.app.house import open_throwaway_house
    from tramo.app.play import JumpingClock, Play, read_answers
    from tramo.app.run import History
    from tramo.app.setting import load_settings
    from tramo.model.scope import Scope

    answers = read_answers(_read(trial.answers)) if trial.answers else []
    # Durability is for what outlives the process; everything else is as in a server.
    settings = load_settings(force_twins=trial.twins, synchronous="OFF")
    clock = JumpingClock() if trial.fast else None
    async with open_throwaway_house(settings, clock=clock) as house:
        scope = Scope(house.workspace_id, "command line")
        others = [_read_json(path, "file.not_json") for path in trial.also]
        for other in others:
            await house.flows.publish(scope, (await house.flows.put(scope, other))["id"])
        flow = decode(document)
        flow_id = (await house.flows.put(scope, flow))["id"]
        if any(_calls(each, flow_id) for each in (flow, *others)):
            await house.flows.publish(scope, flow_id)  # A call runs what is published.
        run_id = await house.flows.start(scope, flow_id, event, trial.trigger)
        play = Play(house, scope, run_id, answers=answers, fast=trial.fast)
        await play.to_end(timeout_s)
        for number in play.unused:
            print(f"tramo: entry {number} of the answers file was not used.", file=sys.stderr)
        history = History(database=house.database, plans=house.plans)
        row = await history.row(scope, run_id)
        told = await history.tell(row)
    return _head(row), told.steps if told else []


def _calls(flow: dict[str, Any], flow_id: str) -> bool:
    """Tell whether a flow calls another one, or itself."""
    calls = (node for node in flow["nodes"] if node["type"] == "core.call_flow")
    return any(node.get("params", {}).get("flow") == flow_id for node in calls)


def _head(row: Any) -> dict[str, Any]:
    """Return what the run document says of the run as a whole."""
    head = {"format": 1, "id": row.id, "flow": row.flow_id}
    head |= {name: getattr(row, name) for name in ("version", "state", "reason")}
    if row.error:
        error = decode(row.error)
        head["error"] = {"code": error["code"], "message": error["message"]}
    return head


def _shown(steps: list[Step]) -> Iterator[Step]:
    for step in steps:
        step.input = msgspec.UNSET
        yield step


def _show_run(run: dict[str, Any], steps: list[Step]) -> None:
    reason = f" ({run['reason']})" if run["reason"] else ""
    print(f"{run['id']}: {run['state']}{reason}\n")
    show_table(
        ("step", "item", "state", "attempts", "output or error"),
        [
            (
                step.node,
                ".".join(map(str, step.iteration)),
                step.state,
                step.attempts,
                step.error.message if isinstance(step.error, StepError) else _or_none(step.output),
            )
            for step in steps
        ],
        empty="No step was run.",
    )


def _or_none(value: Any) -> Any:
    return None if value is msgspec.UNSET else value
