"""What a vendor was asked for, and what it did: a line of JSON each, written before the answer."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec


class Entry(msgspec.Struct, omit_defaults=True):
    """One request that arrived."""

    at: float
    """The machine's time, in seconds."""
    kind: str
    """keyed, never_repeat, mail or pure."""
    order: str
    node: str
    behaviour: str
    applied: bool = False
    """It had an effect."""
    doubtful: bool = False
    """Whoever sent it cannot know whether it had."""
    key: str = ""
    digest: str = ""
    """Of the body."""
    repeated: bool = False
    """The key was known: the first answer was given again."""
    conflict: bool = False
    """The key was known with another body."""
    forgotten: bool = False
    """The key had been known, longer ago than the vendor remembers."""


class Ledger:
    """The file, open for writing at its end."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, entry: Entry) -> None:
        os.write(self._descriptor, msgspec.json.encode(entry) + b"\n")


def read_ledger(path: Path) -> list[Entry]:
    """Return all entries, oldest first."""
    if not path.exists():
        return []
    decoder = msgspec.json.Decoder(Entry)
    return [decoder.decode(line) for line in path.read_bytes().splitlines() if line]
