"""The desk for approvals: questions that wait for a person, and their answers.

Whoever is named in a question answers it, as a member or by the link sent to them; where nobody is
named, everybody who may edit does. Nothing here answers in a person's place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Row

from tramo.app.attention.book import FlowBook, title_of
from tramo.app.attention.question import read_ask
from tramo.app.page import cursor_of, read_cursor
from tramo.app.token import digest
from tramo.engine import Replied
from tramo.engine.instant import rfc3339
from tramo.model.pause import Ask
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.ports.clock import Clock
from tramo.runner.runner import Runner
from tramo.store import account as account_store
from tramo.store import approval as store
from tramo.store import notice as notice_store
from tramo.store.database import Database

LISTED: Final = 50


class Answerable(msgspec.Struct, frozen=True, kw_only=True):
    """What the holder of a link is asked, or why there is nothing to answer any more."""

    state: str
    """open, answered, ended or expired"""
    language: str
    person: str
    timezone: str = "UTC"
    flow_name: str = ""
    ask: Ask | None = None
    due_at: int | None = None
    answer: dict[str, Any] | None = None
    """{port, by, at} of an answer that was given."""


class ApprovalDesk:
    """What people do with questions."""

    def __init__(
        self,
        *,
        database: Database,
        runner: Runner,
        clock: Clock,
        steps: Callable[[str, str], Awaitable[list[dict[str, Any]]]],
    ) -> None:
        self._database = database
        self._runner = runner
        self._clock = clock
        self._steps = steps
        self._book = FlowBook(database)

    async def list(
        self,
        scope: Scope,
        flow: str | None = None,
        run: str | None = None,
        limit: int = LISTED,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        """Return open questions, the one that has waited longest first."""
        after = read_cursor(cursor)
        rows, person = await self._database.read(
            lambda c: (
                store.list_questions(c, scope, flow=flow, run=run, limit=limit + 1, after=after),
                account_store.email_of(c, scope),
            )
        )
        last = rows[limit - 1] if len(rows) > limit else None
        return {
            "items": [await self._item(row, scope, person) for row in rows[:limit]],
            "next": cursor_of(last.opened_at, store.name_of(last)) if last else None,
        }

    async def _item(self, row: Row[Any], scope: Scope, person: str | None) -> dict[str, Any]:
        flow = await self._book.get(row.workspace_id, row.flow_id, row.version)
        ask = read_ask(row)
        node = next((n for n in flow.nodes if n.id == row.node_id), None) if flow else None
        default = node.params.get("default") if node is not None else None
        return {
            "run": row.run_id,
            "flow": row.flow_id,
            "flow_name": row.flow_name or row.flow_id,
            "node": row.node_id,
            "node_title": title_of(flow, row.node_id),
            "iteration": read_iteration(row.iteration),
            "kind": ask.kind,
            "title": ask.title,
            "text": ask.text,
            "details": ask.details,
            "to": list(ask.to),
            "ports": list(ask.ports),
            "opened_at": rfc3339(row.opened_at),
            "due_at": None if row.due_at is None else rfc3339(row.due_at),
            "default": _by_itself(default, row.due_at),
            "may_answer": _may_answer(ask, scope, person),
        }

    async def reply(
        self,
        scope: Scope,
        run_id: str,
        node: str,
        port: str,
        data: Any = None,
        iteration: Sequence[int] = (),
    ) -> None:
        """Answer a question in the actor's name; the run goes on by the way out they chose.

        Raises TramoError for a question that is answered already, is put to somebody else, or has
        no such way out.
        """
        rows, person = await self._database.read(
            lambda c: (
                store.questions_of(c, scope.workspace_id, run_id),
                account_store.email_of(c, scope),
            )
        )
        place = tuple(iteration)
        row = next(
            (
                row
                for row in rows
                if row.node_id == node and tuple(read_iteration(row.iteration)) == place
            ),
            None,
        )
        if row is None:
            await self._steps(scope.workspace_id, run_id)  # Raises for a run that is not there.
            raise _not_open()
        ask = read_ask(row)
        if not _may_answer(ask, scope, person):
            raise TramoError(
                "approval.not_yours",
                "This question is put to somebody else. Those who are named in it answer it.",
                status=403,
                params={"to": ", ".join(ask.to)},
            )
        await self._reply(row, ask, port, data, person or scope.actor)

    async def _reply(self, row: Row[Any], ask: Ask, port: str, data: Any, by: str) -> None:
        if port not in ask.ports:
            known = ", ".join(ask.ports)
            raise TramoError(
                "approval.port",
                f"An answer to this is one of: {known}.",
                status=422,
                path="/port",
                params={"ports": known},
            )
        place = tuple(read_iteration(row.iteration))

        def happening(state: Any, at: int) -> Replied:
            node = state.plan.by_id[row.node_id]
            return Replied(at, node.index, place, port, data, by)

        try:
            await self._runner.tell(row.run_id, happening)
        except TramoError as error:
            if error.code in ("run.not_asking", "run.ended"):
                raise _not_open() from None
            raise

    # By a link ---------------------------------------------------------------------------------

    async def look_up(self, token: str) -> Answerable | None:
        """Return what a link is about, without any effect; None for a link that never was."""
        link = await self._link(token)
        if link is None:
            return None
        row = await self._question(link)
        if row is not None and link.expires_at > self._clock.now_ms():
            flow = await self._book.get(row.workspace_id, row.flow_id, row.version)
            return Answerable(
                state="open",
                language=link.language,
                person=link.person,
                timezone=flow.timezone if flow is not None else "UTC",
                flow_name=row.flow_name or row.flow_id,
                ask=read_ask(row),
                due_at=row.due_at,
            )
        answer = await self._answer_given(link)
        state = "answered" if answer else "expired"
        if row is None and not answer:
            state = "ended" if link.expires_at > self._clock.now_ms() else "expired"
        return Answerable(state=state, language=link.language, person=link.person, answer=answer)

    async def reply_by_link(self, token: str, port: str, data: Any = None) -> None:
        """Answer as the person a link was sent to; raises TramoError where it cannot be."""
        link = await self._link(token)
        row = await self._question(link) if link is not None else None
        if link is None or row is None or link.expires_at <= self._clock.now_ms():
            raise _not_open()
        await self._reply(row, read_ask(row), port, data, link.person)

    async def _link(self, token: str) -> Row[Any] | None:
        return await self._database.read(lambda c: notice_store.find_link(c, digest(token)))

    async def _question(self, link: Row[Any]) -> Row[Any] | None:
        return await self._database.read(
            lambda c: store.get_question(
                c, link.workspace_id, link.run_id, link.node_id, link.iteration
            )
        )

    async def _answer_given(self, link: Row[Any]) -> dict[str, Any] | None:
        """Return who answered a question and how, from the run's own account."""
        try:
            steps = await self._steps(link.workspace_id, link.run_id)
        except TramoError:
            return None
        place = read_iteration(link.iteration)
        for step in steps:
            output = step.get("output")
            if (
                step["node"] == link.node_id
                and list(step["iteration"]) == place
                and isinstance(output, dict)
                and output.get("ended") == "answer"
            ):
                return {name: output.get(name) for name in ("port", "by", "at")}
        return None


def _by_itself(default: Any, due_at: int | None) -> str | None:
    """Return the way out that a question without an answer takes in the end; None: it waits."""
    if due_at is None:
        return None
    return default if isinstance(default, str) else "late"


def read_iteration(text: str) -> list[int]:
    """Return an iteration path as the wait's row spells it."""
    return [int(part) for part in text.strip("[]").replace(".", ",").split(",") if part.strip()]


def _may_answer(ask: Ask, scope: Scope, person: str | None) -> bool:
    if ask.to:
        return person is not None and person.lower() in {to.strip().lower() for to in ask.to}
    return scope.may_write


def _not_open() -> TramoError:
    return TramoError(
        "approval.not_open",
        "This question is not open any more: it was answered, or its time is over.",
        status=409,
    )
