"""A message from params to bytes: the same effect key gives the same bytes at every attempt.

Header injection is impossible twice: control characters are refused with their place, and
`EmailMessage` writes every header. Bodies travel as 7 bit, so that any server can take them.
"""

from __future__ import annotations

import base64
import binascii
import mimetypes
import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Annotated, Final, Literal

from tramo import sdk

from tramo_email.address import read_address, refuse_control
from tramo_email.text import read_text

ATTACHED_BYTES: Final = 10 * 1024 * 1024
_TYPE: Final = re.compile(r"[A-Za-z0-9][\w.+-]*/[A-Za-z0-9][\w.+-]*\Z")

Recipient = Annotated[str, sdk.Meta(min_length=3, max_length=500), sdk.Personal("email")]


class Attachment(sdk.Params):
    """A file to send along."""

    name: Annotated[
        str,
        sdk.Meta(title="File name", description="Such as label.pdf.", min_length=1, max_length=200),
    ]
    content: Annotated[sdk.LongText, sdk.Meta(title="Content", description="What the file holds.")]
    encoding: Annotated[
        Literal["text", "base64"],
        sdk.Meta(title="Content is", description="Text as it is, or bytes written as base64."),
    ] = "text"
    type: Annotated[
        str,
        sdk.Meta(
            title="Type",
            description="Such as text/csv or application/pdf. Empty: by the file name.",
            max_length=200,
        ),
    ] = ""


class Email(sdk.Params):
    """What to send, and to whom."""

    to: Annotated[
        list[Recipient],
        sdk.Meta(
            title="To",
            description="One address per entry, such as ana@example.com or Ana <ana@example.com>.",
            min_length=1,
            max_length=100,
        ),
    ]
    subject: Annotated[str, sdk.Meta(title="Subject", description="One line.", max_length=500)]
    text: Annotated[
        sdk.LongText,
        sdk.Meta(title="Text", description="Empty: made of the HTML."),
    ] = ""
    html: Annotated[
        sdk.Html,
        sdk.Meta(title="HTML", description="For mail with layout. Empty: text only."),
    ] = ""
    cc: Annotated[
        tuple[Recipient, ...],
        sdk.Meta(title="Copy to", description="Everybody sees them.", max_length=100),
    ] = ()
    bcc: Annotated[
        tuple[Recipient, ...],
        sdk.Meta(title="Hidden copy to", description="The others do not see them.", max_length=100),
    ] = ()
    reply_to: Annotated[
        str,
        sdk.Meta(title="Answers go to", description="Empty: to the sender."),
        sdk.Personal("email"),
    ] = ""
    attachments: Annotated[
        tuple[Annotated[Attachment, sdk.hint(widget="file")], ...],
        sdk.Meta(title="Attachments", description="At most 10 MB together.", max_length=20),
    ] = ()


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A finished message with its envelope."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    data: bytes
    needs_utf8: bool
    """Some address has letters that only SMTPUTF8 servers understand."""


def write_letter(params: Email, *, sender: Address, key: str, now: str) -> Letter:
    """Write the message that the params ask for. Raises BadParams with the place of the fault."""
    to = _read_all(params.to, "to")
    cc = _read_all(params.cc, "cc")
    bcc = _read_all(params.bcc, "bcc")
    envelope = tuple({one.addr_spec.lower(): one.addr_spec for one in (*to, *cc, *bcc)}.values())
    reply_to = read_address(params.reply_to, "reply_to") if params.reply_to else None
    everybody = (sender, *to, *cc, *bcc, *((reply_to,) if reply_to else ()))
    needs_utf8 = not all(one.addr_spec.isascii() for one in everybody)

    message = EmailMessage(policy.SMTP.clone(cte_type="7bit", utf8=needs_utf8))
    message["From"] = sender
    message["To"] = to
    if cc:
        message["Cc"] = cc
    if reply_to:
        message["Reply-To"] = reply_to
    message["Subject"] = refuse_control(params.subject, "subject")
    message["Date"] = format_datetime(datetime.fromisoformat(now))
    message_id = f"<{key}.tramo@{sender.domain}>"
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps holiday notices from answering.
    _write_body(message, params)
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{key}_{number}")
    return Letter(
        message_id=message_id,
        sender=sender.addr_spec,
        recipients=envelope,
        data=message.as_bytes(),
        needs_utf8=needs_utf8,
    )


def _read_all(texts: list[str] | tuple[str, ...], place: str) -> tuple[Address, ...]:
    return tuple(read_address(text, f"{place}[{at}]") for at, text in enumerate(texts))


def _write_body(message: EmailMessage, params: Email) -> None:
    if not (params.text.strip() or params.html.strip()):
        raise sdk.BadParams("The message is empty: give it a text or an HTML.", code="email.empty")
    message.set_content(params.text if params.text.strip() else read_text(params.html))
    if params.html.strip():
        message.add_alternative(params.html, subtype="html")
    size = 0
    for at, attachment in enumerate(params.attachments):
        place = f"attachments[{at}]"
        content = _read_content(attachment, place)
        size += len(content)
        if size > ATTACHED_BYTES:
            raise sdk.BadParams(
                f"{place} makes the attachments larger than {ATTACHED_BYTES // 2**20} MB.",
                code="email.too_large",
                details={"place": place},
                params={"most_mb": ATTACHED_BYTES // 2**20},
            )
        main, sub = _read_type(attachment, place)
        message.add_attachment(
            content,
            maintype=main,
            subtype=sub,
            filename=refuse_control(attachment.name, f"{place}.name"),
        )


def _read_content(attachment: Attachment, place: str) -> bytes:
    if attachment.encoding == "text":
        return attachment.content.encode()
    try:
        return base64.b64decode("".join(attachment.content.split()), validate=True)
    except (binascii.Error, ValueError):
        raise sdk.BadParams(
            f"{place}.content is not base64. Set “Content is” to text, or encode it.",
            code="email.base64",
            details={"place": f"{place}.content"},
        ) from None


def _read_type(attachment: Attachment, place: str) -> tuple[str, str]:
    kind = attachment.type.strip() or mimetypes.guess_type(attachment.name)[0]
    kind = kind or ("text/plain" if attachment.encoding == "text" else "application/octet-stream")
    if not _TYPE.match(kind) or kind.startswith(("multipart/", "message/")):
        raise sdk.BadParams(
            f"{place}.type is not a file type. Write it like text/csv, or leave it empty.",
            code="email.type",
            details={"place": f"{place}.type"},
        )
    main, _, sub = kind.partition("/")
    return main, sub
