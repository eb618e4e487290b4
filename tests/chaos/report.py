"""What a campaign says at its end: faults, figures against their targets, one verdict."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec


class Figure(msgspec.Struct, frozen=True, omit_defaults=True):
    """A figure beside its target."""

    name: str
    figure: float
    target: str
    met: bool
    unit: str = ""


class Report:
    """Gathers what one campaign did and found."""

    def __init__(self, campaign: str, fault: str, tier: str, seed: int) -> None:
        self.campaign = campaign
        self.fault = fault
        self.tier = tier
        self.seed = seed
        self.faults: Counter[str] = Counter()
        self.demanded: dict[str, int] = {}
        self.acks = 0
        self.runs: dict[str, int] = {}
        self.effects = 0
        self.duplicates = 0
        self.asked = 0
        self.recovery_s: dict[str, float] = {}
        self.rss_mb = 0.0
        self.figures: list[Figure] = []
        self.wrong: list[str] = []
        """What was found against the promise, as sentences; the first few of each kind."""
        self.unexplained: list[str] = []
        """Doubts that no vendor gave a reason for."""
        self.skipped: str | None = None
        """Why it could not take place on this machine."""
        self.broke_off: str | None = None
        """Why it did not come to its end."""
        self._load = os.getloadavg()[0]
        self._began = time.monotonic()

    def demand(self, **faults: int) -> None:
        """Say how many faults of each kind make this a campaign at all."""
        self.demanded |= faults

    def exactly(self, name: str, figure: float, wanted: float, unit: str = "") -> None:
        self.figures.append(Figure(name, figure, f"= {wanted:g}", figure == wanted, unit))

    def at_most(self, name: str, figure: float, most: float, unit: str = "") -> None:
        self.figures.append(Figure(name, round(figure, 3), f"<= {most:g}", figure <= most, unit))

    def at_least(self, name: str, figure: float, least: float, unit: str = "") -> None:
        self.figures.append(Figure(name, round(figure, 3), f">= {least:g}", figure >= least, unit))

    def found_wrong(self, sentences: Sequence[str]) -> None:
        """Keep some of what was found against a promise, for whoever looks for the cause."""
        self.wrong += sentences[:5]

    def recovered(self, seconds: Sequence[float]) -> None:
        """Note how long it took from each fault to the next sign of life."""
        if seconds:
            self.recovery_s = {
                "p50": round(percentile(seconds, 0.5), 3),
                "p99": round(percentile(seconds, 0.99), 3),
                "max": round(max(seconds), 3),
            }

    def saw_rss(self, megabytes: float) -> None:
        self.rss_mb = max(self.rss_mb, round(megabytes, 1))

    @property
    def passed(self) -> bool:
        whole = self.broke_off is None and not self._missing()
        return whole and all(figure.met for figure in self.figures)

    def _missing(self) -> dict[str, str]:
        if self.skipped is not None:
            return {}
        return {
            kind: f"{self.faults[kind]} of {least}"
            for kind, least in self.demanded.items()
            if self.faults[kind] < least
        }

    def as_dict(self) -> dict[str, Any]:
        """Return the one JSON document of a campaign."""
        return {
            "campaign": self.campaign,
            "fault": self.fault,
            "tier": self.tier,
            "seed": self.seed,
            "passed": self.passed,
            "skipped": self.skipped,
            "broke_off": self.broke_off,
            "faults": dict(self.faults),
            "missing_faults": self._missing(),
            "acks": self.acks,
            "runs": self.runs,
            "effects": self.effects,
            "duplicates": self.duplicates,
            "asked": self.asked,
            "recovery_s": self.recovery_s,
            "rss_mb": self.rss_mb,
            "figures": msgspec.to_builtins(self.figures),
            "wrong": self.wrong,
            "took_s": round(time.monotonic() - self._began, 1),
            "machine": {"cores": os.cpu_count(), "load_at_start": round(self._load, 2)},
        }


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value that a part of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
