"""`python -m tests.chaos <campaign> [--tier quick|full] [--seed N] [--keep]`."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import shutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from tests.chaos.field import Campaign, Field
from tests.chaos.report import Report

MODULES = (
    "kill",
    "vendor",
    "duplicate",
    "body",
    "poison",
    "disk",
    "restore",
    "clock",
    "cluster",
    "redis",
    "crowd",
    "flood",
    "waiting",
    "power",
    "summer",
)
SEED = 20261122
WITHIN_S = {"quick": 300, "full": 4 * 3_600}
AT_ONCE = 3
"""Campaigns side by side in the quick tier: most of them wait most of the time."""


def campaigns() -> dict[str, Campaign]:
    """Return all campaigns by name."""
    found: dict[str, Campaign] = {}
    for name in MODULES:
        module = importlib.import_module(f"tests.chaos.campaign.{name}")
        found |= {one.name: one for one in module.CAMPAIGNS}
    return found


async def run_one(campaign: Campaign, tier: str, seed: int, *, keep: bool) -> Report:
    """Run a campaign in a folder of its own, which is kept when it failed or when asked for."""
    report = Report(campaign.name, campaign.fault, tier, seed)
    folder = Path(tempfile.mkdtemp(prefix=f"tramo-chaos-{campaign.name}-"))
    _end_by_signal()
    try:
        async with asyncio.timeout(WITHIN_S[tier]):
            await campaign.run(Field(folder, report))
    except TimeoutError:
        report.broke_off = f"it took longer than {WITHIN_S[tier]} s"
        traceback.print_exc()
    except Exception as error:
        report.broke_off = f"{type(error).__name__}: {error}"
        traceback.print_exc()
    finally:
        if report.passed and not keep:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f"Everything it left is in {folder}", file=sys.stderr, flush=True)
    return report


def _end_by_signal() -> None:
    """Let SIGTERM end all that was begun, processes too."""
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)


async def run_quick(known: dict[str, Campaign], seed: int) -> dict[str, Any]:
    """Run the quick tier, some campaigns side by side, each in a process of its own."""
    names = [name for name, one in known.items() if one.quick]
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(name: str) -> dict[str, Any]:
        async with turn:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.chaos", name, "--seed", str(seed),
                stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            try:
                out, _ = await process.communicate()
            except asyncio.CancelledError:
                process.terminate()
                await process.wait()
                raise
        try:
            return json.loads(out)
        except ValueError:
            return {"campaign": name, "passed": False, "broken": process.returncode}

    _end_by_signal()
    found = await asyncio.gather(*(one(name) for name in names))
    return {"tier": "quick", "passed": all(item["passed"] for item in found), "campaigns": found}


def main() -> None:
    """Run what was named; exit 1 when a figure was missed or a fault was not injected."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("campaign", help="a campaign, `list`, or `quick` for all of that tier")
    parser.add_argument("--tier", choices=("quick", "full"), default="quick")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--keep", action="store_true", help="keep the folder of a success too")
    given = parser.parse_args()
    known = campaigns()
    if given.campaign == "list":
        for one in known.values():
            print(
                f"{one.name:<14} {one.fault:<5} {'quick' if one.quick else 'full':<6} {one.about}"
            )
        return
    if given.campaign == "quick":
        found = asyncio.run(run_quick(known, given.seed))
        print(json.dumps(found, indent=2))
        sys.exit(0 if found["passed"] else 1)
    if given.campaign not in known:
        parser.error(f"there is no campaign {given.campaign}; see `python -m tests.chaos list`")
    report = asyncio.run(run_one(known[given.campaign], given.tier, given.seed, keep=given.keep))
    print(json.dumps(report.as_dict(), indent=2))
    sys.exit(0 if report.passed else 1)


if __name__ == "__main__":
    main()
