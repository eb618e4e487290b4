"""`tramo check` and `tramo run`: a flow file looked at and tried, with nothing kept."""

from __future__ import annotations

import asyncio
import sys
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

import msgspec

from tramo.app.cli.show import show_json, show_problems, show_table
from tramo.model.problem import Problem, TramoError, has_error
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


def run_file(
    path: Path, event_path: Path, trial: Trial, *, timeout_s: float, as_json: bool
) -> int:
    """Run a flow file once; 0 only if the run succeeded."""
    problems = _problems(path)
    if has_error(problems):
        if as_json:
            show_json({"problems": problems})
        else:
            show_problems(problems, file=sys.stderr)
            print("tramo: this flow has errors; nothing was run.", file=sys.stderr)
        return 1
    try:
        event = decode(_read(event_path))
    except NotExact as error:
        raise TramoError("event.not_json", f"{event_path}: {error}.") from None
    run = asyncio.run(_run(_read(path), event, trial, timeout_s))
    if as_json or not sys.stdout.isatty():
        show_json(run)
    else:
        _show_run(run)
    return 0 if run["state"] == "succeeded" else 1


async def _run(
    document: bytes, event: Any, trial: Trial, timeout_s: float
) -> dict[str, Any]:
    from tramo.app.house import open_throwaway_house
    from tramo.app.play import JumpingClock, Play, read_answers
    from tramo.app.setting import load_settings
    from tramo.model.scope import Scope

    answers = read_answers(_read(trial.answers)) if trial.answers else []
    # Durability is for what outlives the process; everything else is as in a server.
    settings = load_settings(force_twins=trial.twins, synchronous="OFF")
    clock = JumpingClock() if trial.fast else None
    async with open_throwaway_house(settings, clock=clock) as house:
        scope = Scope(house.workspace_id, "command line")
        for path in trial.also:
            other = (await house.flows.put(scope, decode(_read(path))))["id"]
            await house.flows.publish(scope, other)
        flow_id = (await house.flows.put(scope, decode(document)))["id"]
        run_id = await house.flows.start(scope, flow_id, event, trial.trigger)
        play = Play(house, scope, run_id, answers=answers, fast=trial.fast)
        await play.to_end(timeout_s)
        run = await house.runs.get(scope, run_id)
    return _document(run)


_WHERE_THERE = ("output", "error", "due_at", "waits_for", "copied")
_STEP = ("node", "iteration", "state", "attempts", "effect", "port")


def _document(run: dict[str, Any]) -> dict[str, Any]:
    """Return the run document that `tramo run` promises."""
    steps = []
    for step in run["steps"]:
        shown = {name: step.get(name) for name in _STEP}
        shown |= {name: step[name] for name in _WHERE_THERE if name in step}
        shown |= {name: step.get(name) for name in ("started_at", "ended_at")}
        steps.append(shown)
    head = {name: run[name] for name in ("format", "id", "flow", "version", "state", "reason")}
    if run.get("error"):
        head["error"] = run["error"]
    return {**head, "steps": steps}


def _show_run(run: dict[str, Any]) -> None:
    reason = f" ({run['reason']})" if run["reason"] else ""
    print(f"{run['id']}: {run['state']}{reason}\n")
    show_table(
        ("step", "state", "attempts", "output or error"),
        [
            (
                step["node"],
                step["state"],
                step["attempts"],
                step["error"]["message"] if step.get("error") else step.get("output"),
            )
            for step in run["steps"]
        ],
        empty="No step was run.",
    )
