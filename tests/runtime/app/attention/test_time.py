"""When people are reminded, and where days and hours of a zone begin."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tramo.app.attention.question import DAY_MS, next_reminder
from tramo.app.attention.text import in_zone
from tramo.app.attention.watch import HOUR_MS, next_border

ZONES = ["UTC", "Europe/Madrid", "America/Sao_Paulo", "Asia/Kolkata", "America/Santiago"]


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1_000)


@pytest.mark.parametrize(
    ("after", "zone", "border"),
    [
        ("2026-11-22T10:00:00+01:00", "Europe/Madrid", "2026-11-23T00:00:00+01:00"),
        ("2026-11-22T23:30:00Z", "Europe/Madrid", "2026-11-24T00:00:00+01:00"),
        # The day on which clocks go back has 25 hours, the one on which they go forward 23.
        ("2026-10-25T00:00:00+02:00", "Europe/Madrid", "2026-10-26T00:00:00+01:00"),
        ("2026-03-29T00:00:00+01:00", "Europe/Madrid", "2026-03-30T00:00:00+02:00"),
        # Clocks go forward at midnight: the day begins at one.
        ("2026-09-05T12:00:00-04:00", "America/Santiago", "2026-09-06T01:00:00-03:00"),
    ],
)
def test_a_day_begins_at_the_zones_own_midnight(after: str, zone: str, border: str) -> None:
    assert next_border(ms(after), "day", zone) == ms(border)


@given(st.integers(ms("2024-01-01T00:00:00Z"), ms("2030-01-01T00:00:00Z")), st.sampled_from(ZONES))
def test_windows_follow_each_other_without_a_gap_and_hours_begin_on_the_hour(
    after: int, zone: str
) -> None:
    day, hour = next_border(after, "day", zone), next_border(after, "hour", zone)
    assert after < hour <= after + HOUR_MS
    assert after < day <= after + 25 * HOUR_MS
    assert in_zone(hour, zone).minute == in_zone(hour, zone).second == 0
    assert in_zone(day - 1, zone).date() < in_zone(day, zone).date()


@pytest.mark.parametrize(
    ("due_h", "now_h", "reminded_h"),
    [
        (None, 0, 24),
        (None, 24, 48),
        (4, 0, 2),  # half of its time
        (4, 2, None),
        (1, 0, None),  # too short for a reminder
        (72, 0, 24),
        (72, 24, 36),
        (72, 36, 48),
        (72, 48, None),
    ],
)
def test_people_are_reminded_daily_and_when_half_of_the_time_is_over(
    due_h: int | None, now_h: int, reminded_h: int | None
) -> None:
    due = None if due_h is None else due_h * HOUR_MS
    found = next_reminder(0, due, now_h * HOUR_MS)
    assert found == (None if reminded_h is None else reminded_h * HOUR_MS)


@given(st.integers(0, 40 * DAY_MS), st.none() | st.integers(1, 40 * DAY_MS))
def test_a_reminder_comes_later_than_now_and_before_the_end(now: int, due: int | None) -> None:
    found = next_reminder(0, due, now)
    assert found is None or (found > now and (due is None or found < due))
