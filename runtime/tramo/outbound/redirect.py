"""What a redirect means for the next request. Pure: the caller sends it, and counts."""

from __future__ import annotations

from typing import Final

import msgspec

from tramo.outbound.failure import BadAddress
from tramo.outbound.host import Reach
from tramo.outbound.url import join_url, read_url
from tramo.ports.http import Request, Response

HOPS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CARRIED_ACROSS: Final = frozenset({"accept", "accept-language", "user-agent"})
"""All that another origin gets to see: no credential, no vendor's header."""


def next_request(request: Request, response: Response, reach: Reach) -> Request | None:
    """Return the request that a redirect asks for; None when the answer is no redirect.

    Raises BadAddress for one that must not be followed: out of the connection's reach, from https
    to http, or with a body to another origin.
    """
    location = response.headers.get("location")
    if response.status not in _REDIRECTS or not location:
        return None
    here = read_url(request.url)
    there = join_url(here, location)
    if not reach.allows(there):
        raise BadAddress(
            f"{here.host} redirects to {there.host}, which this connection may not reach."
        )
    if here.scheme == "https" and there.scheme == "http":
        raise BadAddress(f"{here.host} redirects from https to http, where anybody can listen in.")
    method, body = request.method, request.body
    if response.status == 303 or (response.status in (301, 302) and method == "POST"):
        method, body = ("HEAD" if method == "HEAD" else "GET"), b""
    headers = dict(request.headers)
    if not body:
        headers = {name: text for name, text in headers.items() if name.lower() != "content-type"}
    if there.origin != here.origin:
        if method not in ("GET", "HEAD"):
            raise BadAddress(f"{here.host} wants the request sent on to {there.host}.")
        headers = {name: text for name, text in headers.items() if name.lower() in _CARRIED_ACROSS}
    return msgspec.structs.replace(
        request, method=method, url=str(there), headers=headers, body=body
    )
