"""G15: what schedules do when the clocks of their zone change, over real changes of real zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from tramo.ingest.schedule import next_firing, next_firings

DAY_MS = 86_400_000


def ms(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1_000)


def local(instants: list[int], zone: str) -> list[str]:
    """Return instants as the wall clock shows them, with its offset."""
    moments = (datetime.fromtimestamp(at / 1_000, ZoneInfo(zone)) for at in instants)
    return [moment.strftime("%m-%d %H:%M %z") for moment in moments]


TABLE = [
    # The clocks go forward: what is skipped fires at the end of the gap, once.
    (
        *("Europe/Madrid", "2026-03-28T12:00", "30 2 * * *"),
        ["03-29 03:00 +0200", "03-30 02:30 +0200"],
    ),
    (
        *("Europe/Madrid", "2026-03-28T12:00", "0,30 2,3 * * *"),
        ["03-29 03:00 +0200", "03-29 03:30 +0200", "03-30 02:00 +0200"],
    ),
    (
        *("Europe/Madrid", "2026-03-28T12:00", "*/20 2 * * *"),
        ["03-29 03:00 +0200", "03-30 02:00 +0200", "03-30 02:20 +0200"],
    ),
    (
        *("Europe/Madrid", "2026-03-28T22:00", "0 */2 * * *"),
        ["03-29 00:00 +0100", "03-29 03:00 +0200", "03-29 04:00 +0200"],
    ),
    (
        *("Europe/Madrid", "2026-03-23T12:00", "30 2 * * 0"),
        ["03-29 03:00 +0200", "04-05 02:30 +0200"],
    ),
    (
        *("Europe/Bucharest", "2026-03-28T12:00", "30 3 * * *"),
        ["03-29 04:00 +0300", "03-30 03:30 +0300"],
    ),
    (
        *("America/Sao_Paulo", "2018-11-03T12:00", "0 0 * * *"),
        ["11-04 01:00 -0200", "11-05 00:00 -0200"],
    ),
    (
        *("Australia/Lord_Howe", "2026-10-03T12:00", "15 2 * * *"),
        ["10-04 02:30 +1100", "10-05 02:15 +1100"],
    ),
    # The clocks go back: what comes twice fires once, the first time.
    (
        *("Europe/Madrid", "2026-10-24T12:00", "30 2 * * *"),
        ["10-25 02:30 +0200", "10-26 02:30 +0100"],
    ),
    (
        *("Europe/Madrid", "2026-10-24T12:00", "*/30 2 * * *"),
        ["10-25 02:00 +0200", "10-25 02:30 +0200", "10-26 02:00 +0100"],
    ),
    (
        *("Europe/Bucharest", "2026-10-24T12:00", "30 3 * * *"),
        ["10-25 03:30 +0300", "10-26 03:30 +0200"],
    ),
    (
        *("America/Sao_Paulo", "2019-02-16T12:00", "30 23 * * *"),
        ["02-16 23:30 -0200", "02-17 23:30 -0300"],
    ),
    (
        *("Australia/Lord_Howe", "2026-04-04T12:00", "45 1 * * *"),
        ["04-05 01:45 +1100", "04-06 01:45 +1030"],
    ),
    # Every hour, or more often, is counted in real time.
    (
        *("Europe/Madrid", "2026-03-29T00:30", "0 * * * *"),
        ["03-29 01:00 +0100", "03-29 03:00 +0200", "03-29 04:00 +0200"],
    ),
    (
        *("Europe/Madrid", "2026-10-25T01:30", "0 * * * *"),
        ["10-25 02:00 +0200", "10-25 02:00 +0100", "10-25 03:00 +0100"],
    ),
    (
        *("Australia/Lord_Howe", "2026-10-04T01:30", "*/15 * * * *"),
        ["10-04 01:45 +1030", "10-04 02:30 +1100", "10-04 02:45 +1100"],
    ),
]


@pytest.mark.parametrize(("zone", "start", "cron", "expected"), TABLE)
def test_a_rule_follows_its_zone_over_a_change(zone, start, cron, expected):
    found = next_firings({"cron": cron, "timezone": zone}, ms(start, zone), len(expected))
    assert local(found, zone) == expected


def test_asked_in_the_second_pass_of_an_hour_the_next_firing_lies_ahead():
    again = ms("2026-10-25T01:15")  # 02:15 in Madrid, for the second time
    found = next_firing({"cron": "30 2 * * *", "timezone": "Europe/Madrid"}, again)
    assert found == ms("2026-10-26T01:30")


def changes(zone: str, first: int, last: int) -> tuple[int, ...]:
    """Return the instants, to the half hour, at which a zone's offset changes in some years."""
    clock, found = ZoneInfo(zone), []
    day = datetime(first, 1, 1, tzinfo=UTC)
    before = day.astimezone(clock).utcoffset()
    while day.year <= last:
        following = day + timedelta(days=1)
        if (offset := following.astimezone(clock).utcoffset()) != before:
            step = day
            while step.astimezone(clock).utcoffset() == before:
                step += timedelta(minutes=30)
            found.append(int(step.timestamp() * 1_000))
            before = offset
        day = following
    return tuple(found)


def test_in_every_zone_of_the_world_a_daily_rule_fires_once_on_each_day_around_a_change():
    seen: dict[tuple[int, ...], str] = {}
    for zone in sorted(available_timezones()):
        seen.setdefault(changes(zone, 2026, 2027), zone)
    changing = [(zone, at) for instants, zone in seen.items() for at in instants]
    assert len(changing) > 40
    for zone, at in changing:
        for rule in ("30 2 * * *", "0 0 * * *", "15 1 * * *", "*/15 3 * * *"):
            params = {"cron": rule, "timezone": zone}
            fired = next_firings(params, at - 2 * DAY_MS, 20)
            days = [datetime.fromtimestamp(i / 1_000, ZoneInfo(zone)).date() for i in fired]
            inner = {d for d in days if days[0] < d < days[-1]}
            span = (max(inner) - min(inner)).days + 1
            assert inner == {min(inner) + timedelta(days=n) for n in range(span)}, (zone, rule)
            once = rule.startswith("*/") or len(set(days)) == len(days)
            assert once, (zone, rule, [date.isoformat(d) for d in days])
            assert fired == sorted(set(fired))


def test_a_rule_counted_in_seconds_knows_no_zone():
    params = {"every_s": 5_400, "timezone": "Europe/Madrid"}
    found = next_firings(params, ms("2026-03-29T00:00"), 4)
    assert {later - earlier for earlier, later in pairwise(found)} == {5_400_000}
