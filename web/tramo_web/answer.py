"""The page on which a person answers a question by the link they were sent.

A look at it never acts: mail programs and their scanners follow links by themselves. Only the form
on it does. It is plain HTML without a script, and all that a question holds is text in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

from tramo.app.attention.approval import Answerable, ApprovalDesk
from tramo.app.attention.question import plain_details
from tramo.app.attention.text import port_label, spell
from tramo.model.problem import TramoError
from tramo.ports.identity import Ids

from tramo_web.header import answer_headers
from tramo_web.sentence import say
from tramo_web.static import Answer

FORM_BYTES: Final = 64 * 1024
COMMENT_LENGTH: Final = 2_000
_WORDS: Final = {
    "answer_page.title": "A question for you",
    "answer_page.flow": "The flow “{flow}” asks.",
    "answer_page.for": "You answer as {person}.",
    "answer_page.until": "It waits until {until}.",
    "answer_page.choose": "Your answer",
    "answer_page.comment": "Comment (if you like)",
    "answer_page.done_title": "Thank you",
    "answer_page.done": "Your answer was taken: {port}.",
    "answer_page.answered_title": "Already answered",
    "answer_page.answered": "{by} answered: {port}.",
    "answer_page.ended_title": "Not open any more",
    "answer_page.ended": "The flow has gone on, or was stopped, without an answer.",
    "answer_page.expired_title": "Too late",
    "answer_page.expired": "The time for an answer is over.",
    "answer_page.unknown_title": "Nothing here",
    "answer_page.unknown": "This link is not known. Open the newest message, or ask who sent it.",
    "answer_page.close": "You can close this page.",
}
_STYLE: Final = (Path(__file__).parent / "answer.css").read_text("utf-8")


class AnswerPage:
    """Shows questions and takes answers."""

    def __init__(self, desk: ApprovalDesk, ids: Ids, *, secure: bool) -> None:
        self._desk = desk
        self._ids = ids
        self._secure = secure

    async def show(self, token: str, chosen: str, language: str) -> Answer:
        """Return the page of a link; `chosen` is the way out that its button was about."""
        return self._page_of(await self._desk.look_up(token), chosen, language)

    async def take(self, token: str, form: Mapping[str, str], language: str) -> Answer:
        """Take an answer, and return the page that confirms it or says why it was not taken."""
        found = await self._desk.look_up(token)
        if found is None or found.state != "open" or found.ask is None:
            return self._page_of(found, "", language)
        port, comment = form.get("port", ""), form.get("comment", "").strip()
        if port not in found.ask.ports:
            return self._page_of(found, "", language, status=422)
        data = {"comment": comment[:COMMENT_LENGTH]} if comment else None
        try:
            await self._desk.reply_by_link(token, port, data)
        except TramoError as error:
            if error.status >= 500:
                raise
            return self._page_of(await self._desk.look_up(token), "", language)
        words = _Words(found.language)
        said = words("done", port=port_label(found.language, port))
        return self._page(found.language, words("done_title"), _said(said, words("close")), 200)

    def _page_of(
        self, found: Answerable | None, chosen: str, language: str, *, status: int | None = None
    ) -> Answer:
        if found is None:
            words = _Words(language)
            return self._page(language, words("unknown_title"), _said(words("unknown")), 404)
        words = _Words(found.language)
        if found.state == "open" and found.ask is not None:
            title = found.ask.title or words("title")
            return self._page(found.language, title, _form(found, chosen, words), status or 200)
        text = words(found.state) if found.answer is None else _given(found, words)
        title = words(f"{found.state}_title")
        return self._page(found.language, title, _said(text, words("close")), 410)

    def _page(self, language: str, title: str, body: str, status: int) -> Answer:
        nonce = self._ids.token()
        page = (
            f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f'<meta name="robots" content="noindex"><title>{escape(title)} · Tramo</title>'
            f'<style nonce="{nonce}">{_STYLE}</style></head>'
            f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
        )
        headers = [
            *answer_headers(nonce, secure=self._secure),
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-language", language.encode()),
        ]
        return Answer(status, headers, page.encode())


class _Words:
    """The page's own words in a language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __call__(self, name: str, **slots: Any) -> str:
        code = f"answer_page.{name}"
        return say(code, _WORDS[code].format_map(slots), slots, self._language)


def _form(found: Answerable, chosen: str, words: _Words) -> str:
    ask = found.ask
    assert ask is not None
    ports = sorted(ask.ports, key=lambda port: port != chosen)
    until = words("until", until=spell(found.due_at, found.timezone)) if found.due_at else ""
    context = [words("flow", flow=found.flow_name), words("for", person=found.person), until]
    return (
        (f"<p>{escape(ask.text)}</p>" if ask.text else "")
        + _details(plain_details(ask.details))
        + f'<p class="soft">{escape(" ".join(part for part in context if part))}</p>'
        + '<form method="post">'
        + f'<label for="comment">{escape(words("comment"))}</label>'
        + f'<textarea id="comment" name="comment" maxlength="{COMMENT_LENGTH}"></textarea>'
        + f"<fieldset><legend>{escape(words('choose'))}</legend>"
        + "".join(
            _button(port, found.language, first=port == (chosen or ports[0])) for port in ports
        )
        + "</fieldset></form>"
    )


def _button(port: str, language: str, *, first: bool) -> str:
    mark = ' class="first"' if first else ""
    label = escape(port_label(language, port))
    return f'<button name="port" value="{escape(port)}"{mark}>{label}</button>'


def _details(lines: Sequence[tuple[str, str]]) -> str:
    rows = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in lines
    )
    return f"<dl>{rows}</dl>" if rows else ""


def _given(found: Answerable, words: _Words) -> str:
    answer = found.answer or {}
    port = port_label(found.language, str(answer.get("port", "")))
    return words("answered", by=str(answer.get("by", "")), port=port)


def _said(*texts: str) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts)
