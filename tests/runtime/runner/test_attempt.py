"""What an attempt makes of what goes wrong around it."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from tests.kit import finished, steps
from tests.runtime.runner.test_room import Vendor, opened, start


async def test_a_step_is_tried_again_where_the_database_was_away_as_it_began(
    tmp_path, monkeypatch: pytest.MonkeyPatch
):
    """It was taken for a mistake of the connector, and the run failed."""
    vendor = Vendor()
    vendor.may_answer.set()
    async with opened(tmp_path, vendor) as house:
        contexts = house.runner._hand._attempts._contexts
        there, tries = contexts.open, []

        async def away_at_first(call):
            tries.append(call.attempt)
            if len(tries) == 1:
                raise OperationalError("SELECT", {}, Exception("the server closed the connection"))
            return await there(call)

        monkeypatch.setattr(contexts, "open", away_at_first)
        await start(house, 1)
        (run,) = await finished(house)
        assert run["state"] == "succeeded"
        assert (await steps(house, run["id"]))["one"]["attempts"] == 2
        assert len(vendor.calls) == 2, "each step was sent once"
