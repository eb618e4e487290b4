"""The project's own files, as the style tests read them."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def tracked() -> tuple[str, ...]:
    """Return the paths that belong to the project, those about to be added included."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return tuple(sorted(path for path in done.stdout.splitlines() if (ROOT / path).is_file()))


def files(*suffixes: str, under: tuple[str, ...] = ("",)) -> list[str]:
    """Return the project's files with these suffixes, under these folders."""
    return [path for path in tracked() if path.endswith(suffixes) and path.startswith(under)]


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree(path: str) -> ast.Module:
    return ast.parse(text(path), path)


def words(name: str) -> set[str]:
    """Split an identifier into its words: `maxRunId` and `max_run_id` are max, run and id."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}
