"""How a request can fail before or on its way, finer than the port tells."""

from __future__ import annotations

import errno
import socket
import ssl

from tramo.ports.http import Interrupted, NotSent


class AddressRefused(NotSent):
    """An address that must not be reached from here; trying again does not help."""


class BadAddress(NotSent):
    """A request whose address cannot be used; the message says what is wrong with it."""


class BadHeader(NotSent):
    """A header that must not be sent; the message names it."""


class TooLarge(Interrupted):
    """The answer is larger than anything Tramo reads."""


_REASONS = {
    errno.ECONNREFUSED: "nothing listens there",
    errno.ECONNRESET: "the connection was cut",
    errno.EHOSTUNREACH: "there is no way to that address",
    errno.ENETUNREACH: "there is no way to that address",
    errno.ETIMEDOUT: "nobody answered",
    errno.EPIPE: "the connection was cut",
}


def reason_of(error: Exception) -> str:
    """Say in plain words why a connection failed, without the system's numbers."""
    inner = getattr(error, "os_error", error)
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"its certificate is not right ({inner.verify_message})"
    if isinstance(inner, ssl.SSLError):
        return "no secure connection could be made"
    if isinstance(inner, socket.gaierror):
        return "there is no such name"
    if isinstance(inner, OSError) and inner.errno in _REASONS:
        return _REASONS[inner.errno]
    return str(error) or type(error).__name__
