"""Documents that cannot lie: they name what there is, link to what exists, and run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App
from tramo.app.cli.main import app
from tramo.app.watch.metric import HELP

from tests.style.source import ROOT, files, text

REFERENCE = "runtime/REFERENCE.md"
PAGES = [path for path in files(".md") if not path.startswith("tests/plugins/")]
BLOCK = re.compile(r"^```(sh|python) run\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INTERNAL = {"TRAMO_CI", "TRAMO_CONTRACTS", "TRAMO_VENV", "TRAMO_SKIP_EDITOR"}
"""Settings of developers and CI: documented in `tests/README.md`."""


def commands(app: App, *above: str) -> Iterator[tuple[str, set[str]]]:
    """Give every command's words and its options."""
    for name in app:
        if name.startswith("-"):
            continue
        below = app[name]
        if any(not word.startswith("-") for word in below):
            yield from commands(below, *above, name)
        else:
            options = {
                word
                for argument in below.assemble_argument_collection()
                for word in argument.names
                if word.startswith("--") and not word.startswith("--empty-")
            }
            yield " ".join((*above, name)), options


COMMANDS = dict(commands(app, "tramo"))


def chapters(page: str) -> dict[str, str]:
    """Return heading -> what stands under it; a heading is its first code words, or its text."""
    parts = re.split(r"^#{2,4} (.+)$", text(page), flags=re.MULTILINE)
    return {parts[i].replace("`", "").strip(): parts[i + 1] for i in range(1, len(parts), 2)}


def test_every_command_has_its_heading_and_nothing_else_has() -> None:
    headings = {heading for heading in chapters(REFERENCE) if heading.startswith("tramo ")}
    assert headings == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_described_under_its_command(command: str) -> None:
    chapter = re.sub(r"^```.*?^```$", "", chapters(REFERENCE)[command], flags=re.M | re.S)
    shared = {"--data", "--server", "--token", "--json"}
    told = set(re.findall(r"--[a-z][a-z-]+", chapter))
    assert COMMANDS[command] - told <= shared, "options that the page does not name"
    assert told <= COMMANDS[command], "options that there are not"


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    name = re.compile(r"\bTRAMO_[A-Z][A-Z_]*\b")
    code = {
        found
        for path in files(".py", under=("runtime/", "web/", "plugins/"))
        for found in name.findall(text(path))
    }
    told = set(re.findall(r"^\| `(TRAMO_[A-Z_]+)`", text(REFERENCE), re.MULTILINE))
    assert told == code - INTERNAL
    assert set(name.findall(text("tests/README.md"))) >= INTERNAL


def test_every_figure_is_documented_and_every_documented_one_exists() -> None:
    told = set(re.findall(r"^\| `(tramo_[a-z_]+)`", text(REFERENCE), re.MULTILINE))
    assert {name.removesuffix("_total") for name in told} == set(HELP)


def test_the_readme_names_every_command_group() -> None:
    named = set(re.findall(r"`tramo ([a-z]+)", text("README.md")))
    assert named >= {command.split()[1] for command in COMMANDS}


def test_the_readmes_second_command_is_the_one_that_ci_runs() -> None:
    assert "\nbash tests/run\n" in text("README.md")
    assert "stage tests bash tests/run" in text(".ci/run")


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#\s]+)[^)]*\)", text(page)):
        assert (ROOT / page).parent.joinpath(target).exists(), target


def test_every_file_that_the_architecture_names_is_there() -> None:
    named = re.findall(r"`((?:runtime|plugins|web|schemas|tests)/[\w./-]+)`", architecture())
    rooms = re.findall(r"`((?:[a-z_]+/)+[a-z_]*(?:\.py)?)`", architecture())
    assert len(named) + len(rooms) > 40
    for path in named:
        assert (ROOT / path).exists(), path
    for path in rooms:
        if path not in named:
            assert any((ROOT / place / path).exists() for place in ("", "runtime/tramo")), path


def architecture() -> str:
    return text("runtime/ARCHITECTURE.md")


def runnable() -> list[tuple[str, int, str, str]]:
    return [
        (page, text(page)[: found.start()].count("\n") + 1, found[1], found[2])
        for page in PAGES
        for found in BLOCK.finditer(text(page))
    ]


@pytest.mark.parametrize(
    ("page", "line", "language", "code"), runnable(), ids=lambda value: str(value).split("\n")[0]
)
def test_every_block_that_says_so_runs(
    page: str, line: int, language: str, code: str, tmp_path: Path
) -> None:
    command = ["bash", "-euo", "pipefail", "-c"] if language == "sh" else [sys.executable, "-c"]
    mine = {"TRAMO_DATA": str(tmp_path / "data"), "TRAMO_KEY_FILE": str(tmp_path / "key.toml")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [*command, code], cwd=ROOT, capture_output=True, text=True, timeout=300,
        env=os.environ | mine | {"PATH": path},
    )  # fmt: skip
    assert done.returncode == 0, f"{page}:{line}\n{done.stdout}{done.stderr}"


def test_some_blocks_run() -> None:
    assert {language for _, _, language, _ in runnable()} == {"sh", "python"}
