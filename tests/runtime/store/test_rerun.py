"""Re-runs, as their rows say it."""

from __future__ import annotations

from tramo.model.scope import Scope
from tramo.store.rerun import family_ids

from tests.runtime.store.kit import WORKSPACE, add_run

SCOPE = Scope(WORKSPACE, "user_a", "owner")


async def test_a_run_comes_after_the_one_that_it_goes_on_from_whatever_the_clock_said(database):
    for run_id, before in (("run_b", None), ("run_a", "run_b")):
        await add_run(database, run_id, copied_from=before)
    assert await database.read(lambda c: family_ids(c, SCOPE, "run_b")) == ["run_b", "run_a"]
