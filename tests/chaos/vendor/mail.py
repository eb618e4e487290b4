"""The mail server: aiosmtpd, with bad days. A letter's subject is `<order> <node>`, and its
Message-ID the key by which repetitions are known."""

from __future__ import annotations

import asyncio
import email
import hashlib
import random
import time
from collections import Counter
from typing import Any, Final

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.chaos.vendor.ledger import Entry, Ledger

REFUSED_NOW: Final = "451 4.3.0 Come back later"
TAKEN: Final = "250 2.0.0 Taken"
MIX: Final = ("not_now", "hang_up", "hang_up_after", "reset_after")


class Post:
    """What the server does with letters."""

    def __init__(self, ledger: Ledger, *, seed: int, failing: float) -> None:
        self._ledger = ledger
        self._seed = seed
        self._failing = failing
        self._arrived: Counter[str] = Counter()

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name for it
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take a letter in, or not."""
        content: Any = envelope.content
        letter = email.message_from_bytes(content)
        subject, key = str(letter["Subject"]), str(letter["Message-ID"])
        order, _, node = subject.partition(" ")
        self._arrived[subject] += 1
        name = self._name(subject)
        applied = name in ("ok", "hang_up_after", "reset_after")
        self._ledger.write(
            Entry(
                time.time(),
                "mail",
                order,
                node,
                name,
                applied,
                doubtful=name in ("hang_up", "hang_up_after", "reset_after"),
                key=key,
                digest=hashlib.sha256(content).hexdigest()[:16],
            )
        )
        if name == "not_now":
            return REFUSED_NOW
        if name != "ok" and server.transport is not None:
            if name == "reset_after":
                server.transport.abort()  # type: ignore[attr-defined]
            else:
                server.transport.close()
        return TAKEN

    def _name(self, subject: str) -> str:
        draw = random.Random(f"{self._seed}:{subject}:{self._arrived[subject]}")
        return draw.choice(MIX) if draw.random() < self._failing else "ok"


async def serve_mail(post: Post, port: int) -> asyncio.Server:
    """Listen for letters on loopback."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: SMTP(post, hostname="mail.chaos.example", enable_SMTPUTF8=True, loop=loop),
        "127.0.0.1",
        port,
    )
