"""What every suite shares: generated tests are judged by what they find, not by a busy machine.

In CI a change is judged by the same cases every time; whoever works on it meets new ones.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import instead_of_files

settings.register_profile(
    "house",
    parent=settings(),
    deadline=None,
    derandomize=bool(os.environ.get("TRAMO_CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")


@pytest.fixture(autouse=os.environ.get("TRAMO_TEST_DATABASE") == "postgresql")
def postgresql_instead_of_files(request):
    if request.node.get_closest_marker("sqlite") is not None:
        pytest.skip("is about SQLite's file")
    with instead_of_files():
        yield
