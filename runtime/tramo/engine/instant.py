"""Instants as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(at_ms: int) -> str:
    """Write milliseconds since the epoch as RFC 3339 in UTC, such as `2026-11-21T09:30:00.125Z`."""
    instant = _EPOCH + timedelta(milliseconds=at_ms)
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{at_ms % 1_000:03d}Z"
