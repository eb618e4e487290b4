"""The server: one house, served on its own event loop (decisions 0004 and 0022).

The app is plain ASGI: `uvicorn --factory tramo_web.server:application` serves it as well.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Final

from tramo.app.house import House, open_house
from tramo.app.process import run_loop, tune_interpreter
from tramo.app.setting import Settings, load_settings
from tramo.app.stop import StopSignals, settle
from tramo.app.watch.log import configure_logging
from tramo.model.problem import TramoError

from tramo_web.asgi import Application, build_app
from tramo_web.front import Front
from tramo_web.http import Server

Started = Callable[[House], Awaitable[None]]

DRAIN_S: Final = 0.5
"""How long requests may go on that no run holds up any more."""

_log = logging.getLogger("tramo.web")


def serve(settings: Settings, *, worker: bool = False, started: Started | None = None) -> int:
    """Open the house of these settings and serve it until SIGTERM or SIGINT; of a `worker` only
    what operators watch it by.

    `started` runs once the port takes connections. Raises TramoError when the folder or the port is
    taken, or when strangers could reach a server that has no owner.
    """
    configure_logging()
    run_loop(_open_and_serve(settings, worker, started))
    return 0


async def serve_house(house: House, stop: StopSignals, *, started: Started | None = None) -> None:
    """Serve a house that is already open, until told to stop."""
    if not house.is_worker:  # Nobody can make an account there.
        await refuse_strangers(house, Front.of(house.settings))
    app = build_app(house)
    server = Server(app, house.clock.now_ms)
    await _open(server, house.settings)
    try:
        if started is not None:
            await started(house)
        if not house.is_worker:
            await asyncio.to_thread(app.load_api)
            house.database.expect_much()
        tune_interpreter()
        await stop.asked.wait()
        await _settle(app, house, stop)
    finally:
        if not await server.close(DRAIN_S):
            _log.warning("answers did not end in time and were cut off")


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


def application() -> Application:
    """Return the app for the settings of the environment, for another ASGI server."""
    settings = load_settings()
    return Application(lambda: open_house(settings), Front.of(settings))


async def _open_and_serve(settings: Settings, worker: bool, started: Started | None) -> None:
    with StopSignals() as stop:
        async with open_house(settings, worker=worker) as house:
            await serve_house(house, stop, started=started)


async def _open(server: Server, settings: Settings) -> None:
    try:
        await server.open(settings.host, settings.port)
    except OSError as error:
        raise TramoError(
            "serve.port_taken",
            f"Tramo cannot listen on {settings.host}:{settings.port} "
            f"({os.strerror(error.errno) if error.errno else error}). "
            "Choose another port with --port.",
            status=409,
            params={"host": settings.host, "port": settings.port},
        ) from None


async def _settle(app: Application, house: House, stop: StopSignals) -> None:
    """Turn away whoever comes, and let what is under way end: runs first, then who waits for them.

    The port stays open meanwhile: a refusal that says when to come back says more than silence.
    """
    app.end_lines()
    await settle(house, stop)
    await app.drain(DRAIN_S)
