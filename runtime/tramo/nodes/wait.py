"""The node that waits: for a time, for an event about something, for an answer.

It says what would end the wait; that it ends, and which of them comes first, is the engine's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal

import msgspec

from tramo import sdk
from tramo.nodes import value
from tramo.nodes.pause import Addresses, Over, PortName, Seconds, addresses, milliseconds, over
from tramo.sdk import Meta


class Awaited(sdk.Params):
    """An event that a node waits for: what happened, and to which order, customer or product."""

    type: Annotated[
        str,
        Meta(
            title="Event",
            description="The trigger that tells of it, such as shopify.order_paid.",
            pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$",
        ),
        sdk.hint(widget="trigger", fixed=True),
    ]
    key: Annotated[
        str,
        Meta(
            title="About",
            description="The kind of thing it happens to, such as an order.",
            min_length=1,
            max_length=64,
        ),
        sdk.hint(widget="key", fixed=True),
    ]
    value: Annotated[
        str | int | None,
        Meta(
            title="Which one",
            description="The key's value. Empty: the one that this run is about.",
        ),
    ] = None
    since: Annotated[
        Literal["start", "now"],
        Meta(
            title="Since",
            description="Whether what came since the run began counts too, or only what comes "
            "from here on.",
        ),
        sdk.hint(
            labels={"start": "Since the run began", "now": "From here on"},
            fixed=True,
            advanced=True,
        ),
    ] = "start"


class Question(sdk.Params):
    """What people are asked, and which ways their answers open."""

    title: Annotated[str, Meta(title="Question", description="In one line.", min_length=1)]
    text: Annotated[
        sdk.LongText, Meta(title="Explanation", description="What they have to know to answer.")
    ] = ""
    to: Annotated[
        Addresses,
        Meta(
            title="Who is asked",
            description="People by e-mail address. Empty: everybody who may edit the flow.",
        ),
        sdk.hint(widget="people"),
    ] = None
    ports: Annotated[
        list[Annotated[PortName, sdk.hint(fixed=True, widget="port")]],
        Meta(
            title="Answers",
            description="A way out for each answer that can be chosen. Empty: one, “Then”.",
            max_length=20,
        ),
        sdk.hint(fixed=True),
    ] = msgspec.field(default_factory=list)


class Wait(sdk.Params):
    seconds: Annotated[
        Seconds | None,
        Meta(title="How long", description="How long to wait, up to ten years."),
        sdk.hint(widget="duration", one_of="end"),
    ] = None
    until: Annotated[
        Annotated[str, Meta(extra_json_schema={"format": "moment"})] | None,
        Meta(
            title="Until",
            description="A day, a date and time on the flow's clock, or an instant with its "
            "offset. What is past is not waited for.",
            examples=["2026-11-27", "2026-11-27T09:00"],
        ),
        sdk.hint(widget="moment", one_of="end"),
    ] = None
    event: Annotated[
        Awaited | None,
        Meta(title="Until an event", description="Goes on when this has happened."),
        sdk.hint(fixed=True, awaited=True, one_of="end"),
    ] = None
    answer: Annotated[
        Question | None,
        Meta(title="Until an answer", description="Asks people, and goes on as they answer."),
        sdk.hint(fixed=True, one_of="end"),
    ] = None
    timeout_s: Annotated[
        Seconds | None,
        Meta(
            title="At most",
            description="After this time the run goes on by late. Empty: it waits for ever.",
        ),
        sdk.hint(widget="duration"),
    ] = None
    leave_on: Annotated[
        Awaited | list[Awaited] | None,
        Meta(
            title="Leave on",
            description="Events that end the wait by left, because it has no sense any more: "
            "the customer has bought.",
        ),
        sdk.hint(fixed=True, awaited=True),
    ] = None


class Waited(Over, kw_only=True):
    """How the wait ended, and the event that ended it."""

    event: Any = msgspec.UNSET


EXAMPLE: Final = {"ended": "event", "at": "2026-11-27T09:00:00.000Z", "event": {"id": 1001}}

_End = Callable[[sdk.Env, int], tuple[int | None, sdk.Exit | None, sdk.Match | sdk.Ask | None]]
"""Variables and the present instant -> when time ends the wait, by which way; what else does."""


def wait(params: Mapping[str, Any], compile: sdk.Compile) -> sdk.Settle:
    """Wait for a while, until a day, for an event, or for somebody's answer."""
    now = compile({"$expr": "now"})
    ends = _ends(params, compile)
    timeout = compile(params.get("timeout_s"))
    spoilers = params.get("leave_on") or []
    leaving = [
        _matching(spoiler, compile, "left")
        for spoiler in (spoilers if isinstance(spoilers, list) else [spoilers])
    ]

    def settle(env: sdk.Env) -> sdk.Settled:
        now_ms = sdk.moment_ms(now(env), "UTC")
        until_ms, way, ending = ends(env, now_ms)
        limit_s = timeout(env)
        if limit_s is not None:
            limit_ms = now_ms + milliseconds(limit_s, "timeout_s")
            if until_ms is None or limit_ms < until_ms:
                until_ms, way = limit_ms, over("late", "late", limit_ms)
        matches = [match(env) for match in leaving]
        ask = ending if isinstance(ending, sdk.Ask) else None
        if isinstance(ending, sdk.Match):
            matches.insert(0, ending)
        if not matches and ask is None and way is not None and (until_ms or 0) <= now_ms:
            return way.port, way.output
        return sdk.Pause(until_ms=until_ms, late=way, matches=tuple(matches), ask=ask)

    return settle


def _ends(params: Mapping[str, Any], compile: sdk.Compile) -> _End:
    """Return what ends the wait, as the one of four params says that is given."""
    given = [name for name in _KINDS if params.get(name) is not None]
    if len(given) != 1:
        return _undecided
    return _KINDS[given[0]](params[given[0]], compile)


def _undecided(env: sdk.Env, now_ms: int) -> Any:
    del env, now_ms
    raise sdk.BadParams(
        f"Give exactly one of {', '.join(_KINDS)}.",
        params={"why": "one_of", "choices": ", ".join(_KINDS)},
    )


def _for_seconds(template: Any, compile: sdk.Compile) -> _End:
    seconds = compile(template)

    def ends(env: sdk.Env, now_ms: int) -> Any:
        until_ms = now_ms + milliseconds(seconds(env), "seconds")
        return until_ms, over("out", "time", until_ms), None

    return ends


def _until_moment(template: Any, compile: sdk.Compile) -> _End:
    moment, timezone = compile(template), compile.timezone

    def ends(env: sdk.Env, now_ms: int) -> Any:
        found = moment(env)
        try:
            until_ms = max(now_ms, sdk.moment_ms(value.text(found, "until"), timezone))
        except (ValueError, OverflowError):
            raise sdk.BadParams(
                f"“until” must be a day or a point in time, but it is “{found[:40]}”; write one "
                "such as 2026-11-27 or 2026-11-27T09:00, or turn it into one with | parse_date.",
                params={"why": "until", "found": found[:40]},
            ) from None
        return until_ms, over("out", "time", until_ms), None

    return ends


def _until_event(awaited: Mapping[str, Any], compile: sdk.Compile) -> _End:
    match = _matching(awaited, compile, "out")
    return lambda env, _: (None, None, match(env))


def _until_answer(question: Mapping[str, Any], compile: sdk.Compile) -> _End:
    parts = {name: compile(question.get(name)) for name in ("title", "text", "to")}
    ports = tuple(question.get("ports") or ("out",))

    def ends(env: sdk.Env, _: int) -> Any:
        ask = sdk.Ask(
            kind="answer",
            title=value.text(parts["title"](env), "answer.title"),
            text=value.text(parts["text"](env) or "", "answer.text"),
            to=addresses(parts["to"](env), "answer.to"),
            ports=ports,
        )
        return None, None, ask

    return ends


_KINDS: Final[dict[str, Callable[[Any, sdk.Compile], _End]]] = {
    "seconds": _for_seconds,
    "until": _until_moment,
    "event": _until_event,
    "answer": _until_answer,
}


def _matching(
    awaited: Mapping[str, Any], compile: sdk.Compile, port: str
) -> Callable[[sdk.Env], sdk.Match]:
    """Return what makes the match for an event: its key's value may differ from run to run."""
    kind = awaited["key"]
    named = awaited.get("value")
    which = compile({"$expr": "run"} if named is None else named)
    fixed = {
        "type": awaited["type"],
        "kind": kind,
        "since": awaited.get("since", "start"),
        "port": port,
    }

    def match(env: sdk.Env) -> sdk.Match:
        found = which(env)
        if named is None:
            found = found.get("keys", {}).get(kind)
            if found is None:
                raise sdk.BadParams(
                    f"This run carries no business key “{kind}” by which the event "
                    f"{fixed['type']} could be known; give its value.",
                    params={"why": "no_key", "key": kind, "type": fixed["type"]},
                )
        text = value.scalar(found, "value")
        if not text:
            raise sdk.BadParams(
                f"The value of the key “{kind}” is empty, so no event could match it; "
                "correct the expression.",
                params={"why": "key_empty", "key": kind},
            )
        return sdk.Match(value=text, **fixed)

    return match
