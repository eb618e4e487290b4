"""`ctx.http`: one connection's way out, for one attempt of one step.

Joins, checks, signs, sends, follows and judges. It repeats nothing: whether to try again is the
engine's decision, and what it needs for that is exactly what the errors raised here say.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Container, Mapping
from typing import Any, Final
from urllib.parse import unquote, urlencode

import msgspec

from tramo.model.value import encode
from tramo.outbound.failure import AddressRefused, BadAddress, BadHeader, TooLarge
from tramo.outbound.header import SAFE_METHODS, check_headers, check_method
from tramo.outbound.host import Reach
from tramo.outbound.pause import Pause
from tramo.outbound.redact import Redactor
from tramo.outbound.redirect import HOPS, next_request
from tramo.outbound.url import Url, read_url
from tramo.outbound.verdict import error_of
from tramo.ports.clock import Clock
from tramo.ports.http import Http, Interrupted, NotSent, Request, Response, SendError
from tramo.sdk import (
    ActionError,
    BadParams,
    Basic,
    Bearer,
    Credential,
    CredentialRefused,
    Definition,
    Header,
    HttpClient,
    Rejected,
    Transient,
)

_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class Attempt:
    """What one attempt may already have done to the world."""

    __slots__ = ("_marks",)

    def __init__(self) -> None:
        self._marks = 0

    @property
    def sent(self) -> bool:
        return self._marks > 0

    def mark(self) -> None:
        """Note that from here on the vendor may have acted."""
        self._marks += 1

    def take_back(self) -> None:
        """Undo one mark: the vendor certainly did not act. Others, side by side, stay."""
        self._marks -= 1


def check_may_send(may_send: Callable[[], bool], attempt: Attempt) -> None:
    """Raise Transient when the run may be somebody else's by now: nothing more is sent for it."""
    if not may_send():
        raise Transient(
            "This worker was held up for so long that another one may have taken the run over.",
            code="run.lease_over",
            settled=not attempt.sent,
        )


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Whose requests these are: connector, opened credential, and what follows from both."""

    id: str
    """The connection's id; without a connection, the connector's."""
    definition: Definition
    credential: Credential | None
    reach: Reach
    redactor: Redactor


class Client(HttpClient):
    """The HttpClient that actions get."""

    def __init__(
        self,
        account: Account,
        *,
        http: Http,
        clock: Clock,
        pause: Pause,
        attempt: Attempt,
        user_agent: str,
        log: Callable[[str], None],
        may_send: Callable[[], bool] = lambda: True,
    ) -> None:
        self._account = account
        self._http = http
        self._clock = clock
        self._pause = pause
        self._attempt = attempt
        self._user_agent = user_agent
        self._log = log
        self._may_send = may_send

    async def request(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str | int] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool | None = None,
        timeout_s: float = 30.0,
        accept: Container[int] = (),
    ) -> Response:
        """Send one request; see tramo.sdk.HttpClient."""
        method = method.upper()
        try:
            check_method(method)
            address = self._address(url, query)
            content_type, data = _content(json, form, body)
            request = Request(
                method=method,
                url=str(address),
                headers=self._headers(content_type, headers or {}),
                body=data,
                timeout_s=timeout_s,
            )
        except (BadAddress, AddressRefused, BadHeader) as error:
            raise self._refusal(error) from None
        except UnicodeError:
            raise BadParams("The request holds characters that cannot be sent.") from None
        title = self._account.definition.title
        await self._pause.wait(self._who(address), title, clean=not self._attempt.sent)
        safe = method in SAFE_METHODS if safe is None else safe
        return await self._perform(request, address, safe=safe, accept=accept)

    # Making the request ----------------------------------------------------------------------

    def _address(self, url: str, query: Mapping[str, str | int] | None) -> Url:
        base = self._account.reach.base
        if not _ABSOLUTE.match(url):
            if base is None:
                raise BadAddress("The address must be whole, such as https://example.com/orders.")
            url = _join(base, url)
        if query:
            url = url.partition("#")[0]
            url += ("&" if "?" in url else "?") + urlencode(query, doseq=True)
        address = read_url(url)
        if not self._account.reach.allows(address):
            raise BadAddress(
                f"This connection may not reach {address.scheme}://{address.authority}."
            )
        return address

    def _headers(self, content_type: str | None, given: Mapping[str, str]) -> dict[str, str]:
        headers = {"User-Agent": self._user_agent, "Accept": "*/*"}
        if content_type is not None:
            headers["Content-Type"] = content_type
        for name, value in (*given.items(), *self._signature().items()):
            for other in [other for other in headers if other.lower() == name.lower()]:
                del headers[other]
            headers[name] = value
        check_headers(headers)
        return headers

    def _signature(self) -> dict[str, str]:
        """Return the headers that carry the credential, only ever to hosts it is bound to."""
        auth = self._account.definition.auth
        if self._account.credential is None or self._account.reach.anywhere:
            return {}
        if isinstance(auth, Bearer):
            return {"Authorization": f"Bearer {self._secret(auth.field)}"}
        if isinstance(auth, Header):
            return {auth.name: self._secret(auth.field)}
        if isinstance(auth, Basic):
            pair = f"{self._secret(auth.user_field)}:{self._secret(auth.password_field)}"
            return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        return {}

    def _secret(self, field: str) -> str:
        value = getattr(self._account.credential, field, None)
        if not isinstance(value, str) or not value:
            raise CredentialRefused(
                f"The connection's field “{field}” is empty; fill it in.",
                params={"why": "field_empty", "field": field},
            )
        return value

    # Sending it ------------------------------------------------------------------------------

    async def _perform(
        self, request: Request, address: Url, *, safe: bool, accept: Container[int]
    ) -> Response:
        """Send a request, follow its redirects, and say what came of it."""
        clean = not self._attempt.sent
        line = f"{request.method} {address.scheme}://{address.authority}"
        line += address.target.partition("?")[0]
        deadline_s = self._clock.monotonic_s() + request.timeout_s
        if not safe:
            check_may_send(self._may_send, self._attempt)
            self._attempt.mark()
        try:
            first = await self._http.send(request)
        except NotSent as error:
            if not safe:
                self._attempt.take_back()
            self._note(f"{line}: {error}")
            raise self._unsent(error, clean) from None
        except Interrupted as error:
            self._note(f"{line}: {error}")
            raise self._interrupted(error, settled=clean and safe) from None
        try:
            response = await self._follow(request, first, deadline_s, accept)
        except SendError as error:
            self._note(f"{line}: {error}")
            raise self._astray(error, clean=clean, safe=safe) from None
        self._note(f"{line}: {response.status}")
        moved = response is not first
        if not (safe or moved) and 400 <= response.status < 500 and response.status != 408:
            self._attempt.take_back()  # the vendor says that it did nothing
        if response.status not in accept:
            self._judge(response, address, clean=clean, safe=safe, moved=moved)
        return response

    async def _follow(
        self, request: Request, response: Response, deadline_s: float, accept: Container[int]
    ) -> Response:
        for _ in range(HOPS + 1):
            if response.status in accept:
                return response
            following = next_request(request, response, self._account.reach)
            if following is None:
                return response
            left_s = max(deadline_s - self._clock.monotonic_s(), 0.001)
            request = msgspec.structs.replace(following, timeout_s=left_s)
            response = await self._http.send(request)
        raise BadAddress(f"{request.url} redirects without end.")

    def _judge(
        self, response: Response, address: Url, *, clean: bool, safe: bool, moved: bool
    ) -> None:
        """Raise the error that an answer stands for, if it is one."""
        error = error_of(
            response,
            self._account.definition,
            self._clock,
            signed=self._account.credential is not None,
            clean=clean,
            safe=safe,
        )
        if error is None:
            return
        if isinstance(error, Transient) and error.retry_after_s and response.status == 429:
            self._pause.begin(self._who(address), error.retry_after_s)
        if moved and not safe:
            # The write was answered by a redirect, so it arrived; only what followed failed.
            error = Transient(error.message, details=error.details, params=error.params)
        raise self._redacted(error)

    def _who(self, address: Url) -> str:
        """Return whose pause counts: the connection's, or the host's if it is bound to none."""
        return address.authority if self._account.reach.anywhere else self._account.id

    # Saying what went wrong ------------------------------------------------------------------

    def _unsent(self, error: NotSent, clean: bool) -> ActionError:
        if isinstance(error, (BadAddress, AddressRefused, BadHeader)):
            return self._refusal(error)
        return self._redacted(Transient(str(error), code="vendor.unreachable", settled=clean))

    def _interrupted(self, error: SendError, *, settled: bool) -> ActionError:
        if settled and isinstance(error, TooLarge):
            return self._redacted(Rejected(str(error), code="outbound.too_large"))
        return self._redacted(Transient(str(error), code="vendor.no_answer", settled=settled))

    def _astray(self, error: SendError, *, clean: bool, safe: bool) -> ActionError:
        """Judge a redirect that led nowhere: the request before it had arrived."""
        if safe and isinstance(error, (BadAddress, AddressRefused)):
            return self._redacted(Rejected(str(error), code="outbound.redirect"))
        return self._interrupted(error, settled=clean and safe)

    def _refusal(self, error: NotSent) -> ActionError:
        code = "outbound.header" if isinstance(error, BadHeader) else "outbound.address"
        return self._redacted(BadParams(str(error), code=code))

    def _redacted(self, error: ActionError) -> ActionError:
        error.message = self._account.redactor.text(error.message)
        error.args = (error.message,)
        error.details = self._account.redactor.value(error.details)
        error.params = self._account.redactor.value(error.params)
        return error

    def _note(self, line: str) -> None:
        self._log(self._account.redactor.text(line))


def _join(base: Url, path: str) -> str:
    """Put a path behind the base address, where `/x` begins at the host's root."""
    segments = re.split(r"[/\\]", unquote(path.partition("?")[0]))
    if path.startswith("//") or any(segment in (".", "..") for segment in segments):
        raise BadAddress("A path must not hold . or .. or begin with //.")
    if path.startswith("/"):
        return f"{base.scheme}://{base.authority}{path}"
    folder = base.target.partition("?")[0].rpartition("/")[0]
    return f"{base.scheme}://{base.authority}{folder}/{path}"


def _content(
    json: Any, form: Mapping[str, str] | None, body: bytes | None
) -> tuple[str | None, bytes]:
    if json is not None:
        return "application/json", encode(json)
    if form is not None:
        return "application/x-www-form-urlencoded", urlencode(form).encode()
    return None, body or b""
