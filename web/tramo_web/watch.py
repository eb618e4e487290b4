"""What load balancers and Prometheus ask: `/health`, `/ready` and `/metrics`, beside the API.

`/health` and `/ready` answer everybody and say next to nothing. `/metrics` is for this machine as
long as nobody outside is told to come here, and for whoever signs in or brings a token.
"""

from __future__ import annotations

from typing import Any, Final

from tramo.app.house import House
from tramo.model.problem import TramoError
from tramo.model.value import encode

from tramo_web.front import LOOPBACK_NAMES, Front, host_name, is_loopback
from tramo_web.static import Answer

HEALTH: Final = "/health"
READY: Final = "/ready"
METRICS: Final = "/metrics"
PATHS: Final = frozenset({HEALTH, READY, METRICS})
FORWARDED: Final = frozenset(
    {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"}
)
"""Headers of proxies: whoever sends one speaks for somebody else."""

_JSON: Final = (b"content-type", b"application/json")


def is_for_any_host(path: str, headers: dict[str, str]) -> bool:
    """Tell whether it does not matter by which name a request calls us.

    Balancers and Prometheus call us by addresses and names of their own networks. A page of a
    stranger learns nothing from the first two, and has no token for the third.
    """
    return path in (HEALTH, READY) or (path == METRICS and "authorization" in headers)


async def answer(
    house: House | None, front: Front, scope: dict[str, Any], headers: dict[str, str]
) -> Answer:
    """Answer one of `PATHS`; raises TramoError."""
    path = scope["path"]
    if scope["method"] not in ("GET", "HEAD"):
        raise TramoError("request.method", "This address is read by GET.", status=405)
    if path == HEALTH:  # That it is answered is the answer.
        return Answer(200, [_JSON], encode({"status": "ok"}))
    if house is None:
        raise TramoError("server.starting", "Tramo is starting. Try again.", status=503)
    if path == READY:
        await house.readiness.check()
        return Answer(200, [_JSON], encode({"status": "ready"}))
    if not is_neighbour(scope, headers, front):
        await _identify(house, front, scope)
    page, media_type = await house.metrics.page()
    return Answer(200, [(b"content-type", media_type.encode())], page)


def is_neighbour(scope: dict[str, Any], headers: dict[str, str], front: Front) -> bool:
    """Tell whether a request comes straight from this machine.

    With a public address there is something in front of us, likely on this very machine, and every
    stranger comes from there.
    """
    if front.public_url is not None or not FORWARDED.isdisjoint(headers):
        return False
    client = scope.get("client")
    host = host_name(headers.get("host", ""))
    return bool(client) and is_loopback(client[0]) and host in LOOPBACK_NAMES


async def _identify(house: House, front: Front, scope: dict[str, Any]) -> None:
    """Let through whoever may read anything at all."""
    from litestar.connection import ASGIConnection  # The framework is not needed for the rest.

    from tramo_web.auth import identify

    caller = await identify(ASGIConnection(scope), house.accounts, front)  # type: ignore[arg-type]
    if caller is None:
        raise TramoError(
            "session.none", "Nobody is signed in. Sign in, or send an API token.", status=401
        )
