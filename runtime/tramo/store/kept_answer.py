"""Answers kept for calls that may be made twice."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, delete, select

from tramo.store import table
from tramo.store.upsert import upsert

KEPT_MS: Final = 24 * 3_600_000

_k = table.kept_answer.c


class KeptAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a call was answered. `request` stands for what was asked."""

    request: str
    status: int
    headers: bytes
    body: bytes | None
    """None: it was not kept."""


def get_kept(connection: Connection, digest: str, *, now: int) -> KeptAnswer | None:
    """Return what was answered under a digest within the last day."""
    query = select(_k.request, _k.status, _k.headers, _k.body).where(
        _k.digest == digest, _k.at > now - KEPT_MS
    )
    row: Any = connection.execute(query).one_or_none()
    if row is None:
        return None
    return KeptAnswer(request=row.request, status=row.status, headers=row.headers, body=row.body)


def keep_answer(connection: Connection, digest: str, answer: KeptAnswer, *, now: int) -> None:
    """Keep an answer for a day, and let go of those whose day is over.

    The first one stays where two servers carried the same call out at the same time.
    """
    connection.execute(delete(table.kept_answer).where(_k.at <= now - KEPT_MS))
    connection.execute(
        upsert(table.kept_answer)
        .values(
            digest=digest,
            request=answer.request,
            at=now,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
        )
        .on_conflict_do_nothing()
    )
