"""E-mail: sends messages through any mail server, by SMTP."""

from __future__ import annotations

from email.headerregistry import Address
from typing import Annotated, Final

import aiosmtplib
from tramo import sdk

from tramo_email.address import read_address, refuse_control
from tramo_email.message import Email, write_letter
from tramo_email.notice import write_email
from tramo_email.session import MailAccount, Refused, hand_over, open_session, settle
from tramo_email.twin import MailTwin

connector: Final = sdk.Connector(
    "email",
    title="E-mail",
    summary="Messages through your own mail server.",
    category="Messages",
    credential=MailAccount,
    hosts=("{host}",),
    docs_url="https://www.rfc-editor.org/rfc/rfc5321",
)
connector.twin(MailTwin)


class SentEmail(sdk.Output):
    """What the server took, and for whom."""

    message_id: Annotated[
        str, sdk.Meta(description="The Message-ID, by which answers refer to it.")
    ]
    accepted: list[Annotated[str, sdk.Personal("email")]]
    refused: Annotated[
        list[Refused], sdk.Meta(description="Recipients the server did not take, and why.")
    ]


@connector.action(
    "send",
    title="Send e-mail",
    effect="never_repeat",
    synonyms=("mail", "message", "smtp", "write", "notify"),
    example={
        "message_id": "<5f3c8a1b2d4e6f708192a3b4c5d6e7f8.tramo@shop.example>",
        "accepted": ["ana@example.com"],
        "refused": [],
    },
)
async def send(ctx: sdk.Context[MailAccount], params: Email) -> SentEmail:
    """Send an e-mail, with text, HTML and attachments."""
    letter = write_letter(params, sender=_sender(ctx), key=ctx.key, now=ctx.now)
    async with open_session(ctx) as server:
        receipt = await hand_over(server, letter, ctx)
    for address in receipt.accepted:
        ctx.add_key("person", address)
    return SentEmail(
        message_id=letter.message_id, accepted=receipt.accepted, refused=receipt.refused
    )


@connector.notifier(reaches="mail")
async def notify(ctx: sdk.Context[MailAccount], notice: sdk.Notice) -> None:
    """Mail a notice. Two attempts carry one Message-ID, by which many servers keep one."""
    letter = write_letter(write_email(notice), sender=_sender(ctx), key=ctx.key, now=ctx.now)
    async with open_session(ctx) as server:
        await hand_over(server, letter, ctx)


@connector.test
async def test_account(ctx: sdk.Context[MailAccount]) -> sdk.Account:
    """Connect, sign in, and ask the server for nothing."""
    sender = _sender(ctx)
    async with open_session(ctx) as server:
        try:
            await server.noop()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise settle(error, "the test") from error
    return sdk.Account(name=sender.addr_spec, id=ctx.credential.host)


def _sender(ctx: sdk.Context[MailAccount]) -> Address:
    plain = read_address(ctx.credential.from_address, "from_address")
    name = refuse_control(ctx.credential.from_name, "from_name")
    return Address(display_name=name, username=plain.username, domain=plain.domain)


__all__ = ["MailAccount", "connector"]
