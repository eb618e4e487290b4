"""The nodes that make and note data: set fields, write to the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from tramo import sdk
from tramo.nodes import value
from tramo.sdk import Meta

Level = Literal["info", "warning", "error"]
LEVELS = ("info", "warning", "error")


class Fields(sdk.Params):
    fields: Annotated[
        dict[str, Any],
        Meta(
            title="Fields",
            description="A name and a value for each field. Later nodes see these fields only.",
        ),
        sdk.hint(widget="fields"),
    ]


def set_fields(params: Mapping[str, Any], compile: sdk.Compile) -> sdk.Settle:
    """Make an object of named values: fixed ones, and ones calculated from earlier nodes."""
    fields = compile(params["fields"])

    def settle(env: sdk.Env) -> sdk.Settled:
        made = fields(env)
        if type(made) is not dict:
            raise sdk.BadParams(
                f"“fields” must be an object, but it is {value.describe(made)}; "
                "give each field a name and a value.",
                params={
                    "why": "kind",
                    "field": "fields",
                    "wanted": "an object",
                    "kind": value.describe(made),
                },
            )
        return "out", made

    return settle


class Line(sdk.Params):
    message: Annotated[
        sdk.LongText,
        Meta(
            title="Message", description="What to note. It is kept with the run.", max_length=4000
        ),
    ]
    level: Annotated[
        Level,
        Meta(title="Level", description="How important it is."),
        sdk.hint(labels={"info": "Information", "warning": "Warning", "error": "Error"}),
    ] = "info"


class Written(sdk.Output):
    """The line that was noted."""

    message: str
    level: Level


def log(params: Mapping[str, Any], compile: sdk.Compile) -> sdk.Settle:
    """Note a line in the run, for people who read it later."""
    message = compile(params["message"])
    level = compile(params.get("level", "info"))

    def settle(env: sdk.Env) -> sdk.Settled:
        return "out", {
            "message": value.text(message(env), "message"),
            "level": value.choice(level(env), "level", LEVELS),
        }

    return settle
