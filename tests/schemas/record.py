"""Records runs for the corpus in `schemas/history`:

    python -m tests.schemas.record                 # what no file holds yet
    python -m tests.schemas.record race_of_two_waits

What is recorded never changes: a story that is told anew gets a name of its own.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tramo import __version__

from tests.schemas.recording import record
from tests.schemas.story import STORIES

HISTORY = Path(__file__).parents[2] / "schemas" / "history"


async def tell(name: str, folder: Path) -> list[Path]:
    """Record the runs of a story; return their files."""
    written: list[Path] = []
    with tempfile.TemporaryDirectory() as house:
        async for where, run_id in STORIES[name](Path(house)):
            path = folder / f"{name}{f'_{len(written) + 1}' if written else ''}.json"
            (await record(where, run_id, name, __version__)).write(path)
            written.append(path)
    return written


def main(names: list[str], folder: Path = HISTORY) -> None:
    wanted = names or [name for name in STORIES if not (folder / f"{name}.json").exists()]
    for name in wanted:
        for path in asyncio.run(tell(name, folder)):
            print(path.name)


if __name__ == "__main__":
    main(sys.argv[1:])
