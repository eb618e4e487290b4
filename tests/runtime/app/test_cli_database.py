"""`tramo db`: which format a database has, and how it gets today's."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from tramo.app.cli.main import main
from tramo.model.value import decode

pytestmark = pytest.mark.sqlite

FOLDER = Path(__file__).parents[3] / "schemas" / "history" / "folder_3_language.sql"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["db", *arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_an_old_folder_is_behind_until_it_is_upgraded(tmp_path: Path, capsys) -> None:
    with sqlite3.connect(tmp_path / "tramo.sqlite3") as connection:
        connection.executescript(FOLDER.read_text("utf-8"))
    connection.close()
    at = ("--data", str(tmp_path))
    code, out, _ = run(capsys, "status", *at)
    assert code == 1
    assert "has format 3" in out
    assert "  4  Many workers" in out
    code, out, _ = run(capsys, "status", *at, "--json")
    assert decode(out.encode())["format"] == 3
    assert run(capsys, "upgrade", *at)[:2] == (
        0,
        "The database was brought from format 3 to 4.\n",
    )
    assert run(capsys, "status", *at)[0] == 0
    assert "nothing to do" in run(capsys, "upgrade", *at)[1]


def test_a_folder_without_a_database_has_none_until_it_is_made(tmp_path: Path, capsys) -> None:
    at = ("--data", str(tmp_path / "new"))
    code, out, _ = run(capsys, "status", *at)
    assert (code, "no database yet" in out) == (0, True)
    assert not (tmp_path / "new").exists()
    assert "was made" in run(capsys, "upgrade", *at)[1]
    assert "can work on it" in run(capsys, "status", *at)[1]


def test_a_newer_tramo_s_folder_is_refused_with_the_cure(tmp_path: Path, capsys) -> None:
    at = ("--data", str(tmp_path))
    run(capsys, "upgrade", *at)
    with sqlite3.connect(tmp_path / "tramo.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9.9'")
    connection.close()
    for verb in ("status", "upgrade"):
        code, out, err = run(capsys, verb, *at)
        assert (code, out) == (1, "")
        assert "format 9, this one knows 4" in err
        assert "Start the newer version" in err


def test_a_database_that_does_not_answer_is_named_without_its_password(capsys) -> None:
    url = "postgresql://me:secret@127.0.0.1:1/shop"
    code, _, err = run(capsys, "status", "--database", url)
    assert code == 1
    assert "me:***@127.0.0.1:1/shop" in err
    assert "secret" not in err
