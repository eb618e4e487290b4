"""The forty templates: each can be written with the node types that are installed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tramo.graph import load
from tramo.registry import discover

SCHEMAS = Path(__file__).parents[2] / "schemas"
REGISTRY = discover()
ROWS = {
    int(row[1]): (row[2], row[3])
    for line in (SCHEMAS / "README.md").read_text("utf-8").splitlines()
    if (row := re.fullmatch(r"\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]*) \|", line))
}


def node_types(how: str) -> list[str]:
    """Return the node types of a template: named one by one, or those of its examples."""
    named = re.findall(r"`([a-z_.]+)`", how)
    for path in re.findall(r"\]\(([^)]+)\)", how):
        named += [node.type for node in load((SCHEMAS / path).read_bytes()).nodes]
    return named


def test_no_template_is_left_out() -> None:
    assert list(ROWS) == list(range(1, 41))


@pytest.mark.parametrize("number", ROWS)
def test_a_template_can_be_written_with_what_is_installed(number: int) -> None:
    name, how = ROWS[number]
    types = node_types(how)
    assert types, f"{name} names no node type"
    kinds = {type: REGISTRY.newest(type) for type in types}
    assert all(kinds.values()), [type for type, kind in kinds.items() if kind is None]
    found = {kind.kind for kind in kinds.values() if kind is not None}
    assert {"trigger", "action"} <= found, f"{name} has no trigger, or does nothing"
