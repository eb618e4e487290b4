"""Where the vendors' own contracts lie, and what a test does where they do not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DEFAULT = Path(__file__).parents[3] / "shared" / "contracts"


def contract_path(*parts: str) -> Path:
    """Return the path of a contract file; without it the test is skipped, and fails in CI."""
    root = Path(os.environ.get("TRAMO_CONTRACTS") or DEFAULT)
    path = root.joinpath(*parts)
    if path.exists():
        return path
    reason = f"{path} is missing: point TRAMO_CONTRACTS at the folder of vendor contracts"
    if os.environ.get("TRAMO_CI") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
