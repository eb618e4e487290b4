"""The live line: events that resume, ping, and end when the client or its right to them does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Annotated, Any, Final

from litestar import Request, get
from litestar.params import Parameter
from litestar.types import ASGIApp, Receive, Scope, Send
from tramo.app.live import LiveItem, Subscription

from tramo_web.auth import caller_of, is_still_welcome

Asked = Request[Any, Any, Any]
Text = Annotated[str | None, Parameter(max_length=200)]

_END: Final = LiveItem("", "end", b"")


@get("/live", summary="Live events of runs and steps", media_type="text/event-stream")
async def follow(request: Asked, flow: Text = None, run: Text = None) -> ASGIApp:
    state = request.app.state
    caller = caller_of(request)
    after = request.headers.get("last-event-id") or None

    def subscribe() -> Subscription:
        return state.house.live.subscribe(caller.scope, flow, run, after)

    async def welcome() -> bool:
        return await is_still_welcome(caller, state.house.accounts)

    state.lines.check(caller.secret)

    async def answer(_scope: Scope, receive: Receive, send: Send) -> None:
        with state.lines.hold(caller.secret), subscribe() as subscription:
            async with asyncio.TaskGroup() as group:
                watch = group.create_task(_hang_up(receive, subscription))
                try:
                    await _send(send, subscription, welcome, state.ping_s)
                except OSError:
                    pass  # the client left while we were writing
                finally:
                    watch.cancel()

    return answer


async def _hang_up(receive: Receive, subscription: Subscription) -> None:
    """Stop listening when the client is gone: nothing else tells, while nothing happens."""
    while (await receive())["type"] != "http.disconnect":
        pass
    subscription.close()


async def _send(
    send: Send, subscription: Subscription, welcome: Callable[[], Awaitable[bool]], ping_s: float
) -> None:
    headers = [(b"content-type", b"text/event-stream"), (b"x-accel-buffering", b"no")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await _write(send, b": tramo\n\n")
    async for item in _with_pings(subscription, ping_s):
        if item is not None:
            await _write(send, b"".join(_frame(item)))
        elif await welcome():
            await _write(send, b": ping\n\n")
        else:
            break
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _with_pings(subscription: Subscription, ping_s: float) -> AsyncIterator[LiveItem | None]:
    """Yield the items, and None whenever `ping_s` seconds have passed since the last None."""
    loop = asyncio.get_running_loop()
    due = loop.time() + ping_s
    while True:
        item: LiveItem | None = None
        if loop.time() < due:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    item = await anext(subscription, _END)
        if item is _END:
            return
        if item is None:
            due = loop.time() + ping_s
        yield item


def _frame(item: LiveItem) -> tuple[bytes, ...]:
    event = item.event.encode()
    return b"id: ", item.id.encode(), b"\nevent: ", event, b"\ndata: ", item.data, b"\n\n"


async def _write(send: Send, chunk: bytes) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": True})


ROUTES = [follow]
