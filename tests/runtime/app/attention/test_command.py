"""The commands for people, on a data folder."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tramo.app.cli.main import main
from tramo.app.house import open_house
from tramo.app.setting import load_settings
from tramo.model.value import decode

from tests.runtime.app.attention.kit import MovedClock, Shop
from tests.runtime.app.attention.test_approval import ask


class Folder:
    """`tramo` on one data folder, in this process."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self._capsys = capsys
        self.run_id = ""

    async def furnish(self) -> None:
        """Leave a question, an alert and a mailbox."""
        clock = MovedClock()
        settings = load_settings({}, data=self.path / "data", key_file=self.path / "key.toml")
        async with open_house(settings, clock=clock) as house:
            shop = Shop(house, clock)
            await shop.people()
            await shop.publish()
            await shop.order(fails=True)
            self.run_id = await ask(shop)
            await shop.look()
            await shop.mailbox()

    def __call__(self, *arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--data", str(self.path / "data")])
        said = self._capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    def json(self, *arguments: str) -> Any:
        code, said = self(*arguments, "--json")
        assert code == 0, said
        return decode(said.encode())


@pytest.fixture
def tramo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Folder:
    monkeypatch.setenv("TRAMO_KEY_FILE", str(tmp_path / "key.toml"))
    folder = Folder(tmp_path, capsys)
    asyncio.run(folder.furnish())
    return folder


def test_a_question_is_listed_and_answered(tramo: Folder) -> None:
    (question,) = tramo.json("approvals", "list")["items"]
    assert question["title"] == "Refund 80 €?"
    code, said = tramo("approvals", "list")
    assert (code, "yes, no" in said, "anybody who edits" in said) == (0, True, True)
    code, said = tramo("approvals", "reply", tramo.run_id, "ok", "maybe")
    assert (code, "one of: yes, no" in said) == (1, True)
    code, said = tramo("approvals", "reply", tramo.run_id, "ok", "yes", "--iteration", "x")
    assert (code, "takes numbers" in said) == (1, True)
    code, said = tramo("approvals", "reply", tramo.run_id, "ok", "yes")
    assert (code, said) == (0, "Answered. The run is succeeded now.\n")
    assert tramo("approvals", "list") == (0, "Nothing waits for an answer.\n")


def test_alerts_are_listed_and_seen(tramo: Folder) -> None:
    (alert,) = tramo.json("alerts", "list", "--new")["items"]
    assert tramo("alerts", "seen", alert["id"]) == (0, "Noted.\n")
    assert tramo("alerts", "list", "--new") == (0, "No alerts.\n")
    code, said = tramo("alerts", "list", "--flow", "flow_fails")
    assert (code, "Tag it" in said, "seen" in said) == (0, True, True)
    assert tramo("alerts", "seen", "alr_none")[0] == 1


def test_messages_are_listed_sent_again_and_given_a_way(tramo: Folder) -> None:
    code, said = tramo("notices", "list", "--state", "waiting")
    assert (code, "No connection brings messages yet" in said) == (0, True)
    notice = tramo.json("notices", "list")["items"][0]
    assert tramo("notices", "send", notice["id"])[0] == 0
    assert tramo.json("notices", "way", "Mail")["chosen"] != []
    assert tramo.json("notices", "way", "--default")["chosen"] == []
    code, said = tramo("notices", "way")
    assert (code, "yes" in said) == (0, True)
    assert tramo("notices", "way", "Nothing")[0] == 1
