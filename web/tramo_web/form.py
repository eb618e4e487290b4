"""The page of a form: plain HTML without a script, in the flow's language, answered by POST.

All that a form's author and those who fill it in have written is text in it. What was entered wrong
comes back with its field marked and a list at the top that leads there.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from multipart import MultipartError, MultipartParser, parse_options_header
from tramo.app.throttle import Throttle, neighbourhood
from tramo.ingest.form import (
    LONG_LENGTH,
    TEXT_LENGTH,
    Answers,
    FormDoor,
    Found,
    Wrong,
    read_answers,
)
from tramo.model.problem import TramoError
from tramo.model.value import NotExact, decode, encode
from tramo.nodes.form import FormField
from tramo.ports.clock import Clock

from tramo_web.header import answer_headers
from tramo_web.sentence import say
from tramo_web.static import Answer

BODY_BYTES: Final = 512 * 1024
PARTS_MOST: Final = 200
FREE_TRIES: Final = 30
LONGEST_PAUSE_S: Final = 300
TOKEN: Final = "_token"  # noqa: S105 - the name of a field
TRAP: Final = "_more"
"""A field that people do not see; only a machine fills it in."""
_WORDS: Final = {
    "form.send": "Send",
    "form.optional": "if you like",
    "form.choose": "Choose",
    "form.thanks_title": "Thank you",
    "form.thanks": "Your answers have arrived.",
    "form.wrong_title": "Please look at these fields",
    "form.test": "A trial of the draft: it starts the flow as it stands in the editor.",
    "form.missing": "Fill this in.",
    "form.long": "At most {most} characters.",
    "form.number": "Enter a number, such as 12.50.",
    "form.date": "Enter a date.",
    "form.choice": "Choose one of the list.",
    "form.email": "Enter an e-mail address, such as name@example.com.",
    "form.kind": "This cannot be entered here.",
    "form.unknown_title": "No form here",
    "form.unknown": "There is no form at this address.",
    "form.slow": "Too many forms came from here. Wait {wait_s} seconds and send it again.",
    "form.busy": "This cannot be stored right now. Your answers are still here: send them again.",
}
_STYLE: Final = "".join(
    (Path(__file__).parent / name).read_text("utf-8") for name in ("answer.css", "form.css")
)
_INPUTS: Final = {
    "text": f'type="text" maxlength="{TEXT_LENGTH}"',
    "number": 'type="text" inputmode="decimal"',
    "money": 'type="text" inputmode="decimal"',
    "date": 'type="date"',
    "email": 'type="email" maxlength="320" autocomplete="email"',
}


class FormPage:
    """Shows forms and takes what is entered."""

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        self._throttle: Throttle | None = None

    async def show(self, door: FormDoor, address: str, test: bool, language: str) -> Answer:
        """Return a form's page, empty."""
        try:
            found = await door.find(address, test=test)
        except TramoError as error:
            return self._unknown(error, language)
        return self._form(found, {}, Answers({}, {}), secrets.token_urlsafe(16), 200)

    async def take(
        self,
        door: FormDoor,
        clock: Clock,
        address: str,
        test: bool,
        headers: Mapping[str, str],
        body: bytes,
        client: str,
        language: str,
    ) -> Answer:
        """Take what was entered. Who sends JSON is answered in JSON, and gets errors raised."""
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        by_program = kind == "application/json"
        try:
            found = await door.find(address, test=test)
        except TramoError as error:
            if by_program:
                raise
            return self._unknown(error, language)
        if self._throttle is None:
            self._throttle = Throttle(clock, free=FREE_TRIES, longest_s=LONGEST_PAUSE_S)
        given = _read_json(body) if by_program else _read_fields(kind, headers, body)
        token = str(given.get(TOKEN) or headers.get("idempotency-key") or secrets.token_urlsafe(16))
        answers = read_answers(found.form, given)
        words = _Words(found.language)
        if by_program:
            self._throttle.admit(f"{address}:{neighbourhood(client)}")
            return await self._take_json(door, found, answers, token, words)
        try:
            self._throttle.admit(f"{address}:{neighbourhood(client)}")
            if given.get(TRAP):
                return self._thanks(found)
            if answers.wrong:
                return self._form(found, given, answers, token, 422)
            await door.take(found, answers.values, token)
        except TramoError as error:
            if error.status not in (429, 503):
                raise
            return self._later(found, given, token, error)
        return self._thanks(found)

    async def _take_json(
        self, door: FormDoor, found: Found, answers: Answers, token: str, words: _Words
    ) -> Answer:
        headers = [
            *answer_headers("", secure=self._secure),
            (b"content-type", b"application/json"),
        ]
        if answers.wrong:
            problems = [
                {"path": f"/{name}", "code": f"form.{wrong.code}", "message": words.wrong(wrong)}
                for name, wrong in answers.wrong.items()
            ]
            refused = {
                "code": "form.wrong",
                "message": words("wrong_title"),
                "path": None,
                "params": {},
                "problems": problems,
            }
            headers[-1] = (b"content-type", b"application/problem+json")
            return Answer(422, headers, encode(refused))
        fresh = await door.take(found, answers.values, token)
        return Answer(200, headers, encode({"received": True, "duplicate": not fresh}))

    # Pages ---------------------------------------------------------------------------------------

    def _form(
        self,
        found: Found,
        given: Mapping[str, Any],
        answers: Answers,
        token: str,
        status: int,
        note: str = "",
    ) -> Answer:
        form, words = found.form, _Words(found.language)
        rows = "".join(
            _field(field, given.get(field.name), answers.wrong.get(field.name), words)
            for field in form.fields
        )
        body = (
            (f'<p class="soft">{escape(words("test"))}</p>' if found.test else "")
            + (f"<p>{escape(form.text)}</p>" if form.text else "")
            + (f'<p class="alert" role="alert">{escape(note)}</p>' if note else "")
            + _summary(found, answers, words)
            + '<form method="post" accept-charset="utf-8" novalidate>'
            + f'<input type="hidden" name="{TOKEN}" value="{escape(token)}">'
            + f'<div class="trap" aria-hidden="true"><label for="{TRAP}">More</label>'
            + f'<input id="{TRAP}" name="{TRAP}" tabindex="-1" autocomplete="off"></div>'
            + rows
            + f'<p class="send"><button class="first">{escape(form.button or words("send"))}'
            + "</button></p></form>"
        )
        return self._page(found, form.title, body, status)

    def _thanks(self, found: Found) -> Answer:
        form, words = found.form, _Words(found.language)
        if form.redirect:
            answer = self._page(found, words("thanks_title"), "", 303)
            return Answer(303, [*answer.headers, (b"location", form.redirect.encode())])
        text = escape(form.thanks or words("thanks"))
        return self._page(found, words("thanks_title"), f"<p>{text}</p>", 200)

    def _later(
        self, found: Found, given: Mapping[str, Any], token: str, error: TramoError
    ) -> Answer:
        words = _Words(found.language)
        wait_s = error.params.get("retry_after_s", 5)
        note = words("slow", wait_s=wait_s) if error.status == 429 else words("busy")
        answer = self._form(found, given, Answers({}, {}), token, error.status, note)
        return Answer(
            answer.status, [*answer.headers, (b"retry-after", b"%d" % wait_s)], answer.body
        )

    def _unknown(self, error: TramoError, language: str) -> Answer:
        words = _Words(language)
        text = words("unknown") if error.status == 404 else error.message
        body = f"<p>{escape(text)}</p>"
        return _html(language, words("unknown_title"), body, error.status, self._secure, "")

    def _page(self, found: Found, title: str, body: str, status: int) -> Answer:
        target = found.form.redirect or ""
        return _html(found.language, title, body, status, self._secure, target)


def _html(language: str, title: str, body: str, status: int, secure: bool, redirect: str) -> Answer:
    """Make a page; browsers hold a redirect after a form to where forms may lead."""
    nonce = secrets.token_urlsafe(16)
    page = (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{escape(title)}</title>'
        f'<style nonce="{nonce}">{_STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    origin = ""
    if redirect:
        parts = urlsplit(redirect)
        origin = f"{parts.scheme}://{parts.netloc}"
    headers = [
        *answer_headers(nonce, secure=secure, leads_to=origin),
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-language", language.encode()),
    ]
    return Answer(status, headers, page.encode())


class _Words:
    """The page's own words in a language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __call__(self, name: str, **slots: Any) -> str:
        code = f"form.{name}"
        return say(code, _WORDS[code].format_map(slots), slots, self._language)

    def wrong(self, wrong: Wrong) -> str:
        return self(wrong.code, **wrong.params)


def _summary(found: Found, answers: Answers, words: _Words) -> str:
    if not answers.wrong:
        return ""
    labels = {field.name: field.label for field in found.form.fields}
    rows = "".join(
        f'<li><a href="#{name}">{escape(labels[name])}</a>: {escape(words.wrong(wrong))}</li>'
        for name, wrong in answers.wrong.items()
    )
    title = escape(words("wrong_title"))
    return f'<div class="alert" role="alert"><h2>{title}</h2><ul>{rows}</ul></div>'


def _field(field: FormField, value: Any, wrong: Wrong | None, words: _Words) -> str:
    """Return one field with its label, its help and what is wrong with it."""
    name = field.name
    told = [f"{name}-help"] if field.help else []
    told += [f"{name}-wrong"] if wrong else []
    marks = f' aria-describedby="{" ".join(told)}"' if told else ""
    marks += ' aria-invalid="true"' if wrong else ""
    marks += " required" if field.required else ""
    help = f'<p id="{name}-help" class="soft">{escape(field.help)}</p>' if field.help else ""
    error = f'<p id="{name}-wrong" class="wrong">{escape(words.wrong(wrong))}</p>' if wrong else ""
    soft = "" if field.required else f' <span class="soft">({escape(words("optional"))})</span>'
    unit = f" ({escape(field.currency)})" if field.kind == "money" else ""
    label = f"{escape(field.label)}{unit}{soft}"
    text = escape(value) if isinstance(value, str) else ""
    if field.kind == "yes_no":
        ticked = " checked" if text.lower() in ("yes", "on", "true", "1") else ""
        box = f'<input type="checkbox" id="{name}" name="{name}" value="yes"{ticked}{marks}>'
        caption = f'<label for="{name}">{label}</label>'
        return f'<div class="field tick">{box}{caption}{help}{error}</div>'
    return (
        f'<div class="field"><label for="{name}">{label}</label>{help}{error}'
        f"{_control(field, text, marks, words)}</div>"
    )


def _control(field: FormField, text: str, marks: str, words: _Words) -> str:
    name = field.name
    if field.kind == "long_text":
        limit = f'maxlength="{LONG_LENGTH}"'
        return f'<textarea id="{name}" name="{name}" {limit}{marks}>\n{text}</textarea>'
    if field.kind == "choice":
        options = "".join(
            f"<option{' selected' if escape(each) == text else ''}>{escape(each)}</option>"
            for each in field.options
        )
        empty = f'<option value="">{escape(words("choose"))}</option>'
        return f'<select id="{name}" name="{name}"{marks}>{empty}{options}</select>'
    return f'<input id="{name}" name="{name}" {_INPUTS[field.kind]} value="{text}"{marks}>'


# Bodies ------------------------------------------------------------------------------------------


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        given = decode(body)
    except NotExact as error:
        raise TramoError("request.json", f"The body is not JSON: {error}.") from None
    if not isinstance(given, dict):
        raise TramoError("request.invalid", "The body is an object: a value for each field.")
    return given


def _read_fields(kind: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Return the fields of a page's form; of one that is sent twice, the first."""
    if kind == "application/x-www-form-urlencoded":
        try:
            pairs = parse_qsl(
                body.decode("utf-8"), keep_blank_values=True, max_num_fields=PARTS_MOST
            )
        except ValueError:
            raise _unreadable() from None
    elif kind == "multipart/form-data":
        pairs = _read_parts(headers, body)
    else:
        raise TramoError(
            "form.content_type",
            "A form is sent as application/x-www-form-urlencoded, multipart/form-data or JSON.",
            status=415,
        )
    given: dict[str, Any] = {}
    for name, value in pairs:
        given.setdefault(name, value)
    return given


def _read_parts(headers: Mapping[str, str], body: bytes) -> list[tuple[str, str]]:
    """Return the fields of a multipart body, read in memory; a file in it is refused."""
    _, options = parse_options_header(headers.get("content-type", ""))
    try:
        parser = MultipartParser(
            BytesIO(body),
            options.get("boundary", ""),
            part_limit=PARTS_MOST,
            spool_limit=BODY_BYTES,
            memory_limit=BODY_BYTES,
            disk_limit=0,
        )
        parts = list(parser)
        if any(part.filename for part in parts):
            raise TramoError("form.file", "This form takes no files.", status=422)
        return [(part.name or "", part.value) for part in parts]
    except (MultipartError, ValueError):
        raise _unreadable() from None


def _unreadable() -> TramoError:
    return TramoError("form.unreadable", "What was sent is no form that can be read.")
