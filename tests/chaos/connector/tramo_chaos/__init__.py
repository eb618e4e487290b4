"""Chaos: nodes that crash, hog, hang and blow up, and a vendor that forgets keys."""

from __future__ import annotations

import ctypes
import time
from typing import Annotated, Any

from tramo import sdk

connector = sdk.Connector("chaos", title="Chaos", summary="What no connector should do.")

Url = Annotated[str, sdk.Meta(title="Address", description="Where to write.")]


class Nothing(sdk.Params, kw_only=True):
    pass


class Place(sdk.Params, kw_only=True):
    url: Url


class Done(sdk.Output, kw_only=True):
    ok: bool


EXAMPLE = {"ok": True}


@connector.action(
    "windowed", title="Keyed write", effect="keyed", key_window_s=12, connection="none",
    example=EXAMPLE,
)  # fmt: skip
async def windowed(ctx: sdk.Context[Any], params: Place) -> Done:
    """Write under a key that the vendor forgets after twelve seconds."""
    await ctx.http.request("POST", params.url, headers={"Idempotency-Key": ctx.key}, json={"a": 1})
    return Done(ok=True)


@connector.action("segfault", title="Segfault", effect="pure", connection="none", example=EXAMPLE)
async def segfault(_ctx: sdk.Context[Any], _params: Nothing) -> Done:
    """Read where nothing is."""
    ctypes.string_at(1)
    return Done(ok=True)


@connector.action("memory", title="Memory", effect="pure", connection="none", example=EXAMPLE)
async def memory(_ctx: sdk.Context[Any], _params: Nothing) -> Done:
    """Ask for memory without end."""
    kept: list[bytearray] = []
    while True:
        kept.append(bytearray(64 * 1024 * 1024))


@connector.action("recursion", title="Recursion", effect="pure", connection="none", example=EXAMPLE)
async def recursion(_ctx: sdk.Context[Any], _params: Nothing) -> Done:
    """Call itself without end."""

    def deeper(depth: int) -> int:
        return deeper(depth + 1) + 1

    return Done(ok=bool(deeper(0)))


@connector.action("bail_out", title="Bail out", effect="pure", connection="none", example=EXAMPLE)
async def bail_out(_ctx: sdk.Context[Any], _params: Nothing) -> Done:
    """Raise what nobody may swallow."""
    raise KeyboardInterrupt


@connector.action("leave", title="Leave", effect="pure", connection="none", example=EXAMPLE)
async def leave(_ctx: sdk.Context[Any], _params: Nothing) -> Done:
    """Ask the interpreter to end."""
    raise SystemExit(3)


@connector.action("own_error", title="Own error", effect="pure", connection="none", example=EXAMPLE)
async def own_error(_ctx: sdk.Context[Any], _params: Nothing) -> Done:
    """Raise an exception of its own making that is no Exception."""

    class Worse(BaseException):
        pass

    raise Worse("worse")


@connector.action("endless", title="Endless", effect="pure", connection="none", example=EXAMPLE)
async def endless(_ctx: sdk.Context[Any], _params: Nothing) -> Done:
    """Hold the event loop for ever."""
    number = 0
    while True:
        number += 1


@connector.action("block", title="Block", effect="pure", connection="none", example=EXAMPLE)
async def block(_ctx: sdk.Context[Any], _params: Nothing) -> Done:
    """Hold the event loop for a while."""
    time.sleep(3)  # noqa: ASYNC251 - that is the point
    return Done(ok=True)


@connector.action("fine", title="Fine", effect="pure", connection="none", example=EXAMPLE)
async def fine(_ctx: sdk.Context[Any], _params: Nothing) -> Done:
    """Do nothing wrong."""
    return Done(ok=True)
