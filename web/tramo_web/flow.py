"""Flows: drafts, checks, versions, and runs started by hand."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, delete, get, patch, post, put
from litestar.params import Parameter, QueryParameter
from msgspec import UNSET, Meta, UnsetType
from tramo.app.run.trial import Mode, Trial
from tramo.model import limit
from tramo.model.problem import TramoError

from tramo_web.auth import caller_of
from tramo_web.body import ExactResponse, read, read_if_any, read_value
from tramo_web.sentence import read_language, tell

Asked = Request[Any, Any, Any]
Part = Annotated[str, Parameter(max_length=200)]
Tab = Annotated[str | None, Parameter(max_length=64, description="The tab of who saves.")]
Cursor = Annotated[str | None, Parameter(max_length=300)]
Target = Annotated[Literal["draft", "published"], QueryParameter()]
Node = Annotated[str, Meta(min_length=1, max_length=64)]
Count = Annotated[int, Parameter(ge=1, le=200, description="How many at most.")]


class NewFlow(msgspec.Struct, forbid_unknown_fields=True):
    """A flow document, or only a name for an empty flow."""

    document: dict[str, Any] | UnsetType = UNSET
    name: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType = UNSET


class Record(msgspec.Struct, forbid_unknown_fields=True):
    """A business key: this order, that customer."""

    kind: Annotated[str, Meta(min_length=1, max_length=40)]
    value: Annotated[str, Meta(min_length=1, max_length=300)]


class PartOfFlow(msgspec.Struct, forbid_unknown_fields=True):
    """Some nodes only: up to one, one alone, or from one on; `run` says whose data is taken."""

    until: Node | None = None
    only: Node | None = None
    from_: Node | None = msgspec.field(default=None, name="from")
    run: Annotated[str, Meta(max_length=200)] | None = None


class NewRun(msgspec.Struct, forbid_unknown_fields=True):
    """What the trigger outputs, or a record whose newest event it is."""

    event: Any = UNSET
    record: Record | UnsetType = UNSET
    trigger: Annotated[str, Meta(max_length=64)] | None = None
    version: Literal["draft", "published"] = "draft"
    part: PartOfFlow | UnsetType = UNSET
    pins: bool = False
    keep: bool = False
    """What was done already in the family of the run whose data is taken is not done again."""
    confirm: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    """What was confirmed of what happens outside; empty: ask. A part, or pinned data, asks
    always."""


class NewVersion(msgspec.Struct, forbid_unknown_fields=True):
    """What a version is called, and what becomes of runs that wait on older ones."""

    name: Annotated[str, Meta(max_length=200)] | None = None
    waiting: Literal["stay", "move", "cancel"] = "stay"


class VersionName(msgspec.Struct, forbid_unknown_fields=True):
    """What a version is called; nothing, or null, for no name."""

    name: Annotated[str, Meta(max_length=200)] | None = None


class Settled(msgspec.Struct, forbid_unknown_fields=True):
    """What becomes of runs that wait on older versions, from those `after` a run on."""

    fate: Literal["move", "cancel"]
    after: Annotated[str, Meta(max_length=80)] | None = None


@get("/flows", summary="Flows")
async def list_flows(request: Asked, limit: Count = 50, cursor: Cursor = None) -> Any:
    return await _desk(request).list(caller_of(request).scope, limit, cursor)


@post("/flows", summary="Make a flow", opt={"body": NewFlow})
async def create_flow(request: Asked) -> Response[Any]:
    asked = await read(request, NewFlow, most=limit.FLOW_DOCUMENT_BYTES)
    document = None if asked.document is UNSET else asked.document
    name = None if asked.name is UNSET else asked.name
    if (document is None) == (name is None):
        raise TramoError("flow.new", "Give either a document or a name.")
    created = await _desk(request).create(caller_of(request).scope, document, name)
    return _tagged(request, created, status_code=201)


@post("/flows/check", summary="Check a document", status_code=200, opt={"role": "viewer"})
async def check_flow(request: Asked) -> Any:
    document = await read_value(request, most=limit.FLOW_DOCUMENT_BYTES)
    found = await _desk(request).check(caller_of(request).scope, document)
    language = _language(request)
    return {"problems": [tell(problem, language) for problem in found]}


@get("/flows/{flow_id:str}", summary="A flow with its draft")
async def get_flow(request: Asked, flow_id: Part) -> Response[Any]:
    return _tagged(request, await _desk(request).get(caller_of(request).scope, flow_id))


@delete("/flows/{flow_id:str}", summary="Delete a flow")
async def delete_flow(request: Asked, flow_id: Part) -> None:
    await _desk(request).delete(caller_of(request).scope, flow_id)


@put("/flows/{flow_id:str}/draft", summary="Save the draft")
async def save_draft(request: Asked, flow_id: Part, tab: Tab = None) -> Response[Any]:
    document = await read_value(request, most=limit.FLOW_DOCUMENT_BYTES)
    caller = caller_of(request)
    saved = await _desk(request).save_draft(
        caller.scope,
        flow_id,
        document,
        _if_match(request),
        tab,
        by_person=caller.session is not None,
    )
    return _tagged(request, saved)


@post(
    "/flows/{flow_id:str}/publish",
    summary="Publish the draft",
    status_code=200,
    opt={"body": NewVersion},
)
async def publish_flow(request: Asked, flow_id: Part) -> Any:
    asked = await read_if_any(request, NewVersion)
    return await _desk(request).publish(
        caller_of(request).scope,
        flow_id,
        _if_match(request),
        name=asked.name or None,
        waiting=asked.waiting,
    )


@get("/flows/{flow_id:str}/waiting", summary="Runs that wait on older versions")
async def look_at_waiting(request: Asked, flow_id: Part, version: Target = "published") -> Any:
    return await _desk(request).waiting(caller_of(request).scope, flow_id, version)


@post(
    "/flows/{flow_id:str}/waiting",
    summary="Move or cancel runs that wait on older versions",
    status_code=200,
    opt={"body": Settled},
)
async def settle_waiting(request: Asked, flow_id: Part) -> Any:
    asked = await read(request, Settled)
    scope = caller_of(request).scope
    return await _desk(request).settle_waiting(scope, flow_id, asked.fate, asked.after)


@post("/flows/{flow_id:str}/pause", summary="Let no event start it", status_code=200)
async def pause_flow(request: Asked, flow_id: Part) -> Response[Any]:
    return _tagged(request, await _desk(request).pause(caller_of(request).scope, flow_id))


@post("/flows/{flow_id:str}/resume", summary="Let events start it again", status_code=200)
async def resume_flow(request: Asked, flow_id: Part) -> Response[Any]:
    return _tagged(request, await _desk(request).resume(caller_of(request).scope, flow_id))


@get("/flows/{flow_id:str}/export", summary="The document of a flow")
async def export_flow(request: Asked, flow_id: Part) -> Any:
    return await _desk(request).export(caller_of(request).scope, flow_id)


@get("/flows/{flow_id:str}/versions", summary="Published versions")
async def list_versions(
    request: Asked, flow_id: Part, limit: Count = 50, cursor: Cursor = None
) -> Any:
    return await _desk(request).versions(caller_of(request).scope, flow_id, limit, cursor)


@get("/flows/{flow_id:str}/versions/{version:str}", summary="One version")
async def get_version(request: Asked, flow_id: Part, version: Part) -> Any:
    return await _desk(request).version(caller_of(request).scope, flow_id, version)


@patch(
    "/flows/{flow_id:str}/versions/{number:str}",
    summary="Name a version",
    status_code=204,
    opt={"body": VersionName},
)
async def name_version(request: Asked, flow_id: Part, number: Part) -> None:
    asked = await read(request, VersionName)
    scope = caller_of(request).scope
    await _desk(request).rename_version(scope, flow_id, number, asked.name or None)


@post("/flows/{flow_id:str}/runs", summary="Run by hand", status_code=202, opt={"body": NewRun})
async def start_run(request: Asked, flow_id: Part) -> Any:
    asked = await read(request, NewRun)
    scope, way = caller_of(request).scope, (asked.trigger, asked.version)
    if asked.part is not UNSET or asked.pins or asked.confirm is not UNSET:
        return await _try(request, flow_id, asked)
    if (asked.event is UNSET) == (asked.record is UNSET):
        raise TramoError("run.start_with", "Give either an event or a record.", status=422)
    if asked.record is UNSET:
        return {"run": await _desk(request).start(scope, flow_id, asked.event, *way)}
    record, desk = asked.record, request.app.state.house.records
    return {"run": await desk.start(scope, flow_id, record.kind, record.value, *way)}


async def _try(request: Asked, flow_id: str, asked: NewRun) -> Any:
    """Start a trial; whoever asks what it would do is told, and nothing begins."""
    trials = request.app.state.house.trials
    try:
        return {"run": await trials.start(caller_of(request).scope, flow_id, _trial(asked))}
    except TramoError as error:
        if error.code != "trial.confirm" or asked.confirm != "":
            raise
        return {"run": None, **error.params}


def _trial(asked: NewRun) -> Trial:
    part = PartOfFlow() if asked.part is UNSET else asked.part
    named: dict[Mode, str | None] = {"until": part.until, "only": part.only, "from": part.from_}
    chosen: list[tuple[Mode | None, str]] = [
        (mode, node) for mode, node in named.items() if node is not None
    ]
    if asked.record is not UNSET or len(chosen) > 1:
        raise TramoError(
            "trial.way",
            "A trial starts with an event, pinned data or a run, and has at most one of until, "
            "only and from.",
            status=422,
        )
    mode, node = chosen[0] if chosen else (None, "")
    return Trial(
        mode=mode,
        node=node,
        run=part.run,
        event=asked.event,
        trigger=asked.trigger,
        version=asked.version,
        pins=asked.pins,
        keep=asked.keep,
        confirm=None if asked.confirm is UNSET else asked.confirm,
    )


def _desk(request: Asked) -> Any:
    return request.app.state.house.flows


def _language(request: Asked) -> str:
    return read_language(request.headers.get("accept-language"))


def _if_match(request: Asked) -> str | None:
    said = request.headers.get("if-match")
    if said is None or said.strip() == "*":
        return None
    return said.strip().removeprefix("W/").strip('"')


def _tagged(request: Asked, answer: Any, *, status_code: int = 200) -> Response[Any]:
    """Return an answer with its ETag and its problems in the reader's language."""
    headers: dict[str, str] = {}
    if isinstance(answer, dict):
        if "etag" in answer:
            headers["etag"] = f'"{answer["etag"]}"'
        if "problems" in answer:
            language = _language(request)
            answer = {**answer, "problems": [tell(one, language) for one in answer["problems"]]}
    return ExactResponse(answer, status_code=status_code, headers=headers)


ROUTES = [
    list_flows,
    create_flow,
    check_flow,
    get_flow,
    delete_flow,
    save_draft,
    publish_flow,
    pause_flow,
    resume_flow,
    export_flow,
    list_versions,
    get_version,
    name_version,
    look_at_waiting,
    settle_waiting,
    start_run,
]
