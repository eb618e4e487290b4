"""F18: every zone's changes of the clock in ten years, through the function that schedules use.

A table, not a process. What is right is worked out here from the zones alone: a local time
that a change skips fires once at the end of the gap, one that comes twice fires once, and rules
that fire in every hour are counted in real time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from tramo.ingest.schedule import next_firing

from tests.chaos.field import Campaign, Field

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
FREQUENT: Final = {"0 * * * *": 60, "*/15 * * * *": 15}


class Change(NamedTuple):
    """A zone's offset changes at an instant."""

    at: datetime
    before: timedelta
    after: timedelta


def changes(zone: ZoneInfo, first: int, last: int) -> list[Change]:
    """Return the changes of a zone in these years, found by looking every five days."""
    found: list[Change] = []
    at, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    step = timedelta(days=5)
    while at < end:
        if _offset(at, zone) != _offset(at + step, zone):
            low, high = at, at + step
            while high - low > MINUTE:
                middle = low + (high - low) // 2
                middle -= timedelta(seconds=middle.second, microseconds=middle.microsecond)
                if middle in (low, high):
                    break
                low, high = (
                    (middle, high) if _offset(middle, zone) == _offset(low, zone) else (low, middle)
                )
            found.append(Change(high, _offset(low, zone), _offset(high, zone)))
        at += step
    return found


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


async def table(field: Field) -> None:
    """Hold each rule against what is right, around each change of each zone."""
    first, last = 2026, field.pick(2027, 2036)
    groups: dict[tuple[Change, ...], ZoneInfo] = {}
    names = sorted(available_timezones())
    for name in names:
        zone = ZoneInfo(name)
        groups.setdefault(tuple(changes(zone, first, last)), zone)
    wrong: list[str] = []
    for found, zone in groups.items():
        for change in found:
            for rule in _rules(change):
                wrong += _compare(zone, rule, change)
                field.report.faults["case"] += 1
    field.report.faults["zone"] = len(names)
    field.tell(f"{len(names)} zones in {len(groups)} groups")
    field.report.demand(zone=400, case=field.pick(500, 3_000))
    field.report.exactly("cases with a firing too many or too few", len(wrong), 0)
    field.report.found_wrong(wrong)


def _rules(change: Change) -> list[str]:
    """Return rules that fire where the clock changes, and a few that do elsewhere."""
    wall = (change.at + change.before).replace(tzinfo=None)
    moved = change.after - change.before
    times = {wall, wall + moved, wall + moved / 2, wall - moved / 2, wall + MINUTE}
    daily = {f"{t.minute} {t.hour} * * *" for t in times} | {"30 2 * * *"}
    weekly = {f"30 2 * * {wall.isoweekday() % 7}"}
    return [*sorted(daily | weekly), *FREQUENT]


def _compare(zone: ZoneInfo, rule: str, change: Change) -> list[str]:
    reach = timedelta(hours=5) if rule in FREQUENT else 2 * DAY
    begin, end = change.at - reach, change.at + reach
    fired = _fired(zone, rule, begin, end)
    right = (
        _frequent(zone, rule, begin, end) if rule in FREQUENT else _daily(zone, rule, begin, end)
    )
    good = len(fired) == len(right) and all(
        one in any_of for one, any_of in zip(fired, right, strict=True)
    )
    if good:
        return []
    return [f"{zone.key}, {rule}, around {change.at}: fires {_said(fired)}, right {right}"]


def _said(fired: list[datetime]) -> str:
    return ", ".join(one.strftime("%d. %H:%M") for one in fired)


def _fired(zone: ZoneInfo, rule: str, begin: datetime, end: datetime) -> list[datetime]:
    """Ask the product."""
    params = {"cron": rule, "timezone": zone.key}
    found: list[datetime] = []
    at = int(begin.timestamp() * 1_000)
    while (following := next_firing(params, at)) is not None and len(found) < 500:
        at = following
        instant = datetime.fromtimestamp(at / 1_000, UTC)
        if instant > end:
            break
        found.append(instant)
    return found


def _frequent(
    zone: ZoneInfo, rule: str, begin: datetime, end: datetime
) -> list[tuple[datetime, ...]]:
    """Return the instants at which the wall shows such a minute."""
    found: list[tuple[datetime, ...]] = []
    at = begin.replace(second=0, microsecond=0) + MINUTE
    while at <= end:
        if at.astimezone(zone).minute % FREQUENT[rule] == 0:
            found.append((at,))
        at += MINUTE
    return found


def _daily(zone: ZoneInfo, rule: str, begin: datetime, end: datetime) -> list[tuple[datetime, ...]]:
    """Return, for each day, the instants of which exactly one has to fire."""
    minute, hour, _, _, weekday = rule.split()
    found: list[tuple[datetime, ...]] = []
    day = (begin - 2 * DAY).date()
    while day <= (end + 2 * DAY).date():
        if weekday == "*" or day.isoweekday() % 7 == int(weekday):
            instants = _instants(zone, day, int(hour), int(minute))
            if begin < instants[0] <= end:
                found.append(instants)
        day += DAY
    return found


def _instants(zone: ZoneInfo, day: date, hour: int, minute: int) -> tuple[datetime, ...]:
    """Return when a clock on the wall shows a time: once, twice, or at the end of the gap."""
    wall = datetime(day.year, day.month, day.day, hour, minute)
    early = wall.replace(tzinfo=zone, fold=0)
    late = wall.replace(tzinfo=zone, fold=1)
    real = [
        one.astimezone(UTC)
        for one in (early, late)
        if one.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall
    ]
    if real:
        return tuple(dict.fromkeys(real))
    # In a gap the earlier reading goes by the offset before it, and so lands behind the gap.
    behind = early.astimezone(UTC)
    before = late.utcoffset() or timedelta()
    low, high = behind - DAY, behind
    while high - low > MINUTE:
        middle = low + (high - low) // 2
        middle -= timedelta(seconds=middle.second, microseconds=middle.microsecond)
        if middle in (low, high):
            break
        low, high = (low, middle) if _offset(middle, zone) == before else (middle, high)
    return (high,)


CAMPAIGNS = (
    Campaign("summer", "F18", "all zones' changes of the clock, through schedules", table),
)
