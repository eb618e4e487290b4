"""The simulator's command line.

    python -m tramo.testing.simulation --seeds 1000 [--from N] [--shape NAME] [--plant NAME]

It exits with 1 when something does not hold, and prints what, the end of the trace, and the
command that repeats it. With `--plant` a known mistake is made on purpose: then it exits with 1
when nobody notices.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from contextlib import ExitStack
from typing import Final

from tramo.model.value import encode
from tramo.testing.simulation.crowd import SHAPES
from tramo.testing.simulation.plant import PLANTS, planted
from tramo.testing.simulation.simulate import GARDEN, Result, simulate

TAIL: Final = 40
SHOWN: Final = 5


def main(arguments: list[str] | None = None) -> int:
    """Run seeds; return the exit code."""
    asked = _asked(arguments)
    totals: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    failed: list[Result] = []
    with ExitStack() as stack:
        if asked.plant:
            stack.enter_context(planted(asked.plant))
        for seed in range(asked.first, asked.first + asked.seeds):
            result = simulate(seed, asked.shape, crash_at=asked.crash_at)
            totals.update(
                seeds=1,
                runs=result.runs,
                sends=result.sends,
                commits=result.commits,
                points=result.points,
                virtual_days=round(result.virtual_s / 86_400),
            )
            faults.update(result.faults)
            if asked.trace:
                print("\n".join(result.trace))
            if result.violations:
                failed.append(result)
                if not asked.json and len(failed) <= SHOWN and not asked.plant:
                    print(_story(result, asked))
                if asked.plant or len(failed) >= asked.most:
                    break
    _sum_up(asked, totals, faults, failed)
    return int(bool(failed) != bool(asked.plant))


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tramo.testing.simulation")
    parser.add_argument("--seeds", type=int, default=100, help="how many seeds")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    parser.add_argument("--shape", choices=[*sorted(SHAPES), GARDEN], help="one shape of flow only")
    parser.add_argument("--plant", choices=sorted(PLANTS), help="a mistake to make on purpose")
    parser.add_argument("--crash-at", type=int, help="nothing but a kill at the n-th point")
    parser.add_argument("--most", type=int, default=20, help="failing seeds to stop after")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--trace", action="store_true", help="print every trace whole")
    return parser.parse_args(arguments)


def _story(result: Result, asked: argparse.Namespace) -> str:
    lines = [f"seed {result.seed} ({result.shape})"]
    lines += [f"  {violation}" for violation in result.violations[:3]]
    lines += [f"    {line}" for line in result.trace[-TAIL:]]
    return "\n".join([*lines, f"  {repeat(result, asked)}"])


def repeat(result: Result, asked: argparse.Namespace) -> str:
    """Return the command that shows a seed once more."""
    words = ["python -m tramo.testing.simulation --seeds 1", f"--from {result.seed}"]
    words += [f"--shape {asked.shape}"] if asked.shape else []
    words += [f"--plant {asked.plant}"] if asked.plant else []
    words += [f"--crash-at {asked.crash_at}"] if asked.crash_at else []
    return " ".join([*words, "--trace"])


def _sum_up(
    asked: argparse.Namespace,
    totals: Counter[str],
    faults: Counter[str],
    failed: list[Result],
) -> None:
    if asked.json:
        found = [
            {
                "seed": result.seed,
                "shape": result.shape,
                "violations": result.violations[:5],
                "command": repeat(result, asked),
            }
            for result in failed
        ]
        summary = {**totals, "faults": dict(sorted(faults.items())), "failed": found}
        print(encode(summary).decode())
        return
    counted = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in totals.items())
    struck = ", ".join(f"{name} {count}" for name, count in sorted(faults.items()))
    print(f"{counted}; faults: {struck or 'none'}")
    if asked.plant and failed:
        print(f"{asked.plant} is caught by seed {failed[0].seed}: {failed[0].violations[0]}")
        print(repeat(failed[0], asked))
    elif asked.plant:
        print(f"{asked.plant} is not caught")
    else:
        print(f"{len(failed)} seeds fail" if failed else "everything holds")


if __name__ == "__main__":
    sys.exit(main())
