"""Sending, for real: against aiosmtpd on loopback, against broken servers, and against the twin."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest
from tramo import sdk
from tramo.testing import Trial
from tramo.testing.trial import KEY
from tramo_email import connector, session

from tests.plugins.email.server import (
    Authority,
    Inbox,
    Live,
    broken_server,
    email,
    real_server,
)

HELLO = {"to": ["ana@example.com"], "subject": "Tu pedido n.º 1001", "text": "¡Gracias, Ana!"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(Path(tmp_path_factory.mktemp("authority")))


async def test_a_real_server_gets_the_message_and_its_copies() -> None:
    inbox = Inbox()
    async with real_server(inbox) as port:
        live = Live(port)
        output = await live.send(
            HELLO
            | {
                "cc": ["Ioana Popescu <ioana@example.ro>"],
                "bcc": ["boss@example.com"],
                "reply_to": "help@shop.example",
                "html": "<p>¡Gracias, <b>Ana</b>!</p>",
                "attachments": [
                    {"name": "líneas.csv", "content": "sku;total\nRED-M;10,10\n"},
                    {
                        "name": "label.pdf",
                        "content": base64.b64encode(b"%PDF-1.7 \x00\xff").decode(),
                        "encoding": "base64",
                    },
                ],
            }
        )
    (envelope,), (message,) = inbox.envelopes, inbox.messages
    assert envelope.mail_from == "shop@shop.example"
    assert envelope.rcpt_tos == ["ana@example.com", "ioana@example.ro", "boss@example.com"]
    assert output["accepted"] == envelope.rcpt_tos
    assert output["refused"] == []
    assert message["Subject"] == "Tu pedido n.º 1001"
    assert message["From"] == "Tienda Ñandú <shop@shop.example>"
    assert message["Cc"] == "Ioana Popescu <ioana@example.ro>"
    assert message["Bcc"] is None
    assert "boss@example.com" not in (envelope.original_content or b"").decode()
    assert message["Message-ID"] == output["message_id"] == f"<{KEY}.tramo@shop.example>"
    assert message.get_body(("plain",)).get_content() == "¡Gracias, Ana!\r\n"
    assert "<b>Ana</b>" in message.get_body(("html",)).get_content()
    table, label = message.iter_attachments()
    assert (table.get_filename(), table.get_content_type()) == ("líneas.csv", "text/csv")
    assert (label.get_content_type(), label.get_content()) == (
        "application/pdf",
        b"%PDF-1.7 \x00\xff",
    )
    assert live.last.sent
    assert ("person", "ana@example.com") in [(k.kind, k.value) for k in live.last.keys]


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_an_encrypted_server_of_ones_own_authority_is_verified_and_used(
    authority: Authority, security: str
) -> None:
    inbox = Inbox()
    tls = authority.server_context("mail.test")
    async with real_server(inbox, tls=tls, implicit=security == "tls") as port:
        live = Live(port, security=security, certificate=authority.pem)
        await live.send(HELLO)
        assert email.test is not None
        account = await email.test(live.context())
    assert account == sdk.Account(name="shop@shop.example", id="mail.test")
    assert len(inbox.envelopes) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("fault", ["unknown authority", "another host"])
async def test_a_certificate_that_is_not_to_be_trusted_stops_before_the_password(
    authority: Authority, security: str, fault: str
) -> None:
    inbox = Inbox()
    tls = authority.server_context("mail.test" if fault == "unknown authority" else "evil.test")
    trusted = {} if fault == "unknown authority" else {"certificate": authority.pem}
    async with real_server(inbox, tls=tls, implicit=security == "tls") as port:
        live = Live(port, security=security, **trusted)
        with pytest.raises(sdk.CredentialRefused) as refusal:
            await live.send(HELLO)
    assert refusal.value.code == "email.certificate"
    assert not live.last.sent
    assert inbox.envelopes == []


async def test_a_server_without_starttls_never_gets_the_password_in_clear() -> None:
    inbox = Inbox()
    async with real_server(inbox) as port:
        with pytest.raises(sdk.CredentialRefused, match="STARTTLS"):
            await Live(port, security="starttls").send(HELLO)
    assert inbox.envelopes == []


async def test_a_wrong_password_parks_the_connection() -> None:
    async with real_server(Inbox()) as port:
        live = Live(port, password="wrong")
        with pytest.raises(sdk.CredentialRefused) as refusal:
            await live.send(HELLO)
    assert refusal.value.code == "email.sign_in"
    assert "wrong" not in refusal.value.message
    assert not live.last.sent


async def test_a_server_that_asks_nobody_to_sign_in_works_without_a_user_name() -> None:
    inbox = Inbox()
    async with real_server(inbox) as port:
        await Live(port, username="", password="").send(HELLO)
    assert len(inbox.envelopes) == 1


async def test_recipients_the_server_refuses_are_named_and_the_others_get_the_message() -> None:
    inbox = Inbox({"gone@example.com": "550 5.1.1 no such box"})
    async with real_server(inbox) as port:
        output = await Live(port).send(HELLO | {"to": ["ana@example.com", "gone@example.com"]})
    assert output["accepted"] == ["ana@example.com"]
    assert output["refused"] == [
        {"address": "gone@example.com", "code": 550, "message": "5.1.1 no such box"}
    ]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("550 no such box", sdk.Rejected), ("451 greylisted, come back", sdk.Transient)],
)
async def test_a_message_that_nobody_takes_is_a_settled_failure(
    answer: str, kind: type[sdk.ActionError]
) -> None:
    async with real_server(Inbox({"ana@example.com": answer})) as port:
        live = Live(port)
        with pytest.raises(kind) as failure:
            await live.send(HELLO)
    assert not live.last.sent
    assert getattr(failure.value, "settled", True)
    assert failure.value.details["refused"][0]["address"] == "ana@example.com"


async def test_a_message_above_the_servers_size_is_not_even_begun() -> None:
    async with real_server(Inbox(), data_size_limit=500) as port:
        with pytest.raises(sdk.Rejected, match="Attach less"):
            await Live(port).send(HELLO | {"text": "long " * 200})


async def test_letters_beyond_ascii_in_an_address_need_a_server_that_knows_them() -> None:
    inbox = Inbox()
    params = HELLO | {"to": ["josé@español.example"]}
    async with real_server(inbox) as port:
        with pytest.raises(sdk.Rejected, match="ASCII"):
            await Live(port).send(params)
    async with real_server(inbox, enable_SMTPUTF8=True) as port:
        output = await Live(port).send(params)
    assert output["accepted"] == ["josé@xn--espaol-zwa.example"]
    assert inbox.envelopes[0].rcpt_tos == ["josé@xn--espaol-zwa.example"]


async def test_ids_and_amounts_arrive_as_they_were_written() -> None:
    inbox = Inbox()
    said = "Order 820982911946154508 costs 10.10"
    async with real_server(inbox) as port:
        await Live(port).send(HELLO | {"subject": said, "text": said})
    assert inbox.messages[0]["Subject"] == said
    assert inbox.messages[0].get_content().strip() == said


async def test_lines_that_begin_with_a_dot_arrive_as_they_were() -> None:
    inbox = Inbox()
    text = ".\n..\n.hidden\nend\n"
    async with real_server(inbox) as port:
        await Live(port).send(HELLO | {"text": text})
    assert inbox.messages[0].get_content().replace("\r\n", "\n") == text


# What counts as doubt ----------------------------------------------------------------------------


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _fall_silent(_: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


def _answer(text: bytes) -> Any:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()

    return answer


@pytest.mark.parametrize(
    ("after", "then"),
    [
        *((word, _hang_up) for word in ("EHLO", "MAIL", "RCPT", "DATA")),
        *((word, _answer(b"421 closing\r\n")) for word in ("EHLO", "MAIL", "RCPT", "DATA")),
        *((word, _answer(b"what?\r\n")) for word in ("MAIL", "RCPT", "DATA")),
        ("the message", _answer(b"451 try later\r\n")),
        ("the message", _answer(b"421 closing\r\n")),
    ],
)
async def test_whatever_fails_before_the_server_has_the_message_may_simply_be_repeated(
    after: str, then: Any
) -> None:
    async with broken_server(after, then) as port:
        live = Live(port, username="")
        with pytest.raises(sdk.Transient) as failure:
            await live.send(HELLO)
    assert failure.value.settled
    assert live.last.sent is (after == "the message")


@pytest.mark.parametrize("after", ["MAIL", "DATA", "the message"])
async def test_a_clear_no_is_a_rejection_wherever_it_comes(after: str) -> None:
    async with broken_server(after, _answer(b"554 5.7.1 looks like spam\r\n")) as port:
        with pytest.raises(sdk.Rejected) as refusal:
            await Live(port, username="").send(HELLO)
    assert refusal.value.code == "email.refused"
    assert "looks like spam" in refusal.value.message


@pytest.mark.parametrize(
    "then",
    [_hang_up, _fall_silent, _answer(b"what?\r\n"), _answer(b"354 go on\r\n")],
    ids=["hangs up", "silent", "babbles", "means something else"],
)
async def test_an_answer_that_is_lost_after_the_message_is_a_doubt(
    monkeypatch: pytest.MonkeyPatch, then: Any
) -> None:
    monkeypatch.setattr(session, "HAND_OVER_TIMEOUT_S", 0.2)
    async with broken_server("the message", then) as port:
        live = Live(port, username="")
        with pytest.raises(sdk.Transient) as doubt:
            await live.send(HELLO)
    assert not doubt.value.settled
    assert doubt.value.code == "email.answer_lost"
    assert live.last.sent


async def test_a_server_that_hangs_up_at_the_goodbye_has_still_taken_the_message() -> None:
    async with broken_server("QUIT", _hang_up) as port:
        live = Live(port, username="")
        output = await live.send(HELLO)
    assert output["accepted"] == ["ana@example.com"]


async def test_a_server_that_never_greets_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "COMMAND_TIMEOUT_S", 0.2)
    async with broken_server("EHLO", _fall_silent) as port:
        with pytest.raises(sdk.Transient) as failure:
            await Live(port, username="").send(HELLO)
    assert failure.value.settled


# The twin ----------------------------------------------------------------------------------------


async def test_the_twin_keeps_what_was_sent_and_tells_it_in_words() -> None:
    trial = Trial(connector)
    await trial.run_action("send", HELLO | {"html": "<p>Gracias</p>"})
    (mail,) = trial.twin.state["inbox"]
    assert mail["to"] == ["ana@example.com"]
    assert mail["subject"] == "Tu pedido n.º 1001"
    assert mail["text"].strip() == "¡Gracias, Ana!"
    assert trial.twin.ledger[-1].summary == "Mail to ana@example.com: Tu pedido n.º 1001"
    assert trial.twin.ledger[-1].body["to"] == ["ana@example.com"]
    again = Trial(connector).twin
    again.load(trial.twin.dump())
    assert again.state == trial.twin.state


async def test_the_twin_refuses_strangers_wrong_passwords_and_full_boxes() -> None:
    trial = Trial(connector)
    to = ["nobody@example.com", "ana@example.com", "full@example.com", "x@shop.invalid"]
    output = await trial.run_action("send", HELLO | {"to": to})
    assert [one["code"] for one in output["refused"]] == [550, 452, 550]
    with pytest.raises(sdk.CredentialRefused):
        await trial.test({"password": "x"})
    assert trial.twin.ledger[-1].status == 535


async def test_the_demo_account_is_tested_for_real() -> None:
    assert (await Trial(connector).test()).name == "shop@demo-shop.example"


async def test_the_password_is_sealed_and_its_host_alone_may_be_reached() -> None:
    assert email.credential is not None
    assert sdk.secret_fields(email.credential) == {"password"}
    live = Live(25)
    assert "correct horse" not in repr(live.credential)
    with pytest.raises(sdk.BadParams, match="may not reach"):
        await live.context().connect("elsewhere.test", 25)
