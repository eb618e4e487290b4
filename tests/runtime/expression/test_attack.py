"""Every known attack on an expression engine is contained, and the process lives on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.expression import attack

ROOT = Path(__file__).parents[3]
MOST_BYTES = 10_500_000
MOST_SECONDS = 1.5  # of processor time; 0.1 to 0.3 on a quiet machine

# Attacks that are harmless when they are answered with a value; all others must be refused.
ANSWERED = {
    "split into spaces": "value:list",
    "strip_html": "value:str",
    "squeeze": "value:str",
    "slug": "value:str",
    "zero with an exponent": "value:str",
    "sum of 4,999": "value:int",
    "brackets 30": "value:int",
    "comparisons": "value:bool",
    "small turns": "value:str",
    "raw": "value:str",
}
# Refusals that must be this one and no other.
REFUSED = {
    "class": "expression.private_name",
    "class by key": "expression.unknown_field",
    "globals": "expression.private_name",
    "map to a dunder": "expression.item_field",
    "method": "expression.call",
    "attr filter": "expression.unknown_filter",
    "format filter": "expression.unknown_filter",
    "range": "expression.call",
    "fullwidth dunder": "expression.character",
    "homoglyph name": "expression.character",
    "repeat a text": "expression.not_number",
    "power": "expression.power",
    "large product": "expression.number_range",
    "large exponent": "expression.number_range",
    "pad": "expression.budget",
    "replace": "expression.budget",
    "replace in turns": "expression.budget",
    "join": "expression.budget",
    "concatenate": "expression.budget",
    "doubling": "expression.budget",
    "nested loops": "expression.budget",
    "nested empty loops": "expression.budget",
    "filtered loop": "expression.budget",
    "filter in a loop": "expression.budget",
    "json of depth": "expression.too_deep",
    "sum of 100,000": "expression.too_long",
    "not 2,000": "expression.too_deep",
    "brackets 4,000": "expression.too_deep",
    "include": "expression.tag",
    "import": "expression.tag",
    "extends": "expression.tag",
    "macro": "expression.tag",
    "set": "expression.tag",
    "filter block": "expression.tag",
}


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.runtime.expression.attack"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, f"the process died: {done.returncode}\n{done.stderr[-2000:]}"
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {row["name"]: row for row in rows}


@pytest.mark.slow
@pytest.mark.parametrize("name", [*attack.EXPRESSIONS, *attack.TEXTS])
def test_an_attack_is_contained(name: str, outcomes: dict[str, dict[str, Any]]) -> None:
    row = outcomes[name]
    if name in ANSWERED:
        assert row["outcome"] == ANSWERED[name]
    else:
        assert row["outcome"].startswith("expression.")
    assert row["outcome"] == REFUSED.get(name, row["outcome"])
    assert row["bytes"] <= MOST_BYTES
    assert row["seconds"] <= MOST_SECONDS
