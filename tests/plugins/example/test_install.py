"""Connectors of others: installed with pip for real, found, listed, used, and stopping nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parents[1]
ROOT = HERE.parents[1]

FLOW = {
    "format": 1,
    "id": "flow_parcel",
    "name": "Buy a label",
    "nodes": [
        {"id": "order", "type": "core.manual"},
        {
            "id": "price",
            "type": "acme_parcels.find_price",
            "connection": "conn_acme",
            "params": {"country": "ES", "weight_g": {"$expr": "order.weight_g"}},
        },
        {
            "id": "parcel",
            "type": "acme_parcels.create_parcel",
            "connection": "conn_acme",
            "params": {
                "order": {"$expr": "order.name"},
                "name": "Ana Torres",
                "address": "Calle Mayor 1",
                "country": "ES",
                "weight_g": {"$expr": "order.weight_g"},
            },
        },
    ],
    "edges": [{"from": "order", "to": "price"}, {"from": "price", "to": "parcel"}],
}


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
    done = run(installed, "-m", "tramo.app.cli", "connectors", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_installed_connector_is_listed_beside_the_built_in_ones(listed: dict[str, Any]) -> None:
    items = {item["id"]: item for item in listed["items"]}
    assert {"acme_parcels", "slack", "email", "shopify"} <= set(items)
    acme = items["acme_parcels"]
    assert acme["triggers"] == [
        "acme_parcels.parcel_created",
        "acme_parcels.parcel_delivered",
    ]
    assert acme["effects"] == {
        "acme_parcels.find_price": "pure",
        "acme_parcels.create_parcel": "keyed",
    }
    assert acme["twin"]


def test_broken_plugins_are_named_with_their_reasons_and_stop_nothing(
    listed: dict[str, Any],
) -> None:
    broken = {one["name"]: one["reason"] for one in listed["broken"]}
    assert set(broken) == {"broken_import", "broken_load", "broken_object", "stolen_id"}
    assert "a_package_that_nobody_installed" in broken["broken_import"]
    assert "SystemExit" in broken["broken_load"]
    assert "not a connector" in broken["broken_object"]
    assert "tramo_slack" in broken["stolen_id"]
    assert not any("Traceback" in reason for reason in broken.values())


def test_a_flow_with_its_nodes_runs(installed: Path, tmp_path: Path) -> None:
    flow, event = tmp_path / "flow.json", tmp_path / "event.json"
    flow.write_text(json.dumps(FLOW))
    event.write_text('{"name": "#1001", "weight_g": 1200}')
    arguments = ("run", str(flow), "--event", str(event), "--twins", "--json")
    done = run(installed, "-m", "tramo.app.cli", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    ended = json.loads(done.stdout, parse_float=Decimal)
    assert ended["state"] == "succeeded"
    steps = {step["node"]: step for step in ended["steps"]}
    assert str(steps["price"]["output"]["amount"]) == "5.90"
    assert steps["parcel"]["output"]["tracking_number"] == "AC000000001ES"
    assert steps["parcel"]["effect"] == "keyed"


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
