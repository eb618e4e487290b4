"""Points in time as people write them: clock changes, offsets, and what is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tramo.engine.instant import rfc3339
from tramo.model.moment import moment_ms

MADRID = "Europe/Madrid"


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("2026-11-27", MADRID, "2026-11-26T23:00:00.000Z"),
        ("2026-11-27T09:00", MADRID, "2026-11-27T08:00:00.000Z"),
        ("2026-11-27 09:00:30", MADRID, "2026-11-27T08:00:30.000Z"),
        ("2026-11-27T09:00:00.125", "UTC", "2026-11-27T09:00:00.125Z"),
        ("2026-11-27T09:00:00Z", MADRID, "2026-11-27T09:00:00.000Z"),
        ("2026-11-27t09:00:00.123456z", MADRID, "2026-11-27T09:00:00.123Z"),
        ("2026-11-27T09:00-05:00", MADRID, "2026-11-27T14:00:00.000Z"),
        # A time that the change of the clock leaves out is the end of the gap.
        ("2026-03-29T02:00", MADRID, "2026-03-29T01:00:00.000Z"),
        ("2026-03-29T02:59:59", MADRID, "2026-03-29T01:00:00.000Z"),
        ("2026-03-29T03:00", MADRID, "2026-03-29T01:00:00.000Z"),
        ("2026-10-04T02:10", "Australia/Lord_Howe", "2026-10-03T15:30:00.000Z"),
        # Midnight itself may be left out.
        ("2026-09-06", "America/Santiago", "2026-09-06T04:00:00.000Z"),
        # A time that comes twice is the first.
        ("2026-10-25T02:30", MADRID, "2026-10-25T00:30:00.000Z"),
        ("2026-10-25T03:00", MADRID, "2026-10-25T02:00:00.000Z"),
        ("9999-12-31", "America/Santiago", "9999-12-31T03:00:00.000Z"),
    ],
)
def test_a_point_in_time_is_read_on_the_clock_of_its_zone(
    text: str, zone: str, instant: str
) -> None:
    assert rfc3339(moment_ms(text, zone)) == instant


@pytest.mark.parametrize(
    "text",
    [
        *("", "tomorrow", "2026-02-30", "2026-11-27T25:00", "20261127", "2026-W48-5", "27/11/2026"),
        *("2026-11-27T09", "2026-11-27T09:00+1", "2026-11-27T09:00:00 Z", "2026-11-27T09:00" * 9),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - datetime words it in many ways
        moment_ms(text, MADRID)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1)),
    st.sampled_from([MADRID, "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
)
def test_the_clock_shows_the_time_or_has_just_leapt_over_it(wall: datetime, zone: str) -> None:
    wall = wall.replace(microsecond=0)
    found = moment_ms(wall.isoformat(), zone)
    shown = datetime.fromtimestamp(found / 1000, UTC).astimezone(ZoneInfo(zone))
    before = (shown.astimezone(UTC) - timedelta(seconds=1)).astimezone(ZoneInfo(zone))
    if shown.replace(tzinfo=None) == wall:
        assert shown.fold == 0
    else:
        assert before.replace(tzinfo=None) < wall < shown.replace(tzinfo=None)
