"""Sentences of notices in the reader's language, and instants as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from tramo.app.text import LANGUAGES

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Letter(msgspec.Struct, frozen=True):
    """A notice's words. A link is (label, path below our address) or, in a question, (label,
    port)."""

    subject: str
    text: str
    links: tuple[tuple[str, str], ...] = ()


@cache
def _sentences(language: str) -> Mapping[str, str]:
    name = language if language in LANGUAGES else "en"
    return import_module(f"tramo.app.attention.sentence.{name}").SENTENCES


def say(language: str, code: str, **slots: Any) -> str:
    """Return a sentence in a language, English where we do not speak it."""
    return _sentences(language)[code].format_map(slots)


def one_line(text: str) -> str:
    """Return text that fits a subject."""
    return " ".join(text.split())[:300]


def port_label(language: str, port: str) -> str:
    """Return what people read on the button of a way out."""
    return _sentences(language).get(f"port.{port}", port)


def in_zone(at_ms: int, timezone: str) -> datetime:
    """Return an instant on the clocks of a zone."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(ZoneInfo(timezone))


def spell(at_ms: int, timezone: str) -> str:
    """Return an instant as people of all our languages read it, with its zone."""
    return f"{in_zone(at_ms, timezone):%Y-%m-%d %H:%M} ({timezone})"


def paragraphs(*parts: str) -> str:
    """Join what is there of some paragraphs."""
    return "\n\n".join(part for part in parts if part.strip())
