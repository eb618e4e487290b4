"""What the operator can set, each with its default; from the environment and the command line."""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from tramo.model.problem import TramoError

SLOTS_MOST: Final = 10_000
GRACE_MOST_S: Final = 3_600
DELIVERY_MOST_MB: Final = 10


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's settings. Environment variables carry the prefix `TRAMO_`."""

    data: Path
    """The folder of the database, blobs and twins' memories (`TRAMO_DATA`)."""
    key_file: Path
    """The master key of the vault (`TRAMO_KEY_FILE`); never inside `data`."""
    host: str = "127.0.0.1"
    port: int = 8700
    public_url: str | None = None
    """Where vendors and people reach this server from outside (`TRAMO_PUBLIC_URL`)."""
    private_hosts: tuple[str, ...] = ()
    """Hosts, addresses and networks outside the public internet that flows may reach
    (`TRAMO_PRIVATE_HOSTS`, separated by commas)."""
    database: str | None = None
    """`postgresql://…`: the database that several servers and workers share (`TRAMO_DATABASE`).
    Without it, a SQLite file in `data`."""
    redis: str | None = None
    """`redis://…`: how servers and workers ring for each other (`TRAMO_REDIS`)."""
    slots: int = 200
    """How many runs this process works on at once (`TRAMO_SLOTS`); 0 leaves them to others."""
    grace_s: float = 8.0
    """How long steps in flight may go on when Tramo is told to stop (`TRAMO_GRACE_S`); the whole
    stop takes two seconds more at most."""
    delivery_mb: int = 1
    """How large a delivery may be (`TRAMO_DELIVERY_MB`, in units of 1,048,576 bytes). Reading one
    of 10 holds everything else up for about a quarter of a second."""
    trace_hosts: tuple[str, ...] = ()
    """Vendors' hosts that are told which trace a request belongs to (`TRAMO_TRACE_HOSTS`, separated
    by commas); `*.example.com` names those right below."""
    synchronous: str = "FULL"
    force_twins: bool = False
    """Treat every connection as a twin, whatever it says."""
    demo: bool = False

    @property
    def url(self) -> str:
        """Where this server is reached, as far as it knows."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")


def load_settings(environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """Return the settings: what is `given` (unless None), then the environment, then defaults.

    Raises TramoError for a value that cannot be read.
    """
    env = os.environ if environment is None else environment
    found: dict[str, Any] = {
        "data": Path(env.get("TRAMO_DATA") or user_folder("data")),
        "key_file": Path(env.get("TRAMO_KEY_FILE") or user_folder("config") / "key.toml"),
    }
    if port := env.get("TRAMO_PORT"):
        found["port"] = _port(port)
    if host := env.get("TRAMO_HOST"):
        found["host"] = host
    if url := env.get("TRAMO_PUBLIC_URL"):
        found["public_url"] = _public_url(url)
    for name in ("private_hosts", "trace_hosts"):
        if hosts := env.get(f"TRAMO_{name.upper()}"):
            found[name] = tuple(item.strip() for item in hosts.split(",") if item.strip())
    for entry in found.get("private_hosts", ()):
        _check_host(entry)
    if size := env.get("TRAMO_DELIVERY_MB"):
        found["delivery_mb"] = _delivery_mb(size)
    if grace := env.get("TRAMO_GRACE_S"):
        found["grace_s"] = _grace(grace)
    for name in ("database", "redis"):
        if address := env.get(f"TRAMO_{name.upper()}"):
            found[name] = address
    if slots := env.get("TRAMO_SLOTS"):
        found["slots"] = _slots(slots)
    found |= {name: value for name, value in given.items() if value is not None}
    _check_cluster(found.get("database"), found.get("redis"))
    return Settings(**found)


def _public_url(text: str) -> str:
    try:
        parts = urlsplit(text.strip())
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
        raise TramoError(
            "setting.public_url",
            f"TRAMO_PUBLIC_URL is “{text}”; it must be http:// or https:// and a host, with a port "
            "where it needs one, and nothing after it: https://flows.example.com",
        )
    return text.strip()


_HOST: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")


def _check_host(entry: str) -> None:
    try:
        ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        if _HOST.fullmatch(entry) and not entry.replace(".", "").isdecimal():
            return
        raise TramoError(
            "setting.private_hosts",
            f"TRAMO_PRIVATE_HOSTS names “{entry}”; each entry must be a host, an address or a "
            "network, without http:// and without a port: erp.lan, 10.0.0.7, 10.0.0.0/8",
        ) from None


def _delivery_mb(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= DELIVERY_MOST_MB:
        raise TramoError(
            "setting.delivery",
            f"TRAMO_DELIVERY_MB is “{text}”; it must be a number from 1 to {DELIVERY_MOST_MB}.",
        )
    return int(text)


def _slots(text: str) -> int:
    if not text.isdecimal() or int(text) > SLOTS_MOST:
        raise TramoError(
            "setting.slots", f"TRAMO_SLOTS is “{text}”; it must be a number up to {SLOTS_MOST}."
        )
    return int(text)


def _check_cluster(database: str | None, redis: str | None) -> None:
    if redis is not None and database is None:
        raise TramoError(
            "setting.redis_alone",
            "Redis is there for several processes on one database, and a SQLite file has one "
            "process. Name a PostgreSQL database with --database, or leave out --redis.",
        )


def _grace(text: str) -> float:
    if not text.isdecimal() or int(text) > GRACE_MOST_S:
        raise TramoError(
            "setting.grace",
            f"TRAMO_GRACE_S is “{text}”; it must be a whole number of seconds up to "
            f"{GRACE_MOST_S}.",
        )
    return float(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 65_535:
        raise TramoError("setting.port", f"TRAMO_PORT is “{text}”; it must be a port number.")
    return int(text)


def user_folder(kind: str) -> Path:
    """Return this user's own folder for Tramo's `data` or `config`."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA", home / "AppData" / "Roaming"))
        return base / "Tramo" / kind
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "Tramo" / kind
    if kind == "config":
        return Path(os.environ.get("XDG_CONFIG_HOME", home / ".config")) / "tramo"
    return Path(os.environ.get("XDG_DATA_HOME", home / ".local" / "share")) / "tramo"
