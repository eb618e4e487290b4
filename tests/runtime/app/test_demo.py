"""The demo's furniture: put where it is missing, left where somebody has been busy with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tramo.app.cli.server import machine_language
from tramo.app.demo import FLOWS, example, furnish
from tramo.app.house import open_house
from tramo.app.setting import Settings
from tramo.model.scope import Scope
from tramo.registry import discover


async def test_a_demo_that_was_kept_opens_again_however_many_flows_were_made_in_it(
    tmp_path: Path,
) -> None:
    settings = Settings(data=tmp_path / "data", key_file=tmp_path / "config" / "key.toml")
    async with open_house(settings, registry=discover()) as house:
        scope = Scope(workspace_id=house.workspace_id, actor="user_1")
        shop = await furnish(house, scope)
        # More than a page of a list, and newer than the demo's own.
        for number in range(60):
            await house.flows.create(scope, example("hello") | {"id": f"flow_of_mine_{number}"})
        assert await furnish(house, scope) == shop
        for name in FLOWS:
            assert (await house.flows.get(scope, example(name)["id"]))["state"] == "active"


@pytest.mark.parametrize(
    ("env", "language"),
    [
        ({"LANG": "ro_RO.UTF-8"}, "ro"),
        ({"LANG": "ro_RO.UTF-8", "LC_ALL": "pt_BR.UTF-8"}, "pt"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_demo_speaks_as_the_machine_does(env: dict[str, str], language: str) -> None:
    assert machine_language(env) == language
