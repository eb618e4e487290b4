"""The node that runs Python which people write, for what no other node can say.

It computes with the values it is given and reaches nothing else, so that it may run again freely.
"""

from __future__ import annotations

import re
from keyword import iskeyword
from typing import Annotated, Any, Final

import msgspec

from tramo import sdk
from tramo.sdk import Meta

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


class Code(sdk.Params, kw_only=True):
    inputs: Annotated[
        dict[str, Any],
        Meta(
            title="Inputs",
            description="The values that the code sees, each by its name, and all as inputs.",
        ),
        sdk.hint(widget="fields"),
    ] = msgspec.field(default_factory=dict)
    source: Annotated[
        str,
        Meta(
            title="Code",
            description="Python: functions, lists, texts, dates, exact numbers. No files, no "
            "network, no packages of others.",
            min_length=1,
            max_length=50_000,
        ),
        sdk.hint(widget="code", language="python", fixed=True),
    ]
    timeout_s: Annotated[
        int,
        Meta(
            title="Time limit",
            description="How long it may compute, up to 10 seconds.",
            ge=1,
            le=10,
        ),
        sdk.hint(widget="duration", advanced=True),
    ] = 1


CURE: Final = 'Code needs an extra package: run pip install "tramo[code]" and start Tramo again.'
EXAMPLE: Final = {"weight_kg": 2.5, "parcels": 1}


async def run(ctx: sdk.Context[Any], params: Code) -> Any:
    """Compute something in Python, in a process apart that reaches nothing else. The output is the
    value of the last line, or of the variable result."""
    for name in params.inputs:
        if _NAME.fullmatch(name) is None or iskeyword(name):
            raise sdk.BadParams(
                f"“inputs”: “{name[:64]}” cannot name a variable in Python; use letters, digits "
                "and _, beginning with a letter.",
                params={"why": "variable_name", "name": name[:64]},
            )
    seen = {"inputs": params.inputs, **params.inputs}
    return await ctx.run_python(params.source, seen, timeout_s=params.timeout_s)
