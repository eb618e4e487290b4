"""A conversation with the mail server, and what each way of failing in it means.

Until the message itself is sent, a failure is settled: nothing was handed over. After that only the
server's answer tells; an answer that never comes is a doubt, and is not hidden.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import aiosmtplib
from tramo import sdk

from tramo_email.address import read_address
from tramo_email.message import Letter

COMMAND_TIMEOUT_S: Final = 30.0
HAND_OVER_TIMEOUT_S: Final = 60.0
GOODBYE_TIMEOUT_S: Final = 2.0
GO_AHEAD: Final = 354
SIGN_IN_CODES: Final = frozenset({530, 534, 535, 538})
_ONE_ADDRESS: Final = r"^[^\s@<>,;\"]+@[^\s@<>,;\"]+$"


class MailAccount(sdk.Credential, kw_only=True):
    """A mail server that sends for you (SMTP), and in whose name."""

    host: Annotated[
        str,
        sdk.Meta(
            title="Server",
            description="Such as smtp.example.com.",
            pattern=r"^[^\s/@:]+$",
            max_length=253,
        ),
    ]
    port: Annotated[
        int,
        sdk.Meta(
            title="Port", description="Mostly 587 with STARTTLS, or 465 with TLS.", ge=1, le=65535
        ),
    ] = 587
    security: Annotated[
        Literal["starttls", "tls", "none"],
        sdk.Meta(
            title="Encryption",
            description="“None” sends everything readable: for servers of your own network only.",
        ),
        sdk.hint(labels={"starttls": "STARTTLS", "tls": "TLS", "none": "None"}),
    ] = "starttls"
    username: Annotated[
        str, sdk.Meta(title="User name", description="Empty: the server asks for none.")
    ] = ""
    password: Annotated[
        str,
        sdk.Meta(
            title="Password",
            description="Many mail services want an app password here.",
            extra_json_schema={"format": "password"},
        ),
        sdk.hint(secret=True, widget="secret"),
    ] = ""
    from_address: Annotated[
        str,
        sdk.Meta(
            title="Sender's address",
            description="One that the server lets you send from.",
            pattern=_ONE_ADDRESS,
            max_length=254,
        ),
        sdk.Personal("email"),
    ]
    from_name: Annotated[
        str,
        sdk.Meta(
            title="Sender's name",
            description="Shown beside the address, such as the name of your shop.",
            pattern=r"^[^\r\n]*$",
            max_length=200,
        ),
    ] = ""
    certificate: Annotated[
        sdk.LongText,
        sdk.Meta(
            title="Certificate authority",
            description="Only for a server with a certificate of your own making: the PEM text of "
            "the authority that signed it.",
        ),
        sdk.hint(advanced=True),
    ] = ""


class Refused(sdk.Output):
    """A recipient whom the server did not take."""

    address: Annotated[str, sdk.Personal("email")]
    code: int
    message: str


@dataclass(frozen=True)
class Receipt:
    """Whom the server took the message for, and whom not."""

    accepted: list[str]
    refused: list[Refused]


@asynccontextmanager
async def open_session(ctx: sdk.Context[MailAccount]) -> AsyncIterator[aiosmtplib.SMTP]:
    """Connect, encrypt and sign in; say goodbye at the end, whatever the server then says."""
    account = ctx.credential
    trusted = _trust(account)
    domain = read_address(account.from_address, "from_address").domain
    connection = await ctx.connect(account.host, account.port)
    server = aiosmtplib.SMTP(
        hostname=account.host,
        sock=connection,
        use_tls=account.security == "tls",
        start_tls=account.security == "starttls",
        tls_context=trusted,
        local_hostname=domain,
        timeout=COMMAND_TIMEOUT_S,
    )
    try:
        try:
            await server.connect()
            await server.ehlo()
            if account.username:
                await server.login(account.username, account.password)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise settle(error, "the connection") from error
        yield server
        with suppress(aiosmtplib.SMTPException, OSError):
            await server.quit(timeout=GOODBYE_TIMEOUT_S)
    finally:
        server.close()
        connection.close()


def _trust(account: MailAccount) -> ssl.SSLContext | None:
    """Return what to trust: the named authority alone, or None for the machine's own list."""
    if not account.certificate.strip():
        return None
    try:
        return ssl.create_default_context(cadata=account.certificate)
    except (ssl.SSLError, ValueError):
        raise sdk.CredentialRefused(
            "The certificate authority of this connection is not a PEM text.",
            code="email.certificate",
            params={"why": "email.not_pem"},
        ) from None


async def hand_over(
    server: aiosmtplib.SMTP, letter: Letter, ctx: sdk.Context[MailAccount]
) -> Receipt:
    """Give a letter to the server. Raises Transient that is not settled when its answer is lost."""
    try:
        receipt = await _agree_on_envelope(server, letter)
        start = await server.execute_command(b"DATA")
        if start.code != GO_AHEAD:
            raise aiosmtplib.SMTPDataError(start.code, start.message)
    except (aiosmtplib.SMTPException, OSError) as error:
        raise settle(error, "the message") from error
    protocol = server.protocol
    if protocol is None or not protocol.is_connected:
        raise _unreachable("the connection was closed")
    ctx.sending()
    try:
        protocol.write(_as_data(letter.data))
        answer = await protocol.read_response(timeout=HAND_OVER_TIMEOUT_S)
    except (aiosmtplib.SMTPException, OSError) as error:
        raise _doubt() from error
    if 400 <= answer.code < 600:
        raise _by_code(answer.code, answer.message, "the message")
    if not 200 <= answer.code < 300:
        raise _doubt()
    return receipt


async def _agree_on_envelope(server: aiosmtplib.SMTP, letter: Letter) -> Receipt:
    options: list[str] = []
    encoding = "ascii"
    if letter.needs_utf8:
        if not server.supports_extension("smtputf8"):
            raise sdk.Rejected(
                "The mail server takes only addresses in ASCII letters; one of these has others.",
                code="email.not_ascii",
            )
        options, encoding = ["SMTPUTF8"], "utf-8"
    if server.supports_extension("size"):
        limit = server.esmtp_extensions["size"].strip()
        if limit.isdigit() and 0 < int(limit) < len(letter.data):
            raise sdk.Rejected(
                f"The message has {len(letter.data)} bytes, and the mail server takes {limit}. "
                "Attach less.",
                code="email.too_large",
                params={"why": "email.server_limit", "limit_kb": int(limit) // 1024},
            )
        options.append(f"SIZE={len(letter.data)}")
    await server.mail(letter.sender, options=options, encoding=encoding)
    accepted: list[str] = []
    refused: list[Refused] = []
    for address in letter.recipients:
        try:
            await server.rcpt(address, encoding=encoding)
            accepted.append(address)
        except aiosmtplib.SMTPRecipientRefused as refusal:
            said = _one_line(refusal.message)
            refused.append(Refused(address=address, code=refusal.code, message=said))
            if not server.is_connected:
                raise
    if not accepted:
        raise _nobody(refused)
    return Receipt(accepted, refused)


def _as_data(message: bytes) -> bytes:
    """Return a message as DATA carries it: CRLF lines, leading dots doubled, and the last dot."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines) + b".\r\n"


# What a failure means --------------------------------------------------------------------------


def settle(error: Exception, what: str) -> sdk.ActionError:
    """Return the class of a failure by which certainly nothing was handed over."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _by_code(error.code, error.message, what)
    certificate = _certificate_error(error)
    if certificate is not None:
        return sdk.CredentialRefused(
            "The mail server's certificate is not to be trusted "
            f"({certificate.verify_message.rstrip('.')}). Check the server's name in the "
            "connection, or name the authority that signed it.",
            code="email.certificate",
        )
    if isinstance(error, OSError):  # aiosmtplib's lost connections and timeouts are OSErrors too.
        return _unreachable(_one_line(str(error)) or type(error).__name__)
    return sdk.CredentialRefused(
        "The mail server cannot do what the connection asks for: "
        f"{_one_line(str(error)).rstrip('.')}. Change encryption, port or user name there.",
        code="email.not_offered",
        params={"words": _one_line(str(error))},
    )


def _by_code(code: int, text: str, what: str) -> sdk.ActionError:
    said = f"{code} {_one_line(text)}".strip()
    details = {"code": code, "message": _one_line(text)}
    if code in SIGN_IN_CODES:
        return sdk.CredentialRefused(
            f"The mail server does not accept user name and password ({said}).",
            code="email.sign_in",
            details=details,
            params={"said": said},
        )
    if 500 <= code < 600:
        return sdk.Rejected(
            f"The mail server refused {what} ({said}).",
            code="email.refused",
            details=details,
            params={"said": said},
        )
    return sdk.Transient(
        f"The mail server cannot take {what} now ({said}).",
        code="email.not_now",
        details=details,
        params={"said": said},
        settled=True,
    )


def _nobody(refused: list[Refused]) -> sdk.ActionError:
    first = refused[0]
    message = f"The mail server takes none of the recipients ({first.code} {first.message})."
    details = {"refused": sdk.plain(refused)}
    params = {"said": f"{first.code} {first.message}"}
    if all(400 <= one.code < 500 for one in refused):
        return sdk.Transient(
            message, code="email.not_now", details=details, params=params, settled=True
        )
    return sdk.Rejected(message, code="email.recipients", details=details, params=params)


def _doubt() -> sdk.Transient:
    return sdk.Transient(
        "The mail server got the message, but gave no clear answer: nobody knows whether it took "
        "the message.",
        code="email.answer_lost",
    )


def _unreachable(reason: str) -> sdk.Transient:
    return sdk.Transient(
        f"The mail server cannot be reached: {reason}.",
        code="email.unreachable",
        params={"words": reason},
        settled=True,
    )


def _certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__
    return None


def _one_line(text: str) -> str:
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join(clean.split())[:300]
