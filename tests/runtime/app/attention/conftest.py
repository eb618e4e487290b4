"""One open house a test; its lookout looks when the test says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tramo.app.house import open_house
from tramo.app.setting import load_settings
from tramo.registry import Registry, discover

from tests.runtime.app.attention.kit import MovedClock, Shop


@pytest.fixture(scope="session")
def registry() -> Registry:
    return discover()


@pytest.fixture
async def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: Registry
) -> AsyncIterator[Shop]:
    clock = MovedClock()
    monkeypatch.setattr("tramo.app.house.SystemClock", lambda: clock)
    monkeypatch.setattr("tramo.app.attention.lookout.EVERY_S", 3_600.0)
    monkeypatch.setattr("tramo.app.attention.courier.SWEEP_S", 3_600.0)
    settings = load_settings(
        {}, data=tmp_path / "data", key_file=tmp_path / "key.toml", synchronous="OFF"
    )
    async with open_house(settings, registry=registry) as house:
        yield Shop(house, clock)
