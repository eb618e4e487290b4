"""`tramo worker`: a process that works on runs, and has no door but the one to watch it by."""

from __future__ import annotations

from typing import Any

from tramo.app.cli.server import load_web
from tramo.app.house import House, open_house
from tramo.app.process import run_loop, tune_interpreter
from tramo.app.setting import Settings, load_settings
from tramo.app.stop import StopSignals, settle
from tramo.app.watch.log import configure_logging
from tramo.model.problem import TramoError


def work(*, port: int | None = None, **given: Any) -> int:
    """Work on the runs of a shared database until told to stop; `given` as in Settings.

    With a `port` it can be asked there how it is. The setting TRAMO_PORT is the server's: of one
    environment both may be told. Raises TramoError where there is no database that could be shared.
    """
    settings = load_settings(port=port, **given)
    if settings.database is None:
        raise TramoError(
            "worker.no_database",
            "A worker needs a PostgreSQL database that it shares with servers: a SQLite file has "
            "one process. Name it with --database or TRAMO_DATABASE, here and for `tramo serve`.",
        )
    if settings.slots == 0:
        raise TramoError("worker.no_slots", "A worker with no slots does nothing; give it some.")
    if port is not None:
        return load_web()(settings, worker=True, started=_say_started)
    configure_logging()
    run_loop(_work(settings))
    return 0


async def _work(settings: Settings) -> None:
    with StopSignals() as stop:
        async with open_house(settings, worker=True) as house:
            tune_interpreter()
            await _say_started(house)
            await stop.asked.wait()
            await settle(house, stop)


async def _say_started(house: House) -> None:
    print(f"Tramo works on {house.settings.slots} runs at once", flush=True)
