"""What the operator can set, each with its default; from the environment and the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from tramo.model.problem import TramoError


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
        found["public_url"] = url
    if hosts := env.get("TRAMO_PRIVATE_HOSTS"):
        found["private_hosts"] = tuple(item.strip() for item in hosts.split(",") if item.strip())
    found |= {name: value for name, value in given.items() if value is not None}
    return Settings(**found)


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
