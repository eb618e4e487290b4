"""The nodes that put a question to people before the run goes on: approve, and the bulk brake."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

import msgspec

from tramo import sdk
from tramo.nodes import value
from tramo.nodes.pause import (
    Addresses,
    Answerer,
    Moment,
    Seconds,
    addresses,
    milliseconds,
    over,
)
from tramo.sdk import Meta

_TO: Final = Meta(
    title="Who is asked",
    description="People by e-mail address. Empty: everybody who may edit the flow.",
)
_DEADLINE: Final = Meta(
    title="Deadline",
    description="How long people have to answer. Empty: the run waits for ever.",
)


class Approve(sdk.Params):
    title: Annotated[
        str,
        Meta(title="Question", description="In one line: what is to be approved.", min_length=1),
    ]
    text: Annotated[
        sdk.LongText,
        Meta(title="Explanation", description="What they have to know to decide."),
    ] = ""
    to: Annotated[Addresses, _TO, sdk.hint(widget="people")] = None
    details: Annotated[
        Any,
        Meta(title="Details", description="Data shown with the question, such as the order."),
        sdk.hint(formula=True),
    ] = None
    timeout_s: Annotated[Seconds | None, _DEADLINE, sdk.hint(widget="duration")] = None
    default: Annotated[
        Literal["late", "yes", "no"],
        Meta(
            title="When nobody answers",
            description="How to go on at the deadline.",
        ),
        sdk.hint(
            labels={
                "late": "Go on by “Too late”",
                "yes": "As if yes was said",
                "no": "As if no was said",
            },
            fixed=True,
        ),
    ] = "late"


APPROVED: Final = {
    "ended": "answer",
    "port": "yes",
    "data": None,
    "by": "ana@example.com",
    "at": "2026-11-27T09:00:00.000Z",
}


def approve(params: Mapping[str, Any], compile: sdk.Compile) -> sdk.Settle:
    """Ask people, and go on by yes or no as they decide."""
    now = compile({"$expr": "now"})
    parts = {name: compile(params.get(name)) for name in ("title", "text", "to", "details")}
    timeout = compile(params.get("timeout_s"))
    default = params.get("default", "late")

    def settle(env: sdk.Env) -> sdk.Settled:
        ask = sdk.Ask(
            kind="approve",
            title=value.text(parts["title"](env), "title"),
            text=value.text(parts["text"](env) or "", "text"),
            to=addresses(parts["to"](env), "to"),
            details=parts["details"](env),
        )
        return _asking(ask, now(env), timeout(env), default)

    return settle


class Brake(sdk.Params):
    count: Annotated[
        int | list[Any] | None,
        Meta(title="How many", description="How many things are about to change, or their list."),
        sdk.hint(formula=True, one_of="count"),
    ] = None
    items: Annotated[
        list[Any] | None,
        Meta(title="List", description="The things that are about to change."),
        sdk.hint(one_of="count"),
    ] = None
    max: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        Meta(title="At most", description="People are asked when there are more than these."),
    ] = None
    of: Annotated[
        int | list[Any] | None,
        Meta(
            title="Out of", description="How many there are in all, for the share, or their list."
        ),
    ] = None
    percent: Annotated[
        Decimal | None,
        Meta(
            title="At most, in percent",
            description="People are asked when the share of the whole is larger than this.",
        ),
    ] = None
    to: Annotated[Addresses, _TO, sdk.hint(widget="people")] = None
    text: Annotated[
        sdk.LongText,
        Meta(title="Explanation", description="What they have to know to decide."),
    ] = ""
    timeout_s: Annotated[Seconds | None, _DEADLINE, sdk.hint(widget="duration")] = None


class Braked(sdk.Output, kw_only=True):
    """How many things there are, where nobody had to be asked; else how people decided."""

    asked: bool | msgspec.UnsetType = msgspec.UNSET
    count: int | msgspec.UnsetType = msgspec.UNSET
    ended: str | msgspec.UnsetType = msgspec.UNSET
    at: Moment | msgspec.UnsetType = msgspec.UNSET
    port: str | msgspec.UnsetType = msgspec.UNSET
    data: Any = msgspec.UNSET
    by: Answerer | msgspec.UnsetType = msgspec.UNSET


PASSED: Final = {"asked": False, "count": 12}


def brake(params: Mapping[str, Any], compile: sdk.Compile) -> sdk.Settle:
    """Ask people before more is changed than usual; go straight on when it is not."""
    now = compile({"$expr": "now"})
    names = ("count", "items", "max", "of", "percent", "to", "text", "timeout_s")
    parts = {name: compile(params.get(name)) for name in names}

    def settle(env: sdk.Env) -> sdk.Settled:
        found = {name: part(env) for name, part in parts.items()}
        field = "count" if found["items"] is None else "items"
        count = _count(found[field], field)
        passed = _passed(count, found)
        if passed is None:
            return "out", {"asked": False, "count": count}
        ask = sdk.Ask(
            kind="brake",
            title=passed,
            text=value.text(found["text"] or "", "text"),
            to=addresses(found["to"], "to"),
            ports=("out", "no"),
            details={"count": count, "max": found["max"], "percent": found["percent"]},
        )
        return _asking(ask, now(env), found["timeout_s"], "late")

    return settle


def _passed(count: int, found: Mapping[str, Any]) -> str | None:
    """Return which limit a count is over, in figures that need no language; None if it is not."""
    highest, percent = found["max"], found["percent"]
    if highest is None and percent is None:
        raise sdk.BadParams(
            "Give “max”, or “percent” with “of”, so that there is a limit.",
            params={"why": "limit_missing"},
        )
    if highest is not None and count > value.number(highest, "max", 0, 10**40):
        return f"{count} > {highest}"
    if percent is None:
        return None
    if found["of"] is None:
        raise sdk.BadParams(
            "“percent” needs “of”: how many there are in all.", params={"why": "of_missing"}
        )
    whole = _count(found["of"], "of")
    share = value.number(value.spelled(percent), "percent", 0, 100)
    return f"{count} / {whole} > {share} %" if count * 100 > share * whole else None


def _count(found: Any, field: str) -> int:
    return len(found) if isinstance(found, list) else value.whole_number(found, field, 0, 10**40)


def _asking(ask: sdk.Ask, now: str, timeout_s: Any, default: str) -> sdk.Pause:
    """Return a wait for an answer, which time ends by `default`."""
    if timeout_s is None:
        return sdk.Pause(ask=ask)
    until_ms = sdk.moment_ms(now, "UTC") + milliseconds(timeout_s, "timeout_s")
    chosen = {} if default == "late" else {"port": default}
    return sdk.Pause(until_ms=until_ms, late=over(default, "late", until_ms, **chosen), ask=ask)
