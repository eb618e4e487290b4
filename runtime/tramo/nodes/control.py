"""The nodes that decide where a run goes on: branch, merge, stop, respond.

Each is built once per version and settled by the engine without any input or output. What a merge,
a stop and a response do to the run as a whole is the engine's rule; here stands what they say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from tramo import sdk
from tramo.nodes import value
from tramo.sdk import Meta

Outcome = Literal["succeeded", "failed", "cancelled"]
OUTCOMES = ("succeeded", "failed", "cancelled")


class Rule(sdk.Params):
    port: Annotated[
        str,
        Meta(
            title="Way out",
            description="A name for the way that this rule opens, such as vip. Edges hold on to "
            "it.",
            pattern="^[A-Za-z][A-Za-z0-9_-]{0,63}$",
        ),
        sdk.hint(widget="port", fixed=True),
    ]
    when: Annotated[
        bool,
        Meta(
            title="When",
            description="What must hold for the run to go this way.",
        ),
        sdk.hint(widget="condition"),
    ]


class Branch(sdk.Params):
    rules: Annotated[
        list[Rule],
        Meta(
            title="Rules",
            description="Looked at from the top; the first that holds decides.",
            min_length=1,
            max_length=50,
        ),
        sdk.hint(fixed=True),
    ]


class Taken(sdk.Output):
    """The way that was taken."""

    port: str


def branch(params: Mapping[str, Any], compile: sdk.Compile) -> sdk.Settle:
    """Go on by the way of the first rule that holds, or by “Otherwise” if none does."""
    rules = [
        (number, rule["port"], compile(rule["when"]))
        for number, rule in enumerate(params["rules"], 1)
    ]

    def settle(env: sdk.Env) -> sdk.Settled:
        for number, port, when in rules:
            holds = when(env)
            if holds is True:
                return port, {"port": port}
            if holds is not False:
                raise sdk.BadParams(
                    f"Rule {number} (“{port}”) must be true or false, but it is "
                    f"{value.describe(holds)}; compare it with something, as in total > 500.",
                    params={
                        "why": "rule_kind",
                        "number": number,
                        "port": port,
                        "kind": value.describe(holds),
                    },
                )
        return "else", {"port": "else"}

    return settle


class Merge(sdk.Params):
    wait: Annotated[
        Literal["all", "any", "first"],
        Meta(
            title="Wait for",
            description="Every way: all edges must deliver, or the node is skipped. Whatever "
            "comes: as soon as nothing more can come. The first: what has not begun on the other "
            "ways is cancelled.",
        ),
        sdk.hint(
            labels={"all": "Every way", "any": "Whatever comes", "first": "The first"}, fixed=True
        ),
    ] = "all"


def merge(params: Mapping[str, Any], compile: sdk.Compile) -> sdk.Settle:
    """Bring several ways together; the output holds what arrived, by node."""
    del params, compile

    def settle(env: sdk.Env) -> sdk.Settled:
        del env
        return "out", {}

    return settle


class Stop(sdk.Params):
    outcome: Annotated[
        Outcome,
        Meta(
            title="Outcome",
            description="How the run ends. Of a failure, alerts are sent.",
        ),
        sdk.hint(
            labels={
                "succeeded": "As a success",
                "failed": "As a failure",
                "cancelled": "As cancelled",
            }
        ),
    ] = "succeeded"
    message: Annotated[
        sdk.LongText,
        Meta(title="Message", description="Why the run ends here; shown with the run."),
    ] = ""


class Stopped(sdk.Output):
    """How the run was ended."""

    outcome: Outcome
    message: str


def stop(params: Mapping[str, Any], compile: sdk.Compile) -> sdk.Settle:
    """End the whole run here: steps in flight end, nothing new begins."""
    outcome = compile(params.get("outcome", "succeeded"))
    message = compile(params.get("message", ""))

    def settle(env: sdk.Env) -> sdk.Settled:
        return "out", {
            "outcome": value.choice(outcome(env), "outcome", OUTCOMES),
            "message": value.text(message(env), "message"),
        }

    return settle


class Respond(sdk.Params):
    status: Annotated[
        int,
        Meta(title="Status", description="The HTTP status, 200 when all is well.", ge=200, le=599),
    ] = 200
    body: Annotated[
        Any,
        Meta(title="Body", description="A text is sent as it is, anything else as JSON."),
    ] = None


class Response(sdk.Output):
    """What the caller was told."""

    status: int
    body: Any = None


def respond(params: Mapping[str, Any], compile: sdk.Compile) -> sdk.Settle:
    """Answer the request that started this run; its webhook's answer must be set to respond."""
    status = compile(params.get("status", 200))
    body = compile(params.get("body"))

    def settle(env: sdk.Env) -> sdk.Settled:
        code = value.whole_number(status(env), "status", 200, 599)
        return "out", {"status": code, "body": body(env)}

    return settle
