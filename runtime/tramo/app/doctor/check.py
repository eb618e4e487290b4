"""One thing that was looked at, and what to do about it."""

from __future__ import annotations

from typing import Literal

import msgspec


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `cure` is empty where nothing is to be done."""

    name: str
    level: Literal["ok", "warn", "error"]
    message: str
    cure: str = ""


def ok(name: str, message: str) -> Check:
    """Say that something is as it should be."""
    return Check(name=name, level="ok", message=message)


def warn(name: str, message: str, cure: str) -> Check:
    """Say that something will do, and could be better."""
    return Check(name=name, level="warn", message=message, cure=cure)


def error(name: str, message: str, cure: str) -> Check:
    """Say that Tramo cannot work so, or that something may be lost."""
    return Check(name=name, level="error", message=message, cure=cure)


def show_bytes(count: float) -> str:
    """Spell a number of bytes for people."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if count < 1_000:
            return f"{count:,.0f} {unit}"
        count /= 1_000
    return f"{count:,.1f} TB"
