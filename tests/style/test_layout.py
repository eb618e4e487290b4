"""The house as the design draws it: rooms, packages, entry points and contracts in step."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from tests.style.source import ROOT, files, text, tracked

PROJECT: dict[str, Any] = tomllib.loads(text("pyproject.toml"))
WHEEL = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
CONTRACTS = PROJECT["tool"]["importlinter"]["contracts"]
CONNECTORS = sorted(
    path.parent.name for path in (ROOT / "plugins").glob("*/__init__.py") if path.is_file()
)
ROOMS = {path.parent.name for path in (ROOT / "runtime" / "tramo").glob("*/__init__.py")}
TOP = {
    ".ci", ".gitignore", "LICENSE", "README.md", "plugins", "pyproject.toml", "runtime", "schemas",
    "tests", "web",
}  # fmt: skip
ROOM_PAGES = (
    "runtime/ARCHITECTURE.md",
    "runtime/decisions/README.md",
    "plugins/README.md",
    "web/README.md",
    "schemas/README.md",
    "tests/README.md",
)


def contract(name: str) -> dict[str, Any]:
    return next(one for one in CONTRACTS if one["name"] == name)


def test_the_top_level_holds_the_rooms_and_nothing_else() -> None:
    assert {path.split("/")[0] for path in tracked()} == TOP


@pytest.mark.parametrize("page", ROOM_PAGES)
def test_every_room_explains_itself(page: str) -> None:
    assert len(text(page).splitlines()) > 10
    for target in re.findall(r"\]\((?!https?:)([^)#\s]+)[^)]*\)", text(page)):
        assert (ROOT / page).parent.joinpath(target).exists(), f"{page} links to {target}"


def test_the_wheel_holds_every_package() -> None:
    packages = {"runtime/tramo", "web/tramo_web", *(f"plugins/{name}" for name in CONNECTORS)}
    assert set(WHEEL["packages"]) == packages


def test_every_connector_has_its_entry_point() -> None:
    named = PROJECT["project"]["entry-points"]["tramo.connectors"]
    packages = {target.partition(":")[0] for target in named.values()}
    assert packages == {"tramo.nodes", *CONNECTORS}


def test_every_entry_point_leads_somewhere() -> None:
    found = [
        point
        for group in ("tramo.connectors", "tramo.web", "console_scripts")
        for point in entry_points(group=group)
        if point.dist and point.dist.name == "tramo"
    ]
    assert len(found) >= len(CONNECTORS) + 3
    for point in found:
        assert point.load() is not None


@pytest.mark.parametrize("name", CONNECTORS)
def test_every_connector_is_whole(name: str) -> None:
    folder = ROOT / "plugins" / name
    assert "<svg" in (folder / "icon.svg").read_text()
    assert tomllib.loads((folder / "quality.toml").read_text())
    for language in ("es", "pt", "ro"):
        assert tomllib.loads((folder / "locales" / f"{language}.toml").read_text())
    assert (folder / "twin.py").exists() or (folder / "twin" / "__init__.py").exists()


def test_the_import_contracts_name_every_room_and_every_connector() -> None:
    layers = contract("The rooms of the runtime stand on each other in one order")["layers"]
    named = {room for layer in layers for room in re.findall(r"\w+", layer)}
    assert named >= ROOMS
    every = {"tramo", "tramo_web", *CONNECTORS}
    assert set(PROJECT["tool"]["importlinter"]["root_packages"]) == every
    sdk_only = contract("A connector knows the sdk only")
    assert set(sdk_only["source_modules"]) == set(CONNECTORS)
    forbidden = {f"tramo.{room}" for room in ROOMS - {"sdk"}} | {"tramo_web"}
    assert set(sdk_only["forbidden_modules"]) == forbidden
    assert set(contract("Connectors do not know each other")["modules"]) == set(CONNECTORS)
    runtime = contract("The runtime knows neither the web nor any connector")
    assert set(runtime["forbidden_modules"]) == every - {"tramo"}
    pure = contract("Model, ports, expression, graph, engine and sdk do no input or output")
    assert set(pure["source_modules"]) == {
        f"tramo.{room}" for room in ("model", "ports", "expression", "graph", "engine", "sdk")
    }
    sockets = set(contract("Only the outbound room opens sockets")["source_modules"])
    checked = sockets | set(pure["source_modules"]) | {"tramo.outbound", "tramo.app"}
    assert {f"tramo.{room}" for room in ROOMS - {"testing"}} | set(CONNECTORS) <= checked


def test_tests_mirror_the_rooms() -> None:
    known = {"bench", "chaos", "e2e", "mutation", "style", "typing"}
    known |= {"runtime", "plugins", "web", "schemas"}
    there = {Path(path).parts[1] for path in files("", under=("tests/",)) if path.count("/") > 1}
    assert there <= known
    rooms = {path.name for path in (ROOT / "tests" / "runtime").iterdir() if path.is_dir()}
    assert rooms - {"__pycache__"} <= ROOMS | {"simulation"}  # All rooms at once.


def test_no_lock_file_names_a_registry() -> None:
    address = re.compile(r'"resolved":|--(?:extra-)?index-url|--find-links|registry\s*=|https?://')
    for path in files("requirements.lock", ".npmrc"):
        assert not address.search(text(path)), path
    for path in files("package-lock.json"):
        assert '"resolved"' not in text(path), path


def test_the_locked_set_is_hashed_and_holds_what_the_project_asks_for() -> None:
    locked = text("tests/requirements.lock")
    names = set(re.findall(r"^([a-z0-9-]+)==", locked, re.MULTILINE))
    hashed = re.findall(r"^([a-z0-9-]+)==[^\\]*\\\n    --hash=sha256:", locked, re.MULTILINE)
    assert names == set(hashed)
    extras = PROJECT["project"]["optional-dependencies"]
    wanted = [*PROJECT["project"]["dependencies"], *extras["test"], *extras["scale"]]
    assert {re.split(r"[^\w-]", one)[0] for one in wanted} <= names


def test_the_examples_travel_in_the_wheel() -> None:
    assert WHEEL["force-include"] == {"schemas/examples": "tramo/examples"}
