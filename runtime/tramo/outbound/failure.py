"""How a request can fail before or on its way, finer than the port tells."""

from __future__ import annotations

from tramo.ports.http import Interrupted, NotSent


class AddressRefused(NotSent):
    """An address that must not be reached from here; trying again does not help."""


class BadAddress(NotSent):
    """A request whose address cannot be used; the message says what is wrong with it."""


class BadHeader(NotSent):
    """A header that must not be sent; the message names it."""


class TooLarge(Interrupted):
    """The answer is larger than anything Tramo reads."""
