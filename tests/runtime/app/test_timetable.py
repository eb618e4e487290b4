"""The command that shows when schedules fire."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tramo.app.cli import main

from tests.kit import document


def call(*arguments: str) -> None:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    assert left.value.code == 0


def test_the_next_firings_are_shown_with_their_zone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = {"id": "morning", "type": "core.schedule", "params": {"cron": "0 9 * * *"}}
    flow = document([node], [], timezone="Europe/Madrid")
    path = tmp_path / "flow.json"
    path.write_text(json.dumps(flow))
    place = ["--data", str(tmp_path / "data")]
    call("flow", "put", str(path), *place)
    call("flow", "timetable", "flow_test", *place)
    said = capsys.readouterr().out
    assert said.count("Europe/Madrid") == 5
    assert "not active" in said
    call("flow", "timetable", "flow_test", "--json", *place)
    answer = json.loads(capsys.readouterr().out)
    assert len(answer["items"][0]["next"]) == 5
