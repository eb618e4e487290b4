"""The types that connectors' authors meet: strict inside the sdk, and true outside it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.style.source import ROOT

CORRECT = """
from tramo import sdk

class Note(sdk.Params):
    text: str

Note(text="a")
"""


def pyright(*paths: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, *paths]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)


@pytest.mark.slow
def test_the_checker_accepts_right_connectors_and_names_wrong_ones() -> None:
    done = pyright("tests/typing/api.py", "runtime/tramo/sdk")
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_the_checker_is_really_listening(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("typing") / "author.py"
    path.write_text(CORRECT)
    assert pyright(str(path)).returncode == 0
    path.write_text(CORRECT.replace('text="a"', "text=1"))
    done = pyright(str(path))
    assert done.returncode == 1
    assert "reportArgumentType" in done.stdout
