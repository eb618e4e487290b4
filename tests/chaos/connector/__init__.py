"""A connector that does what no connector should, installed for servers under test only."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.child import python_path

HERE = Path(__file__).parent


def installed(folder: Path) -> dict[str, str]:
    """Return the environment in which the connector is installed: its code and its entry point lie
    on Python's path, as after an installation."""
    place = folder / "installed"
    known = place / "tramo_chaos-1.0.dist-info"
    known.mkdir(parents=True, exist_ok=True)
    (known / "METADATA").write_text("Metadata-Version: 2.1\nName: tramo-chaos\nVersion: 1.0\n")
    (known / "entry_points.txt").write_text("[tramo.connectors]\nchaos = tramo_chaos:connector\n")
    return {"PYTHONPATH": python_path(HERE, place)}
