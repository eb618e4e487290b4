"""The machine: its clock, its limits, its Python, its port, and the connectors installed on it."""

from __future__ import annotations

import resource
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tramo.app.doctor.check import Check, error, ok, warn
from tramo.app.doctor.folder import LOCK, served_at
from tramo.app.setting import Settings
from tramo.ports.clock import Clock
from tramo.store.lock import is_locked

OLDEST_PYTHON = (3, 11)
YEARS = (2025, 2100)
FILES_WANTED = 1_024
FILES_NEEDED = 256
ZONES = ("Europe/Madrid", "America/Sao_Paulo", "Europe/Bucharest", "UTC")


def look_at_machine(settings: Settings, clock: Clock) -> Iterator[Check]:
    """Look at what Tramo finds on any machine."""
    yield _python()
    yield _clock(clock)
    yield _zones()
    yield _files()
    yield _port(settings)
    yield from _connectors()


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        return error("python", f"Python is {version}.", f"Install Python {wanted} or newer.")
    return ok("python", f"Python is {version}.")


def _clock(clock: Clock) -> Check:
    now = datetime.fromtimestamp(clock.now_ms() / 1_000, UTC)
    said = f"The clock says {now:%Y-%m-%d %H:%M:%S} UTC."
    if not YEARS[0] <= now.year < YEARS[1]:
        return error("clock", said, "Set the machine's clock, and keep it set with NTP.")
    return ok("clock", said)


def _zones() -> Check:
    for name in ZONES:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, OSError, ValueError):
            return error(
                "time zones",
                f"There is no time zone {name} here; schedules would not know when to fire.",
                "Install the package tzdata: pip install tzdata",
            )
    return ok("time zones", "Time zones are known.")


def _files() -> Check:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)  # Who serves takes what it may.
    if most == resource.RLIM_INFINITY or most >= FILES_WANTED:
        return ok("open files", "Enough files and connections may be open at once.")
    said = f"This process may have {most:,} files and connections open at once."
    cure = f"Raise the limit to {FILES_WANTED:,} or more: ulimit -n, or LimitNOFILE= of systemd."
    return (error if most < FILES_NEEDED else warn)("open files", said, cure)


def _port(settings: Settings) -> Check:
    where = f"{settings.host}:{settings.port}"
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as refused:
            if _is_ours(settings):
                return ok("port", f"The server of this data folder listens on {where}.")
            return error(
                "port",
                f"Tramo could not listen on {where} ({refused.strerror or refused}).",
                "Stop what listens there, or choose another port with --port or TRAMO_PORT.",
            )
    return ok("port", f"{where} is free to listen on.")


def _is_ours(settings: Settings) -> bool:
    address = served_at(settings.data)
    if address is None or not is_locked(settings.data / LOCK):
        return False
    return urlsplit(address).port == settings.port


def _connectors() -> Iterator[Check]:
    from tramo.registry import discover

    registry = discover()
    for broken in registry.broken:
        yield error(
            "connectors",
            f"The connector {broken.name} does not load: {broken.reason}",
            "Install it again, or a release that fits this Tramo; or remove it.",
        )
    if not registry.broken:
        yield ok("connectors", f"{len(registry.connectors)} connectors load.")
