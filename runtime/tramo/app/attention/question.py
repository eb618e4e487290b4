"""Questions: who is asked when a wait for an answer opens, and who is reminded while it is open.

Time never answers for a person here: a reminder is all that it brings about.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row

from tramo.app.attention.book import FlowBook
from tramo.app.attention.notice import Subject, tell
from tramo.app.attention.text import Letter, one_line, paragraphs, port_label, say, spell
from tramo.model.flow import Flow
from tramo.model.pause import Ask
from tramo.model.value import decode, encode
from tramo.ports.identity import Ids
from tramo.store import alert as looked_store
from tramo.store import approval as store
from tramo.store.database import Database

NAME: Final = "questions"
BATCH: Final = 100
DAY_MS: Final = 86_400_000
SETTLED_MS: Final = 1_000
"""A question is looked at this long after it opened: all of its instant are written by then."""
SHORTEST_MS: Final = 3_600_000
"""Nobody is reminded of a question earlier than this after it opened."""


class Questions:
    """Looks at questions that have opened, and at those that are open for long."""

    def __init__(self, *, database: Database, book: FlowBook, ids: Ids) -> None:
        self._database = database
        self._book = book
        self._ids = ids

    async def look(self, now: int) -> int:
        """Ask the people named by questions that have just opened; return how many there were."""
        rows = await self._database.read(
            lambda c: store.new_questions(
                c,
                since=looked_store.looked(c, NAME, now),
                until=now - SETTLED_MS,
                limit=BATCH,
            )
        )
        if not rows:
            return 0
        flows = [await self._flow(row) for row in rows]

        def write(connection: Connection) -> None:
            for row, flow in zip(rows, flows, strict=True):
                self._tell(connection, row, flow, now, reminder=False)
            store.add_asked(connection, [_asked(row, now) for row in rows])
            looked_store.set_looked(connection, NAME, rows[-1].opened_at, store.name_of(rows[-1]))

        await self._database.write(write)
        return len(rows)

    async def remind(self, now: int) -> int:
        """Remind people of questions that are open for a day, or for half of their time."""
        due = await self._database.read(lambda c: store.due_questions(c, now, BATCH))
        for place in due:
            row = await self._database.read(
                lambda c, place=place: store.get_question(
                    c, place.workspace_id, place.run_id, place.node_id, place.iteration
                )
            )
            flow = await self._flow(row) if row is not None else None
            await self._database.write(
                lambda c, place=place, row=row, flow=flow: self._remind(c, place, row, flow, now)
            )
        return len(due)

    def _remind(
        self,
        connection: Connection,
        place: Row[Any],
        row: Row[Any] | None,
        flow: Flow | None,
        now: int,
    ) -> None:
        key = (place.run_id, place.node_id, place.iteration)
        if row is None:
            store.drop_asked(connection, *key)
            return
        self._tell(connection, row, flow, now, reminder=True)
        following = next_reminder(row.opened_at, row.due_at, now)
        store.set_reminder(connection, *key, following)

    async def _flow(self, row: Row[Any]) -> Flow | None:
        return await self._book.get(row.workspace_id, row.flow_id, row.version)

    def _tell(
        self, connection: Connection, row: Row[Any], flow: Flow | None, now: int, *, reminder: bool
    ) -> None:
        ask = read_ask(row)
        about = Subject(
            workspace_id=row.workspace_id,
            cause=f"ask:{store.name_of(row)}" + (f":{now}" if reminder else ""),
            to=ask.to,
            language=flow.language if flow is not None else "en",
            flow_id=row.flow_id,
            run_id=row.run_id,
            node_id=row.node_id,
            iteration=row.iteration,
        )
        zone = flow.timezone if flow is not None else "UTC"
        tell(
            connection,
            self._ids,
            now,
            about,
            lambda language: write_letter(row, ask, zone, language, reminder=reminder),
        )


def read_ask(row: Row[Any]) -> Ask:
    """Return what a wait asks."""
    return msgspec.convert(decode(row.ask), Ask)


def write_letter(
    row: Row[Any], ask: Ask, timezone: str, language: str, *, reminder: bool
) -> Letter:
    """Put a question to somebody in a language."""
    name = row.flow_name or row.flow_id
    title = ask.title or name
    return Letter(
        one_line(say(language, "ask.remind_subject" if reminder else "ask.subject", title=title)),
        paragraphs(
            title,
            ask.text,
            "\n".join(f"{field}: {value}" for field, value in plain_details(ask.details)),
            " ".join(
                (
                    say(language, "ask.flow", flow=name),
                    say(language, "ask.since", since=spell(row.opened_at, timezone))
                    if reminder
                    else "",
                    say(language, "ask.until", until=spell(row.due_at, timezone))
                    if row.due_at is not None
                    else "",
                )
            ),
            say(language, "ask.open"),
        ),
        tuple((port_label(language, port), port) for port in ask.ports),
    )


def plain_details(details: Any) -> list[tuple[str, str]]:
    """Return details as (name, text) lines, numbers exact; what is nested stays JSON."""
    if details is None:
        return []
    if isinstance(details, dict):
        return [(str(name), spell_value(value)) for name, value in details.items()]
    if isinstance(details, list):
        return [(str(number), spell_value(value)) for number, value in enumerate(details, 1)]
    return [("", spell_value(details))]


def spell_value(value: Any) -> str:
    """Return a plain value as people read it."""
    return value if isinstance(value, str) else encode(value).decode()


def next_reminder(opened_at: int, due_at: int | None, now: int) -> int | None:
    """Return when somebody has to be reminded of a question: every day, and when half of its time
    is over; None when it ends before."""
    days = (max(now - opened_at, 0)) // DAY_MS + 1
    following = opened_at + days * DAY_MS
    if due_at is None:
        return following
    half = opened_at + (due_at - opened_at) // 2
    if half > now and half - opened_at >= SHORTEST_MS:
        following = min(following, half)
    return following if following < due_at else None


def _asked(row: Row[Any], now: int) -> dict[str, Any]:
    return {
        "run_id": row.run_id,
        "node_id": row.node_id,
        "iteration": row.iteration,
        "workspace_id": row.workspace_id,
        "opened_at": row.opened_at,
        "remind_at": next_reminder(row.opened_at, row.due_at, now),
    }
