"""What people install: the wheel's content, and a first minute with nothing but Python.

The tests of this file that install from the package registry run with `-m registry`; CI runs them.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.style.source import ROOT, files

DISTRIBUTIONS = 60
MEGABYTES = 300
READY_S = 60


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as a release would, of the editor that lies here already built."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), "."],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=110,
        env=os.environ | {"TRAMO_SKIP_EDITOR": "1"},
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


def made(folder: Path, *, with_pip: bool) -> Path:
    """Make a new environment and return its Python."""
    venv.EnvBuilder(with_pip=with_pip).create(folder)
    return folder / "bin" / "python"


def run(*command: str | Path, **options: object) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, timeout=500, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def clean() -> dict[str, str]:
    """Return this process's environment without what would lead Python back to the sources."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def test_the_wheel_holds_every_file_that_the_packages_need(wheel: Path) -> None:
    held = set(ZipFile(wheel).namelist())
    sources = files(".py", ".toml", ".svg", ".json", ".typed", under=("runtime/", "plugins/"))
    sources += files(".py", ".toml", ".json", under=("web/tramo_web/",))
    wanted = {re.sub(r"^(runtime|plugins|web)/", "", path) for path in sources}
    wanted |= {
        path.replace("schemas/examples", "tramo/examples")
        for path in files(".json", under=("schemas/examples/",))
    }
    assert not wanted - held
    assert "tramo_web/static/index.html" in held
    assert any(name.startswith("tramo_web/static/assets/") for name in held)


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    top = {name.split("/")[0] for name in ZipFile(wheel).namelist()}
    packages = {path.parent.name for path in (ROOT / "plugins").glob("*/__init__.py")}
    (about,) = (name for name in top if name.endswith(".dist-info"))
    assert top == {"tramo", "tramo_web", about, *packages}
    assert not [name for name in ZipFile(wheel).namelist() if "__pycache__" in name]


def test_the_installed_wheel_finds_its_connectors_and_examples(wheel: Path, tmp_path: Path) -> None:
    """The libraries are those of the environment that runs the tests; Tramo is the wheel's own."""
    target = tmp_path / "installed"
    run(sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", target,
        wheel)  # fmt: skip
    code = (
        "import sys, tramo; from tramo.app.cli import main; from tramo.app.demo import example; "
        "print(tramo.__file__, example('vip_orders')['id']); main(sys.argv[1:])"
    )
    libraries = os.pathsep.join([str(target), sysconfig.get_path("purelib")])
    python = made(tmp_path / "environment", with_pip=False)
    told = run(python, "-c", code, "connectors", "--json", cwd=tmp_path,
               env=clean() | {"PYTHONPATH": libraries})  # fmt: skip
    first, _, rest = told.partition("\n")
    assert first.startswith(str(target))
    found = json.loads(rest)
    names = {one["id"] for one in found["items"]}
    assert {"core", "shopify", "slack", "email", "mailchimp"} <= names
    assert not found["broken"]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel with what it asks for into an environment of its own."""
    folder = tmp_path_factory.mktemp("registry") / "environment"
    python = made(folder, with_pip=True)
    run(python, "-m", "pip", "install", "-q", wheel, env=clean())
    return folder


@pytest.mark.registry
@pytest.mark.timeout(600)
def test_a_default_install_is_small(installed: Path) -> None:
    listed = run(installed / "bin" / "python", "-m", "pip", "list", "--format", "json", env=clean())
    names = {one["name"] for one in json.loads(listed)} - {"pip", "setuptools"}
    size = sum(path.stat().st_size for path in installed.rglob("*") if path.is_file())
    print(f"{len(names)} distributions, {size / 1e6:.0f} MB")
    assert len(names) <= DISTRIBUTIONS
    assert size <= MEGABYTES * 1e6
    run(installed / "bin" / "python", "-m", "pip", "check", env=clean())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def demo(installed: Path, tmp_path: Path) -> Iterator[str]:
    """Start the demo shop of the installed wheel and return the first address that it prints."""
    out = tmp_path / "out"
    command = [str(installed / "bin" / "tramo"), "demo", "--port", str(free_port())]
    with out.open("w") as file:
        process = subprocess.Popen(
            [*command, "--data", str(tmp_path / "data")],
            stdout=file, stderr=subprocess.STDOUT, cwd=tmp_path,
            env=clean() | {"TRAMO_KEY_FILE": str(tmp_path / "key.toml"), "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
    try:
        until = time.monotonic() + READY_S
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", out.read_text())):
            assert process.poll() is None, out.read_text()
            assert time.monotonic() < until, out.read_text()
            time.sleep(0.1)
        yield found[0]
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.registry
@pytest.mark.timeout(600)
def test_the_demo_serves_the_editor_from_a_fresh_install(demo: str) -> None:
    with urllib.request.urlopen(f"{demo}/api/v1/health", timeout=20) as answer:
        assert answer.status == 200
    with urllib.request.urlopen(demo, timeout=20) as answer:
        page = answer.read().decode()
    scripts = re.findall(r'<script[^>]* src="(/assets/[^"]+\.js)"', page)
    size = 0
    for script in scripts:
        with urllib.request.urlopen(demo + script, timeout=20) as answer:
            size += len(answer.read())
    assert size > 10_000
