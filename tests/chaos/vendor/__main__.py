"""`python -m tests.chaos.vendor`: the vendors as a process of their own."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from tests.chaos.vendor.ledger import Ledger
from tests.chaos.vendor.mail import Post, serve_mail
from tests.chaos.vendor.web import Service

READY = "The vendors are open"


async def _serve(given: argparse.Namespace) -> None:
    ledger = Ledger(given.ledger)
    service = Service(
        ledger,
        seed=given.seed,
        failing=given.failing,
        latency_s=(given.latency_from, given.latency_to),
        window_s=given.window,
    )
    post = Post(ledger, seed=given.seed, failing=given.failing)
    for port in given.port:
        await asyncio.start_server(service.serve, "127.0.0.1", port, limit=1 << 20)
    if given.mail_port:
        await serve_mail(post, given.mail_port)
    print(READY, flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.vendor", description=__doc__)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--port", type=int, action="append", required=True)
    parser.add_argument("--mail-port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--failing", type=float, default=0.0, help="part of requests, 0 to 1")
    parser.add_argument("--latency-from", type=float, default=0.0)
    parser.add_argument("--latency-to", type=float, default=0.0)
    parser.add_argument("--window", type=float, default=1e9, help="seconds keys are known")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
