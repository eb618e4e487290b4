"""The author's guide: its example runs as it stands, and its TOML reads."""

from __future__ import annotations

import inspect
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.plugins import connector

GUIDE = (connector.ROOT / "plugins" / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run every Python block of the guide, one after the other, as one module."""
    module = ModuleType("acme_notes")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    for block in blocks("python"):
        exec(compile(block, "plugins/README.md", "exec"), module.__dict__)
    return module.__dict__


async def test_the_guides_own_test_passes(example: dict[str, Any]) -> None:
    tests = [value for name, value in example.items() if name.startswith("test_")]
    assert tests
    for test in tests:
        assert inspect.iscoroutinefunction(test)
        await test()


def test_the_guides_connector_is_whole(example: dict[str, Any]) -> None:
    found = example["connector"].tramo_connector()
    assert list(found.actions) == ["write_note@1"]
    assert found.twin is example["NotesTwin"]


def test_the_guides_toml_reads() -> None:
    for block in blocks("toml"):
        assert tomllib.loads(block)


def test_every_file_that_the_guide_names_is_there() -> None:
    plugins = connector.ROOT / "plugins"
    for target in re.findall(r"\]\(([^)#]+)\)", GUIDE):
        assert (plugins / target).exists(), target
    for name in re.findall(r"`(tramo_\w+/[\w./]+|tests/[\w./]+\.py)`", GUIDE):
        place = connector.ROOT if name.startswith("tests/") else plugins
        assert Path(place / name).exists(), name
