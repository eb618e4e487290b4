"""`python -m tests.mutation [--file NAME…] [--sample N --seed S] [--json]`: mutants of the engine.

mutmut changes one thing in one function and runs the engine's tests that reach it; a mutant that no
test notices has survived. This lays out what mutmut wants, a package at the root of a folder: the
engine and the rooms below it, which layering says is all that its tests need.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ROOMS = ("engine", "graph", "expression", "ports", "model")
MUTMUT = "3.8.1"

SETTINGS = """\
[tool.pytest.ini_options]
addopts = ["--strict-markers", "--import-mode=importlib", "-p", "no:cacheprovider"]
pythonpath = ["."]

[tool.mutmut]
source_paths = ["tramo/"]
only_mutate = ["tramo/engine/*"]
also_copy = ["tests"]
pytest_add_cli_args_test_selection = ["tests/runtime/engine"]
timeout_constant = 10.0
"""

PROFILE = """\
from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "mutation", database=None, deadline=None, derandomize=True, max_examples=20,
    phases=[Phase.generate], suppress_health_check=list(HealthCheck),
)
settings.load_profile("mutation")
"""
"""Laws are tried on few examples, the same ones for every mutant."""

NOT_TRIED, SURVIVED, NO_TEST = None, 0, 33
"""mutmut's exit codes; any other is a mutant that a test noticed, or that ran for ever."""


def main() -> int:
    """Try the mutants that were asked for and say how many survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--file", action="append", metavar="NAME", help="such as retry; or all")
    parser.add_argument("--sample", type=int, metavar="N", help="only so many, drawn at random")
    parser.add_argument("--seed", type=int, default=1, help="of the sample (default: 1)")
    parser.add_argument("--folder", type=Path, help="where to work; kept, for `mutmut show NAME`")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    if importlib.util.find_spec("mutmut") is None:
        parser.error(f"mutmut is missing: pip install mutmut=={MUTMUT}")
    with tempfile.TemporaryDirectory(prefix="tramo-mutation-") as temporary:
        folder = given.folder or Path(temporary)
        lay_out(folder)
        _mutmut(folder, ["tramo.engine.instant.*"])  # The smallest file: now all mutants are made.
        names = sorted(name for name in read_codes(folder) if _is_asked(name, given.file))
        if given.sample is not None and given.sample < len(names):
            names = sorted(random.Random(given.seed).sample(names, given.sample))
        _mutmut(folder, names)
        codes = read_codes(folder)
        told = count({name: codes[name] for name in names}, made=len(codes))
    print(json.dumps(told, indent=2) if given.json else _table(told))
    return 0 if told["score"] >= 0.85 else 1


def lay_out(folder: Path) -> None:
    """Copy the engine, what it stands on and its tests."""
    leave = shutil.ignore_patterns("__pycache__")
    source, tests = ROOT / "runtime" / "tramo", ROOT / "tests"
    for room in ROOMS:
        shutil.copytree(source / room, folder / "tramo" / room, ignore=leave, dirs_exist_ok=True)
    shutil.copy(source / "__init__.py", folder / "tramo")
    here = Path("runtime", "engine")
    shutil.copytree(tests / here, folder / "tests" / here, ignore=leave, dirs_exist_ok=True)
    for package in (Path(), Path("runtime")):
        shutil.copy(tests / package / "__init__.py", folder / "tests" / package)
    (folder / "tests" / "conftest.py").write_text(PROFILE, "utf-8")
    (folder / "pyproject.toml").write_text(SETTINGS, "utf-8")


def _mutmut(folder: Path, names: Iterable[str]) -> None:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "1", *names]
    with (folder / "mutmut.log").open("ab") as log:
        done = subprocess.run(
            command, cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode:
        said = (folder / "mutmut.log").read_text("utf-8", "replace")[-2_000:]
        raise SystemExit(f"mutmut broke off:\n{said}")


def read_codes(folder: Path) -> dict[str, int | None]:
    """Return how each mutant ended, by its name."""
    codes: dict[str, int | None] = {}
    for path in sorted((folder / "mutants" / "tramo" / "engine").glob("*.meta")):
        codes |= json.loads(path.read_text("utf-8"))["exit_code_by_key"]
    return codes


def _is_asked(name: str, files: list[str] | None) -> bool:
    return files is None or name.split(".")[2] in files


def count(codes: dict[str, int | None], *, made: int) -> dict[str, Any]:
    """Count what was tried and killed, file by file."""
    tried: Counter[str] = Counter()
    killed: Counter[str] = Counter()
    for name, code in codes.items():
        file = f"{name.split('.')[2]}.py"
        tried[file] += code is not NOT_TRIED
        killed[file] += code not in (NOT_TRIED, SURVIVED, NO_TEST)
    return {
        "made": made,
        "tried": tried.total(),
        "killed": killed.total(),
        "score": killed.total() / max(1, tried.total()),
        "files": {file: {"tried": tried[file], "killed": killed[file]} for file in sorted(tried)},
        "survivors": [name for name, code in codes.items() if code in (SURVIVED, NO_TEST)],
    }


def _table(told: dict[str, Any]) -> str:
    lines = [
        f"{name:<14} {row['killed']:>5} of {row['tried']}" for name, row in told["files"].items()
    ]
    lines += [f"survived: {name}" for name in told["survivors"]]
    lines.append(f"{told['killed']} of {told['tried']} killed: {told['score']:.1%}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
