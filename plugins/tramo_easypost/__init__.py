"""EasyPost: addresses checked, rates of many carriers, labels, and where parcels are.

The table of contents. How EasyPost is called and refuses is said in `api`, what a parcel's way
means in `tracking`; each resource has a module with its actions.
"""

from __future__ import annotations

from typing import Final

from tramo import sdk

from tramo_easypost.api import Context, call, error_message
from tramo_easypost.credential import EasyPostAccount
from tramo_easypost.twin import EasyPostTwin

connector: Final = sdk.Connector(
    "easypost",
    title="EasyPost",
    summary="Rates and labels of many carriers, and where parcels are.",
    category="Shipping",
    credential=EasyPostAccount,
    base_url="https://api.easypost.com/v2/",
    auth=sdk.Header("Authorization", "authorization"),
    docs_url="https://docs.easypost.com/",
    error_message=error_message,
)
connector.twin(EasyPostTwin)


@connector.test
async def test_account(ctx: Context) -> sdk.Account:
    """Ask EasyPost for its latest event, which names the account once there is one."""
    found = await call(ctx, "GET", "events", query={"page_size": 1})
    name = "Test key: sample labels" if ctx.credential.is_test else "Live key: real labels"
    events = found.get("events") or [{}]
    return sdk.Account(name=name, id=events[0].get("user_id"))


# Each module registers itself on the connector above, so they come after it.
from tramo_easypost import address, label, rate, tracking, trigger  # noqa: E402

__all__ = ["EasyPostAccount", "address", "connector", "label", "rate", "tracking", "trigger"]
