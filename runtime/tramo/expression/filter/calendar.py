"""Filters on dates: RFC 3339 text before and after, with days as the flow's time zone has them.

A text without a time is a whole day and stays one where that makes sense; a time without an offset
is read in the flow's zone.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from tramo.expression.budget import Frame
from tramo.expression.filter.number import find_locale
from tramo.expression.filter.registry import Number, register
from tramo.expression.problem import EvaluationError
from tramo.expression.value import settle
from tramo.model.value import CONTEXT

Moment = datetime | date
Unit = Literal["day", "week", "month", "year"]

_SHAPE = re.compile(
    r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)?)?", re.ASCII
)
_NAMED = ("short", "medium", "long", "full")
_PATTERN_LETTERS = frozenset("yMLdEahHmsSzZxXQqw")
_PATTERN_CURES = {
    "Y": "Write yyyy for the year.",
    "D": "Write dd for the day of the month.",
    "%": "Write letters, as in dd/MM/yyyy HH:mm.",
}
_PARSED = {
    "yyyy": "%Y",
    "yy": "%y",
    "MM": "%m",
    "M": "%m",
    "dd": "%d",
    "d": "%d",
    "HH": "%H",
    "H": "%H",
    "mm": "%M",
    "ss": "%S",
}


# Reading and writing


def read_moment(frame: Frame, text: str) -> Moment:
    """Return the day or the moment a text names, moments in the flow's zone."""
    found = text.strip() if len(text) <= 60 else ""
    match = _SHAPE.fullmatch(found)
    if match is None:
        raise EvaluationError("expression.date", found=text[:40])
    try:
        if match[1] is None:
            return date.fromisoformat(found)
        moment = datetime.fromisoformat(found.upper())
        zone = find_zone(frame.place.timezone)
        return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
    except ValueError:
        raise EvaluationError("expression.date", found=text[:40]) from None
    except OverflowError:
        raise EvaluationError("expression.date_range") from None


def read_datetime(frame: Frame, text: str) -> datetime:
    """Return the moment a text names; a day is its first moment in the flow's zone."""
    moment = read_moment(frame, text)
    if isinstance(moment, datetime):
        return moment
    return datetime(moment.year, moment.month, moment.day, tzinfo=find_zone(frame.place.timezone))


def write_moment(moment: Moment) -> str:
    text = moment.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


@lru_cache(256)
def _zone(name: str) -> tzinfo | None:
    if not re.fullmatch(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}", name):
        return None
    try:
        return UTC if name in ("UTC", "Z") else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def find_zone(name: str) -> tzinfo:
    zone = _zone(name)
    if zone is None:
        raise EvaluationError("expression.timezone", found=name[:40])
    return zone


def _shift(moment: Moment, **amount: int) -> Moment:
    try:
        return moment + timedelta(**amount)
    except OverflowError:
        raise EvaluationError("expression.date_range") from None


def _settled(moment: Moment) -> Moment:
    """Return a moment that exists: one inside a spring gap is moved to after it."""
    if not isinstance(moment, datetime):
        return moment
    try:
        return moment.astimezone(UTC).astimezone(moment.tzinfo)
    except OverflowError:
        raise EvaluationError("expression.date_range") from None


# Formatting


@register(
    "date",
    "date",
    ('"2026-11-21T09:30:00Z" | date("dd/MM/yyyy")', "21/11/2026"),
    ('"2026-11-21" | date("long", language="en")', "November 21, 2026"),
)
def format_day(
    frame: Frame, value: str, format: str = "medium", language: str = "", zone: str = ""
) -> str:
    """Writes a date: short, medium, long, full, or a pattern such as dd/MM/yyyy."""
    from babel.dates import format_date

    moment = _in_zone(frame, value, zone)
    locale = find_locale(frame, language)
    if format in _NAMED:
        return format_date(moment, format, locale)
    return _format_pattern(moment, format, locale)


@register(
    "datetime",
    "date",
    (
        '"2026-11-21T09:30:00Z" | datetime("yyyy-MM-dd HH:mm", zone="Europe/Madrid")',
        "2026-11-21 10:30",
    ),
    ('"2026-11-21T09:30:00Z" | datetime("short", language="es")', "21/11/26, 9:30"),
)
def format_moment(
    frame: Frame, value: str, format: str = "medium", language: str = "", zone: str = ""
) -> str:
    """Writes a date with its time: short, medium, long, full, or a pattern."""
    from babel.dates import format_datetime

    moment = _in_zone(frame, value, zone)
    locale = find_locale(frame, language)
    if format in _NAMED:
        return format_datetime(_as_datetime(frame, moment), format, locale=locale)
    return _format_pattern(_as_datetime(frame, moment), format, locale)


@register(
    "time",
    "date",
    ('"2026-11-21T09:30:00Z" | time', "09:30"),
)
def format_clock(frame: Frame, value: str, format: str = "HH:mm", zone: str = "") -> str:
    """Writes the time of day, as hours and minutes or by a pattern."""
    moment = _as_datetime(frame, _in_zone(frame, value, zone))
    return _format_pattern(moment, format, find_locale(frame, ""))


@register(
    "parse_date",
    "date",
    ('"21/11/2026" | parse_date("dd/MM/yyyy")', "2026-11-21"),
    ('"21.11.2026 09:30" | parse_date("dd.MM.yyyy HH:mm")', "2026-11-21T09:30:00Z"),
)
def parse_date(frame: Frame, value: str, pattern: str) -> str:
    """Reads a date that is written by a pattern of yyyy, MM, dd, HH, mm and ss."""
    if len(value) > 60 or len(pattern) > 60:
        raise EvaluationError("expression.date", found=value[:40])
    parts: list[str] = []
    timed = False
    for run in re.findall(r"([A-Za-z])(\1*)|([^A-Za-z])", pattern):
        letters = run[0] + run[1]
        if letters and letters not in _PARSED:
            raise _pattern_error(letters)
        timed = timed or letters[:1] in ("H", "m", "s")
        parts.append(_PARSED[letters] if letters else run[2].replace("%", "%%"))
    try:
        moment = datetime.strptime(value.strip(), "".join(parts))  # noqa: DTZ007 - zoned below
    except (ValueError, re.error):
        raise EvaluationError("expression.date", found=value[:40]) from None
    if not timed:
        return write_moment(moment.date())
    return write_moment(_settled(moment.replace(tzinfo=find_zone(frame.place.timezone))))


@register(
    "in_zone",
    "date",
    ('"2026-11-21T09:30:00Z" | in_zone("Europe/Madrid")', "2026-11-21T10:30:00+01:00"),
)
def in_zone(frame: Frame, value: str, zone: str) -> str:
    """Gives the same moment on the clocks of another time zone."""
    return write_moment(_as_datetime(frame, _in_zone(frame, value, zone)))


# Calculating


@register(
    "add_days",
    "date",
    ('"2026-11-21" | add_days(10)', "2026-12-01"),
    ('"2026-11-21T09:30:00Z" | add_days(-1)', "2026-11-20T09:30:00Z"),
)
def add_days(frame: Frame, value: str, days: int) -> str:
    """Moves a date by days; the time of day stays, even when clocks change."""
    return write_moment(_settled(_shift(read_moment(frame, value), days=_bounded(days))))


@register("add_hours", "date", ('"2026-11-21T09:30:00Z" | add_hours(24)', "2026-11-22T09:30:00Z"))
def add_hours(frame: Frame, value: str, hours: int) -> str:
    """Moves a moment by hours as they pass."""
    return _add_seconds(frame, value, _bounded(hours) * 3600)


@register(
    "add_minutes", "date", ('"2026-11-21T09:30:00Z" | add_minutes(45)', "2026-11-21T10:15:00Z")
)
def add_minutes(frame: Frame, value: str, minutes: int) -> str:
    """Moves a moment by minutes as they pass."""
    return _add_seconds(frame, value, _bounded(minutes) * 60)


@register(
    "add_months",
    "date",
    ('"2026-01-31" | add_months(1)', "2026-02-28"),
    ('"2024-02-29" | add_months(12)', "2025-02-28"),
)
def add_months(frame: Frame, value: str, months: int) -> str:
    """Moves a date by months; a day the month does not have becomes its last."""
    moment = read_moment(frame, value)
    year, month = divmod(moment.year * 12 + moment.month - 1 + _bounded(months), 12)
    if not 1 <= year <= 9999:
        raise EvaluationError("expression.date_range")
    day = min(moment.day, monthrange(year, month + 1)[1])
    return write_moment(_settled(moment.replace(year=year, month=month + 1, day=day)))


@register(
    "days_between",
    "date",
    ('"2026-11-21" | days_between("2026-12-01")', 10),
    ('"2026-12-01" | days_between("2026-11-21")', -10),
)
def days_between(frame: Frame, value: str, other: str) -> int:
    """Counts the calendar days from this date to another; negative if the other is earlier."""
    return (_day(read_moment(frame, other)) - _day(read_moment(frame, value))).days


@register(
    "hours_between",
    "date",
    ('"2026-11-21T09:00:00Z" | hours_between("2026-11-21T10:30:00Z")', Decimal("1.5")),
)
def hours_between(frame: Frame, value: str, other: str) -> Number:
    """Counts the hours from this moment to another, as they pass."""
    passed = read_datetime(frame, other).astimezone(UTC) - read_datetime(frame, value).astimezone(
        UTC
    )
    return settle(CONTEXT.divide(passed // timedelta(microseconds=1), 3_600_000_000))


@register(
    "start_of",
    "date",
    ('"2026-11-21T09:30:00Z" | start_of("month")', "2026-11-01T00:00:00Z"),
    ('"2026-11-21" | start_of("week")', "2026-11-16"),
)
def start_of(frame: Frame, value: str, unit: Unit) -> str:
    """Gives the first moment of the date's day, week (from Monday), month or year."""
    moment = read_moment(frame, value)
    day = _day(moment)
    if unit == "week":
        day = _day(_shift(day, days=-day.weekday()))
    elif unit != "day":
        day = day.replace(day=1) if unit == "month" else day.replace(month=1, day=1)
    if not isinstance(moment, datetime):
        return write_moment(day)
    first = datetime(day.year, day.month, day.day, tzinfo=moment.tzinfo)
    return write_moment(_settled(first))


@register("weekday", "date", ('"2026-11-21" | weekday', 6))
def weekday(frame: Frame, value: str) -> int:
    """Gives the day of the week as a number, Monday 1 to Sunday 7."""
    return read_moment(frame, value).isoweekday()


@register("year", "date", ('"2026-11-21" | year', 2026))
def year(frame: Frame, value: str) -> int:
    """Gives the year of a date."""
    return read_moment(frame, value).year


@register("month", "date", ('"2026-11-21" | month', 11))
def month(frame: Frame, value: str) -> int:
    """Gives the month of a date, 1 to 12."""
    return read_moment(frame, value).month


@register("day", "date", ('"2026-11-21" | day', 21))
def day(frame: Frame, value: str) -> int:
    """Gives the day of the month."""
    return read_moment(frame, value).day


@register("hour", "date", ('"2026-11-21T09:30:00Z" | hour', 9))
def hour(frame: Frame, value: str) -> int:
    """Gives the hour of the day, 0 to 23."""
    return read_datetime(frame, value).hour


@register("timestamp", "date", ('"2026-11-21T09:30:00Z" | timestamp', 1795253400))
def timestamp(frame: Frame, value: str) -> int:
    """Gives a moment as seconds since 1970."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return (read_datetime(frame, value).astimezone(UTC) - epoch) // timedelta(seconds=1)


@register("from_timestamp", "date", ("1795253400 | from_timestamp", "2026-11-21T09:30:00Z"))
def from_timestamp(frame: Frame, value: int) -> str:
    """Gives the moment that is so many seconds after the start of 1970."""
    moment = _shift(datetime(1970, 1, 1, tzinfo=UTC), seconds=_bounded(value, 10**12))
    return write_moment(_in_place(frame, moment))


def _in_zone(frame: Frame, value: str, zone: str) -> Moment:
    """Return what a text names, on the clocks of `zone` where one is given."""
    moment = read_moment(frame, value)
    if zone and isinstance(moment, datetime):
        try:
            return moment.astimezone(find_zone(zone))
        except OverflowError:
            raise EvaluationError("expression.date_range") from None
    if zone:
        find_zone(zone)
    return moment


def _in_place(frame: Frame, moment: Moment) -> Moment:
    assert isinstance(moment, datetime)
    try:
        return moment.astimezone(find_zone(frame.place.timezone))
    except OverflowError:
        raise EvaluationError("expression.date_range") from None


def _as_datetime(frame: Frame, moment: Moment) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime(moment.year, moment.month, moment.day, tzinfo=find_zone(frame.place.timezone))


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _add_seconds(frame: Frame, value: str, seconds: int) -> str:
    try:
        moment = read_datetime(frame, value).astimezone(UTC)
    except OverflowError:
        raise EvaluationError("expression.date_range") from None
    return write_moment(_in_place(frame, _shift(moment, seconds=seconds)))


def _bounded(amount: int, limit: int = 10**8) -> int:
    if abs(amount) > limit:
        raise EvaluationError("expression.date_range")
    return amount


def _format_pattern(moment: Moment, pattern: str, locale: object) -> str:
    """Write by a CLDR pattern; letters whose meaning surprises (YYYY, DD) are refused."""
    from babel.dates import parse_pattern

    if len(pattern) > 60:
        raise _pattern_error(pattern[:20])
    for run in re.findall(r"'[^']*'|([A-Za-z%])\1*", pattern):
        if run and run not in _PATTERN_LETTERS:
            raise _pattern_error(run)
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    try:
        return parse_pattern(pattern).apply(moment, locale)  # type: ignore[arg-type]
    except (ValueError, KeyError, AttributeError, NotImplementedError):
        raise _pattern_error(pattern[:20]) from None


def _pattern_error(found: str) -> EvaluationError:
    cure = _PATTERN_CURES.get(found[:1], "Use yyyy, MM, dd, EEEE, HH, mm, ss.")
    return EvaluationError("expression.date_pattern", found=found, cure=cure)
