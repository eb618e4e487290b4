"""What processes of one database agree on: what has changed, and who does what only one may do."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table

from tramo.store.table.base import PlainText, metadata

change = Table(
    "change",
    metadata,
    Column("name", PlainText(40), primary_key=True),
    Column("number", BigInteger, nullable=False),
)
"""How often something that processes keep in memory has changed: who has seen fewer reads anew."""

duty = Table(
    "duty",
    metadata,
    Column("name", PlainText(40), primary_key=True),
    Column("owner", PlainText(80)),
    Column("lease_until", BigInteger, nullable=False),
    Column("token", Integer, nullable=False),
)
"""Which process fires schedules, polls, and so on, until when. `token` counts its holders."""

twin = Table(
    "twin",
    metadata,
    Column("connection_id", PlainText(80), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("memory", LargeBinary),
    Column("owner", PlainText(80)),
    Column("lease_until", BigInteger, nullable=False),
)
"""What a twin knows, where several processes reach it; `owner` has it at work just now."""

awaited = Table(
    "awaited",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("type", PlainText(130), primary_key=True),
)
"""Types of events that versions in use wait for: events of others need no look at the waits."""

pause = Table(
    "pause",
    metadata,
    Column("account", PlainText(300), primary_key=True),
    Column("until", BigInteger, nullable=False),
)
"""Until when a vendor wants no requests for a connection, or for a host where none is used."""

loss = Table(
    "loss",
    metadata,
    Column("owner", PlainText(80), primary_key=True),
    Column("at", BigInteger, nullable=False),
)
"""Workers that are gone without a word, as far as somebody took over what they had, and when that
was seen."""
