"""Runs: lists and searches, one run, another try, cancel, and answers to doubts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import Parameter, QueryParameter
from msgspec import UNSET, Meta
from tramo.app.run.doubt import Asked as Doubts
from tramo.app.run.leaf import SHOWN, StepFilter, read_iteration
from tramo.app.run.rerun import Change
from tramo.app.run.search import Filter
from tramo.model.part import Given
from tramo.model.run import RunState, StepState

from tramo_web.auth import caller_of
from tramo_web.body import read
from tramo_web.failure import told

Asked = Request[Any, Any, Any]
Part = Annotated[str, Parameter(max_length=200)]
Count = Annotated[int, Parameter(ge=1, le=200, description="How many at most.")]
Steps = Annotated[int, Parameter(ge=1, le=1_000, description="How many at most.")]
Text = Annotated[str | None, Parameter(max_length=300)]


Iteration = Annotated[list[Annotated[int, Meta(ge=0)]], Meta(max_length=20)]
Id = Annotated[str, Meta(max_length=200)]
States = Annotated[list[RunState] | None, QueryParameter(name="state", max_items=8)]
Reference = Annotated[str, Meta(min_length=1, max_length=300)]
Outcome = Literal["happened", "resend", "abort"]


class StepAnswer(msgspec.Struct, forbid_unknown_fields=True):
    """What a person knows about a step in doubt."""

    outcome: Outcome
    iteration: Iteration = []
    output: Any = None
    reference: Reference | None = None
    """Under which name it is known at the vendor, for one that happened."""


class Hurry(msgspec.Struct, forbid_unknown_fields=True):
    """Which round of a loop is meant."""

    iteration: Iteration = []


class BulkAnswer(msgspec.Struct, forbid_unknown_fields=True):
    """What a person knows about every doubt of a connection, flow or node, or of these runs."""

    outcome: Outcome
    connection: Id | None = None
    flow: Id | None = None
    node: Id | None = None
    runs: Annotated[list[Id], Meta(max_length=500)] = []
    reference: Reference | None = None


class ChangedStep(msgspec.Struct, forbid_unknown_fields=True):
    """What a step is to have given."""

    node: Id
    output: Any
    iteration: Iteration = []
    port: Id = ""
    """Which way it went; empty: as before."""


class Changes(msgspec.Struct, forbid_unknown_fields=True):
    """Data that somebody changed: the event, or what steps gave."""

    event: Any = UNSET
    steps: Annotated[list[ChangedStep], Meta(max_length=50)] = []


class Rerun(msgspec.Struct, forbid_unknown_fields=True):
    """Another try, or with `again` everything once more, confirmed by the id of the run."""

    start: Literal["failed", "start"] = msgspec.field(default="failed", name="from")
    version: Literal["same", "newest"] = "same"
    again: bool = False
    confirm: Id | None = None
    changes: Changes | None = None


def read_filter(
    flow: Text = None,
    run_state: States = None,
    reason: Text = None,
    since: Annotated[str | None, QueryParameter(name="from", max_length=40)] = None,
    until: Annotated[str | None, QueryParameter(name="to", max_length=40)] = None,
    key: Text = None,
    q: Text = None,
    text: Text = None,
    trigger: Text = None,
    by_hand: Annotated[bool | None, QueryParameter()] = None,
) -> Filter:
    """Return what a list of runs is narrowed to."""
    return Filter(
        flow=flow,
        states=tuple(run_state or ()),
        reason=reason,
        since=since,
        until=until,
        key=key,
        q=q,
        text=text,
        trigger=trigger,
        by_hand=by_hand,
    )


FILTER = {"filter": Provide(read_filter, sync_to_thread=False)}


@get("/runs", summary="Runs, newest first", dependencies=FILTER)
async def list_runs(
    request: Asked,
    filter: NamedDependency[Filter],
    limit: Count = 50,
    cursor: Text = None,
) -> Any:
    answer = await _desk(request).list(
        caller_of(request).scope, limit=limit, cursor=cursor, filter=filter
    )
    return told(request, answer)


@get("/runs/counts", summary="How many of the newest runs are in which state", dependencies=FILTER)
async def count_runs(request: Asked, filter: NamedDependency[Filter]) -> Any:
    return await _desk(request).counts(caller_of(request).scope, filter)


@get("/runs/{run_id:str}", summary="A run with its steps")
async def get_run(request: Asked, run_id: Part) -> Any:
    answer = await _desk(request).get(caller_of(request).scope, run_id, SHOWN)
    return told(request, answer)


@get("/runs/{run_id:str}/steps", summary="Steps of a run, page by page")
async def list_steps(
    request: Asked,
    run_id: Part,
    node: Text = None,
    step_state: Annotated[StepState | None, QueryParameter(name="state")] = None,
    iteration_prefix: Text = None,
    after: Text = None,
    text: Text = None,
    limit: Steps = 200,
    cursor: Text = None,
) -> Any:
    wanted = StepFilter(
        node=node,
        state=step_state,
        inside=read_iteration(iteration_prefix),
        after=read_iteration(after),
        text=text,
    )
    scope = caller_of(request).scope
    answer = await _desk(request).steps(scope, run_id, wanted, limit, cursor)
    return told(request, answer)


@get("/runs/{run_id:str}/steps/{node:str}/output", summary="The whole output of a step")
async def get_output(request: Asked, run_id: Part, node: Part, iteration: Text = None) -> Any:
    scope = caller_of(request).scope
    return await _desk(request).output(scope, run_id, node, read_iteration(iteration))


@post("/runs/{run_id:str}/cancel", summary="Cancel a run", status_code=200)
async def cancel_run(request: Asked, run_id: Part) -> Any:
    answer = await _desk(request).cancel(caller_of(request).scope, run_id)
    return told(request, answer)


@get("/runs/{run_id:str}/family", summary="The runs of the same origin")
async def get_family(request: Asked, run_id: Part) -> Any:
    answer = await _house(request).reruns.family(caller_of(request).scope, run_id)
    return told(request, answer)


@post(
    "/runs/{run_id:str}/rerun",
    summary="Let a run have another try",
    status_code=202,
    opt={"body": Rerun},
)
async def rerun_run(request: Asked, run_id: Part) -> Any:
    asked = await read(request, Rerun)
    scope, desk = caller_of(request).scope, _house(request).reruns
    if asked.again:
        return await desk.again(scope, run_id, asked.confirm or "")
    change = _change(asked.changes) if asked.changes is not None else None
    return await desk.rerun(scope, run_id, asked.start, asked.version, change)


@post("/runs/{run_id:str}/release", summary="Let a run out of quarantine", status_code=200)
async def release_run(request: Asked, run_id: Part) -> Any:
    answer = await _desk(request).release(caller_of(request).scope, run_id)
    return told(request, answer)


@post(
    "/runs/{run_id:str}/steps/{node:str}/answer",
    summary="Settle a step in doubt",
    status_code=200,
    opt={"body": StepAnswer},
)
async def answer_step(request: Asked, run_id: Part, node: Part) -> Any:
    asked = await read(request, StepAnswer)
    answer = await _desk(request).answer(
        caller_of(request).scope,
        run_id,
        node,
        asked.iteration,
        asked.outcome,
        asked.output,
        asked.reference,
    )
    return told(request, answer)


@post(
    "/runs/{run_id:str}/steps/{node:str}/hurry",
    summary="Let a step that waits go on now",
    status_code=200,
    opt={"body": Hurry},
)
async def hurry_step(request: Asked, run_id: Part, node: Part) -> Any:
    asked = await read(request, Hurry)
    scope = caller_of(request).scope
    await _desk(request).hurry(scope, run_id, node, asked.iteration)
    answer = await _desk(request).get(scope, run_id, SHOWN)
    return told(request, answer)


@get("/asking", summary="Steps of which nobody knows whether they happened")
async def list_doubts(
    request: Asked,
    flow: Text = None,
    connection: Text = None,
    node: Text = None,
    limit: Count = 50,
    cursor: Text = None,
) -> Any:
    doubts = Doubts(flow=flow, connection=connection, node=node)
    answer = await _house(request).doubts.list(caller_of(request).scope, doubts, limit, cursor)
    return told(request, answer)


@get("/asking/answers", summary="Who settled which doubt")
async def list_answers(request: Asked, limit: Count = 50, cursor: Text = None) -> Any:
    return await _house(request).doubts.answered(caller_of(request).scope, limit, cursor)


@post(
    "/asking/answer",
    summary="Settle many doubts, after an outage",
    status_code=200,
    opt={"body": BulkAnswer},
)
async def answer_doubts(request: Asked) -> Any:
    asked = await read(request, BulkAnswer)
    doubts = Doubts(
        connection=asked.connection, flow=asked.flow, node=asked.node, runs=tuple(asked.runs)
    )
    return await _house(request).doubts.answer_all(
        caller_of(request).scope, doubts, asked.outcome, asked.reference
    )


def _change(said: Changes) -> Change | None:
    if said.event is UNSET and not said.steps:
        return None
    steps = (Given(it.node, it.port, it.output, tuple(it.iteration)) for it in said.steps)
    return Change(event=said.event, steps=tuple(steps))


def _house(request: Asked) -> Any:
    return request.app.state.house


def _desk(request: Asked) -> Any:
    return _house(request).runs


ROUTES = [
    list_runs,
    count_runs,
    get_run,
    list_steps,
    get_output,
    get_family,
    cancel_run,
    rerun_run,
    release_run,
    answer_step,
    hurry_step,
    list_doubts,
    list_answers,
    answer_doubts,
]
