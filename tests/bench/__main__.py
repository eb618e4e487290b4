"""`python -m tests.bench [CASE…] [--json]`: figures as ratios from one run."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
from typing import Any

CASES = {
    "door": "a signed 4 KB order to a durable 2xx",
    "routing": "order routing, answered after the last node, stored durably",
    "size": "what a stored run weighs, table by table",
    "wait": "10,000 runs into a wait of a day",
    "claim": "claiming what comes due among 1,000,000 waiting runs",
    "cluster": "PostgreSQL, Redis, two workers: order routing, and a load that waits for vendors",
    "chain": "a chain of 1,000 set nodes",
    "loop": "1,000 items × 10 set nodes",
    "cpu": "what a run costs the event loop's thread, layer by layer",
    "expression": "a condition and a text against Python's own eval",
    "editor": "the editor in Chromium: first paint, panning, typing, dragging, a live run",
    "start": "start-up, imports and idle memory",
}


def main() -> None:
    """Run the named cases, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    about = "; ".join(f"{name}: {text}" for name, text in CASES.items())
    parser.add_argument("case", nargs="*", metavar="CASE", help=about)
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    unknown = set(given.case) - set(CASES)
    if unknown:
        parser.error(f"no case {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    rows: list[dict[str, Any]] = []
    for name in given.case or CASES:
        found = importlib.import_module(f"tests.bench.{name}").run()
        rows += found
        if not given.json:
            for row in found:
                print(_line(row), flush=True)
    if given.json:
        print(json.dumps({"machine": _machine(), "rows": rows}, indent=2, default=float))


def _line(row: dict[str, Any]) -> str:
    figure = f"{row['figure']:,.2f} {row['unit']}"
    ratio = f"{row['ratio']:.2f} × {row['against']}" if row.get("ratio") else ""
    target = f"(target {row['target']})" if row.get("target") else ""
    return f"{row['case']:<44} {figure:>18}  {ratio} {target}".rstrip()


def _machine() -> dict[str, Any]:
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {"python": platform.python_version(), "cores": os.cpu_count(), "load": load}


if __name__ == "__main__":
    main()
