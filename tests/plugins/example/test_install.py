"""Connectors of others: installed with pip for real, found, listed, used, and stopping nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parents[1]
ROOT = HERE.parents[1]

LIST = """
import json
from tramo.registry import discover
registry = discover()
print(json.dumps({
    "connectors": sorted(registry.connectors),
    "broken": {one.name: one.reason for one in registry.broken},
    "effects": {
        name.partition("@")[0]: action.manifest.effect
        for name, action in registry.connectors["acme_parcels"].actions.items()
    },
    "trigger": registry.node_type("acme_parcels.parcel_delivered", 1) is not None,
}))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install both projects, built in a place of their own, into a folder."""
    target = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(target)]
    projects = [str(HERE / name) for name in ("example_connector", "broken_connector")]
    subprocess.run([*command, *projects], check=True, capture_output=True, timeout=100)
    return target


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    paths = [installed, *(ROOT / room for room in ("runtime", "plugins", "web"))]
    return subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        text=True,
        timeout=100,
        cwd=installed,
    )


@pytest.fixture(scope="module")
def listed(installed: Path) -> dict[str, Any]:
    done = run(installed, "-c", LIST)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_installed_connector_is_found_beside_the_built_in_ones(listed: dict[str, Any]) -> None:
    assert {"acme_parcels", "slack", "email", "shopify"} <= set(listed["connectors"])
    assert listed["effects"] == {"find_price": "pure", "create_parcel": "keyed"}
    assert listed["trigger"]


def test_broken_plugins_are_named_with_their_reasons_and_stop_nothing(
    listed: dict[str, Any],
) -> None:
    broken = listed["broken"]
    assert set(broken) == {"broken_import", "broken_load", "broken_object", "stolen_id"}
    assert "a_package_that_nobody_installed" in broken["broken_import"]
    assert "SystemExit" in broken["broken_load"]
    assert "not a connector" in broken["broken_object"]
    assert "tramo_slack" in broken["stolen_id"]
    assert not any("Traceback" in reason for reason in broken.values())


def test_its_own_tests_pass_where_it_is_installed(installed: Path) -> None:
    project = HERE / "example_connector"
    done = run(
        installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(project),
        "-c", str(project / "pyproject.toml"), str(project / "tests"),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_it_stands_on_the_sdk_alone() -> None:
    for path in (HERE / "example_connector" / "acme_parcels").glob("*.py"):
        for line in path.read_text().splitlines():
            if line.startswith(("from tramo", "import tramo")):
                assert line == "from tramo import sdk", f"{path.name}: {line}"
