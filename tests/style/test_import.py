"""Who may import whom, and what a bare command does not load."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import pytest

from tests.style.source import ROOT

HEAVY = (
    "aiohttp", "alembic", "aiosmtplib", "argon2", "asyncio", "babel", "cryptography", "httptools",
    "jinja2", "jsonschema_rs", "litestar", "networkx", "sqlalchemy", "tramo_web",
)  # fmt: skip
START_CPU_S = 1.0
"""Far above the 0.3 s that `python -m tests.bench start` holds: CI machines are slow and busy."""

LOADED = """
import sys
from tramo.app.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return set(done.stdout.splitlines()[-1].split())


def test_the_import_contracts_hold() -> None:
    check = "from importlinter.cli import lint_imports_command as check; check()"
    done = subprocess.run(
        [sys.executable, "-c", check, "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, timeout=110, env=os.environ | {"NO_COLOR": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("arguments", [("version",), ("--help",)], ids=" ".join)
def test_a_bare_command_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    found = loaded(*arguments)
    assert "tramo" in found
    assert not found & set(HEAVY)


def test_the_sdk_is_light() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, tramo.sdk; print(*sys.modules)"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    names = {name.partition(".")[0] for name in done.stdout.split()}
    assert not names & (set(HEAVY) - {"asyncio"})


def test_a_bare_command_starts_at_once() -> None:
    took = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "tramo.app.cli", "version"],
            check=True, stdout=subprocess.DEVNULL, timeout=60,
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(took) < START_CPU_S
