"""The written forms that a param may ask for: a cron rule, a time zone, an instant, an address.

A connector names one as `format` in a param's schema. An unknown form accepts everything, so that a
newer connector's forms do not break an older house.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from tramo.model.moment import moment_ms

_PATH: Final = re.compile(r"[^.\[\]\s]+(\[\])?(\.[^.\[\]\s]+(\[\])?)*\Z")
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}\Z")
_EPOCH: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - cronsim reads a rule against any wall clock


def is_timezone(name: str) -> bool:
    """Tell whether the IANA data knows a time zone."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def is_cron(rule: str) -> bool:
    """Tell whether a cron rule of five fields can be read and ever comes due."""
    if len(rule.split()) != 5:
        return False
    try:
        next(CronSim(rule, _EPOCH))
    except (CronSimError, StopIteration):
        return False
    return True


def is_date(text: str) -> bool:
    """Tell whether text is a calendar day, such as 2026-11-21."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


def is_instant(text: str) -> bool:
    """Tell whether text is an RFC 3339 instant with its offset."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def is_moment(text: str) -> bool:
    """Tell whether text is a day, a date and time on some clock, or an instant with its offset."""
    try:
        moment_ms(text, "UTC")
    except (ValueError, OverflowError):
        return False
    return True


def is_path(text: str) -> bool:
    """Tell whether text is a path into an output, such as `line_items[].sku`."""
    return _PATH.match(text) is not None


def is_header(text: str) -> bool:
    """Tell whether text can name an HTTP header."""
    return _HEADER.match(text) is not None


def is_web_address(text: str) -> bool:
    """Tell whether text is a whole http or https address."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


FORMS: Final[dict[str, Callable[[str], bool]]] = {
    "cron": is_cron,
    "timezone": is_timezone,
    "date": is_date,
    "date-time": is_instant,
    "moment": is_moment,
    "path": is_path,
    "header": is_header,
    "web-address": is_web_address,
}


def accepts_form(form: str, text: str) -> bool:
    """Tell whether text is written in a form; true for a form that is not known."""
    known = FORMS.get(form)
    return known is None or known(text)
