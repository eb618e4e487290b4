"""The commands for runs: find them, look into them, and do what people do with them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from tramo.app.cli.option import USE, Data, Json, Server, Token, place_of
from tramo.model.run import RunState, StepState

runs = App(name="runs", group=USE, help="Find runs, look into them, and give them another try.")
timeline = App(name="timeline", group=USE, help="What touched an order, a person or a SKU.")
variable = App(name="variable", group=USE, help="Values that every flow reads as vars.NAME.")
APPS = (runs, timeline, variable)

Flow = Annotated[str | None, Parameter(help="Only this flow's.")]
Turn = Annotated[str | None, Parameter(help="Inside loops: which turn of each, such as 3 or 3,0.")]
Outcome = Literal["happened", "resend", "abort"]
Reference = Annotated[
    str | None, Parameter(help="Under which name the vendor knows it, for `happened`.")
]


@runs.command(name="list")
def runs_list(
    *,
    flow: Flow = None,
    state: Annotated[
        list[RunState] | None,
        Parameter(negative="", help="Only those in this state. Repeat it."),
    ] = None,
    reason: Annotated[str | None, Parameter(help="Only those for this reason.")] = None,
    since: Annotated[str | None, Parameter(help="Only those that began then or later.")] = None,
    until: Annotated[str | None, Parameter(help="Only those that began before then.")] = None,
    key: Annotated[
        str | None, Parameter(help="A business key: order:1001, or its value alone.")
    ] = None,
    search: Annotated[
        str | None, Parameter(help="A run's id or a business key, such as an order's id.")
    ] = None,
    text: Annotated[
        str | None, Parameter(help="A text in the event, an error or what a step gave or got.")
    ] = None,
    limit: int = 50,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """List runs, newest first."""
    from tramo.app.cli.run_verb import runs_list as act

    query = {
        "flow": flow,
        "state": state,
        "reason": reason,
        "from": since,
        "to": until,
        "key": key,
        "q": search,
        "text": text,
        "limit": limit,
    }
    return act(place_of(data, server, token), query, as_json=json)


@runs.command(name="show")
def runs_show(
    run_id: str,
    /,
    *,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Show one run, step by step."""
    from tramo.app.cli.run_verb import runs_show as act

    return act(run_id, place_of(data, server, token), as_json=json)


@runs.command(name="steps")
def runs_steps(
    run_id: str,
    /,
    *,
    node: Annotated[str | None, Parameter(help="Only this node's.")] = None,
    state: Annotated[StepState | None, Parameter(help="Only those in this state.")] = None,
    iteration: Turn = None,
    limit: int = 200,
    cursor: Annotated[str | None, Parameter(help="Where the page before ended.")] = None,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Leaf through the steps of a run with many of them."""
    from tramo.app.cli.run_verb import runs_steps as act

    query = {
        "node": node,
        "state": state,
        "iteration_prefix": iteration,
        "limit": limit,
        "cursor": cursor,
    }
    return act(run_id, place_of(data, server, token), query, as_json=json)


@runs.command(name="family")
def runs_family(
    run_id: str,
    /,
    *,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Show a run's re-runs and what it is a re-run of, and who asked for them."""
    from tramo.app.cli.run_verb import runs_family as act

    return act(run_id, place_of(data, server, token), as_json=json)


@runs.command(name="rerun")
def runs_rerun(
    run_id: str,
    /,
    *,
    start: Annotated[
        Literal["failed", "start"],
        Parameter(name="--from", help="failed: go on where it failed. start: read all anew."),
    ] = "failed",
    version: Annotated[
        Literal["same", "newest"], Parameter(help="newest: with the flow as it is published now.")
    ] = "same",
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Give a run another try; what was done is not done again."""
    from tramo.app.cli.run_verb import runs_rerun as act

    body = {"from": start, "version": version}
    return act(run_id, place_of(data, server, token), body, as_json=json)


@runs.command(name="again")
def runs_again(
    run_id: str,
    /,
    *,
    confirm: Annotated[str, Parameter(help="The id of the run once more.")],
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Do everything that a run did once more: charges, labels, messages and all."""
    from tramo.app.cli.run_verb import runs_rerun as act

    body = {"again": True, "confirm": confirm}
    return act(run_id, place_of(data, server, token), body, as_json=json)


@runs.command(name="cancel")
def runs_cancel(
    run_id: str,
    /,
    *,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Stop a run before its next step."""
    from tramo.app.cli.run_verb import runs_tell as act

    return act(f"/runs/{run_id}/cancel", place_of(data, server, token), as_json=json)


@runs.command(name="release")
def runs_release(
    run_id: str,
    /,
    *,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Let a run out of quarantine."""
    from tramo.app.cli.run_verb import runs_tell as act

    return act(f"/runs/{run_id}/release", place_of(data, server, token), as_json=json)


@runs.command(name="hurry")
def runs_hurry(
    run_id: str,
    node: str,
    /,
    *,
    iteration: Turn = None,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Let a step that waits for a time or an event go on now."""
    from tramo.app.cli.run_verb import runs_tell as act
    from tramo.app.cli.run_verb import turn_of

    path, body = f"/runs/{run_id}/steps/{node}/hurry", {"iteration": turn_of(iteration)}
    return act(path, place_of(data, server, token), body, as_json=json)


@runs.command(name="move")
def runs_move(
    flow_id: str,
    /,
    *,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Let runs that wait on older versions of a flow go on with the one that is live."""
    from tramo.app.cli.run_verb import runs_move as act

    return act(flow_id, place_of(data, server, token), as_json=json)


@runs.command(name="answer")
def runs_answer(
    run_id: str,
    node: str,
    outcome: Outcome,
    /,
    *,
    output: Annotated[
        Path | None, Parameter(help="A JSON file: the step's output, for `happened`.")
    ] = None,
    reference: Reference = None,
    iteration: Turn = None,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Settle a doubt about a step: happened, resend or abort."""
    from tramo.app.cli.run_verb import runs_tell as act
    from tramo.app.cli.run_verb import turn_of
    from tramo.app.cli.verb import read_json

    body = {"outcome": outcome, "reference": reference, "iteration": turn_of(iteration)}
    if output is not None:
        body["output"] = read_json(output)
    path = f"/runs/{run_id}/steps/{node}/answer"
    return act(path, place_of(data, server, token), body, as_json=json)


@runs.command(name="asking")
def runs_asking(
    *,
    flow: Flow = None,
    connection: Annotated[str | None, Parameter(help="Only at this connection.")] = None,
    node: Annotated[str | None, Parameter(help="Only of this node.")] = None,
    limit: int = 50,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """List the steps of which nobody knows whether they happened."""
    from tramo.app.cli.run_verb import runs_asking as act

    query = {"flow": flow, "connection": connection, "node": node, "limit": limit}
    return act(place_of(data, server, token), query, as_json=json)


@runs.command(name="settle")
def runs_settle(
    outcome: Outcome,
    /,
    *,
    flow: Flow = None,
    connection: Annotated[str | None, Parameter(help="Only at this connection.")] = None,
    node: Annotated[str | None, Parameter(help="Only of this node.")] = None,
    run: Annotated[
        list[str] | None, Parameter(negative="", help="Only in this run. Repeat it.")
    ] = None,
    reference: Reference = None,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Settle every doubt that fits, after an outage; `resend` needs the runs by name."""
    from tramo.app.cli.run_verb import runs_settle as act

    body = {
        "outcome": outcome,
        "flow": flow,
        "connection": connection,
        "node": node,
        "runs": run or [],
        "reference": reference,
    }
    return act(place_of(data, server, token), body, as_json=json)


@timeline.command(name="show")
def timeline_show(
    kind: str,
    value: str,
    /,
    *,
    limit: Annotated[int, Parameter(help="At most so many runs.")] = 20,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Show every event, run, step, message and wait about it, in order of time."""
    from tramo.app.cli.run_verb import timeline_show as act

    query = {"kind": kind, "value": value, "limit": limit}
    return act(place_of(data, server, token), query, as_json=json)


@timeline.command(name="stop")
def timeline_stop(
    kind: str,
    value: str,
    /,
    *,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Cancel every run about it that goes on."""
    from tramo.app.cli.run_verb import timeline_act as act

    return act("stop", kind, value, place_of(data, server, token), as_json=json)


@timeline.command(name="hurry")
def timeline_hurry(
    kind: str,
    value: str,
    /,
    *,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """End every wait for a time in runs about it."""
    from tramo.app.cli.run_verb import timeline_act as act

    return act("hurry", kind, value, place_of(data, server, token), as_json=json)


@variable.command(name="list")
def variable_list(
    *, data: Data = None, server: Server = None, token: Token = None, json: Json = False
) -> int:
    """List the variables."""
    from tramo.app.cli.run_verb import variables_list as act

    return act(place_of(data, server, token), as_json=json)


@variable.command(name="set")
def variable_set(
    name: str,
    value: str,
    /,
    *,
    text: Annotated[bool, Parameter(negative="", help="The value is text, not JSON.")] = False,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Set a variable to a JSON value, such as 0.19 or '["ES", "PT"]'."""
    from tramo.app.cli.run_verb import variable_set as act

    return act(name, value, place_of(data, server, token), is_text=text, as_json=json)


@variable.command(name="delete")
def variable_delete(
    name: str, /, *, data: Data = None, server: Server = None, token: Token = None
) -> int:
    """Remove a variable."""
    from tramo.app.cli.run_verb import variable_delete as act

    return act(name, place_of(data, server, token))


def flow_start(
    flow_id: str,
    /,
    *,
    event: Annotated[
        Path | None, Parameter(help="A JSON file: exactly what the trigger would output.")
    ] = None,
    record: Annotated[
        str | None, Parameter(help="Start from the newest event about it, such as order:1001.")
    ] = None,
    trigger: Annotated[
        str | None, Parameter(help="The node that fires, where the flow has several triggers.")
    ] = None,
    draft: Annotated[
        bool, Parameter(negative="", help="Run the draft, not what is published.")
    ] = False,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Start a run by hand, from an event or from a record."""
    from tramo.app.cli.run_verb import flow_start as act

    place = place_of(data, server, token)
    version = "draft" if draft else "published"
    return act(
        flow_id, place, event=event, record=record, trigger=trigger, version=version, as_json=json
    )
