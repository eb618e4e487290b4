"""The commands for tables, in this process: what goes in comes out as it was."""

from __future__ import annotations

import io
import sys

import pytest
from tramo.app.cli.main import main
from tramo.model.value import decode


@pytest.fixture
def tramo(tmp_path, monkeypatch, capsysbinary):
    """Run a command on a data folder; give its exit code, output and complaint."""
    monkeypatch.setenv("TRAMO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TRAMO_KEY_FILE", str(tmp_path / "key.toml"))

    def run(*arguments: str, given: bytes = b"") -> tuple[int, bytes, bytes]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        with pytest.raises(SystemExit) as ended:
            main(["tables", *arguments])
        said = capsysbinary.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def test_a_table_goes_in_as_csv_and_comes_out_as_it_was(tramo, tmp_path):
    sheet = tmp_path / "points.csv"
    sheet.write_text("\ufeffcustomer,points\r\n0042,12.50\r\n0043,7\r\n")
    code, out, err = tramo(
        "import", "points", str(sheet), "--key", "customer", "--number", "points"
    )
    assert (code, out) == (0, b"Kept 2 rows in points.\n"), err
    assert tramo("put", "points", "ana", "-", given=b'{"points":1}')[0] == 0
    assert tramo("delete", "points", "0043")[0] == 0
    shown = decode(tramo("show", "points", "--search", "00", "--json")[1])
    assert [(item["key"], str(item["row"]["points"])) for item in shown["items"]] == [
        ("0042", "12.50")
    ]
    assert tramo("export", "points", "--csv")[1].splitlines() == [
        *(b"key,points", b"0042,12.50", b"ana,1"),
    ]
    kept = tmp_path / "points.json"
    kept.write_bytes(tramo("export", "points")[1])
    assert decode(tramo("import", "copy", str(kept), "--json")[1]) == {"rows": 2}


def test_no_tables_is_told_with_a_way_to_make_one(tramo):
    assert tramo("list")[1].startswith(b"No tables yet.")


def test_what_cannot_be_done_is_said_on_stderr_and_exits_1(tramo, tmp_path):
    code, out, err = tramo("delete", "points", "0043")
    assert (code, out, b"0043" in err) == (1, b"", True)
    sheet = tmp_path / "latin.csv"
    sheet.write_bytes("key,name\n1,Té".encode("latin-1"))
    assert b"UTF-8" in tramo("import", "points", str(sheet))[2]
