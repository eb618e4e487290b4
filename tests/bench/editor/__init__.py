"""The editor in real Chromium against a real server: first paint, panning, typing, dragging, runs.

The measuring is TypeScript, beside the editor's language and with the kit of the stories. Wall
figures mean something on a quiet machine only; the processor's time of Chrome's main thread stands
beside them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]


def run() -> list[dict[str, Any]]:
    """Measure the built editor; `TRAMO_BENCH_CASES` names some cases in place of all."""
    node = shutil.which("node")
    if node is None:
        raise RuntimeError("The bench of the editor needs Node.")
    with tempfile.TemporaryDirectory(prefix="tramo-bench-") as folder:
        result = Path(folder) / "result.json"
        vitest = ROOT / "web" / "node_modules" / "vitest" / "vitest.mjs"
        config = Path(__file__).parent / "vitest.config.mts"
        done = subprocess.run(
            [node, str(vitest), "run", "--config", str(config)],
            cwd=ROOT / "web",
            env={
                **os.environ,
                "TRAMO_PYTHON": os.environ.get("TRAMO_PYTHON", sys.executable),
                "TRAMO_BENCH_RESULT": str(result),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"The bench of the editor failed:\n{done.stdout}{done.stderr}")
        return json.loads(result.read_text())["rows"]
