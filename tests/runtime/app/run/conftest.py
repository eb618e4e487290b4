"""A house beside a vendor."""

from __future__ import annotations

import pytest

from tests.runtime.app.run.vendor import shop


@pytest.fixture
async def open_shop(tmp_path):
    async with shop(tmp_path) as opened:
        yield opened
