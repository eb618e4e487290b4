"""The server: one house, one process, granian inside it (decision 0004).

The app is plain ASGI: `uvicorn --factory tramo_web.server:application` serves it as well.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import nullcontext
from typing import Any, Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings, HTTP2Settings
from granian.server.embed import Server
from tramo.app.house import House, open_house
from tramo.app.setting import Settings, load_settings
from tramo.model.problem import TramoError

from tramo_web.asgi import GRACE_S, Application
from tramo_web.front import Front

Started = Callable[[House], Awaitable[None]]

SWITCH_S: Final = 0.0005
BACKLOG: Final = 1024
HEADERS_WITHIN_MS: Final = 5_000
BUFFER_BYTES: Final = 64 * 1024

_log = logging.getLogger("tramo.web")


def serve(settings: Settings, *, started: Started | None = None) -> int:
    """Open the house of these settings and serve it until SIGTERM or SIGINT.

    `started` runs once the port takes connections. Raises TramoError when the folder or the port is
    taken, or when strangers could reach a server that has no owner.
    """
    _run(_open_and_serve(settings, started))
    return 0


async def serve_house(house: House, *, started: Started | None = None) -> None:
    """Serve a house that is already open, until SIGTERM or SIGINT."""
    front = Front.of(house.settings)
    await refuse_strangers(house, front)
    check_port(house.settings)
    app = Application(lambda: nullcontext(house), front)
    server = _server(app, house.settings)
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    try:
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve())
            waiting = group.create_task(stopping.wait())
            begun = group.create_task(app.started.wait())
            await asyncio.wait((serving, begun), return_when=asyncio.FIRST_COMPLETED)
            _tune_interpreter()
            if started is not None and begun.done():
                await started(house)
            await asyncio.wait((serving, waiting), return_when=asyncio.FIRST_COMPLETED)
            await _stop(app, server, serving)
            waiting.cancel()
            begun.cancel()
    except BaseExceptionGroup as group:
        raise _first(group) from None
    finally:
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)


def _tune_interpreter() -> None:
    """Let the garbage collector pass over what start-up made, and come less often.

    A delivery makes hundreds of short-lived objects and next to no cycles: at the usual thresholds
    the collector walks the whole program again and again, in the middle of deliveries.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    # The writer thread asks for the interpreter's lock at every statement, and waits this long for
    # a busy event loop to give it up: at the usual 5 ms a group of commits takes ten times as long.
    sys.setswitchinterval(SWITCH_S)


async def refuse_strangers(house: House, front: Front) -> None:
    """Raise TramoError when others than this machine could reach a house that has no owner."""
    if front.is_loopback or await house.accounts.owner_exists():
        return
    raise TramoError(
        "serve.no_owner",
        f"Tramo has no owner yet, so it does not listen on {front.host}: whoever came first could "
        "take it. Start it without --host, make the owner's account with the link it prints, then "
        "start it with --host again.",
    )


def check_port(settings: Settings) -> None:
    """Raise TramoError when the port is taken: granian would panic, or share it with its like."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as error:
            raise TramoError(
                "serve.port_taken",
                f"Tramo cannot listen on {settings.host}:{settings.port} "
                f"({error.strerror or error}). Choose another port with --port.",
                status=409,
                params={"host": settings.host, "port": settings.port},
            ) from None


def application() -> Application:
    """Return the app for the settings of the environment, for another ASGI server."""
    settings = load_settings()
    return Application(lambda: open_house(settings), Front.of(settings))


async def _open_and_serve(settings: Settings, started: Started | None) -> None:
    async with open_house(settings) as house:
        await serve_house(house, started=started)


def _server(app: Application, settings: Settings) -> Server:
    return Server(
        app,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.auto,
        websockets=False,
        backlog=BACKLOG,
        log_enabled=False,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADERS_WITHIN_MS, max_buffer_size=BUFFER_BYTES
        ),
        http2_settings=HTTP2Settings(max_headers_size=BUFFER_BYTES),
    )


async def _stop(app: Application, server: Server, serving: asyncio.Task[None]) -> None:
    """Let requests in flight end, but not for ever."""
    app.end_lines()
    server.stop()
    _, late = await asyncio.wait((serving,), timeout=GRACE_S)
    if late:
        _log.warning("the server did not stop in time and was cut off")
        serving.cancel()


def _first(error: BaseException) -> BaseException:
    """Return what really happened: a task group wraps it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)
