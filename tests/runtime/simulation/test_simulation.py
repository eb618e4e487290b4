"""A whole Tramo under faults that a seed decides; see `tramo.testing.simulation`."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest
from tramo.testing.simulation import SHAPES, simulate

SEEDS = 82
CHUNK = 41
TWICE = range(40, 44)
ORDERS = {"once": 2, "queue": 2, "replace": 2, "rate": 2, "schedule": 0, "poll": 0}
"""Shapes that a single order says nothing about, or that none starts."""
BROAD = {"burst"}
"""Shapes that have nothing but more of what others have one of."""


def said(result) -> str:
    tail = "\n".join(result.trace[-25:])
    found = "\n".join(result.violations[:3])
    command = f"python -m tramo.testing.simulation --seeds 1 --from {result.seed} --trace"
    return f"{result.shape}, seed {result.seed}\n{found}\n{tail}\n{command}"


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_whatever_goes_wrong_nothing_is_lost_and_nothing_happens_twice(first: int) -> None:
    for seed in range(first, first + CHUNK):
        result = simulate(seed)
        assert not result.violations, said(result)


@pytest.mark.parametrize(
    ("shape", "seed"),
    [
        ("approve", 76),  # Who answered went away while the answer was being written.
        ("approve", 140),  # A run was set aside again by who had claimed it before its release.
        ("fork", 367),  # A first commit took longer than the lease it gave.
        ("edit", 27),  # A run whose first commit came with the stop was sent for after it.
        ("rerun_loop", 7),  # A payment that failed in doubt was made again, its key forgotten.
        ("call", 10),  # A run that was to stop began its next step first, where both were due.
        ("garden", 312),  # An event that came while a wait "from here on" was written was missed.
        ("edit", 7),  # A run that came to ask was due still, for the wait before.
        ("queue", 98),  # A run began again where it had been read before others began it.
        ("rerun", 140),  # What the scribe may have written was written again, and fenced off.
        ("fork", 3),  # A stop met a commit that failed: what it held was missing in what followed.
        ("rerun", 5),  # Whose cancel was fenced off was told that the run is cancelled.
        ("beside", 0),  # A wait was over by the event that had started its run.
        ("replace", 13),  # Runs that were written together did not make room for each other.
        ("garden", 1019),  # A last try was refused, and what an earlier one did was done anew.
        ("beside", 3026),  # A run that somebody spoke to waited for the slot that it had.
        ("beside", 3436),  # Who took a run up to answer it swallowed the ring of an event.
        ("rerun", 3133),  # A re-run passed over the latest one, begun when the clock was set back.
        ("garden", 3072),  # A run that had rested here was told of its time twice, in line.
        ("recall", 238),  # A run that could not be read was taken for one that its worker died of.
        ("chain", 4718),  # A lease was renewed from when that was asked for, not from its writing.
        ("relist", 293),  # A commit that had waited took back a renewal, and what it sent was late.
        ("errors", 1076),  # A crash counted still after a stored step had come further.
        ("burst", 39),  # So it did where its worker stopped right after that step.
    ],
)
def test_what_was_found_once_stays_mended(shape: str, seed: int) -> None:
    result = simulate(seed, shape)
    assert not result.violations, said(result)


@pytest.mark.parametrize("name", sorted(SHAPES.keys() - BROAD))
def test_a_kill_at_any_point_of_any_shape_is_survived(name: str) -> None:
    """At the first labelled point, at the second, and so on, until a world passes untouched."""
    number = 1
    while True:
        result = simulate(7, name, crash_at=number, orders=ORDERS.get(name, 1))
        assert not result.violations, f"killed at point {number}: {said(result)}"
        if not result.faults:
            break
        number += 1
    assert number > 5


def test_a_kill_at_any_point_of_keeping_and_reading_is_survived() -> None:
    number = 1
    while (result := simulate(7, "keyed", crash_at=number, orders=2, crowded=True)).faults:
        assert not result.violations, f"killed at point {number}: {said(result)}"
        number += 1
    assert {"dictate.after", "backlog.read.before"} <= set(result.labels)


def test_faults_of_every_kind_happen() -> None:
    faults: dict[str, int] = {}
    labels: set[str] = set()
    for seed in range(10):
        result = simulate(seed)
        labels |= set(result.labels)
        for kind, count in result.faults.items():
            faults[kind] = faults.get(kind, 0) + count
    assert {"crash", "freeze", "delay", "refuse"} <= set(faults)
    assert {"accept.before", "advance.after", "claim.before", "send.before", "send.after"} <= labels


def test_a_seed_gives_the_same_trace_byte_for_byte_in_any_process() -> None:
    assert {digest_in("0"), digest_in("4711")} == {digest()}


def digest() -> str:
    """Name what a few seeds did."""
    traces = "\n".join(line for seed in TWICE for line in simulate(seed).trace)
    return hashlib.sha256(traces.encode()).hexdigest()


def digest_in(hash_seed: str) -> str:
    code = "from tests.runtime.simulation.test_simulation import digest; print(digest())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
