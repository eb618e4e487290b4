"""The errors a connector raises. The raiser says what kind of failure it is; the engine decides
what follows.

    ActionError
    ├── Transient           it may work later: rate limits, outages, timeouts
    ├── CredentialRefused   the account must sign in again
    ├── Rejected            the vendor understood and said no
    ├── BadParams           what the node was given cannot be sent
    └── Unavailable         something this connector needs is not installed or configured

Anything else that an action raises is a bug of the connector: shown as such, not retried.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ActionError(Exception):
    """A failure that its raiser has classified. `message` is one plain sentence.

    In other languages it is said by the connector's `locales/*.toml`, under `error.` and the code
    without the connector's id, filled with `params` (plain data) and with `details`.
    """

    default_code = "action.failed"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        details: Any = None,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.details = details
        self.params = dict(params or {})


class Transient(ActionError):
    """It may work later.

    `retry_after_s` is the vendor's own wish. `settled` means that the vendor certainly did not
    carry out the request (a rate limit, a refused connection), so that sending it again cannot do
    it twice.
    """

    default_code = "vendor.unavailable"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        details: Any = None,
        params: Mapping[str, Any] | None = None,
        retry_after_s: float | None = None,
        settled: bool = False,
    ) -> None:
        super().__init__(message, code=code, details=details, params=params)
        self.retry_after_s = retry_after_s
        self.settled = settled


class CredentialRefused(ActionError):
    """The vendor does not accept the connection's credential; the runs wait for a new sign-in."""

    default_code = "connection.refused"


class Rejected(ActionError):
    """The vendor understood the request and refused it; nothing was done."""

    default_code = "vendor.rejected"


class BadParams(ActionError):
    """The values given to the node cannot be sent; nothing was sent."""

    default_code = "params.invalid"


class Unavailable(ActionError):
    """Something the connector needs is missing here; the message says what to do."""

    default_code = "connector.unavailable"
