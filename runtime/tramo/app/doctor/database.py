"""What the data is in: the folder's SQLite file, or a PostgreSQL and a Redis that are shared."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tramo.app.backup.archive import DATABASE as FILE_NAME
from tramo.app.doctor.check import Check, error, ok, show_bytes, warn
from tramo.app.setting import Settings
from tramo.model.problem import TramoError
from tramo.ports.clock import Clock
from tramo.store.examine import (
    PostgresqlFacts,
    SqliteFacts,
    examine_postgresql,
    examine_sqlite,
    is_affected,
)
from tramo.store.lock import is_locked, read_left
from tramo.store.soundness import check_log
from tramo.vault.key import load_master_key
from tramo.vault.vault import Vault

Opened = Callable[[Callable[[], None]], None]
"""Is given what interrupts a long look."""
CHECKED_FOR_S: Final = 0.7
ASKED_FOR_S: Final = 1.2
BACK_MS: Final = 60_000
APART_MS: Final = 5_000
OLDEST_POSTGRESQL: Final = 13
OLDEST_REDIS: Final = (6, 2)
SPARE_CONNECTIONS: Final = 10


# SQLite ------------------------------------------------------------------------------------------


def look_at_sqlite(settings: Settings, clock: Clock, opened: Opened) -> Iterator[Check]:
    """Look at the file in the data folder, until that is interrupted, and at the key it needs."""
    yield _version()
    path = settings.data / FILE_NAME
    if not path.exists():
        yield ok("database", "There is no database yet; it is made at the first start.")
        yield look_at_key(settings, [])
        return
    try:
        lock = settings.data / "tramo.lock"
        in_use = is_locked(lock)
        if not in_use:
            check_log(path, read_left(lock))
        facts = examine_sqlite(path, in_use=in_use, opened=opened)
    except TramoError as damage:
        yield error("database", damage.message, "Restore the last good backup: tramo restore")
        return
    yield _whole(path, facts)
    if facts.newest > clock.now_ms() + BACK_MS:
        yield warn(
            "clock of the data",
            "The newest delivery is from the future: the clock was set back since.",
            "Set the machine's clock, and keep it set with NTP.",
        )
    yield look_at_key(settings, facts.boxes)


def _version() -> Check:
    said = f"SQLite is {sqlite3.sqlite_version}."
    if not is_affected(sqlite3.sqlite_version_info):
        return ok("sqlite", said)
    return ok(
        "sqlite",
        f"{said} It has a fault that can damage a file which two connections write to and "
        "checkpoint (mended in 3.51.3, 3.50.7 and 3.44.6). Tramo cannot meet it: one process has "
        "the file, and one connection in it writes and checkpoints. Let no other program write to "
        "the file.",
    )


def _whole(path: Path, facts: SqliteFacts) -> Check:
    size = show_bytes(facts.size)
    if facts.whole:
        return ok("database", f"{path} ({size}) was read to its end and is whole.")
    return ok(
        "database",
        f"{path} ({size}) was read for {CHECKED_FOR_S} s and is whole so far; tramo backup reads "
        "all of it.",
    )


# The key -----------------------------------------------------------------------------------------


def look_at_key(settings: Settings, boxes: list[bytes]) -> Check:
    """Look whether the master key is there, is nobody else's, and opens what is sealed."""
    path = settings.key_file
    if not path.exists() and not boxes:
        return ok("master key", f"Nothing is sealed yet; the key {path} is made when needed.")
    try:
        vault = Vault(load_master_key(path, sealed=True, data=settings.data))
    except TramoError as refused:
        cure = "Put the right key file back, or name its place in TRAMO_KEY_FILE."
        return error("master key", refused.message, cure)
    lost = sum(not vault.has_key_of(box) for box in boxes)
    if lost:
        return error(
            "master key",
            f"The key file {path} does not hold the key of {lost} of {len(boxes)} connections.",
            "Put the right key file back, or name its place in TRAMO_KEY_FILE.",
        )
    return ok(
        "master key",
        f"The key file {path} opens all {len(boxes)} connections. Keep a copy of it apart from "
        "the backups.",
    )


# PostgreSQL --------------------------------------------------------------------------------------


async def look_at_postgresql(settings: Settings, clock: Clock) -> list[Check]:
    """Look at the database that servers and workers share."""
    assert settings.database is not None
    where = _shown(settings.database)
    try:
        facts = await examine_postgresql(settings.database, within_s=ASKED_FOR_S)
    except ImportError:
        cure = "Install the extra: pip install 'tramo[scale]'"
        return [error("postgresql", "The driver asyncpg is not installed.", cure)]
    except Exception as refused:  # noqa: BLE001 - whatever the driver says, it is why
        why = str(refused) or "no answer in time"
        cure = "Start PostgreSQL, or name the right address, user and password in TRAMO_DATABASE."
        return [error("postgresql", f"{where} cannot be reached: {why}.", cure)]
    return [
        *_about_postgresql(where, facts),
        _apart(facts.now_ms - clock.now_ms()),
        look_at_key(settings, facts.boxes),
    ]


def _about_postgresql(where: str, facts: PostgresqlFacts) -> Iterator[Check]:
    name, major = "postgresql", facts.version // 10_000
    if major < OLDEST_POSTGRESQL:
        cure = f"Use PostgreSQL {OLDEST_POSTGRESQL} or newer."
        yield error(name, f"{where} is PostgreSQL {major}.", cure)
    elif not facts.may_write:
        yield error(
            name, f"{where} takes no writes: it is a standby, or read-only.", "Name the primary."
        )
    elif not facts.may_create:
        yield error(
            name,
            f"The user of {where} may make no tables there.",
            "GRANT CREATE, USAGE ON SCHEMA public TO the user, or give it the database.",
        )
    elif facts.encoding != "UTF8":
        yield error(
            name,
            f"{where} keeps texts as {facts.encoding}.",
            "Make the database with ENCODING 'UTF8'.",
        )
    elif facts.synchronous != "on":
        yield warn(
            name,
            f"{where} has fsync off: what it acknowledges may be lost when the power fails.",
            "Set fsync = on in postgresql.conf.",
        )
    else:
        yield ok(name, f"{where} is PostgreSQL {major} and can be written to.")
    spare = facts.most_connections - facts.connections
    said = f"{facts.connections} of {facts.most_connections} connections are in use."
    if spare < SPARE_CONNECTIONS:
        cure = "Raise max_connections: each server or worker of Tramo needs up to 5."
        yield warn("postgresql connections", said, cure)
    else:
        yield ok("postgresql connections", said)


def _apart(apart_ms: int) -> Check:
    said = f"This clock and the database's are {abs(apart_ms) / 1_000:.1f} s apart."
    if abs(apart_ms) <= APART_MS:
        return ok("database clock", said)
    cure = "Keep both machines' clocks set with NTP. Leases go by the database's clock in any case."
    return warn("database clock", said, cure)


# Redis -------------------------------------------------------------------------------------------


async def look_at_redis(settings: Settings) -> Check:
    """Look at the Redis over which processes ring for each other."""
    assert settings.redis is not None
    where = _shown(settings.redis)
    try:
        from redis.asyncio import Redis
    except ImportError:
        cure = "Install the extra: pip install 'tramo[scale]'"
        return error("redis", "The driver redis is not installed.", cure)
    try:
        line = Redis.from_url(
            settings.redis, socket_timeout=ASKED_FOR_S, socket_connect_timeout=ASKED_FOR_S
        )
        try:
            about = await line.info()
        finally:
            await line.aclose()
    except Exception as refused:  # noqa: BLE001 - whatever the driver says, it is why
        why = str(refused).rstrip(".")
        return warn(
            "redis",
            f"{where} cannot be reached: {why}. Nothing is lost; runs on other processes start "
            "up to 5 s later.",
            "Start Redis, or name the right address in TRAMO_REDIS.",
        )
    version, policy = str(about["redis_version"]), about.get("maxmemory_policy", "noeviction")
    if tuple(map(int, version.split(".")[:2])) < OLDEST_REDIS:
        wanted = ".".join(map(str, OLDEST_REDIS))
        return warn("redis", f"{where} is Redis {version}.", f"Use Redis {wanted} or newer.")
    if about.get("maxmemory") and policy != "noeviction":
        return warn(
            "redis",
            f"{where} throws keys away when its memory is full ({policy}), rings among them.",
            "Set maxmemory-policy noeviction, or give Tramo a Redis of its own.",
        )
    return ok("redis", f"{where} is Redis {version}.")


def _shown(url: str) -> str:
    """Return an address without its user and password."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme.partition('+')[0]}://{parts.hostname or 'localhost'}{port}{parts.path}"
