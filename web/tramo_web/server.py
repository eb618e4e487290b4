"""The server: one house, one process, granian inside it (decision 0004).

The app is plain ASGI: `uvicorn --factory tramo_web.server:application` serves it as well.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings, HTTP2Settings
from granian.server.embed import Server
from tramo.app.house import House, open_house
from tramo.app.process import run_loop, tune_interpreter
from tramo.app.setting import Settings, load_settings
from tramo.app.stop import StopSignals, settle
from tramo.app.watch.log import configure_logging
from tramo.model.problem import TramoError

from tramo_web.asgi import Application
from tramo_web.front import Front

Started = Callable[[House], Awaitable[None]]

BACKLOG: Final = 1024
HEADERS_WITHIN_MS: Final = 5_000
BUFFER_BYTES: Final = 64 * 1024
DRAIN_S: Final = 0.5
"""How long requests may go on that no run holds up any more."""

_log = logging.getLogger("tramo.web")


def serve(settings: Settings, *, started: Started | None = None) -> int:
    """Open the house of these settings and serve it until SIGTERM or SIGINT.

    `started` runs once the port takes connections. Raises TramoError when the folder or the port is
    taken, or when strangers could reach a server that has no owner.
    """
    configure_logging()
    run_loop(_open_and_serve(settings, started))
    return 0


async def serve_house(house: House, stop: StopSignals, *, started: Started | None = None) -> None:
    """Serve a house that is already open, until told to stop."""
    front = Front.of(house.settings)
    await refuse_strangers(house, front)
    check_port(house.settings)
    app = Application(lambda: nullcontext(house), front)
    server = _server(app, house.settings)
    try:
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve())
            waiting = group.create_task(stop.asked.wait())
            begun = group.create_task(app.started.wait())
            await asyncio.wait((serving, begun), return_when=asyncio.FIRST_COMPLETED)
            if started is not None and begun.done():
                await started(house)
            await asyncio.to_thread(app.load_api)
            house.database.expect_much()
            tune_interpreter()
            await asyncio.wait((serving, waiting), return_when=asyncio.FIRST_COMPLETED)
            await _settle(app, house, stop)
            await _stop(server, serving)
            waiting.cancel()
            begun.cancel()
    except BaseExceptionGroup as group:
        raise _first(group) from None


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
    with StopSignals() as stop:
        async with open_house(settings) as house:
            await serve_house(house, stop, started=started)


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


async def _settle(app: Application, house: House, stop: StopSignals) -> None:
    """Turn away whoever comes, and let what is under way end: runs first, then who waits for them.

    The port stays open meanwhile: a refusal that says when to come back says more than silence.
    """
    app.end_lines()
    await settle(house, stop)
    await app.drain(DRAIN_S)


async def _stop(server: Server, serving: asyncio.Task[None]) -> None:
    server.stop()
    _, late = await asyncio.wait((serving,), timeout=DRAIN_S)
    if late:
        _log.warning("the server did not stop in time and was cut off")
        serving.cancel()


def _first(error: BaseException) -> BaseException:
    """Return what really happened: a task group wraps it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
