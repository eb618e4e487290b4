"""What a connection to EasyPost holds. Knows nothing of how it is stored or sent."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated, Final

from tramo import sdk

TEST_KEY: Final = "EZTK"
"""How test keys begin: with one, labels are samples and nothing is charged."""


class EasyPostAccount(sdk.Credential, kw_only=True):
    """An API key, and the secret with which EasyPost signs what it delivers."""

    api_key: Annotated[
        sdk.Secret,
        sdk.Meta(
            title="API key",
            description=(
                "From “API Keys” in your EasyPost account. A test key begins with EZTK and buys "
                "sample labels only; a live key begins with EZAK and costs money."
            ),
        ),
    ]
    # Printable ASCII, in which the normal form that EasyPost gives secrets changes nothing.
    webhook_secret: Annotated[
        Annotated[sdk.Secret, sdk.Meta(pattern=r"^[!-~]{16,}$")] | None,
        sdk.Meta(
            title="Webhook secret",
            description=(
                "Make up a long one, of letters and digits. Tramo gives it to EasyPost, which "
                "signs its events with it. Needed for triggers."
            ),
        ),
        sdk.hint(secret=True, widget="secret"),
    ] = None

    @property
    def authorization(self) -> str:
        """The header that EasyPost wants: the key as a user name, with an empty password."""
        return f"Basic {b64encode(f'{self.api_key}:'.encode()).decode()}"

    @property
    def is_test(self) -> bool:
        return self.api_key.startswith(TEST_KEY)
